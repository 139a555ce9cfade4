"""A PostgreSQL database, for a ward; several hub processes may share one.

Whoever writes takes a turn: an advisory lock to the end of the transaction, as `BEGIN IMMEDIATE`
does in SQLite. So what a job read is still true when it writes, in every process, and two processes
that start at once do not both create the tables. Readers wait for nobody.

What one process announces the others hear by LISTEN and NOTIFY; for that each keeps a connection
more, which has to be the server's own (PgBouncer only with `pool_mode = session`).

A password may stand in the URL, in `PGPASSWORD` or in `~/.pgpass`; only the server's address and
the database's name get into causes.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from storage.errors import StorageError
from storage.migrating import migrate

_READERS: Final = 4
_TURN: Final = 0x61766374  # what the advisory lock is called; any number that nobody else uses
_TURN_PATIENCE: Final = "5s"
_MIGRATION_PATIENCE: Final = "10min"
_CHANNEL: Final = "avcontrol"
_LISTEN_AGAIN_SECONDS: Final = 1.0

_SCHEMES: Final = {"postgresql", "postgres", "postgresql+psycopg"}

# libpq's parameters; the URL may say otherwise. Without them a server that lost its power is
# missed only after a quarter of an hour.
_CONNECTING: Final = {
    "connect_timeout": "5",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
    "application_name": "avcontrol",
}
_SETTINGS: Final = (
    "SET synchronous_commit = on",
    # A process that was frozen within its turn must not hold up the others for ever.
    "SET idle_in_transaction_session_timeout = '30s'",
)

logger = logging.getLogger(__name__)

# SQLSTATE or its beginning, https://www.postgresql.org/docs/current/errcodes-appendix.html
_CODES: Final = {
    "08": "storage.server_away",
    "57P": "storage.server_away",
    "53100": "storage.server_full",
    "53": "storage.server_busy",
    "55P03": "storage.server_busy",
    "40": "storage.server_busy",
    "25006": "storage.server_read_only",
    "28": "storage.server_refused",
    "3D000": "storage.server_refused",
    "42501": "storage.server_refused",
    "58": "storage.server_damaged",
    "XX": "storage.server_damaged",
}
# libpq tells no SQLSTATE of a connection that was not made, only words. A server that speaks
# another language than English is taken for one that is away.
_WORDS: Final = {
    "authentication failed": "storage.server_refused",
    "no password supplied": "storage.server_refused",
    "pg_hba.conf": "storage.server_refused",
    "does not exist": "storage.server_refused",
    "permission denied": "storage.server_refused",
    "too many": "storage.server_busy",
    "connection slots": "storage.server_busy",
}


class Postgres:
    """A `Backend`. Holds at most one connection to write, `readers` to read, and one to listen."""

    readers = _READERS
    reads_together = 1  # the server reads for all of them at the same time

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises StorageError: `storage.bad_url`."""
        target = _parse(url)
        self._name = _name(target)
        self._target = target.set(drivername="postgresql").render_as_string(hide_password=False)
        self._writer = _engine(target, 1)
        self._reader = _engine(target, self.readers).execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def migrate(self) -> None:
        with self._transaction(_MIGRATION_PATIENCE) as connection:
            migrate(connection, where=self._name)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._transaction(_TURN_PATIENCE) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._reader.begin() as connection:
            yield connection

    def scrub(self) -> None:
        """That is for the server: VACUUM takes old rows away, and its WAL and backups are kept by
        whoever runs it."""

    def announce(self, connection: Connection, topics: Iterable[str]) -> None:
        for topic in topics:
            values = {"channel": _CHANNEL, "topic": topic}
            connection.execute(text("SELECT pg_notify(:channel, :topic)"), values)

    async def listen(self, heard: Callable[[str | None], None]) -> None:
        deaf = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._target, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    deaf = False
                    heard(None)
                    async for notice in connection.notifies():
                        heard(notice.payload)
            except (psycopg.Error, OSError) as error:
                if not deaf:
                    logger.warning(
                        "changes of other processes are seen late: %s", _first_line(error)
                    )
                deaf = True
                heard(None)  # until it is heard again, everybody looks by himself
            await asyncio.sleep(_LISTEN_AGAIN_SECONDS)

    def is_lost(self, connection: Connection, error: Exception) -> bool:
        # The victim of a deadlock gives up its turn too: what it waits for may wait for that.
        return connection.invalidated or self.is_passing(error)

    def is_passing(self, error: Exception) -> bool:
        """A connection that broke, a deadlock, a serialization failure."""
        return isinstance(error, DBAPIError) and (
            error.connection_invalidated or _state(error).startswith("40")
        )

    def for_people(self, error: Exception) -> Exception:
        if not isinstance(error, DBAPIError):
            return error
        state = _state(error)
        known = next((_CODES[part] for part in (state, state[:3], state[:2]) if part in _CODES), "")
        if not known and error.connection_invalidated:
            known = "storage.server_away"
        elif not state and isinstance(error, OperationalError):
            said = str(error.orig)
            known = next((c for words, c in _WORDS.items() if words in said), "storage.server_away")
        return StorageError(known, server=self._name) if known else error

    def close(self) -> None:
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _transaction(self, patience: str) -> Iterator[Connection]:
        with self._begun(patience) as connection:
            yield connection
            try:
                connection.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    # The COMMIT went out and no answer came back.
                    raise StorageError("storage.unsure", server=self._name) from error
                raise

    def _begun(self, patience: str) -> Connection:
        try:
            connection = self._writer.connect()
            try:
                connection.execute(
                    text(
                        "SELECT set_config('lock_timeout', :patience, true),"
                        " pg_advisory_xact_lock(:turn)"
                    ),
                    {"patience": patience, "turn": _TURN},
                )
            except BaseException:
                connection.close()
                raise
        except DBAPIError as error:
            raise self.for_people(error) from error
        return connection


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Its message may hold a part of a password, and so may what it was raised from.
        raise StorageError("storage.bad_url") from None
    # With a bare "@" in the password, what follows it is taken for the host.
    if parsed.drivername not in _SCHEMES or not parsed.database or "@" in (parsed.host or ""):
        raise StorageError("storage.bad_url")
    return parsed.set(drivername="postgresql+psycopg", query={**_CONNECTING, **parsed.query})


def _name(url: URL) -> str:
    """`db.example.vn:5432/ward`: without user, password or anything else that was given."""
    port = "" if url.port is None else f":{url.port}"
    return f"{url.host or 'localhost'}{port}/{url.database}"


def _engine(url: URL, connections: int) -> Engine:
    engine = create_engine(url, pool_size=connections, max_overflow=0, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def prepare(driver: Any, _record: object) -> None:
        for setting in _SETTINGS:
            driver.execute(setting)
        driver.commit()

    return engine


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
