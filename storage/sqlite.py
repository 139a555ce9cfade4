"""One SQLite file, for a house.

WAL with `synchronous=FULL` lost nothing in power cuts, where NORMAL and the rollback journal did. A
single connection writes in the whole process, and a lock file keeps other processes out: before
3.51.3 SQLite could damage a WAL file while two connections wrote
(https://sqlite.org/wal.html#walresetbug).
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from storage.errors import StorageError
from storage.migrating import migrate

_LOCKED_SECONDS: Final = 5.0
_SCRUB_MILLISECONDS: Final = 300

# Primary result codes, https://sqlite.org/rescode.html
_CODES: Final = {
    sqlite3.SQLITE_FULL: "storage.disk_full",
    sqlite3.SQLITE_BUSY: "storage.busy",
    sqlite3.SQLITE_LOCKED: "storage.busy",
    sqlite3.SQLITE_CORRUPT: "storage.corrupt",
    sqlite3.SQLITE_NOTADB: "storage.corrupt",
    sqlite3.SQLITE_READONLY: "storage.read_only",
    sqlite3.SQLITE_PERM: "storage.read_only",
    sqlite3.SQLITE_CANTOPEN: "storage.cannot_open",
    sqlite3.SQLITE_IOERR: "storage.disk_failing",
}


class Sqlite:
    """A `Backend`."""

    readers = 2
    # To go to another thread and back takes longer than most reading; what takes long holds up so
    # many others at most.
    reads_together = 8

    def __init__(self, path: Path) -> None:
        """Create the folder and keep other processes out.

        Raises StorageError: `storage.in_use`, `storage.cannot_open`.
        """
        self._name = path.name
        self._lock = lock(path)
        self._reader = _engine(path, "BEGIN", "PRAGMA query_only = ON")
        self._writer = _engine(
            path,
            "BEGIN IMMEDIATE",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
            # What is deleted is overwritten with zeros (https://sqlite.org/pragma.html).
            "PRAGMA secure_delete = ON",
        )

    def migrate(self) -> None:
        with self.writing() as connection:
            migrate(connection, where=self._name)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        # The pool keeps the connection; only the writer's thread ever asks for it.
        with self._writer.connect() as connection:
            try:
                transaction = connection.begin()
            except DBAPIError as error:
                raise self.for_people(error) from error
            # A COMMIT that fails leaves SQLite in the transaction; this ends it.
            with transaction:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reader.begin() as connection:
            yield connection

    def scrub(self) -> None:
        # The WAL holds pages as they were before; this empties it, once no reader needs them.
        with self._writer.connect() as connection:
            driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
            driver.execute(f"PRAGMA busy_timeout = {_SCRUB_MILLISECONDS}")
            try:
                busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                driver.execute(f"PRAGMA busy_timeout = {round(_LOCKED_SECONDS * 1000)}")
        if busy:
            raise StorageError("storage.busy", file=self._name)

    def announce(self, connection: Connection, topics: Iterable[str]) -> None:
        """There are no other processes."""

    async def listen(self, heard: Callable[[str | None], None]) -> None:
        """There are no other processes."""

    def is_lost(self, connection: Connection, error: Exception) -> bool:
        # A full disk, among others, makes SQLite roll back everything by itself.
        driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        return not driver.in_transaction

    def is_passing(self, error: Exception) -> bool:
        return False

    def for_people(self, error: Exception) -> Exception:
        return for_people(error, self._name)

    def close(self) -> None:
        # The writer last: the last connection to close moves the WAL into the file.
        self._reader.dispose()
        self._writer.dispose()
        os.close(self._lock)


def for_people(error: Exception, file: str) -> Exception:
    """The StorageError behind what SQLite said; any other error as it is."""
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        if code is not None and (known := _CODES.get(code & 0xFF)) is not None:
            return StorageError(known, file=file)
    return error


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


def lock(path: Path) -> int:
    """Keep other processes out until the descriptor is closed, be it by `kill -9`.

    Raises StorageError: `storage.in_use`, `storage.cannot_open`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        # SQLite would make it for everybody to read; its other files take after this one.
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError("storage.cannot_open", file=str(path)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise StorageError("storage.in_use", folder=str(path.parent)) from None
    return descriptor
