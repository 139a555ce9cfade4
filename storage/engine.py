"""One thread that writes, a few that read, the same on SQLite and on PostgreSQL.

    async with await Database.open(data / "house.db") as database:
        number = await database.write(lambda connection: add_question(connection, question))
        rows = await database.read(lambda connection: connection.execute(query).all())

What waits is written in one transaction, each job in a savepoint of its own, and everybody is
answered after the COMMIT has reached the disk: under load one fsync serves many.
"""

import asyncio
import logging
import math
import queue
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeAlias, TypeVar

from sqlalchemy import Connection

from storage.backend import Backend
from storage.errors import StorageError
from storage.postgres import Postgres
from storage.prepared import run_words
from storage.signals import Watch, Watches, take_announced, take_erased
from storage.sqlite import Sqlite

logger = logging.getLogger(__name__)

T = TypeVar("T")

_WAITING_JOBS: Final = 5_000
_JOBS_PER_COMMIT: Final = 500
_SCRUB_AGAIN_SECONDS: Final = 5.0
"""Whoever copies the database holds it up; nobody is to wait for that with every change."""
_PAUSES_SECONDS: Final = (0.05, 0.2, 0.5)
"""Before a transaction that met a passing fault is run again; whoever it met goes first."""


_Outcome: TypeAlias = tuple[T | None, Exception | None]


@dataclass(slots=True)
class _Job(Generic[T]):
    run: Callable[[Connection], T]
    done: asyncio.Future[T]
    """Of the event loop; told there (`Database._tell`)."""


