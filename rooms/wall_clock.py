"""Is the computer's clock right? After a power cut a cheap one begins somewhere in the past.

    watch = ClockWatch(database, equipment)
    group.create_task(watch.run())
    equipment.clock.value      # Health(FAILED, Cause("clock.slow_days", count=3))

What is believed, in this order: the hub's time, which came over a line whose certificate was
checked; the network's, as the system knows it; and that nothing in the database is younger than
now. A meeting goes on either way: everything that lasts is timed by the monotonic clock, and what
has an order has it by its number.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from base.cause import Cause
from devices.device import Condition, Health
from devices.network_time import is_synchronized
from rooms.clock import Clock
from rooms.equipment import Equipment
from rooms.tables import device_health, journal
from storage.engine import Database
from storage.errors import StorageError

LOOK_SECONDS: Final = 2.0
ASK_SECONDS: Final = 60.0
"""Between two questions to the system, each of which is a process."""
UNSET_SECONDS: Final = 180.0
"""After its start a machine needs a moment to hear the network's time."""
WRONG: Final = timedelta(seconds=60)
"""By so much, certificates and invitations are refused that were made just now."""
BEHIND: Final = timedelta(minutes=2)
"""By so much the newest entry may seem to come from the future: two clocks that were both right."""
LAST_ENTRIES: Final = 200

log = logging.getLogger(__name__)


class ClockWatch:
    def __init__(
        self,
        database: Database,
        equipment: Equipment,
        clock: Clock | None = None,
        synchronized: Callable[[], Awaitable[bool | None]] = is_synchronized,
    ) -> None:
        self._database = database
        self._equipment = equipment
        self._clock = clock or Clock()
        self._synchronized = synchronized
        self._began = self._clock.monotonic()
        self._asked: float | None = None
        self._set: bool | None = None
        self._newest: datetime | None = None

    async def run(self) -> None:
        """Until cancelled."""
        try:
            self._newest = await self._database.read(newest_entry)
        except StorageError as error:
            log.warning("how late it was at least is not known: %s", error.cause)
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Once."""
        now = self._clock.monotonic()
        if self._asked is None or now - self._asked >= ASK_SECONDS:
            self._asked = now
            self._set = await self._synchronized()
        condition, cause = self._judge(now - self._began >= UNSET_SECONDS)
        before = self._equipment.clock.value
        if before is None or (before.condition, before.cause) != (condition, cause):
            self._equipment.clock.set(Health(condition, cause))

    def _judge(self, settled: bool) -> tuple[Condition, Cause | None]:
        now, hub = self._clock.now(), self._equipment.hub_time()
        link = self._equipment.link.value.cause
        wrong: Cause | None = None
        if hub is not None:
            wrong = by_hub(now - hub)
        elif link is not None and link.code == "link.certificate_early":
            wrong = Cause("clock.before_certificate")
        elif not self._set and self._newest is not None and now < self._newest - BEHIND:
            wrong = Cause("clock.goes_back")
        if wrong is not None:
            return Condition.FAILED, wrong
        if hub is not None or self._set:
            return Condition.WORKING, None
        if self._set is None:
            return Condition.UNKNOWN, Cause("rehearsal.clock_unmeasured")
        unset = Cause("rehearsal.clock_unset")
        return (Condition.IMPAIRED, unset) if settled else (Condition.STARTING, None)


def by_hub(away: timedelta) -> Cause | None:
    """`away` is by how much our clock is ahead. Told in the largest unit, rounded: it is the same
    trouble a minute later."""
    if abs(away) <= WRONG:
        return None
    way = "fast" if away > timedelta() else "slow"
    minutes = abs(away) / timedelta(minutes=1)
    if minutes < 120:
        return Cause(f"clock.{way}_minutes", count=round(minutes))
    if minutes < 48 * 60:
        return Cause(f"clock.{way}_hours", count=round(minutes / 60))
    return Cause(f"clock.{way}_days", count=round(minutes / (24 * 60)))


def newest_entry(connection: Connection) -> datetime | None:
    """The youngest of what was written down last, by the clock as it was then. Not of all: what a
    clock wrote that was ahead for an hour is not to count for ever."""
    found: list[datetime] = []
    for table in (journal, device_health):
        last = select(table.c.at).order_by(table.c.seq.desc()).limit(LAST_ENTRIES)
        found += connection.execute(last).scalars()
    return max(found, default=None)
