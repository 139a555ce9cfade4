"""Takes down, every ten seconds, what the house can tell in numbers, and stores it every five
minutes.

    measuring = Measuring(database, equipment, data)
    group.create_task(measuring.run())

A power cut loses the last five minutes. When the house comes back it is noted for how long it was
off: nothing is known of that time. No microphone is opened for it; the hall's level is taken down
while a meeting has it open.
"""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from base.cause import Cause
from devices.device import Condition, Health
from rooms import health_history, numbers
from rooms.clock import Clock
from rooms.equipment import Equipment
from rooms.numbers import Gathered, Quantity
from rooms.signals import DISK, HOUSE, LINE
from storage.engine import Database
from storage.errors import StorageError

LOOK_SECONDS: Final = 10.0
STORE_SECONDS: Final = 300.0
OFF_AFTER: Final = timedelta(minutes=6)
"""After so long without a number the house was off."""
LEAST_GIGABYTES: Final = 0.3
ENOUGH_GIGABYTES: Final = 2.0
SILENCE: Final = -100.0
"""In dBFS: closed."""

Values = Mapping[Quantity, float]

logger = logging.getLogger(__name__)


class Measuring:
    def __init__(
        self, database: Database, equipment: Equipment, data: Path, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._equipment = equipment
        self._clock = clock or Clock()
        self._machine = Machine(data)
        self._gathered: dict[Quantity, Gathered] = {}

    async def run(self) -> None:
        """Until cancelled."""
        noted = False
        stored = self._clock.monotonic()
        while True:
            await self.look()
            if not noted or self._clock.monotonic() - stored >= STORE_SECONDS:
                try:
                    if not noted:
                        await self._database.write(self._note_start)
                        noted = True
                    await self.store()
                except StorageError as error:  # which is a notice by itself
                    logger.warning("numbers cannot be kept: %s", error.cause)
                stored = self._clock.monotonic()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Once."""
        machine = await asyncio.to_thread(self._machine.look)
        free = machine.get(Quantity(DISK, "free"))
        before = self._equipment.disk.value
        health = disk_health(free)
        if before is None or before.condition is not health.condition:
            self._equipment.disk.set(health)
        for quantity, value in {**machine, **of_equipment(self._equipment)}.items():
            new = numbers.one(value)
            known = self._gathered.get(quantity)
            self._gathered[quantity] = known.and_(new) if known else new

    async def store(self) -> None:
        """What was gathered. Raises StorageError; it is kept then, and stored with the next."""
        found, now = dict(self._gathered), self._clock.now()

        await self._database.write(partial(numbers.note, now=now, found=found))
        self._gathered.clear()

    def _note_start(self, connection: Connection) -> None:
        now = self._clock.now()
        last = numbers.last_noted(connection, now)
        if last is None or now - last > OFF_AFTER:
            if last is not None:
                health_history.note(connection, HOUSE, Health(Condition.UNKNOWN, None, last))
            health_history.note(connection, HOUSE, Health(Condition.WORKING, None, now))


def disk_health(free: float | None) -> Health:
    """Of a disk that has so many GB (of 10^9 bytes) free."""
    if free is None:
        return Health(Condition.UNKNOWN, Cause("rehearsal.disk_unmeasured"))
    if free >= ENOUGH_GIGABYTES:
        return Health(Condition.WORKING)
    condition = Condition.FAILED if free < LEAST_GIGABYTES else Condition.IMPAIRED
    return Health(condition, Cause("rehearsal.disk_full", free=round(free, 1)))


def of_equipment(equipment: Equipment) -> Values:
    """What is known now without asking anybody."""
    found: dict[Quantity, float] = {}
    if (seconds := equipment.round_trip()) is not None:
        found[Quantity(LINE, "round_trip")] = seconds * 1000
    if (sound := equipment.sound) is not None:
        levels, gain, echo = sound.levels.value, sound.gain.value, sound.echo.value
        if sound.microphone_open.value and levels.microphone > SILENCE:
            found[Quantity(sound.microphone.id, "level")] = levels.microphone
        if levels.loudspeaker > SILENCE:
            found[Quantity(sound.loudspeaker.id, "level")] = levels.loudspeaker
        found[Quantity(sound.loudspeaker.id, "volume")] = sound.volume.value
        if gain is not None:
            found[Quantity(sound.microphone.id, "gain")] = gain
        if echo.left is not None:
            found[Quantity(sound.microphone.id, "echo")] = echo.left
    display = equipment.display
    if display is not None and display.state.value.lamp_hours is not None:
        found[Quantity(display.id, "lamp_hours")] = display.state.value.lamp_hours
    return found


@dataclass(slots=True)
class Machine:
    """This computer (proc(5), Linux' thermal sysfs). What it does not tell is not there."""

    data: Path
    """The folder whose disk counts."""
    proc: Path = Path("/proc")
    thermal: Path = Path("/sys/class/thermal")
    _spent: tuple[int, int] | None = None
    """Of the processors: busy and altogether, in ticks."""

    def look(self) -> Values:
        """In a worker thread."""
        reads: tuple[tuple[Quantity, Callable[[], float | None]], ...] = (
            (Quantity(DISK, "free"), lambda: shutil.disk_usage(self.data).free / 1e9),
            (Quantity(HOUSE, "cpu"), self._busy),
            (Quantity(HOUSE, "memory"), self._memory),
            (Quantity(HOUSE, "temperature"), lambda: max(self._degrees(), default=None)),
            (Quantity(HOUSE, "up"), self._up),
        )
        found: dict[Quantity, float] = {}
        for quantity, read in reads:
            try:
                value = read()
            except (OSError, ValueError, IndexError, KeyError):
                continue
            if value is not None:
                found[quantity] = value
        return found

    def _busy(self) -> float | None:
        """Percent of all processors since the last look."""
        ticks = [int(part) for part in (self.proc / "stat").read_text().split("\n")[0].split()[1:]]
        before, self._spent = self._spent, (sum(ticks[:8]) - ticks[3] - ticks[4], sum(ticks[:8]))
        if before is None or self._spent[1] <= before[1]:
            return None
        return 100 * (self._spent[0] - before[0]) / (self._spent[1] - before[1])

    def _memory(self) -> float:
        """GB that programs could still get."""
        lines = (self.proc / "meminfo").read_text().splitlines()
        rows = dict(line.split(":", 1) for line in lines)
        return int(rows["MemAvailable"].split()[0]) * 1024 / 1e9

    def _degrees(self) -> Iterator[float]:
        for zone in sorted(self.thermal.glob("thermal_zone*/temp")):
            degrees = int(zone.read_text()) / 1000
            if 0 < degrees < 150:  # else the sensor is not connected
                yield degrees

    def _up(self) -> float:
        """Days since the computer was started."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) / 86_400
