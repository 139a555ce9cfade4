"""Who is logged in at the hub.

    opened = await sessions.log_in("hoa@phuong.vn", "…")     # twelve hours
    await sessions.identify(opened.secret)                   # at every request

Every question goes to the database: another process of the hub may have ended a session a moment
ago. Only hashes of the tokens are stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from base.cause import Refused
from storage.engine import Database
from ward import failures
from ward.accounts import Account, account_of, end_everywhere, normal_login
from ward.passwords import Passwords
from ward.tables import accounts, sessions

SESSION_LASTS: Final = timedelta(hours=12)

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    account: Account
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that was just opened, and the secret for its cookie, shown this once."""

    session: Session
    secret: str


class Sessions:
    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    async def log_in(self, typed: str, password: str) -> Opened:
        """Open a session. Raises Refused: `ward.wrong_login`, `ward.too_many_attempts`."""
        try:
            login = normal_login(typed)
        except Refused:
            raise Refused("ward.wrong_login") from None
        query = select(accounts).where(accounts.c.login == login, accounts.c.closed.is_(False))

        def read(connection: Connection) -> tuple[int, Row[Any] | None]:
            wait = failures.minutes_to_wait(connection, login)
            return wait, connection.execute(query).one_or_none()

        minutes, row = await self._database.read(read)
        if minutes:
            raise Refused("ward.too_many_attempts", minutes=minutes)
        right = await self._passwords.verify(row.argon2 if row else None, password)
        if row is None or not right:
            await self._database.write(lambda connection: failures.count(connection, login))
            raise Refused("ward.wrong_login")
        return await self.open(account_of(row))

    async def open(self, account: Account) -> Opened:
        """For somebody who has just shown who he is."""
        now = datetime.now(UTC)
        secret = secrets.token_urlsafe(_TOKEN_BYTES)
        session = Session(secrets.token_hex(6), account, now + SESSION_LASTS)

        def write(connection: Connection) -> None:
            failures.clear(connection, account.login)
            connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
            connection.execute(
                insert(sessions).values(
                    token_sha256=_sha256(secret),
                    id=session.id,
                    account_id=account.id,
                    opened_at=now,
                    expires_at=session.expires_at,
                )
            )

        await self._database.write(write)
        return Opened(session, secret)

    async def identify(self, secret: str) -> Session | None:
        """Whose session this is; None where it has ended."""
        query = (
            select(accounts, sessions.c.id.label("session_id"), sessions.c.expires_at)
            .join(sessions, sessions.c.account_id == accounts.c.id)
            .where(
                sessions.c.token_sha256 == _sha256(secret),
                sessions.c.expires_at > datetime.now(UTC),
                accounts.c.closed.is_(False),
            )
        )

        def read(connection: Connection) -> Session | None:
            row = connection.execute(query).one_or_none()
            return Session(row.session_id, account_of(row), row.expires_at) if row else None

        return await self._database.read(read)

    async def end(self, session_id: str) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                delete(sessions).where(sessions.c.id == session_id)
            )
        )

    async def end_all(self, account_id: str) -> None:
        """He has to log in again, everywhere, and is out of every house's meeting."""
        await self._database.write(lambda connection: end_everywhere(connection, account_id))


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
