"""The processes of one hub, which share a database and nothing else.

    process = processes.new("http://10.0.0.5:41234")
    await processes.renew(process)                    # every few seconds, for as long as it lives
    await processes.holder_of("to-5")                 # Process(…), which the house is linked to

Each writes down where the others reach it, and a key that it made at its start: who shows that key
there has read the database, and is therefore one of them.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select, update

from storage.engine import Database
from ward import tables
from ward.houses import Houses
from ward.tables import processes

LEASE: Final = timedelta(seconds=20)
"""A process counts as alive while it has said so within this time."""

_FORGET: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Process:
    id: str
    address: str
    """Where the other processes reach it, without a slash at the end."""
    key: str = field(repr=False)


class Processes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def renew(self, process: Process) -> None:
        """It lives. Raises StorageError."""
        now = datetime.now(UTC)
        values = {"address": process.address, "key": process.key, "seen_at": now}

        def write(connection: Connection) -> None:
            connection.execute(delete(processes).where(processes.c.seen_at < now - _FORGET))
            same = update(processes).where(processes.c.id == process.id).values(values)
            if not connection.execute(same).rowcount:
                connection.execute(insert(processes).values(id=process.id, **values))

        await self._database.write(write)

    async def leave(self, process: Process) -> None:
        """It ends. Raises StorageError."""
        await self._database.write(
            lambda connection: connection.execute(
                delete(processes).where(processes.c.id == process.id)
            )
        )

    async def holder_of(self, house_id: str) -> Process | None:
        """Which process the house is linked to; None where it is away. Raises StorageError."""
        house = await Houses(self._database).find(house_id)
        if house is None or house.linked_to is None:
            return None
        query = select(processes).where(
            processes.c.id == process_of(house.linked_to),
            processes.c.seen_at > datetime.now(UTC) - LEASE,
        )

        def read(connection: Connection) -> Process | None:
            row = connection.execute(query).one_or_none()
            return Process(row.id, row.address, row.key) if row else None

        return await self._database.read(read)


def new_process_id() -> str:
    return secrets.token_hex(6)


def new_mark(process_id: str) -> str:
    """For one connection of a house to this process; it stands in `House.linked_to`."""
    return f"{process_id}.{secrets.token_hex(4)}"


def process_of(mark: str) -> str:
    return mark.partition(".")[0]


async def shared_secret(database: Database, name: str, size: int = 32) -> bytes:
    """The same for every process of the hub; made by the first that asks. Raises StorageError."""
    table = tables.secrets

    def write(connection: Connection) -> bytes:
        found = connection.execute(select(table.c.value).where(table.c.name == name)).scalar()
        if found is None:
            found = secrets.token_bytes(size)
            connection.execute(insert(table).values(name=name, value=found))
        return bytes(found)

    return await database.write(write)
