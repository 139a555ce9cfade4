"""How everything was, change by change, for ninety days and over restarts: a fault that went away
by itself is still there to be read, by whoever comes in the morning to look for it.

What merely starts is no news, so that a camera that is tried again every ten seconds all night
leaves one line. The newest `KEPT` lines of each signal are kept, in their order: a clock that is
wrong after a power cut makes nothing old.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select

from base.cause import Cause
from devices.device import Condition, Health
from rooms.signals import HOUSE
from rooms.tables import device_health

KEPT: Final = 1000
FAULTS: Final = (Condition.FAILED, Condition.IMPAIRED)
NO_NEWS: Final = (Condition.UNKNOWN, Condition.STARTING)


def note(connection: Connection, device: str, health: Health) -> None:
    cause = health.cause
    connection.execute(
        insert(device_health).values(
            device=device,
            condition=health.condition.value,
            code=cause.code if cause else None,
            params=dict(cause.params) if cause else {},
            at=health.since,
        )
    )
    rows = device_health.c
    newest = select(rows.seq).where(rows.device == device).order_by(rows.seq.desc()).limit(KEPT)
    oldest_kept = select(func.min(newest.subquery().c.seq)).scalar_subquery()
    connection.execute(delete(device_health).where(rows.device == device, rows.seq < oldest_kept))


def last_faults(connection: Connection) -> Mapping[str, Health]:
    """The newest of each device, by its id."""
    rows = connection.execute(
        select(device_health)
        .where(device_health.c.condition.in_([fault.value for fault in FAULTS]))
        .order_by(device_health.c.seq)
    )
    return {row.device: _health(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Spell:
    """For so long it was so."""

    condition: Condition
    """UNKNOWN while the house was switched off, or nothing was noted yet."""
    cause: Cause | None
    began: datetime
    ended: datetime

    @property
    def lasted(self) -> timedelta:
        return self.ended - self.began


History = Mapping[str, tuple[Spell, ...]]
"""Of each signal, in order and without gaps."""


def history(connection: Connection, since: datetime, now: datetime) -> History:
    """From `since` until `now`, of every signal that there are lines of."""
    lines: dict[str, list[Health]] = {}
    for row in connection.execute(select(device_health).order_by(device_health.c.seq)):
        lines.setdefault(row.device, []).append(_health(row))
    house = _spells(lines.pop(HOUSE, []), since, now, Condition.WORKING)
    off = [spell for spell in house if spell.condition is Condition.UNKNOWN]
    return {device: _without(_spells(known, since, now), off) for device, known in lines.items()}


def _spells(
    lines: Iterable[Health],
    since: datetime,
    now: datetime,
    before: Condition = Condition.UNKNOWN,
) -> tuple[Spell, ...]:
    """By the order of the lines: a clock that was wrong for a while turns nothing around. `before`
    is how it was before the first."""
    known: list[Health] = []
    last = datetime.min.replace(tzinfo=since.tzinfo)
    for line in lines:
        if line.since <= now:  # else the clock was wrong then
            last = max(last, line.since)
            known.append(Health(line.condition, line.cause, last))
    ends = [*(line.since for line in known), now]
    found = [Spell(before, None, since, ends[0])]
    found += [
        Spell(line.condition, line.cause, line.since, end)
        for line, end in zip(known, ends[1:], strict=True)
    ]
    cut = (
        Spell(one.condition, one.cause, max(one.began, since), one.ended)
        for one in found
        if one.ended > since
    )
    return tuple(one for one in cut if one.ended > one.began)


def _without(spells: Iterable[Spell], off: Iterable[Spell]) -> tuple[Spell, ...]:
    """Nothing is known of what was while the house was off."""
    edges = sorted({at for one in off for at in (one.began, one.ended)})
    found: list[Spell] = []
    for spell in spells:
        inside = [at for at in edges if spell.began < at < spell.ended]
        for began, ended in pairwise([spell.began, *inside, spell.ended]):
            dark = any(one.began <= began and ended <= one.ended for one in off)
            condition = Condition.UNKNOWN if dark else spell.condition
            found.append(Spell(condition, None if dark else spell.cause, began, ended))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Outages:
    """How often something failed, and for how long."""

    count: int = 0
    longest: timedelta = timedelta()
    altogether: timedelta = timedelta()
    codes: frozenset[str] = frozenset()
    """Of all causes; one outage may have had several."""


def outages(spells: Iterable[Spell], condition: Condition = Condition.FAILED) -> Outages:
    found: list[timedelta] = []
    codes: set[str] = set()
    ended: datetime | None = None
    for spell in spells:
        if spell.condition is not condition:
            continue
        if found and ended == spell.began:
            found[-1] += spell.lasted
        else:
            found.append(spell.lasted)
        ended = spell.ended
        codes |= {spell.cause.code} if spell.cause else set()
    longest = max(found, default=timedelta())
    return Outages(len(found), longest, sum(found, timedelta()), frozenset(codes))


def _health(row: Row[Any]) -> Health:
    cause = Cause(row.code, **row.params) if row.code else None
    return Health(Condition(row.condition), cause, row.at)