class Database:
    """Belongs to the event loop's thread; the functions handed in run in others.

    Errors of the database are `StorageError`; what a function raises itself comes out as it is, and
    undoes that function's changes alone.
    """

    def __init__(self, backend: Backend) -> None:
        """Use `Database.open`."""
        self._backend = backend
        self._jobs: queue.Queue[_Job[Any] | None] = queue.Queue(_WAITING_JOBS)
        self._open: Future[None] = Future()
        self._closed = False
        self._to_scrub = True  # a process that was killed may have left it to this one
        self._scrubbed = -math.inf
        self._watches = Watches()
        self._loop = asyncio.get_running_loop()
        self._listening: asyncio.Task[None] | None = None
        self._to_read: list[_Job[Any]] = []
        self._writer = threading.Thread(target=self._write_all, name="storage-writer", daemon=True)
        self._readers = ThreadPoolExecutor(backend.readers, thread_name_prefix="storage-reader")

    @classmethod
    async def open(cls, where: Path | str) -> Self:
        """Open a database, create what is missing and bring its tables up to date.

        A path is a SQLite file of this process alone; `postgresql://user:password@host:port/name`
        is a PostgreSQL database, which others may use at the same time.

        Raises StorageError: `storage.in_use` where another process has the file, `storage.newer`
        where a later version of the program wrote it, `storage.bad_url`, and what else
        `storage.sqlite` and `storage.postgres` name.
        """
        database = cls(Sqlite(where) if isinstance(where, Path) else Postgres(where))
        database._writer.start()
        try:
            await asyncio.wrap_future(database._open)
        except BaseException:
            await database.aclose()
            raise
        database._listening = asyncio.create_task(database._backend.listen(database._heard))
        return database

    async def write(self, run: Callable[[Connection], T]) -> T:
        """What `run` returns, once everything that it wrote is durable.

        While `run` runs, in the writer's thread, nobody else writes, in this process or another. It
        may be run again where a transaction failed as a whole: it must change nothing but the
        database.

        Raises StorageError `storage.unsure` where PostgreSQL was lost in the middle of a COMMIT:
        only this one may have been stored.
        """
        if self._closed:
            raise StorageError("storage.closed")
        job = _Job(run, self._loop.create_future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise StorageError("storage.overloaded") from None
        result: T = await job.done
        return result

    async def read(self, run: Callable[[Connection], T]) -> T:
        """What `run` returns; it sees one state of the database and cannot change it. It may be run
        again."""
        if self._closed:
            raise StorageError("storage.closed")
        job = _Job(run, self._loop.create_future())
        self._to_read.append(job)
        if len(self._to_read) == 1:
            self._loop.call_soon(self._read_soon)
        result: T = await job.done
        return result

    def _read_soon(self) -> None:
        """What was asked for at the same moment."""
        jobs, self._to_read = [job for job in self._to_read if not job.done.done()], []
        together = self._backend.reads_together
        for first in range(0, len(jobs), together):
            part = jobs[first : first + together]
            try:
                self._readers.submit(self._read, part)
            except RuntimeError:  # closed meanwhile
                self._tell([(job, None, StorageError("storage.closed")) for job in part])

    def watch(self, topic: str) -> Watch:
        """Wakes when something is announced (`storage.signals`), here or in another process."""
        return self._watches.of(topic)

    async def aclose(self) -> None:
        """Write what waits, then let go of the file. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
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
        self._readers.shutdown()
        self._jobs.put(None)
        self._writer.join()
        self._backend.close()

    def _read(self, jobs: list[_Job[Any]]) -> None:
        """In one transaction; where one of them fails, each in its own."""
        try:
            found = self._persist(lambda: self._read_once(jobs))
        except Exception as error:
            if len(jobs) == 1:
                self._tell([(jobs[0], None, self._backend.for_people(error))])
                return
            for job in jobs:
                self._read([job])
        else:
            self._tell([(job, result, None) for job, result in zip(jobs, found, strict=True)])

    def _read_once(self, jobs: list[_Job[Any]]) -> list[Any]:
        with self._backend.reading() as connection:
            return [job.run(connection) for job in jobs]

    def _write_all(self) -> None:
        try:
            self._backend.migrate()
        except Exception as error:
            self._open.set_exception(self._backend.for_people(error))
            return
        self._open.set_result(None)
        while jobs := self._next_jobs():
            self._commit(jobs)

    def _next_jobs(self) -> list[_Job[Any]]:
        """What waits, at least one; nothing once the database is to close."""
        job = self._jobs.get()
        jobs: list[_Job[Any]] = []
        while job is not None:
            if not job.done.cancelled():
                jobs.append(job)
            if jobs and (len(jobs) == _JOBS_PER_COMMIT or self._jobs.empty()):
                return jobs
            job = self._jobs.get()
        if jobs:
            self._jobs.put(None)
        return jobs

    def _commit(self, jobs: list[_Job[Any]]) -> None:
        """One transaction for all; where it fails as a whole, one for each."""
        try:
            outcomes = self._persist(lambda: self._write_once(jobs))
        except StorageError as error:
            self._tell([(job, None, error) for job in jobs])
        except Exception as error:
            if len(jobs) == 1:
                self._tell([(jobs[0], None, self._backend.for_people(error))])
                return
            for job in jobs:
                self._commit([job])
        else:
            self._tell(
                [
                    (job, result, failure and self._backend.for_people(failure))
                    for job, (result, failure) in zip(jobs, outcomes, strict=True)
                ]
            )

    def _tell(self, outcomes: list[tuple[_Job[Any], Any, Exception | None]]) -> None:
        """Everybody at once: to wake the event loop for each would take as long as to write."""

        def tell() -> None:
            for job, result, failure in outcomes:
                if job.done.done():  # nobody waits any more
                    continue
                if failure is None:
                    job.done.set_result(result)
                else:
                    job.done.set_exception(failure)

        with suppress(RuntimeError):  # the event loop has ended, and with it whoever waited
            self._loop.call_soon_threadsafe(tell)

    def _write_once(self, jobs: list[_Job[Any]]) -> list[_Outcome[Any]]:
        with self._backend.writing() as connection:
            take_announced(connection)  # by an attempt that failed
            take_erased(connection)
            outcomes = [self._attempt(connection, job) for job in jobs]
            topics = take_announced(connection)
            self._to_scrub |= take_erased(connection)
            self._backend.announce(connection, topics)
        if topics:
            with suppress(RuntimeError):  # the event loop has ended, and with it whoever waited
                self._loop.call_soon_threadsafe(self._watches.ring, topics)
        if self._to_scrub and time.monotonic() - self._scrubbed > _SCRUB_AGAIN_SECONDS:
            self._scrub()
        return outcomes

    def _scrub(self) -> None:
        """What was written is durable, whatever becomes of this; it is tried again after a later
        transaction, and after the next start."""
        try:
            self._backend.scrub()
        except Exception as error:
            self._scrubbed = time.monotonic()
            logger.warning("what was erased is still in the files: %s", error)
        else:
            self._to_scrub = False

    def _heard(self, topic: str | None) -> None:
        if topic is None:
            self._watches.ring_all()
        else:
            self._watches.ring((topic,))

    def _attempt(self, connection: Connection, job: _Job[T]) -> _Outcome[T]:
        """Run a job in a savepoint. Raises what ended the transaction around it."""
        # By hand: SQLAlchemy's own take as long as three inserts.
        run_words(connection, "SAVEPOINT job")
        try:
            result = job.run(connection)
        except Exception as error:
            if self._backend.is_lost(connection, error):
                raise
            run_words(connection, "ROLLBACK TO SAVEPOINT job")
            run_words(connection, "RELEASE SAVEPOINT job")
            return None, error
        run_words(connection, "RELEASE SAVEPOINT job")
        return result, None

    def _persist(self, run: Callable[[], T]) -> T:
        for pause in _PAUSES_SECONDS:
            try:
                return run()
            except Exception as error:
                if not self._backend.is_passing(error):
                    raise
                time.sleep(pause * random.uniform(0.5, 1.5))
        return run()
