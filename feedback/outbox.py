"""What is to be handed over to another system, kept until that system has it for good.

    await database.write(lambda c: (store.close(c, …), outbox.put(c, parcel)))
    await outbox.oldest(32)                # [Parcel(…)], in the order in which they were put
    await outbox.handed_over(parcel.id)

A parcel is put in the transaction of the change that it tells of: both are stored or neither. Who
waits for it is woken by that, in whichever process of a hub he waits.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select

from feedback.tables import outbox
from storage.engine import Database
from storage.signals import announce

LOOK_SECONDS: Final = 5.0
"""Whoever waits is told of a new one; in case he was not."""


@dataclass(frozen=True, slots=True)
class Parcel:
    id: str
    """The same thing always under the same; at most 64 visible ASCII characters."""
    kind: str
    body: Mapping[str, Any]
    """JSON."""
    subject: str | None = None
    """What it tells of, where the order counts for that alone (`feedback.delivery`)."""


class Outbox:
    """What waits for one receiver. Belongs to the event loop's thread, except `put`."""

    def __init__(
        self,
        database: Database,
        receiver: str,
        alongside: Callable[[Connection, str], object] = lambda connection, parcel_id: None,
    ) -> None:
        """`alongside` is told of a parcel that was handed over, in the transaction that takes it
        out: what it told of is the receiver's then."""
        self._database = database
        self._receiver = receiver
        self._alongside = alongside
        self._new = database.watch(topic_of(receiver))

    def put(self, connection: Connection, parcel: Parcel) -> None:
        """Inside `Database.write`. The same id again, while it waits, changes nothing."""
        put(connection, self._receiver, parcel)

    def look(self) -> None:
        """Do not wait any longer: there may be something."""
        self._new.ring()

    async def oldest(
        self, most: int, otherwise: Callable[[Connection], Sequence[Parcel]] = lambda _: ()
    ) -> Sequence[Parcel]:
        """At least one, in order; waits while there is none. `otherwise` has what goes out while
        nothing of this waits. Raises StorageError."""
        query = (
            select(outbox.c.id, outbox.c.kind, outbox.c.body)
            .where(outbox.c.receiver == self._receiver)
            .order_by(outbox.c.seq)
            .limit(most)
        )

        def read(connection: Connection) -> Sequence[Parcel]:
            rows = connection.execute(query).all()
            parcels = [Parcel(row.id, row.kind, json.loads(row.body)) for row in rows]
            return parcels or otherwise(connection)

        while True:
            found = await self._database.read(read)
            if found:
                return found
            await self._new.wait(LOOK_SECONDS)

    async def handed_over(self, parcel_id: str) -> None:
        """The receiver has it durably. Raises StorageError."""

        def write(connection: Connection) -> None:
            one = (outbox.c.receiver == self._receiver, outbox.c.id == parcel_id)
            if connection.execute(delete(outbox).where(*one)).rowcount:
                self._alongside(connection, parcel_id)

        await self._database.write(write)


def put(connection: Connection, receiver: str, parcel: Parcel) -> None:
    """Inside `Database.write`. The same id again, while it waits, changes nothing."""
    announce(connection, topic_of(receiver))
    same = select(outbox.c.seq).where(outbox.c.receiver == receiver, outbox.c.id == parcel.id)
    if connection.execute(same).first() is None:
        connection.execute(
            insert(outbox).values(
                receiver=receiver,
                id=parcel.id,
                kind=parcel.kind,
                body=json.dumps(parcel.body, ensure_ascii=False),
                subject=parcel.subject,
            )
        )


async def waiting(database: Database) -> Mapping[str, int]:
    """How many wait for each receiver for whom any do. Raises StorageError."""
    query = select(outbox.c.receiver, func.count().label("waiting")).group_by(outbox.c.receiver)

    def read(connection: Connection) -> Mapping[str, int]:
        return {row.receiver: row.waiting for row in connection.execute(query)}

    return await database.read(read)


def topic_of(receiver: str) -> str:
    """Announced when there is something new for a receiver."""
    return f"outbox/{receiver}"
