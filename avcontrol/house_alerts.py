"""Watches over one house, and tells the people whom its own settings name.

    watchman = HouseWatchman(room, patience, write=partial(message, …), tell=teller(urls))
    group.create_task(watchman.run())

One message for a loss, one when it is over; none while a technician has asked for quiet. What
cannot be sent is tried again. A call for help goes out at once, whatever else there is.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from avcontrol.alerts import Message, Tell, keep_looking, teller
from base.cause import Cause, Refused
from config.settings import HouseSettings
from rooms.alarms import Alarms, Patience, read, write
from rooms.attention import Alarm, Help
from rooms.room import Room
from web.history import name_of
from web.language import clock
from web.sentences import Language, say

AGAIN_SECONDS: Final = 15.0
HELP_TRIED_FOR: Final = timedelta(minutes=10)

logger = logging.getLogger(__name__)


class HouseWatchman:
    def __init__(
        self,
        room: Room,
        patience: Patience,
        *,
        write: Callable[[Sequence[Alarm]], Message],
        write_help: Callable[[Help], Message],
        tell: Tell | None,
    ) -> None:
        """Without `tell` alarms are only shown."""
        self._room = room
        self._alarms = Alarms(patience)
        self._write = write
        self._write_help = write_help
        self._tell = tell
        self._quiet_before = False

    async def run(self) -> None:
        """Until cancelled."""
        kept = await self._room.kept_alarms()
        if kept:
            self._alarms = read(kept, self._alarms.patience)
        watching = keep_looking(self.look, "alarms cannot be kept: %s")
        await asyncio.gather(watching, self._send_help())

    async def look(self, now: datetime | None = None) -> None:
        """Once. Raises StorageError."""
        view = self._room.view.value
        changed = self._alarms.look(view, now or datetime.now(UTC))
        to_tell = () if view.quiet else self._alarms.to_tell()
        if to_tell and self._tell is not None and await self._tell(self._write(to_tell)):
            for alarm in to_tell:
                self._alarms.told(alarm)
            changed = True
        if changed:
            await self._room.keep_alarms(write(self._alarms), self._alarms.open())

    async def _send_help(self) -> None:
        """At once, and again until somebody is reached."""
        if self._tell is None:
            return
        sent: str | None = None
        async for view in self._room.view.changes():
            asked = view.help
            while asked is not None and asked.id != sent:
                if await self._tell(self._write_help(asked)):
                    sent = asked.id
                    try:
                        await self._room.help_sent(asked.id)
                    except Refused as refused:
                        logger.warning("a call for help was sent: %s", refused.cause)
                    break
                await asyncio.sleep(AGAIN_SECONDS)
                newest = self._room.view.value.help
                over = datetime.now(UTC) - asked.at > HELP_TRIED_FOR
                asked = None if over or newest is None or newest.sent else newest


def patience_of(settings: HouseSettings) -> Patience:
    found = settings.alerts
    return Patience(timedelta(minutes=found.device_minutes), timedelta(minutes=found.sound_minutes))


def watchman_of(room: Room, settings: HouseSettings) -> HouseWatchman:
    """Raises OSError where the addresses cannot be read."""
    house = settings.house
    return HouseWatchman(
        room,
        patience_of(settings),
        write=partial(message, house.name, house.language),
        write_help=partial(help_message, house.name, house.language),
        tell=teller(settings.alerts.urls()),
    )


def message(house: str, language: Language, alarms: Sequence[Alarm]) -> Message:
    """What people read: a line for each alarm, the worst first."""
    lost = [alarm for alarm in alarms if alarm.over is None]
    title = _title(house, lost)
    lines = [say(_line(alarm, language), language) for alarm in alarms]
    return Message(say(title, language), "\n\n".join(lines))


def help_message(house: str, language: Language, asked: Help) -> Message:
    said = Cause("alarm.help", by=asked.by, words=asked.words, time=clock(asked.at, language))
    return Message(say(Cause("alarm.title_help", house=house), language), say(said, language))


def _title(house: str, lost: Sequence[Alarm]) -> Cause:
    if not lost:
        return Cause("alarm.title_over", house=house)
    worst = max(alarm.severity for alarm in lost)
    return Cause(f"alarm.title_{worst.name.lower()}", house=house)


def _line(alarm: Alarm, language: Language) -> Cause:
    name, what = name_of(alarm.kind, alarm.name, language), say(alarm.cause, language)
    if name and not what.startswith(name):
        what = f"{name}: {what}"
    if alarm.over is not None:
        return Cause("alarm.over", what=what, time=clock(alarm.over, language))
    return Cause("alarm.began", what=what, time=clock(alarm.began, language))
