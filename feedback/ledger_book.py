"""The ledger for everybody to read: its sums, its export, and its head, signed once a day.

    book = Book(database, Signer(key, "Tổ dân phố 5"), outbox)
    group.create_task(book.run())
    await book.sums()                     # {"received": 12, "answered": 7, …, "open": 3}
    async for lines in book.export(): …   # JSON Lines, with a head as the last one

A head is what its keeper stands for. Once it is in other hands, on the board, in a download, at the
ward, he cannot cut the ledger or write it anew unseen. A house hands its heads to the ward through
the outbox, and the ward keeps and shows them (`keep_head`); one with a ledger of its own publishes
its heads beside them.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select

from base.cause import Refused
from feedback import ledger
from feedback.case import Mark
from feedback.ledger_lines import Head, LedgerEntry, Signer, Tally, Unlawful
from feedback.outbox import Outbox, Parcel
from feedback.tables import case_history, case_seals, cases, kept_heads, ledger_heads
from feedback.tables import ledger as entries
from storage.engine import Database
from storage.errors import StorageError
from storage.prepared import Prepared

HEAD: Final = "ledger-head"
"""The kind of parcel that tells the ward of a head; its body is the head."""

_AT_ONCE: Final = 500
_LOOK_SECONDS: Final = 600.0

# Made once: SQLAlchemy remembers a statement's words by the statement.
_BEGINNING: Final = (
    select(entries.c.line, entries.c.history, entries.c.number, entries.c.hash, case_seals.c.salt)
    .join_from(case_seals, entries, entries.c.number == case_seals.c.number)
    .where(case_seals.c.case_id == bindparam("case"))
)
_BEGINS: Final = Prepared(
    select(entries.c.number, entries.c.hash)
    .join_from(case_seals, entries, entries.c.number == case_seals.c.number)
    .where(case_seals.c.case_id == bindparam("case"))
)
_SAID: Final = (
    select(case_history.c.text, case_history.c.who, cases.c.receipt)
    .join_from(case_history, cases, cases.c.id == case_history.c.case_id)
    .where(case_history.c.seq == bindparam("line"))
)

logger = logging.getLogger(__name__)


class Book:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        database: Database,
        signer: Signer,
        outbox: Outbox | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Heads go into the outbox of whoever has one."""
        self._database = database
        self._signer = signer
        self._outbox = outbox
        self._now = now
        self._tally = Tally()
        self._origin = ""
        self._reading = asyncio.Lock()

    async def run(self) -> None:
        """One head a day."""
        while True:
            try:
                await self.sign_of_day()
            except (Refused, StorageError) as error:
                logger.error("the ledger's head of this day is not signed: %s", error)
            now = self._now()
            midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
            left = (midnight - now).total_seconds()
            await asyncio.sleep(max(1.0, min(left, _LOOK_SECONDS)))

    async def sign_of_day(self) -> bool:
        """False where this day, in UTC, has its head, by this process or another. Raises Refused:
        `ledger.damaged`, StorageError."""
        day = self._now().astimezone(UTC).date().isoformat()
        query = select(ledger_heads.c.day).where(ledger_heads.c.day == day)
        if await self._database.read(lambda c: c.execute(query).first()) is not None:
            return False
        head = await self.head()

        def write(connection: Connection) -> bool:
            if connection.execute(query).first() is not None:
                return False
            connection.execute(insert(ledger_heads), {"day": day, "line": head.line()})
            if self._outbox is not None:
                body = json.loads(head.line())
                self._outbox.put(connection, Parcel(f"{HEAD}-{day}", HEAD, body))
            return True

        return await self._database.write(write)

    async def sums(self, house: str | None = None) -> Mapping[str, int]:
        """`received` = all others together; of all houses, or of this one. Raises Refused:
        `ledger.damaged`, StorageError."""
        async with self._reading:
            await self._catch_up()
            return self._tally.sums(house)

    async def punctual(self, house: str | None = None) -> tuple[int, int]:
        """As `Tally.punctual`. Raises Refused: `ledger.damaged`, StorageError."""
        async with self._reading:
            await self._catch_up()
            return self._tally.punctual(house)

    async def head(self) -> Head:
        """Of everything that is in the ledger now. Raises Refused: `ledger.damaged`,
        StorageError."""
        async with self._reading:
            await self._catch_up()
            last = self._tally.last
            if last is None:
                await self._database.write(ledger.begin)
                await self._catch_up()
                last = self._tally.last
            assert last is not None
            return self._signer.sign(
                last.number, last.hash, self._origin, self._tally.sums(), self._now()
            )

    async def export(self) -> AsyncIterator[bytes]:
        """The lines of all entries and of a head, some at a time. Raises as `head` does, before the
        first."""
        head = await self.head()
        for first in range(0, head.number + 1, _AT_ONCE):
            last = min(first + _AT_ONCE - 1, head.number)
            yield await self.lines(first, last)
        yield f"{head.line()}\n".encode()

    async def lines(self, first: int, last: int) -> bytes:
        """Those of these numbers, as far as there are some. Raises StorageError."""
        found = await self._database.read(partial(_lines, first=first, last=last))
        return "".join(f"{line}\n" for line in found).encode()

    async def heads(self) -> Sequence[Head]:
        """One a day, oldest first. Raises StorageError."""
        query = select(ledger_heads.c.line).order_by(ledger_heads.c.day)
        lines = await self._database.read(lambda c: c.execute(query).scalars().all())
        return [Head.read(json.loads(line)) for line in lines]

    async def _catch_up(self) -> None:
        while await self._database.read(self._read_on):
            pass

    def _read_on(self, connection: Connection) -> bool:
        """In a thread of the storage; False once there is no more."""
        before = self._tally.last
        first = 0 if before is None else before.number + 1
        lines = _lines(connection, first, first + _AT_ONCE - 1)
        for number, line in enumerate(lines, first):
            try:
                entry = LedgerEntry.read(json.loads(line))
                self._check(entry, number)
                self._tally.add(entry)
            except (Unlawful, TypeError, ValueError) as error:
                raise Refused("ledger.damaged", entry=number) from error
        return len(lines) == _AT_ONCE

    def _check(self, entry: LedgerEntry, number: int) -> None:
        """No head is signed over what somebody altered in the database. Raises ValueError."""
        before = self._tally.last
        if entry.number != number or entry.right_hash() != entry.hash:
            raise ValueError("altered")
        if before is None:
            self._origin = entry.hash
        elif entry.previous != before.hash:
            raise ValueError("not the one that follows")


