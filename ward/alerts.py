"""Alerts: what went on for too long, told once, and once more when it is over.

    await alerts.look(await houses.all(), patience)       # every few seconds, in every process
    await alerts.look(await houses.all(), patience, own_troubles(await post.troubles()))
    for alert in await alerts.to_tell(): …                # claimed: no other process tells it too
    await alerts.told(…)
    await alerts.acknowledge(alert.id, "Trần Văn Kỹ")     # somebody looks after it

A trouble is written down when it is first seen, by the hub's clock, and becomes an alert only once
it has lasted; one that is gone for a moment and comes back is the same.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Executable, Row, delete, insert, or_, select, update

from base.cause import Cause
from storage.engine import Database
from storage.signals import announce
from ward import helping
from ward.houses import TOPIC, House
from ward.tables import alerts, houses
from ward.troubles import AWAY, SOUND, Severity, Trouble, is_quiet, troubles_of

OVER_AFTER: Final = timedelta(minutes=1)
"""So long must a trouble be gone."""
CLAIM: Final = timedelta(minutes=2)
"""What could not be told is tried again after this time."""
RECENT: Final = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a trouble may last before somebody is told."""

    away: timedelta = timedelta(minutes=10)
    device: timedelta = timedelta(minutes=10)
    sound: timedelta = timedelta(minutes=2)

    def of(self, trouble: Trouble) -> timedelta | None:
        """None where nobody is ever told: it is shown, and that is enough."""
        if trouble.severity is Severity.SOMETIME:
            return None
        return {AWAY: self.away, SOUND: self.sound}.get(trouble.key, self.device)


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    house_id: str | None
    """None: it is the hub itself."""
    house: str
    """Its name."""
    key: str
    """As of the trouble."""
    subject: str
    cause: Cause
    began_at: datetime
    over_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(
        self,
        known: Sequence[House],
        patience: Patience,
        own: Sequence[Trouble] = (),
        *,
        raising: bool = True,
        now: datetime | None = None,
    ) -> None:
        """Compare what is wrong in the houses, and with the hub itself (`own`), with what is
        written down. Without `raising`, troubles are noted and none becomes an alert yet. Raises
        StorageError."""
        now = now or datetime.now(UTC)

        def changes(connection: Connection) -> list[Executable]:
            return list(_changes(connection, known, patience, own, now=now, raising=raising))

        def write(connection: Connection) -> None:
            for change in changes(connection):
                connection.execute(change)
            announce(connection, TOPIC)

        if await self._database.read(changes):
            await self._database.write(write)

    async def open(self) -> tuple[Alert, ...]:
        """Those that are not over, the oldest first. Raises StorageError."""
        return await self._read(alerts.c.over_at.is_(None), alerts.c.began_at)

    async def recent(self) -> tuple[Alert, ...]:
        """The last ones that are over. Raises StorageError."""
        return await self._read(alerts.c.over_at.is_not(None), alerts.c.over_at.desc(), RECENT)

    async def acknowledge(self, alert_id: int, who: str) -> None:
        """Somebody looks after it; the first who says so. Raises StorageError."""
        values = {"acknowledged_by": who, "acknowledged_at": datetime.now(UTC)}
        first = alerts.c.acknowledged_at.is_(None) & alerts.c.raised_at.is_not(None)

        def write(connection: Connection) -> None:
            this = (alerts.c.id == alert_id, first)
            row = connection.execute(select(alerts).where(*this)).one_or_none()
            if row is not None and row.key.startswith(helping.KEY):
                helping.tell_house(connection, row.house_id, row.key, who)
            connection.execute(update(alerts).where(*this).values(values))
            announce(connection, TOPIC)

        await self._database.write(write)

    # Telling somebody

    async def to_tell(self, now: datetime | None = None) -> tuple[Alert, ...]:
        """What nobody was told yet, for this process to tell now. Raises StorageError."""
        now = now or datetime.now(UTC)
        began = alerts.c.over_at.is_(None) & alerts.c.told.is_(False)
        over = alerts.c.over_at.is_not(None) & alerts.c.told & alerts.c.told_over.is_(False)
        due = or_(alerts.c.try_at.is_(None), alerts.c.try_at <= now)
        query = _QUERY.where(alerts.c.raised_at.is_not(None), due, or_(began, over))

        def write(connection: Connection) -> tuple[Alert, ...]:
            found = tuple(_alert(row) for row in connection.execute(query.order_by(alerts.c.id)))
            claimed = update(alerts).where(alerts.c.id.in_([alert.id for alert in found]))
            connection.execute(claimed.values(try_at=now + CLAIM))
            return found

        if not await self._database.read(lambda c: c.execute(query.limit(1)).first()):
            return ()
        return await self._database.write(write)

    async def told(self, what: Iterable[Alert]) -> None:
        """They were told as they are in these. Raises StorageError."""
        over = {alert.id: alert.over_at is not None for alert in what}

        def write(connection: Connection) -> None:
            for alert_id, ended in over.items():
                values = {"told_over" if ended else "told": True, "try_at": None}
                connection.execute(update(alerts).where(alerts.c.id == alert_id).values(values))

        await self._database.write(write)

    async def _read(self, which: Any, order: Any, most: int | None = None) -> tuple[Alert, ...]:
        query = _QUERY.where(which, alerts.c.raised_at.is_not(None)).order_by(order).limit(most)

        def read(connection: Connection) -> tuple[Alert, ...]:
            return tuple(_alert(row) for row in connection.execute(query))

        return await self._database.read(read)


