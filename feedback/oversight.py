"""What the ward's steering committee (Ban Chỉ đạo) looks at: how the cases stand that are at home
here, by authority, topic and house, and which of them somebody has to ask about.

    report = await Oversight(database, rules).report()
    report.by_authority["police"].late         # 3
    report.late["police"][0]                   # its oldest one that is late, a Dossier

Each figure counts what the work list finds (`feedback.worklist`). What is at home in a house is
counted from what the house tells of it (`house_figures`).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from feedback import store
from feedback.case import CaseState, Dossier
from feedback.rows import dossier_of
from feedback.rules import Rules
from feedback.tables import case_copies, case_history, case_work, cases
from storage.engine import Database

OLDEST: Final = 5
"""Of what is late, for each authority."""
RECENT: Final = 20

_OPEN: Final = tuple(state.value for state in CaseState if state.is_open)


@dataclass(frozen=True, slots=True)
class Figures:
    received: int = 0
    """As many as are open and closed."""
    open: int = 0
    late: int = 0
    """Open, and the deadline is over."""
    closed: int = 0
    """Answered or refused."""
    in_time: int = 0
    """Closed before the deadline was over."""
    refused: int = 0

    def __add__(self, other: Self) -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def percent(self) -> int | None:
        """Of the closed ones, how many were in time; never 100 where one was not."""
        return self.in_time * 100 // self.closed if self.closed else None


@dataclass(frozen=True, slots=True)
class Report:
    at: datetime
    total: Figures
    names: Mapping[str, str]
    """Of the authorities, as their cases call them."""
    by_authority: Mapping[str, Figures]
    by_topic: Mapping[str | None, Figures]
    """None is what nobody has put anywhere yet."""
    by_house: Mapping[str | None, Figures]
    """By id; None is what came to the ward itself."""
    at_home: Mapping[str, Figures]
    """By id: what is at home in that house."""
    late: Mapping[str, Sequence[Dossier]]
    """The oldest of each authority."""
    refused: Sequence[Dossier]
    """The last ones."""
    transferred: Sequence[tuple[Dossier, datetime]]
    """What another authority has not acknowledged, and since when; the oldest first."""
    transfers: int
    """How many there are of these."""
    ratings: Mapping[int, int]
    """How often 1 to 5 was given."""

    @property
    def mean_rating(self) -> float | None:
        count = sum(self.ratings.values())
        return sum(stars * n for stars, n in self.ratings.items()) / count if count else None


@dataclass(slots=True)
class _Sums:
    total: Figures = Figures()
    names: dict[str, str] = field(default_factory=dict)
    by_authority: defaultdict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_topic: defaultdict[str | None, Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_house: defaultdict[str | None, Figures] = field(default_factory=lambda: defaultdict(Figures))


class Oversight:
    def __init__(
        self,
        database: Database,
        rules: Rules,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._here = cases.c.home == rules.here.value
        self._now = now

    async def report(self) -> Report:
        """Raises StorageError."""
        now = self._now()
        return await self._database.read(lambda connection: self._read(connection, now))

    def _read(self, connection: Connection, now: datetime) -> Report:
        sums = self._sums(connection, now)
        transferred = self._transferred(connection)
        return Report(
            at=now,
            total=sums.total,
            names=sums.names,
            by_authority=sums.by_authority,
            by_topic=sums.by_topic,
            by_house=sums.by_house,
            at_home=house_figures(connection, now),
            late=self._late(connection, now),
            refused=self._refused(connection),
            transferred=transferred[:RECENT],
            transfers=len(transferred),
            ratings=self._ratings(connection),
        )

    def _sums(self, connection: Connection, now: datetime) -> _Sums:
        groups = (case_work.c.owner, case_work.c.topic, cases.c.house)
        open_, due = cases.c.state.in_(_OPEN), case_work.c.due_at
        query = (
            select(
                *groups,
                func.max(case_work.c.owner_name).label("name"),
                *_counts(open_, due, cases.c.answered_at, now),
                _count(cases.c.state == CaseState.REFUSED.value),
            )
            .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
            .where(self._here)
            .group_by(*groups)
        )
        sums = _Sums()
        for owner, topic, house, name, *counts in connection.execute(query):
            figures = Figures(*map(int, counts))
            sums.total += figures
            sums.names[owner] = max(sums.names.get(owner, ""), name)
            sums.by_authority[owner] += figures
            sums.by_topic[topic] += figures
            sums.by_house[house] += figures
        return sums

    def _late(self, connection: Connection, now: datetime) -> Mapping[str, Sequence[Dossier]]:
        place = func.row_number().over(
            partition_by=case_work.c.owner, order_by=(case_work.c.due_at, cases.c.id)
        )
        is_late = and_(cases.c.state.in_(_OPEN), case_work.c.due_at < now)
        numbered = (
            select(cases.c.id, place.label("place"))
            .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
            .where(self._here, is_late)
            .subquery()
        )
        oldest = select(numbered.c.id).where(numbered.c.place <= OLDEST)
        query = store.dossiers().where(cases.c.id.in_(oldest)).order_by(case_work.c.due_at)
        found: defaultdict[str, list[Dossier]] = defaultdict(list)
        for dossier in map(dossier_of, connection.execute(query)):
            found[dossier.work.owner.code].append(dossier)
        return found

    def _refused(self, connection: Connection) -> Sequence[Dossier]:
        query = (
            store.dossiers()
            .where(self._here, cases.c.state == CaseState.REFUSED.value)
            .order_by(cases.c.answered_at.desc())
            .limit(RECENT)
        )
        return [dossier_of(row) for row in connection.execute(query)]

    def _transferred(self, connection: Connection) -> Sequence[tuple[Dossier, datetime]]:
        """All of them: there are as many as lie on somebody's desk."""
        since = (
            select(case_history.c.case_id, func.max(case_history.c.seq).label("seq"))
            .where(case_history.c.what.in_(("transferred", "sent_back")))
            .group_by(case_history.c.case_id)
            .subquery()
        )
        query = (
            store.dossiers()
            .add_columns(case_history.c.at.label("since"))
            .join(since, since.c.case_id == cases.c.id)
            .join(case_history, case_history.c.seq == since.c.seq)
            .where(self._here, cases.c.state == CaseState.TRANSFERRED.value)
            .order_by(case_history.c.seq)
        )
        return [(dossier_of(row), row.since) for row in connection.execute(query)]

    def _ratings(self, connection: Connection) -> Mapping[int, int]:
        rating = case_work.c.rating
        query = (
            select(rating, func.count())
            .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
            .where(self._here, rating.is_not(None))
            .group_by(rating)
        )
        found = {row[0]: row[1] for row in connection.execute(query)}
        return {stars: found.get(stars, 0) for stars in range(1, 6)}


def house_figures(connection: Connection, now: datetime) -> Mapping[str, Figures]:
    """Of what is at home in each house, as far as it tells (`feedback.handover`)."""
    copies = case_copies.c
    open_ = copies.case_state.in_(_OPEN)
    query = (
        select(
            copies.house,
            *_counts(open_, copies.due_at, copies.answered_at, now),
            _count(copies.case_state == CaseState.REFUSED.value),
        )
        .where(copies.case_state.is_not(None))
        .group_by(copies.house)
    )
    return {house: Figures(*map(int, counts)) for house, *counts in connection.execute(query)}


def _counts(
    open_: ColumnElement[bool], due: Any, answered_at: Any, now: datetime
) -> tuple[ColumnElement[int], ...]:
    """In the order of `Figures`, without the last."""
    return (
        func.count(),
        _count(open_),
        _count(and_(open_, due < now)),
        _count(~open_),
        _count(and_(~open_, answered_at <= due)),
    )


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((which, 1), else_=0)), 0)
