"""A projector or big screen that speaks PJLink, class 1 or 2, through aiopjlink.

    projector = PjlinkProjector(settings.projector)
    projector.want(True)              # held through warming, cooling and a pulled cable
    await projector.run()             # keep_running does this

Real projectors set the shape of this driver:

- Each look opens a connection, asks, and closes: after a lost answer aiopjlink's stream is out of
  step, and a connection kept open locks other controllers out. Only `run()` talks to the
  projector, so there is one connection at a time.
- In standby many answer ERR3, or accept the connection and say nothing, or leave the network
  altogether. All three are "off", not "broken".
- Commands sent while warming or cooling are lost, some of them after an "OK". So a wish is held,
  and what counts is what is read back.
- Polling often with a password has locked up real projectors: every 30 s, faster only while
  something is changing.

Source: PJLink Specifications Class 2 (JBMIA, 2017), sections 4 and 5.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NoReturn

import aiopjlink
from aiopjlink import Errors, PJLink, Sources
from aiopjlink import Power as LinkPower

from base.cause import Cause
from base.latest import Latest
from config.settings import PjlinkProjector as Settings
from devices.device import Condition, DeviceError, DisplayState, Health, Kind, Power

POWERS = {
    LinkPower.State.OFF: Power.OFF,
    LinkPower.State.ON: Power.ON,
    LinkPower.State.COOLING: Power.COOLING,
    LinkPower.State.WARMING: Power.WARMING,
}

FAULTS = {
    Errors.Category.TEMP: "projector.too_hot",
    Errors.Category.LAMP: "projector.lamp",
    Errors.Category.FAN: "projector.fan",
    Errors.Category.COVER: "projector.cover",
    Errors.Category.FILTER: "projector.filter",
    Errors.Category.OTHER: "projector.other_fault",
}
"""The sentence for each category of ERST; the first that the projector reports is shown."""

CONDITIONS = {
    Power.ON: Condition.WORKING,
    Power.WARMING: Condition.STARTING,
    Power.COOLING: Condition.STANDBY,
    Power.OFF: Condition.STANDBY,
}

INPUT_ATTEMPTS = 5
"""A projector that shows another input after so many commands does not have this one."""

GARBLED = (
    aiopjlink.PJLinkException,
    ValueError,  # an unknown state; bytes that are no text
    IndexError,  # an answer cut short
    asyncio.LimitOverrunError,  # 64 KiB without an end of line
)


NOT_NOW = (TimeoutError, aiopjlink.PJLinkERR3, aiopjlink.PJLinkUnexpectedResponseParameter)
"""A command that was not taken; the wish is held, and what is read back decides."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the driver is; all in seconds."""

    idle: float = 30.0
    change: float = 2.0
    """Between two looks while it is warming, cooling or has not followed a wish yet."""
    answer: float = 4.0
    repeat: float = 10.0
    """Before a command that had no effect is sent again: some report "off" for a while after it."""
    patience: float = 180.0
    """After this a projector that does not follow a wish is a fault to be told of."""
    cooling: float = 120.0
    """A projector that falls silent while cooling counts as cold after this."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at the projector gave."""

    power: Power
    input: str | None = None
    faults: frozenset[Errors.Category] = frozenset()
    lamp_hours: int | None = None
    silent: bool = False
    """It said nothing at all, as in deep standby; commands cannot reach it."""


@dataclass(slots=True)
class Wish:
    """What is asked of it and not reached yet; times on `time.monotonic()`."""

    on: bool
    since: float = field(default_factory=time.monotonic)
    sent: float | None = None
    input_attempts: int = 0


