"""One SQLite file, one thread that writes to it, a few that read.

    async with await Database.open(data / "house.db") as database:
        number = await database.write(lambda connection: add_question(connection, question))
        rows = await database.read(lambda connection: connection.execute(query).all())

What waits is written in one transaction, each job in a savepoint of its own, and everybody is
answered after the COMMIT has reached the disk: under load one fsync serves many. WAL with
`synchronous=FULL` lost nothing in power cuts, where NORMAL and the rollback journal did. A single
connection writes in the whole process, and a lock file keeps other processes out: before 3.51.3
SQLite could damage a WAL file while two connections wrote (https://sqlite.org/wal.html#walresetbug).
"""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

from storage.errors import StorageError, for_people
from storage.migrating import migrate

T = TypeVar("T")

_WAITING_JOBS: Final = 5_000
_JOBS_PER_COMMIT: Final = 500
_READERS: Final = 2
_LOCKED_SECONDS: Final = 5.0


@dataclass(slots=True)
class _Job(Generic[T]):
    run: Callable[[Connection], T]
    done: Future[T] = field(default_factory=Future)


class Database:
    """Belongs to the event loop's thread; the functions handed in run in others.

    Errors of the disk or the file are `StorageError`; what a function raises itself comes out as
    it is, and undoes that function's changes alone.
    """

    def __init__(self, path: Path, lock: int) -> None:
        """Use `Database.open`."""
        self._path = path
        self._lock = lock
        self._jobs: queue.Queue[_Job[Any] | None] = queue.Queue(_WAITING_JOBS)
        self._open: Future[None] = Future()
        self._closed = False
        self._writer = threading.Thread(target=self._write_all, name="storage-writer", daemon=True)
        self._reading = _engine(path, "BEGIN", "PRAGMA query_only = ON")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="storage-reader")

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the file and bring its tables up to date.

        Raises StorageError: `storage.in_use` where another process has it, `storage.newer` where
        a later version of the program wrote it, and those of `storage.errors`.
        """
        database = cls(path, _lock(path))
        database._writer.start()
        try:
            await asyncio.wrap_future(database._open)
        except BaseException:
            await database.aclose()
            raise
        return database

    async def write(self, run: Callable[[Connection], T]) -> T:
        """What `run` returns, once everything that it wrote is durable.

        `run` runs in the writer's thread, holds up everybody else's writing, and may be run twice
        where the first transaction failed as a whole: it must change nothing but the database.
        """
        job = _Job(run)
        if self._closed:
            raise StorageError("storage.closed")
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise StorageError("storage.overloaded") from None
        return await asyncio.wrap_future(job.done)

    async def read(self, run: Callable[[Connection], T]) -> T:
        """What `run` returns; it sees one state of the database and cannot change it."""
        if self._closed:
            raise StorageError("storage.closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, run)

    async def aclose(self) -> None:
        """Write what waits, then let go of the file. May be called twice."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._shut)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _shut(self) -> None:
        # Readers first: the last connection to close moves the WAL into the file.
        self._readers.shutdown()
        self._reading.dispose()
        self._jobs.put(None)
        self._writer.join()
        os.close(self._lock)

    def _read(self, run: Callable[[Connection], T]) -> T:
        try:
            with self._reading.begin() as connection:
                return run(connection)
        except Exception as error:
            raise for_people(error, file=self._path.name) from error

    def _write_all(self) -> None:
        engine = _engine(
            self._path,
            "BEGIN IMMEDIATE",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
        )
        try:
            with engine.connect() as connection:
                migrate(connection)
                self._open.set_result(None)
                while jobs := self._next_jobs():
                    self._commit(connection, jobs)
        except Exception as error:
            if self._open.done():
                raise
            self._open.set_exception(for_people(error, file=self._path.name))
        finally:
            engine.dispose()

    def _next_jobs(self) -> list[_Job[Any]]:
        """What waits, at least one; nothing once the database is to close."""
        job = self._jobs.get()
        jobs: list[_Job[Any]] = []
        while job is not None:
            if job.done.set_running_or_notify_cancel():
                jobs.append(job)
            if jobs and (len(jobs) == _JOBS_PER_COMMIT or self._jobs.empty()):
                return jobs
            job = self._jobs.get()
        if jobs:
            self._jobs.put(None)
        return jobs

    def _commit(self, connection: Connection, jobs: list[_Job[Any]]) -> None:
        """One transaction for all; where it fails as a whole, one for each."""
        try:
            with connection.begin():
                outcomes = [_attempt(connection, job) for job in jobs]
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].done.set_exception(for_people(error, file=self._path.name))
            else:
                for job in jobs:
                    self._commit(connection, [job])
            return
        for job, (result, failure) in zip(jobs, outcomes, strict=True):
            if failure is None:
                job.done.set_result(result)
            else:
                job.done.set_exception(for_people(failure, file=self._path.name))


def _attempt(connection: Connection, job: _Job[T]) -> tuple[T | None, Exception | None]:
    """Run a job in a savepoint. Raises what ended the transaction around it."""
    savepoint = connection.begin_nested()
    try:
        result = job.run(connection)
    except Exception as error:
        # A full disk, among others, makes SQLite roll back everything by itself.
        if not _driver(connection).in_transaction:
            raise
        savepoint.rollback()
        return None, error
    savepoint.commit()
    return result, None


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection)


def _engine(path: Path, begin: str, *pragmas: str) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)), connect_args={"timeout": _LOCKED_SECONDS}
    )

    @event.listens_for(engine, "connect")
    def prepare(driver: sqlite3.Connection, _record: object) -> None:
        # The driver's own BEGIN comes too late for savepoints and DDL; SQLAlchemy sends ours.
        driver.isolation_level = None
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def send_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _lock(path: Path) -> int:
    """Keep other processes out until the descriptor is closed, be it by `kill -9`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError("storage.cannot_open", file=str(path)) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise StorageError("storage.in_use", folder=str(path.parent)) from None
    return lock
