"""How all houses of the ward stand, whichever process of the hub they are linked to."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from base.cause import Refused
from base.latest import Latest
from feedback.post import Post
from ward.alerts import Alert, Alerts
from ward.houses import House, Houses
from ward.meetings import Meeting, Meetings
from ward.troubles import Trouble, own_troubles

LOOK_SECONDS: Final = 5.0
"""Each change is told; that a process of the hub was killed is seen by looking."""
COALESCE_SECONDS: Final = 0.2

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """The houses and the hub itself, with what somebody was told of them."""

    houses: tuple[House, ...] = ()
    alerts: tuple[Alert, ...] = ()
    """Those that are not over."""
    past_alerts: tuple[Alert, ...] = ()
    own: tuple[Trouble, ...] = ()
    """What is wrong with the hub itself."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The ward's own meetings, and the houses that take part in them."""

    meetings: tuple[Meeting, ...] = ()
    """The open one, and those to come."""
    houses: tuple[House, ...] = ()


class Board:
    def __init__(self, houses: Houses, alerts: Alerts, post: Post, meetings: Meetings) -> None:
        self._houses = houses
        self._alerts = alerts
        self._post = post
        self._meetings = meetings
        self.houses: Latest[tuple[House, ...]] = Latest(())
        """By name; kept up to date while `run` runs."""
        self.standing: Latest[Standing] = Latest(Standing())
        self.meetings: Latest[tuple[Meeting, ...] | None] = Latest(None)
        """None before they were read: a house that is told of none leaves the one that it is in."""
        self.gathered: Latest[Gathered | None] = Latest(None)

    async def run(self) -> None:
        """Read the database whenever something changes; ends only by cancellation."""
        watch = self._houses.watch()
        silent = False
        while True:
            try:
                await self.refresh()
            except Refused as refused:
                if not silent:
                    logger.warning("how the houses stand is not known: %s", refused.cause)
                silent = True
            else:
                silent = False
            await asyncio.sleep(COALESCE_SECONDS)
            await watch.wait(LOOK_SECONDS)

    async def refresh(self) -> None:
        """Raises StorageError."""
        houses = await self._houses.all()
        self.houses.set(houses)
        meetings = await self._meetings.current()
        self.meetings.set(meetings)
        self.gathered.set(Gathered(meetings, houses))
        alerts, past = await self._alerts.open(), await self._alerts.recent()
        own = own_troubles(await self._post.troubles())
        self.standing.set(Standing(houses, alerts, past, own))