class PjlinkProjector:
    """Implements `devices.device.Display`."""

    kind = Kind.PROJECTOR

    def __init__(self, settings: Settings, pace: Pace | None = None) -> None:
        self.id = settings.id
        self.name = settings.name
        self.health: Latest[Health] = Latest(Health())
        self.state: Latest[DisplayState] = Latest(DisplayState())
        self._settings = settings
        self._pace = pace or Pace()
        self._address: Mapping[str, str | int] = MappingProxyType(
            {"host": settings.host, "port": settings.port}
        )
        self._wake = asyncio.Event()
        self._wish: Wish | None = None
        self._looks: Latest[int] = Latest(0)
        """How many there were."""
        self._off_since: float | None = None
        """When it was first seen on its way off."""

    def want(self, on: bool) -> None:
        """Hold the wish until it is read back: `state.wanted` is None again from then on.

        After `want(False)`, power OFF with nothing wanted means that it has cooled and the
        mains may be cut.
        """
        self._wish = Wish(on)
        state = self.state.value
        self.state.set(replace(state, wanted=on))
        self._wake.set()

    async def look(self) -> None:
        """Ask it now; returns once it has answered. One that was asked meanwhile may have been
        asked before."""
        before = self._looks.value
        self._wake.set()
        async for count in self._looks.changes():
            if count > before:
                return

    async def run(self) -> None:
        """Look, follow the wish, wait. Raises DeviceError when it cannot be reached or used."""
        try:
            while True:
                self._wake.clear()
                reading = await self._look()
                await self._follow(reading)
                self._show(reading)
                self._looks.set(self._looks.value + 1)
                await self._wait(reading)
        except DeviceError:
            self._publish(Power.UNKNOWN, None, None)
            raise

    async def _wait(self, reading: Reading) -> None:
        changing = self._wish is not None or reading.power in (Power.WARMING, Power.COOLING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.change if changing else self._pace.idle):
                await self._wake.wait()

    # Reading

    async def _look(self) -> Reading:
        try:
            reading = await self._ask()
        except DeviceError as lost:
            # Some leave the network when they are off. Nobody waits for such a one.
            wanted_on = self._wish is not None and self._wish.on
            if self._off_since is None or wanted_on or lost.cause.code != "projector.no_answer":
                raise
            reading = Reading(Power.OFF, silent=True)
        if reading.power not in (Power.OFF, Power.COOLING):
            self._off_since = None
            return reading
        now = time.monotonic()
        if self._off_since is None:
            self._off_since = now
        was = self.state.value.power
        hot = was not in (Power.OFF, Power.UNKNOWN) and now - self._off_since < self._pace.cooling
        if reading.silent and hot:
            return Reading(Power.COOLING, silent=True)
        return reading

    async def _ask(self) -> Reading:
        with self._in_words():
            try:
                async with self._connection() as link:
                    return await self._read(link)
            except TimeoutError:
                return Reading(Power.OFF, silent=True)

    async def _read(self, link: PJLink) -> Reading:
        try:
            power = POWERS[await link.power.get()]
        except aiopjlink.PJLinkERR3:
            power = Power.OFF
        shown: str | None = None
        faults: frozenset[Errors.Category] = frozenset()
        hours: int | None = None
        # What comes now is welcome and not needed: not every projector answers it properly.
        with contextlib.suppress(OSError, *GARBLED):
            if power is Power.ON:
                mode, index = await link.sources.get()
                shown = f"{mode.value}{index}"
            levels = await link.errors.query()
            faults = frozenset(what for what, level in levels.items() if level != Errors.Level.OK)
            # 0 is said where nobody counts (section 4.8).
            hours = max((used for used, _ in await link.lamps.status()), default=0) or None
        return Reading(power, shown, faults, hours)

    # Following the wish

    async def _follow(self, reading: Reading) -> None:
        """Send what the wish still needs, and drop the wish once it is read back."""
        wish = self._wish
        if wish is None:
            return
        if wish.on and reading.silent and time.monotonic() - wish.since > self._pace.patience:
            raise DeviceError("projector.asleep", **self._address)
        if self._reached(wish, reading):
            self._wish = None
        elif reading.silent or reading.power not in (Power.ON, Power.OFF):
            return  # warming or cooling: a command would be lost
        elif wish.sent is None or time.monotonic() - wish.sent >= self._pace.repeat:
            await self._send(wish, reading)

    def _reached(self, wish: Wish, reading: Reading) -> bool:
        if not wish.on:
            return reading.power is Power.OFF
        if reading.power is not Power.ON:
            return False
        if reading.input is None:
            return wish.input_attempts > 0
        return reading.input == self._settings.input or wish.input_attempts >= INPUT_ATTEMPTS

    async def _send(self, wish: Wish, reading: Reading) -> None:
        with self._in_words(), contextlib.suppress(*NOT_NOW):
            async with self._connection() as link:
                if not wish.on:
                    wish.sent = time.monotonic()
                    await link.power.turn_off()
                    self._off_since = wish.sent
                elif reading.power is Power.OFF:
                    wish.sent = time.monotonic()
                    await link.power.turn_on()
                else:
                    # Straight after warming some lose it: not held back by `repeat`.
                    wish.input_attempts += 1
                    with contextlib.suppress(aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2):
                        code = self._settings.input
                        await link.sources.set(Sources.Mode(code[0]), code[1])

    # Telling

    def _show(self, reading: Reading) -> None:
        known = reading.lamp_hours or self.state.value.lamp_hours  # asleep it tells none
        self._publish(reading.power, reading.input, known)
        self.health.set(self._judge(reading))

    def _publish(self, power: Power, shown: str | None, hours: int | None) -> None:
        wanted = self._wish.on if self._wish else None
        self.state.set(DisplayState(power, shown, wanted, hours))

    def _judge(self, reading: Reading) -> Health:
        wish = self._wish
        for category, code in FAULTS.items():
            if category in reading.faults:
                return Health(Condition.IMPAIRED, Cause(code))
        if wish and time.monotonic() - wish.since > self._pace.patience:
            code = "projector.will_not_start" if wish.on else "projector.will_not_stop"
            return Health(Condition.IMPAIRED, Cause(code))
        if not wish and reading.input not in (None, self._settings.input):
            inputs = {"shown": str(reading.input), "wanted": self._settings.input}
            return Health(Condition.IMPAIRED, Cause("projector.other_input", **inputs))
        asleep = reading.silent and reading.power is Power.OFF
        cause = Cause("projector.asleep", **self._address) if asleep else None
        return Health(CONDITIONS[reading.power], cause)

    # The line

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[PJLink]:
        """One authenticated connection, closed at the end whatever happens."""
        link = PJLink(
            self._settings.host,
            self._settings.port,
            password=self._password(),
            timeout=self._pace.answer,
        )
        try:
            # ERR3 answers the question for the power that is sent along with the digest: the
            # digest itself was accepted.
            with contextlib.suppress(aiopjlink.PJLinkERR3):
                await link.__aenter__()
        except aiopjlink.PJLinkProtocolError as error:
            if isinstance(error.__context__, TimeoutError):
                raise TimeoutError from None  # no greeting: silence, like any other
            raise
        else:
            yield link
        finally:
            # `async with link` would leave the socket open when the greeting fails; and where
            # there was no connection, aiopjlink has no writer to close.
            with contextlib.suppress(AttributeError):
                await link.__aexit__(None, None, None)

    def _password(self) -> str | None:
        """Read anew each time, so that a corrected file needs no restart."""
        path = self._settings.password_file
        if path is None:
            return None
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise DeviceError("projector.password_file", file=str(path)) from None

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except aiopjlink.PJLinkPassword:
            self._fail("password" if self._settings.password_file else "password_needed")
        except aiopjlink.PJLinkNoConnection:
            self._fail("no_answer")
        except (aiopjlink.PJLinkConnectionClosed, OSError):
            self._fail("hung_up")
        except aiopjlink.PJLinkERR4:
            self._fail("broken")
        except GARBLED:
            self._fail("not_pjlink")

    def _fail(self, reason: str) -> NoReturn:
        raise DeviceError(f"projector.{reason}", **self._address) from None
