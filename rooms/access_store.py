"""Who may act in this house, as it is stored: paired devices, pairing codes, the password.

Secrets are stored as hashes only: SHA-256 of random tokens and codes, argon2 of the password.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from rooms.view import Role
from storage.engine import Database
from storage.moment import Moment

metadata = MetaData()

devices = Table(
    "access_devices",
    metadata,
    Column("id", String, primary_key=True),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("token_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("paired_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=True),
)

pairings = Table(
    "access_pairings",
    metadata,
    Column("code_sha256", LargeBinary(32), primary_key=True),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("expires_at", Moment, nullable=False),
)

passwords = Table(
    "access_passwords",
    metadata,
    Column("role", String, primary_key=True),
    Column("argon2", String, nullable=False),
    Column("set_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class PairedDevice:
    """A browser that was let in for good, or, with `expires_at`, a session."""

    id: str
    role: Role
    name: str
    token_sha256: bytes
    paired_at: datetime
    seen_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """A code that lets one browser in, once."""

    code_sha256: bytes
    role: Role
    name: str
    expires_at: datetime


class AccessStore:
    """The tables behind `web.access`. Every write is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def devices(self) -> tuple[PairedDevice, ...]:
        def read(connection: Connection) -> tuple[PairedDevice, ...]:
            rows = connection.execute(select(devices).order_by(devices.c.paired_at))
            return tuple(_device(row) for row in rows)

        return await self._database.read(read)

    async def add_device(self, device: PairedDevice) -> None:
        await self._database.write(lambda connection: _add_device(connection, device))

    async def remove_device(self, device_id: str) -> None:
        await self._database.write(
            lambda connection: connection.execute(delete(devices).where(devices.c.id == device_id))
        )

    async def seen(self, moments: dict[str, datetime]) -> None:
        """When each of these devices was last here."""

        def write(connection: Connection) -> None:
            for device_id, moment in moments.items():
                connection.execute(
                    update(devices).where(devices.c.id == device_id).values(seen_at=moment)
                )

        await self._database.write(write)

    async def add_pairing(self, pairing: Pairing) -> None:
        values = {
            "code_sha256": pairing.code_sha256,
            "role": pairing.role.value,
            "name": pairing.name,
            "expires_at": pairing.expires_at,
        }
        await self._database.write(
            lambda connection: connection.execute(insert(pairings).values(values))
        )

    async def withdraw_pairings(self, role: Role, name: str) -> None:
        wanted = (pairings.c.role == role.value) & (pairings.c.name == name)
        await self._database.write(
            lambda connection: connection.execute(delete(pairings).where(wanted))
        )

    async def use_pairing(
        self, code_sha256: bytes, admit: Callable[[Role, str], PairedDevice]
    ) -> PairedDevice | None:
        """Turn a code into what `admit` makes of its role and name, in one transaction: it cannot
        be used twice. None where no such code is valid."""

        def write(connection: Connection) -> PairedDevice | None:
            found = connection.execute(
                delete(pairings)
                .where(
                    pairings.c.code_sha256 == code_sha256,
                    pairings.c.expires_at > datetime.now(UTC),
                )
                .returning(pairings.c.role, pairings.c.name)
            ).one_or_none()
            if found is None:
                return None
            device = admit(Role(found.role), found.name)
            _add_device(connection, device)
            return device

        return await self._database.write(write)

    async def password(self, role: Role) -> str | None:
        """The argon2 hash, or None where no password was set yet."""

        def read(connection: Connection) -> str | None:
            query = select(passwords.c.argon2).where(passwords.c.role == role.value)
            return connection.execute(query).scalar_one_or_none()

        return await self._database.read(read)

    async def set_password(self, role: Role, argon2: str) -> None:
        """Replace the password; every session that an older one opened ends."""

        def write(connection: Connection) -> None:
            connection.execute(delete(passwords).where(passwords.c.role == role.value))
            connection.execute(
                insert(passwords).values(role=role.value, argon2=argon2, set_at=datetime.now(UTC))
            )
            connection.execute(delete(devices).where(devices.c.role == role.value))

        await self._database.write(write)

    async def forget_expired(self) -> None:
        now = datetime.now(UTC)

        def write(connection: Connection) -> None:
            connection.execute(delete(pairings).where(pairings.c.expires_at <= now))
            connection.execute(delete(devices).where(devices.c.expires_at <= now))

        await self._database.write(write)


def _add_device(connection: Connection, device: PairedDevice) -> None:
    connection.execute(
        insert(devices).values(
            id=device.id,
            role=device.role.value,
            name=device.name,
            token_sha256=device.token_sha256,
            paired_at=device.paired_at,
            seen_at=device.seen_at,
            expires_at=device.expires_at,
        )
    )


def _device(row: Row[Any]) -> PairedDevice:
    return PairedDevice(
        id=row.id,
        role=Role(row.role),
        name=row.name,
        token_sha256=row.token_sha256,
        paired_at=row.paired_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )
