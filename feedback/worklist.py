"""What there is to do, for whoever works on cases: what is mine, new, late, and all of it.

    worklist = Worklist(database, rules)
    await worklist.counts(handler)                        # Counts(mine=3, new=5, late=1, open=40)
    await worklist.find(handler, View.LATE)               # the most urgent first
    await worklist.find(handler, View.ALL, words="duong ngo 5")

A handler sees his authority's cases and those that it is asked to take over; one who may act for
every authority sees all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, false, func, or_, select, true

from feedback import store
from feedback.actions import Handler
from feedback.case import CaseState, Dossier
from feedback.folding import fold
from feedback.receipt import parse_receipt
from feedback.rows import dossier_of
from feedback.rules import Rules
from feedback.tables import case_work, cases
from feedback.topics import Topic
from storage.engine import Database

PAGE: Final = 50
MOST_WORDS: Final = 8


class View(StrEnum):
    MINE = "mine"
    """I have taken it, and it is open."""
    NEW = "new"
    """Nobody has begun; or it was transferred to us, and we have not acknowledged it."""
    LATE = "late"
    """Open, and its deadline is over."""
    OPEN = "open"
    ALL = "all"
    """Also what is closed."""
    UNACKNOWLEDGED = "unacknowledged"
    """Transferred, and the other authority has not acknowledged it."""
    CLOSED = "closed"
    IN_TIME = "in-time"
    """Closed before its deadline was over."""
    OVERDUE = "overdue"
    """Closed, and too late."""
    REFUSED = "refused"
    RATED = "rated"
    """Whoever has the receipt has said how good the answer is."""


@dataclass(frozen=True, slots=True)
class Counts:
    mine: int
    new: int
    late: int
    open: int


class Worklist:
    def __init__(
        self,
        database: Database,
        rules: Rules,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._here = rules.here
        self._now = now

    async def counts(self, by: Handler) -> Counts:
        columns = (
            func.coalesce(func.sum(case((self._is(view, by), 1), else_=0)), 0)
            for view in (View.MINE, View.NEW, View.LATE, View.OPEN)
        )
        query = _joined(*columns).where(self._is_his(by))
        row = await self._database.read(lambda c: c.execute(query).one())
        return Counts(*(int(number) for number in row))

    async def find(
        self,
        by: Handler,
        view: View,
        *,
        words: str = "",
        house: str | None = None,
        authority: str | None = None,
        topic: Topic | str | None = None,
        skip: int = 0,
        most: int = PAGE,
    ) -> tuple[Dossier, ...]:
        """Open ones first, by their deadline, then the closed ones, the newest first. `words` may
        be typed without accents, or be a receipt's code. An empty `house` or `topic` is none at
        all."""
        query = (
            store.dossiers()
            .where(self._is_his(by), self._is(view, by), _says(words))
            .order_by(
                case((_is_open(), 0), else_=1),
                case((_is_open(), case_work.c.due_at)),
                cases.c.answered_at.desc(),
                cases.c.id,
            )
            .offset(skip)
            .limit(most)
        )
        if house is not None:
            query = query.where(cases.c.house == (house or None))
        if authority is not None:
            query = query.where(case_work.c.owner == authority)
        if topic is not None:
            query = query.where(case_work.c.topic == (topic or None))

        def read(connection: Connection) -> tuple[Dossier, ...]:
            return tuple(dossier_of(row) for row in connection.execute(query))

        return await self._database.read(read)

    def _is_his(self, by: Handler) -> ColumnElement[bool]:
        here = cases.c.home == self._here.value
        if by.authority is None:
            return here
        asked = and_(_in(CaseState.TRANSFERRED), case_work.c.transfer_to == by.authority)
        return and_(here, or_(case_work.c.owner == by.authority, asked))

    def _is(self, view: View, by: Handler) -> ColumnElement[bool]:
        match view:
            case View.MINE:
                return and_(_is_open(), case_work.c.assignee == by.id)
            case View.NEW:
                asked = true() if by.authority is None else case_work.c.transfer_to == by.authority
                new = or_(_in(CaseState.WAITING), and_(_in(CaseState.TRANSFERRED), asked))
                return and_(new, ~store.is_on_its_way(self._here))
            case View.LATE:
                return and_(_is_open(), case_work.c.due_at < self._now())
            case _:
                return _STANDS[view]


def _joined(*columns: Any) -> Any:
    return select(*columns).join_from(cases, case_work, case_work.c.case_id == cases.c.id)


def _in(state: CaseState) -> ColumnElement[bool]:
    return cases.c.state == state.value


def _is_open() -> ColumnElement[bool]:
    return cases.c.state.in_([state.value for state in CaseState if state.is_open])


def _says(words: str) -> ColumnElement[bool]:
    if not words.strip():
        return true()
    parts = fold(words).split()[:MOST_WORDS]
    holds = and_(*(cases.c.folded.contains(part, autoescape=True) for part in parts))
    code = parse_receipt(words)
    return or_(holds, cases.c.receipt == code if code else false())


_STANDS: Final[Mapping[View, ColumnElement[bool]]] = {
    View.OPEN: _is_open(),
    View.ALL: true(),
    View.UNACKNOWLEDGED: _in(CaseState.TRANSFERRED),
    View.CLOSED: ~_is_open(),
    View.IN_TIME: and_(~_is_open(), cases.c.answered_at <= case_work.c.due_at),
    View.OVERDUE: and_(~_is_open(), cases.c.answered_at > case_work.c.due_at),
    View.REFUSED: _in(CaseState.REFUSED),
    View.RATED: case_work.c.rating.is_not(None),
}
"""What is the same for everybody and at any time."""
