"""Watches over a ward's houses and its own mail, and tells the people that ward.toml names.

    watchman = Watchman(houses, post, alerts, Patience(), grace=timedelta(minutes=3), tell=tell)
    group.create_task(watchman.run())

All processes of a hub watch and the database sees to it that each thing is told once: what cannot
be sent is tried again. What begins at the same moment goes out in one message.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from base.cause import Cause, Refused
from config.ward import WardSettings
from feedback.post import Post
from ward.alerts import Alert, Alerts, Patience
from ward.houses import Houses
from ward.troubles import own_troubles
from web.language import clock
from web.sentences import Language, say

LOOK_SECONDS: Final = 5.0
GAP_SECONDS: Final = 60.0
"""After so long without a look, the houses get their time to come back once more."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


OWN: Final = ("relay", "rehearsal")
"""Kinds whose sentences say what they are about."""

Tell = Callable[[Message], Awaitable[bool]]
"""Whether anybody was reached."""


async def keep_looking(look: Callable[[], Awaitable[None]], unable: str) -> None:
    """Every few seconds until cancelled. What the database refuses is logged once, as `unable`."""
    failing = False
    while True:
        try:
            await look()
            failing = False
        except Refused as refused:
            if not failing:
                logger.warning(unable, refused.cause)
            failing = True
        await asyncio.sleep(LOOK_SECONDS)


class Watchman:
    def __init__(
        self,
        houses: Houses,
        post: Post,
        alerts: Alerts,
        patience: Patience,
        *,
        grace: timedelta,
        write: Callable[[Sequence[Alert]], Message],
        tell: Tell | None,
    ) -> None:
        """Without `tell` alerts are only written down."""
        self._houses = houses
        self._post = post
        self._alerts = alerts
        self._patience = patience
        self._grace = grace.total_seconds()
        self._write = write
        self._tell = tell
        self._well_since: float | None = None
        self._looked = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        await keep_looking(self.look, "nobody watches over the houses: %s")

    async def look(self) -> None:
        """Once. Raises StorageError."""
        houses = await self._houses.all()
        own = own_troubles(await self._post.troubles())
        now = asyncio.get_running_loop().time()
        if self._well_since is None or now - self._looked > GAP_SECONDS:
            self._well_since = now
        self._looked = now
        raising = now - self._well_since >= self._grace
        await self._alerts.look(houses, self._patience, own, raising=raising)
        if self._tell is None:
            return
        alerts = await self._alerts.to_tell()
        if alerts and await self._tell(self._write(alerts)):
            await self._alerts.told(alerts)


def patience_of(settings: WardSettings) -> Patience:
    found = settings.alerts
    return Patience(
        away=timedelta(minutes=found.away_minutes),
        device=timedelta(minutes=found.device_minutes),
        sound=timedelta(minutes=found.sound_minutes),
    )


def message(ward: str, address: str, language: Language, alerts: Sequence[Alert]) -> Message:
    """What people read: a line for each alert. `address` is the hub's, or empty."""
    title = _title(ward, [alert.house_id for alert in alerts if alert.over_at is None])
    lines = [say(_line(alert, language), language) for alert in alerts]
    if address:
        lines.append(f"{address}/watch")
    return Message(say(title, language), "\n\n".join(lines))


def _title(ward: str, began: Sequence[str | None]) -> Cause:
    houses = len(set(began) - {None})
    if not began:
        return Cause("alert.title_over", ward=ward)
    if None not in began:
        return Cause("alert.title", ward=ward, houses=houses)
    if not houses:
        return Cause("alert.title_own", ward=ward)
    return Cause("alert.title_both", ward=ward, houses=houses)


def _line(alert: Alert, language: Language) -> Cause:
    where = alert.house or say(Cause("alert.own"), language)
    what = say(alert.cause, language)
    if alert.subject and alert.subject not in OWN:
        what = f"{alert.subject}: {what}"
    code = "alert.began" if alert.over_at is None else "alert.over"
    return Cause(
        code, house=where, what=what, time=clock(alert.over_at or alert.began_at, language)
    )


def teller(urls: Sequence[str]) -> Tell | None:
    """Sends by Apprise to these addresses, which hold secrets and are therefore never logged.

    None where there is nobody to tell. An address that Apprise does not know is named by its line.
    """
    if not urls:
        return None
    import apprise  # noqa: PLC0415 - its hundred services take a second, and few hubs need them

    people: dict[int, apprise.Apprise] = {}
    for number, url in enumerate(urls, 1):
        person = apprise.Apprise()
        if person.add(url):
            people[number] = person
        else:
            logger.error("address %d for alerts cannot be used; see appriseit.com/services", number)

    async def tell(told: Message) -> bool:
        reached = False
        for number, person in people.items():
            if await person.async_notify(title=told.title, body=told.body):
                reached = True
            else:
                logger.warning("address %d for alerts was not reached", number)
        return reached

    return tell
