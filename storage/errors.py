"""What the database has to say when it cannot do something, as causes for people."""

import sqlite3
from typing import Final

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from base.cause import Parameter, Refused


class StorageError(Refused):
    """The database could not do it; nothing of the job was stored."""


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


def for_people(error: Exception, **params: Parameter) -> Exception:
    """The StorageError behind a fault of the disk or the file; any other error as it is."""
    if isinstance(error, CommandError):
        # Alembic names a revision that this program does not have.
        return StorageError("storage.newer", **params)
    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        if code is not None and (known := _CODES.get(code & 0xFF)) is not None:
            return StorageError(known, **params)
    return error