_QUERY: Final = select(alerts, houses.c.name).outerjoin(houses, houses.c.id == alerts.c.house_id)


def _changes(
    connection: Connection,
    known: Sequence[House],
    patience: Patience,
    own: Sequence[Trouble],
    *,
    now: datetime,
    raising: bool,
) -> Iterator[Executable]:
    """What there is to write, where anything is."""
    rows = connection.execute(select(alerts).where(alerts.c.over_at.is_(None))).all()
    written = {(row.house_id, row.key): row for row in rows if not row.key.startswith(helping.KEY)}
    for asked in rows:
        if asked.key.startswith(helping.KEY) and helping.is_over(asked, now):
            yield update(alerts).where(alerts.c.id == asked.id).values(over_at=now)
    quiet = {house.id for house in known if is_quiet(house, now)}
    for house_id, troubles in [(None, own), *((house.id, troubles_of(house)) for house in known)]:
        may_raise = raising and house_id not in quiet
        # an older house does not tell its two cameras apart
        for trouble in {found.key: found for found in reversed(troubles)}.values():
            allowed = patience.of(trouble)
            if allowed is not None:
                row = written.pop((house_id, trouble.key), None)
                yield from _goes_on(house_id, trouble, row, now)
                began = row.began_at if row else _began(trouble, now)
                if may_raise and now - began >= allowed and (row is None or row.raised_at is None):
                    where = (alerts.c.house_id == house_id) & (alerts.c.key == trouble.key)
                    raised = update(alerts).where(where, alerts.c.over_at.is_(None))
                    yield raised.values(raised_at=now)
    away = {house.id for house in known if house.enrolled_at and house.linked_at is None}
    for row in written.values():
        if row.house_id not in away:  # else nothing is known of its devices
            yield from _is_gone(row, now)


def _began(trouble: Trouble, now: datetime) -> datetime:
    """By the hub's clock; the house's may be wrong."""
    return trouble.since or now if trouble.key == AWAY else now


def _goes_on(
    house_id: str | None, trouble: Trouble, row: Row[Any] | None, now: datetime
) -> Iterator[Executable]:
    values = {
        "code": trouble.cause.code,
        "params": json.dumps(dict(trouble.cause.params), ensure_ascii=False, sort_keys=True),
        "subject": trouble.subject or trouble.kind,
        "gone_at": None,
    }
    if row is None:
        first = {"house_id": house_id, "key": trouble.key, "began_at": _began(trouble, now)}
        yield insert(alerts).values(**first, **values, told=False, told_over=False)
    elif any(getattr(row, name) != value for name, value in values.items()):
        yield update(alerts).where(alerts.c.id == row.id).values(values)


def _is_gone(row: Row[Any], now: datetime) -> Iterator[Executable]:
    this = alerts.c.id == row.id
    if row.raised_at is None:
        yield delete(alerts).where(this)
    elif row.gone_at is None:
        yield update(alerts).where(this).values(gone_at=now)
    elif now - row.gone_at >= OVER_AFTER:
        yield update(alerts).where(this).values(over_at=row.gone_at, try_at=None)


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        id=row.id,
        house_id=row.house_id,
        house=row.name or "",
        key=row.key,
        subject=row.subject,
        cause=Cause(row.code, **json.loads(row.params)),
        began_at=row.began_at,
        over_at=row.over_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
    )
