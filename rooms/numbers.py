"""Numbers over time, small for ever: five minutes are one row, for two days, an hour is one, for
ninety. What counts is how many rows there are of a quantity: a clock that is wrong after a power
cut makes nothing old.

    await database.write(lambda c: note(c, now, {Quantity("projector", "lamp_hours"): value}))
    curve(connection, Quantity("own.house", "cpu"), since, now)   # (Point(at, 12.0, 80.5, 31.4), …)

Of each row the least, the most and the mean are kept, so that a short peak stays to be seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from rooms.tables import numbers

STEPS: Final = {300: timedelta(days=2), 3600: timedelta(days=90)}
"""Seconds that a row stands for, and how much time all of them together."""
MOST_QUANTITIES: Final = 60
KEPT: Final = {step: int(lasts.total_seconds()) // step for step, lasts in STEPS.items()}
"""Rows of each quantity."""


@dataclass(frozen=True, slots=True, order=True)
class Quantity:
    signal: str
    """As in `rooms.signals`."""
    name: str
    """`cpu`, `lamp_hours`; web/sentences/history.py has their words and units."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Some values of one quantity."""

    least: float
    most: float
    total: float
    count: int

    def and_(self, other: "Gathered") -> "Gathered":
        return Gathered(
            min(self.least, other.least),
            max(self.most, other.most),
            self.total + other.total,
            self.count + other.count,
        )


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    """When it begins."""
    least: float
    most: float
    mean: float


def one(value: float) -> Gathered:
    return Gathered(value, value, value, 1)


def note(connection: Connection, now: datetime, found: Mapping[Quantity, Gathered]) -> None:
    """Add to the rows of this moment, and let go of the oldest. At most `MOST_QUANTITIES` at a
    time, the first in their order."""
    for quantity in sorted(found)[:MOST_QUANTITIES]:
        for step in STEPS:
            _add(connection, quantity, step, int(now.timestamp()) // step * step, found[quantity])


def last_noted(connection: Connection, now: datetime) -> datetime | None:
    """Until when numbers were noted; None where they never were."""
    step = min(STEPS)
    known = (numbers.c.step == step, numbers.c.slot <= int(now.timestamp()))
    newest = connection.execute(select(func.max(numbers.c.slot)).where(*known)).scalar_one()
    return None if newest is None else datetime.fromtimestamp(newest + step, UTC)


def curve(
    connection: Connection, quantity: Quantity, since: datetime, now: datetime
) -> tuple[tuple[Point, ...], timedelta]:
    """In order, with what each stands for: as fine as there is for all of the time."""
    step = next(step for step, lasts in STEPS.items() if now - since <= lasts)
    rows = numbers.c
    query = (
        select(rows.slot, rows.least, rows.most, rows.total, rows.times)
        .where(rows.signal == quantity.signal, rows.name == quantity.name, rows.step == step)
        .where(rows.slot >= int(since.timestamp()) // step * step, rows.slot <= now.timestamp())
        .order_by(rows.slot)
    )
    points = (
        Point(datetime.fromtimestamp(row.slot, UTC), row.least, row.most, row.total / row.times)
        for row in connection.execute(query)
    )
    return tuple(points), timedelta(seconds=step)


def names_of(connection: Connection, signal: str) -> Iterable[str]:
    """What there are numbers of."""
    query = select(numbers.c.name).where(numbers.c.signal == signal).distinct()
    return sorted(connection.execute(query).scalars())


def _add(connection: Connection, quantity: Quantity, step: int, slot: int, new: Gathered) -> None:
    rows = numbers.c
    this = (
        (rows.signal == quantity.signal)
        & (rows.name == quantity.name)
        & (rows.step == step)
        & (rows.slot == slot)
    )
    row = connection.execute(
        select(rows.least, rows.most, rows.total, rows.times).where(this)
    ).one_or_none()
    values = new if row is None else new.and_(Gathered(row.least, row.most, row.total, row.times))
    kept = {"least": values.least, "most": values.most, "total": values.total}
    kept["times"] = values.count
    if row is not None:
        connection.execute(update(numbers).where(this).values(kept))
        return
    key = {"signal": quantity.signal, "name": quantity.name, "step": step, "slot": slot}
    connection.execute(insert(numbers).values(**key, **kept))
    same = (rows.signal == quantity.signal, rows.name == quantity.name, rows.step == step)
    newest = select(rows.slot).where(*same).order_by(rows.slot.desc()).limit(KEPT[step])
    oldest_kept = select(func.min(newest.subquery().c.slot)).scalar_subquery()
    connection.execute(delete(numbers).where(*same, rows.slot < oldest_kept))
