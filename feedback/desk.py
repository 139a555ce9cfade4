"""Where a ward receives questions for one of its houses, whether the house is there or not.

desk = Desk(database, "to-5", rules)
receipt = await desk.ask("Bao giờ sửa cống?", name=None, key=key)     # durable
await desk.find_receipt(receipt.code)
await desk.answered(20)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from base.cause import Refused
from feedback import board, copies, intake, own, requests, store
from feedback.board import Position, PublicCase, Search
from feedback.case import AskedView, ReceiptView
from feedback.handoff import read_handoff, take_up
from feedback.handover import hand_down, hand_vote_down, handed_down, read_copy
from feedback.intake import Draft
from feedback.ledger_book import mark
from feedback.outbox import Outbox
from feedback.receipt import parse_receipt, written
from feedback.requests import PublicRequest, Wanted
from feedback.rules import Rules
from feedback.words import Subject, Words, known_here
from feedback.workplace import Workplace
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Receipt:
    code: str
    """In groups: `K7QM-3XWP-9DTA`."""
    case_id: str
    number: None = None
    """The meeting will give it one."""


class Desk:
    def __init__(self, database: Database, house_id: str, rules: Rules) -> None:
        self._database = database
        self._house_id = house_id
        self._rules = rules

    async def ask(
        self,
        text: str,
        *,
        name: str | None,
        key: str,
        name_hidden: bool = False,
        consent: str | None = None,
    ) -> Receipt:
        """Durable, and on its way to the house, before it returns. The same key with the same text
        is the same question. Raises Refused: those of `feedback.intake.check`, StorageError."""
        # A key is one phone's and one house's: nobody else's question answers to it.
        key = key and f"{self._house_id}\0{key}"
        draft = intake.check(
            text, name=name, via="phone", key=key, name_hidden=name_hidden, consent=consent
        )
        return await self.take_in(draft, by="resident")

    async def take_in(self, draft: Draft, *, by: str) -> Receipt:
        """The same of what was checked; `by` is who sent it, for the history. Raises
        StorageError."""
        case, _ = await intake.receive(
            self._database,
            draft,
            self._rules,
            by=by,
            now=datetime.now(UTC),
            alongside=lambda c, case: hand_down(c, self._house_id, case, draft.topic),
            house_id=self._house_id,
        )
        return Receipt(written(case.receipt), case.id)

    async def take_up(self, body: Mapping[str, Any]) -> None:
        """What the house leaves to the ward (`feedback.handoff.Handoff`); durable before it
        returns."""
        if (handed := read_handoff(body)) is not None:
            rules, house_id = self._rules, self._house_id
            await self._database.write(lambda c: take_up(c, rules, house_id, handed))

    async def keep_copy(self, body: Mapping[str, Any]) -> None:
        """What the house tells of a case (`feedback.handover.Copy`); durable before it returns."""
        if (copy := read_copy(body)) is not None:
            await self._database.write(lambda c: copies.keep(c, self._house_id, copy))

    def outbox(self) -> Outbox:
        """What this desk has for the house."""
        return Outbox(self._database, self._house_id, handed_down)

    async def find_receipt(self, typed: str) -> ReceiptView | None:
        """`typed` as somebody typed it; of this house, wherever it was asked."""
        code = parse_receipt(typed)

        def read(connection: Connection) -> ReceiptView | None:
            if code is None:
                return None
            if (copy := copies.by_receipt(connection, self._house_id, code)) is not None:
                asked_here = store.by_receipt(connection, code, self._house_id)
                ours = mark(connection, asked_here.id) if asked_here is not None else None
                return replace(copy, mark=ours or copy.mark)
            return own.by_receipt(connection, self._house_id, code)

        return await self._database.read(read)

    async def asked(self, device: bytes | None) -> tuple[AskedView, ...]:
        """What waits for its answer in the meeting of this house."""
        return await self._database.read(lambda c: copies.asked(c, self._house_id, device))

    async def vote(self, question_id: str, device: bytes) -> None:
        """Durable, and on its way to the house, before it returns; the same again changes nothing.
        Raises Refused: those of `feedback.copies.vote`, StorageError."""

        def write(connection: Connection) -> None:
            at = datetime.now(UTC)
            told = copies.vote(connection, self._house_id, question_id, device, at)
            if told is not None:
                hand_vote_down(connection, self._house_id, told)

        await self._database.write(write)

    async def public_requests(self, wanted: Wanted) -> Sequence[PublicRequest]:
        """What other systems may read (`feedback.requests`)."""
        return await self._database.read(lambda c: requests.at_ward(c, self._house_id, wanted))

    async def id_of(self, typed: str) -> str | None:
        """Of a case of this house, by its receipt as somebody typed it."""
        return await self._database.read(lambda c: requests.by_receipt(c, typed, self._house_id))

    async def answered(
        self,
        most: int,
        search: Search = board.ALL,
        *,
        skip: int = 0,
        before: Position | None = None,
    ) -> tuple[PublicCase, ...]:
        """The public board of this house, newest answer first, wherever it was answered."""
        there = copies.answered(self._house_id, search, before)
        here = own.answered(self._house_id, search, before)

        def read(connection: Connection) -> tuple[PublicCase, ...]:
            ids = board.page(connection, skip, most, there, here)
            found = {case.id: case for case in own.public(connection, ids)}
            found |= {case.id: case for case in copies.public(connection, ids)}
            return tuple(found[case_id] for case_id in ids)

        return await self._database.read(read)

    async def open(self, search: Search) -> tuple[PublicCase, ...]:
        """Of what `asked` shows."""

        def read(connection: Connection) -> tuple[PublicCase, ...]:
            ids = copies.open_asked(connection, self._house_id, search)
            found = {case.id: case for case in copies.public(connection, ids)}
            return tuple(found[case_id] for case_id in ids)

        return await self._database.read(read)


class WardDesk:
    """What was sent to the ward itself, of none of its houses; nobody asks there on a page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_receipt(self, typed: str) -> ReceiptView | None:
        """`typed` as somebody typed it."""
        if (code := parse_receipt(typed)) is None:
            return None
        return await self._database.read(lambda c: own.by_receipt(c, None, code))

    async def ask(
        self,
        text: str,
        *,
        name: str | None,
        key: str,
        name_hidden: bool = False,
        consent: str | None = None,
    ) -> Receipt:
        """Raises Refused `ward.house_unknown`."""
        raise Refused("ward.house_unknown")

    async def asked(self, device: bytes | None) -> tuple[AskedView, ...]:
        return ()

    async def vote(self, question_id: str, device: bytes) -> None:
        """Raises Refused `question.unknown`."""
        raise Refused("question.unknown")

    async def answered(
        self,
        most: int,
        search: Search = board.ALL,
        *,
        skip: int = 0,
        before: Position | None = None,
    ) -> tuple[PublicCase, ...]:
        return ()

    async def open(self, search: Search) -> tuple[PublicCase, ...]:
        return ()


def own_words_of(workplace: Workplace) -> Words:
    """What residents say to answers of the ward to what was sent to itself."""

    def find(connection: Connection, typed: str) -> Subject | None:
        code = parse_receipt(typed)
        case = store.by_receipt(connection, code) if code else None
        if case is None or store.get(connection, case.id).house is not None:
            return None
        return known_here(connection, case.id, "", workplace)

    return Words(workplace, find)


def words_of(workplace: Workplace, house_id: str) -> Words:
    """What residents of this house say to answers at the ward, and what the house hands on."""

    def find(connection: Connection, typed: str) -> Subject | None:
        if (code := parse_receipt(typed)) is None:
            return None
        copy = copies.by_receipt(connection, house_id, code)
        case = store.by_receipt(connection, code, house_id)
        if copy is None:
            if case is None:
                return None
            return known_here(connection, case.id, house_id, workplace)
        if copy.progress is None:
            raise Refused("case.elsewhere")  # of a house that would not understand it
        case_id = copies.id_of(connection, code)
        return Subject(case_id, False, copy.progress, copy.answered_at, house_id)

    return Words(workplace, find, house_id)