async def store_head(database: Database, house_id: str, body: Mapping[str, Any]) -> None:
    """At the ward: as `keep_head`; durable before it returns. Raises StorageError."""
    await database.write(lambda c: keep_head(c, house_id, body))


def keep_head(connection: Connection, house_id: str, body: Mapping[str, Any]) -> None:
    """At the ward: a head of a house's ledger, as it was handed over; the same again changes
    nothing, and one that is not signed is dropped."""
    try:
        head = Head.read(body)
    except (TypeError, ValueError):
        logger.warning("house %s sends a head that makes no sense", house_id)
        return
    if not head.is_signed():
        logger.warning("house %s sends a head that is not signed", house_id)
        return
    known = _kept(connection, house_id)
    if head not in known:
        if known and not fits(head, known[-1]):
            logger.warning("house %s has cut its ledger or written it anew", house_id)
        connection.execute(insert(kept_heads), {"house": house_id, "line": head.line()})


def fits(head: Head, before: Head) -> bool:
    """Is it of the same ledger as the one that came before, and does it go on from there?"""
    return (head.origin, head.key) == (before.origin, before.key) and (
        head.number > before.number or (head.number, head.hash) == (before.number, before.hash)
    )


async def heads_of(database: Database, house_id: str) -> Sequence[Head]:
    """At the ward: what this house has handed over, in the order in which it came. Raises
    StorageError."""
    return await database.read(lambda c: _kept(c, house_id))


async def last_heads(database: Database) -> Mapping[str, Head]:
    """At the ward: the last head that each house has handed over. Raises StorageError."""
    newest = select(func.max(kept_heads.c.seq)).group_by(kept_heads.c.house)
    query = select(kept_heads.c.house, kept_heads.c.line).where(kept_heads.c.seq.in_(newest))

    def read(connection: Connection) -> Mapping[str, Head]:
        rows = connection.execute(query)
        return {house: Head.read(json.loads(line)) for house, line in rows}

    return await database.read(read)


def beginning(connection: Connection, case_id: str) -> tuple[int, str] | None:
    """The number and the hash of the entry with which a case begins; None of one that has none."""
    row = _BEGINS.run(connection, {"case": case_id})
    return None if row is None else (row[0], row[1])


def mark(connection: Connection, case_id: str) -> Mark | None:
    """Where a case begins in the ledger; None of one that it has not yet."""
    row = connection.execute(_BEGINNING, {"case": case_id}).one_or_none()
    if row is None:
        return None
    said = connection.execute(_SAID, {"line": row.history}).one_or_none()
    proof = None
    if said is not None and row.salt is not None:
        content = ledger.content_of(row.number, said.text, said.who, said.receipt)
        proof = {"entry": json.loads(row.line), "salt": row.salt.hex(), "content": content}
    return Mark(row.number, row.hash, proof)


def _lines(connection: Connection, first: int, last: int) -> Sequence[str]:
    query = select(entries.c.line).where(entries.c.number.between(first, last))
    return connection.execute(query.order_by(entries.c.number)).scalars().all()


def _kept(connection: Connection, house_id: str) -> Sequence[Head]:
    query = select(kept_heads.c.line).where(kept_heads.c.house == house_id)
    lines = connection.execute(query.order_by(kept_heads.c.seq)).scalars()
    return [Head.read(json.loads(line)) for line in lines]
