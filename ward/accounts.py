"""The ward's people and what they may be.

account, code = await accounts.create("hoa@phuong.vn", "Trần Thị Hoa", AccountRole.OFFICIAL)
await accounts.set_password(code, "…")     # its owner chooses the password with the code
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from base.cause import Refused
from feedback.outbox import Parcel, put
from rooms.invitations import ACCOUNT_OUT
from storage.engine import Database
from ward import codes, failures
from ward.passwords import Passwords
from ward.tables import accounts, houses, sessions

LONGEST_NAME: Final = 80
CODE_LASTS: Final = timedelta(days=3)
FIRST_CODE_LASTS: Final = timedelta(days=1)

_PURPOSE: Final = "account"
_FIRST: Final = "first-account"
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE: Final = re.compile(r"0[0-9]{9,10}")


class AccountRole(StrEnum):
    ADMIN = "admin"
    """Makes accounts and enrols houses, and may what all the others may."""
    OFFICIAL = "official"
    HANDLER = "handler"
    """Answers cases."""
    TECHNICIAN = "technician"


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    login: str
    """E-mail address or telephone number, as `normal_login` writes it."""
    name: str
    role: AccountRole
    has_password: bool
    closed: bool
    created_at: datetime
    sessions: int = 0
    """How many are open now; only in `Accounts.all`."""
    authority: str | None = None
    """Code of the one whose cases a handler deals with; None is all of them."""


def normal_login(typed: str) -> str:
    """`Hoa@Phuong.vn` → `hoa@phuong.vn`, `+84 900 000 000` → `0900000000`.

    Raises Refused `ward.login_form` where it is neither.
    """
    login = typed.strip().lower()
    if _EMAIL.fullmatch(login) and len(login) <= 200:
        return login
    digits = re.sub(r"^(\+|00)84", "0", re.sub(r"[\s.()-]", "", login))
    if _PHONE.fullmatch(digits):
        return digits
    raise Refused("ward.login_form")


class Accounts:
    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    # Accounts

    async def all(self) -> tuple[Account, ...]:
        """Every account by name, the closed ones last."""
        is_open = (sessions.c.account_id == accounts.c.id) & (
            sessions.c.expires_at > datetime.now(UTC)
        )
        count = select(func.count()).select_from(sessions).where(is_open).scalar_subquery()
        query = select(accounts, count.label("open")).order_by(accounts.c.closed, accounts.c.name)

        def read(connection: Connection) -> tuple[Account, ...]:
            return tuple(account_of(row, row.open) for row in connection.execute(query))

        return await self._database.read(read)

    async def first_admin(self) -> Account | None:
        """The oldest admin whose account is open."""
        query = (
            select(accounts)
            .where(accounts.c.role == AccountRole.ADMIN.value, accounts.c.closed.is_(False))
            .order_by(accounts.c.created_at)
            .limit(1)
        )

        def read(connection: Connection) -> Account | None:
            row = connection.execute(query).one_or_none()
            return account_of(row) if row else None

        return await self._database.read(read)

    async def find(self, account_id: str) -> Account | None:
        query = select(accounts).where(accounts.c.id == account_id)

        def read(connection: Connection) -> Account | None:
            row = connection.execute(query).one_or_none()
            return account_of(row) if row else None

        return await self._database.read(read)

    async def create(
        self, login: str, name: str, role: AccountRole, authority: str | None = None
    ) -> tuple[Account, str]:
        """A new account, and the code with which its owner sets the password.

        Raises Refused: `ward.login_form`, `ward.login_taken`, `ward.name_form`.
        """
        values = _new(login, name, role) | {"authority": authority}

        def write(connection: Connection) -> str:
            _insert(connection, values)
            return codes.create(connection, _PURPOSE, values["id"], CODE_LASTS)

        code = await self._database.write(write)
        account = await self.find(values["id"])
        assert account is not None
        return account, code

    async def create_code(self, account_id: str) -> str:
        """A code with which the owner sets a new password; a closed account is open again. The
        old password holds until the code is used. Raises Refused `ward.account_unknown`."""

        def write(connection: Connection) -> str:
            reopened = update(accounts).where(accounts.c.id == account_id).values(closed=False)
            if not connection.execute(reopened).rowcount:
                raise Refused("ward.account_unknown")
            return codes.create(connection, _PURPOSE, account_id, CODE_LASTS)

        return await self._database.write(write)

    async def assign(self, account_id: str, authority: str | None) -> None:
        """Whose cases it deals with from now on."""
        one = update(accounts).where(accounts.c.id == account_id).values(authority=authority)
        await self._database.write(lambda c: c.execute(one))

    async def close(self, account_id: str) -> None:
        """Out at once, everywhere: here, and in the meetings of every house that is linked; in the
        others once they are. Raises Refused `ward.last_admin`."""

        def write(connection: Connection) -> None:
            admins = select(accounts.c.id).where(
                accounts.c.role == AccountRole.ADMIN.value, accounts.c.closed.is_(False)
            )
            if connection.execute(admins).scalars().all() == [account_id]:
                raise Refused("ward.last_admin")
            connection.execute(
                update(accounts).where(accounts.c.id == account_id).values(closed=True)
            )
            end_everywhere(connection, account_id)
            codes.revoke(connection, _PURPOSE, account_id)

        await self._database.write(write)

    # The first account

    async def first_code(self) -> str | None:
        """For the log of a new hub: a code with which its first admin makes his account. None once
        there is an account."""

        def write(connection: Connection) -> str | None:
            if _any_account(connection):
                return None
            return codes.create(connection, _FIRST, secrets.token_hex(6), FIRST_CODE_LASTS)

        return await self._database.write(write)

    async def create_first(self, code: str, login: str, name: str, password: str) -> Account:
        """The first admin's account, with its password.

        Raises Refused: `ward.wrong_code`, `ward.login_form`, `ward.name_form`,
        `access.password_too_short`.
        """
        values = _new(login, name, AccountRole.ADMIN)
        values["argon2"] = await self._passwords.hash(password)

        def write(connection: Connection) -> bool:
            if codes.use(connection, _FIRST, code) is None or _any_account(connection):
                return False
            _insert(connection, values)
            return True

        if not await self._database.write(write):
            raise Refused("ward.wrong_code")
        account = await self.find(values["id"])
        assert account is not None
        return account

    async def is_empty(self) -> bool:
        return not await self._database.read(_any_account)

    async def set_password(self, code: str, password: str) -> Account:
        """Set the password with a code; everything that an older one opened ends.

        Raises Refused: `ward.wrong_code`, `access.password_too_short`.
        """
        argon2 = await self._passwords.hash(password)

        def write(connection: Connection) -> Row[Any] | None:
            account_id = codes.use(connection, _PURPOSE, code)
            if account_id is None:
                return None
            before = select(accounts.c.argon2).where(accounts.c.id == account_id)
            if connection.execute(before).scalar_one() is not None:
                end_everywhere(connection, account_id)
            row = connection.execute(
                update(accounts)
                .where(accounts.c.id == account_id)
                .values(argon2=argon2)
                .returning(accounts)
            ).one()
            failures.clear(connection, row.login)
            return row

        row = await self._database.write(write)
        if row is None:
            raise Refused("ward.wrong_code")
        return account_of(row)


def _new(login: str, name: str, role: AccountRole) -> dict[str, Any]:
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused("ward.name_form", most=LONGEST_NAME)
    return {
        "id": secrets.token_hex(6),
        "login": normal_login(login),
        "name": name,
        "role": role.value,
        "argon2": None,
        "closed": False,
        "created_at": datetime.now(UTC),
    }


def _insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """Raises Refused `ward.login_taken`."""
    try:
        connection.execute(insert(accounts).values(values))
    except IntegrityError:
        raise Refused("ward.login_taken", login=values["login"]) from None


def end_everywhere(connection: Connection, account_id: str) -> None:
    """Inside `Database.write`. Every session ends, and every house is told that what it gave to
    this account is worth nothing any more."""
    connection.execute(delete(sessions).where(sessions.c.account_id == account_id))
    name = f"{ACCOUNT_OUT}-{account_id}-{secrets.token_hex(4)}"
    parcel = Parcel(name, ACCOUNT_OUT, {"account": account_id})
    known = houses.c.enrolled_at.is_not(None) | houses.c.seen_at.is_not(None)
    for house_id in connection.execute(select(houses.c.id).where(known)).scalars().all():
        put(connection, house_id, parcel)


def _any_account(connection: Connection) -> bool:
    return connection.execute(select(accounts.c.id).limit(1)).first() is not None


def account_of(row: Row[Any], open_sessions: int = 0) -> Account:
    return Account(
        id=row.id,
        login=row.login,
        name=row.name,
        role=AccountRole(row.role),
        has_password=row.argon2 is not None,
        closed=row.closed,
        created_at=row.created_at,
        sessions=open_sessions,
        authority=row.authority,
    )
