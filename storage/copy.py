"""A SQLite database copied while a daemon uses it, looked at before it is trusted, and put back.

    copy_database(data / "house.db", folder / "house.db")     # the daemon may go on writing
    check_copy(folder / "house.db")
    with held(data / "house.db"):                             # no daemon runs
        put_back(folder / "house.db", data / "house.db", aside=data / "before-restore")

A copy is one state of the database, with everything that was committed when it began. It holds no
remains of what was deleted, and is one file alone.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

from storage.errors import StorageError
from storage.migrating import is_known
from storage.sqlite import Sqlite, for_people, lock

T = TypeVar("T")

_BESIDE: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database, and takes for its own where it finds it."""


def copy_database(source: Path, target: Path) -> None:
    """Raises StorageError: `storage.nothing_there`, and what SQLite has to say."""
    if not source.is_file():
        raise StorageError("storage.nothing_there", file=str(source))
    try:
        # A reader keeps nobody from writing, and never moves the WAL into the file: the bug that
        # `storage.sqlite` is careful about needs a second connection that does.
        address = f"{source.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        target.chmod(0o600)
        _sync(target)
    except sqlite3.Error as error:
        raise for_people(error, target.name) from error


def check_copy(path: Path) -> None:
    """Every page of it is sound, and its tables are some that this program knows.

    Raises StorageError: `storage.corrupt`, `storage.newer`.
    """
    try:
        address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.OperationalError:
        raise StorageError("storage.corrupt", file=path.name) from None  # it has no such table
    except sqlite3.Error as error:
        raise for_people(error, path.name) from error
    if not sound or len(revisions) != 1:
        raise StorageError("storage.corrupt", file=path.name)
    if not is_known(revisions[0][0]):
        raise StorageError("storage.newer", where=path.name)


def look_into(path: Path, run: Callable[[Connection], T], otherwise: T) -> T:
    """What `run` finds in a database that is `held`; `otherwise` where it is of another version, or
    damaged."""
    _settle(path)
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with engine.connect() as connection:
            return run(connection)
    except SQLAlchemyError:
        return otherwise
    finally:
        engine.dispose()


def change_copy(path: Path, run: Callable[[Connection], object]) -> None:
    """`run` changes a copy that nobody uses yet, whose tables are brought up to date before.
    Raises StorageError."""
    backend = Sqlite(path)
    try:
        backend.migrate()
        with backend.writing() as connection:
            run(connection)
        backend.scrub()
    finally:
        backend.close()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """No daemon uses this database meanwhile. Raises StorageError `storage.in_use`."""
    descriptor = lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def put_back(copy: Path, path: Path, *, aside: Path) -> None:
    """`copy`, on the same file system, takes the place of the database, which is kept in the folder
    `aside`. Only while it is `held`.

    A power cut in between leaves either the one or the other, whole. Raises OSError.
    """
    _settle(path)
    if path.stat().st_size:
        os.link(path, aside / path.name)
    for suffix in _BESIDE:
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            beside.replace(aside / beside.name)
    _sync(aside)
    _sync(copy)
    copy.replace(path)
    _sync(path.parent)


def _settle(path: Path) -> None:
    """Move what the last process left in the WAL into the file; a damaged one stays as it is."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        return


def _sync(path: Path) -> None:
    """On the disk, a file's content or a folder's names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
