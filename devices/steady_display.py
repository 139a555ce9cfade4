"""What all displays that are switched over a line have in common: a wish that is held until it is
read back, one conversation at a time, slow polling, and health in the words of its kind.

    class PjlinkProjector(SteadyDisplay):
        def __init__(self, settings, pace=None):
            super().__init__(settings, Kind.PROJECTOR, "projector", Line(settings), pace)

A `DisplayLine` knows one protocol and remembers nothing of what was wished; it opens a connection,
asks or says one thing, and closes.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from base.cause import Cause
from base.latest import Latest
from devices.device import Condition, Cover, DeviceError, DisplayState, Health, Kind, Power

CONDITIONS = {
    Power.ON: Condition.WORKING,
    Power.WARMING: Condition.STARTING,
    Power.COOLING: Condition.STANDBY,
    Power.OFF: Condition.STANDBY,
}
COVERED = (Cover.HIDDEN, Cover.FROZEN)
INPUT_ATTEMPTS = 5
"""A display that shows another input after so many commands does not have this one."""
UNCOVER_ATTEMPTS = 5


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
    """After this a display that does not follow a wish is a fault to be told of."""
    cooling: float = 120.0
    """A projector that falls silent while cooling counts as cold after this."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at the display gave."""

    power: Power
    input: str | None = None
    """In the code of its protocol."""
    input_name: str = ""
    fault: str = ""
    """Code of the cause, where it reports one."""
    lamp_hours: int | None = None
    filter_hours: int | None = None
    cover: Cover | None = None
    covers: tuple[Cover, ...] = ()
    silent: bool = False
    """It said nothing at all, as in deep standby; commands cannot reach it."""


class DisplayLine(Protocol):
    """Each method is one conversation. Raises DeviceError where it cannot be had; TimeoutError
    where a command was not answered, which is then repeated."""

    answer: float
    """Seconds that it waits for an answer."""

    @property
    def address(self) -> Mapping[str, str | int]:
        """What a cause tells of where it is."""

    @property
    def wanted_input(self) -> str | None:
        """Code of the one that the house is plugged into; None where it needs no choosing."""

    @property
    def inputs(self) -> Mapping[str, str]:
        """Code and name of those that it has; empty where it does not tell."""

    async def ask(self) -> Reading: ...

    async def switch(self, on: bool) -> None: ...

    async def choose_input(self) -> None: ...

    async def set_cover(self, before: Cover | None, cover: Cover) -> None: ...

    def forget(self) -> None:
        """It was lost: another one may come back."""


class Named(Protocol):
    """The settings of a display, as far as they are alike."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


@dataclass(slots=True)
class Wish:
    """What is asked of it and not reached yet; times on `time.monotonic()`."""

    on: bool
    since: float = field(default_factory=time.monotonic)
    sent: float | None = None
    input_attempts: int = 0
    uncover_attempts: int = 0


class SteadyDisplay:
    """Implements `devices.device.Display` and `Coverable`."""

    def __init__(
        self, settings: Named, kind: Kind, words: str, line: DisplayLine, pace: Pace | None = None
    ) -> None:
        """`words` begins the codes of its causes: `projector`, `tv`."""
        self.id = settings.id
        self.name = settings.name
        self.kind = kind
        self.health: Latest[Health] = Latest(Health())
        self.state: Latest[DisplayState] = Latest(DisplayState())
        self._words = words
        self._line = line
        self._pace = pace or Pace()
        self._line.answer = self._pace.answer
        self._wake = asyncio.Event()
        self._wish: Wish | None = None
        self._looks: Latest[int] = Latest(0)
        """How many there were."""
        self._off_since: float | None = None
        """When it was first seen on its way off."""
        self._orders: list[tuple[Cover, asyncio.Future[None]]] = []

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

    async def cover(self, cover: Cover) -> None:
        """Raises DeviceError: `….not_on`, `….cannot_hide`, `….cannot_freeze`, `….no_answer`."""
        if self.state.value.power is not Power.ON:
            raise self._error("not_on")
        obeyed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._orders.append((cover, obeyed))
        self._wake.set()
        await obeyed

    async def run(self) -> None:
        """Look, follow the wish, wait. Raises DeviceError when it cannot be reached or used."""
        try:
            while True:
                self._wake.clear()
                obeyed = await self._obey()
                reading = await self._look()
                await self._follow(reading)
                self._show(reading)
                for order in obeyed:
                    _answer(order)
                self._looks.set(self._looks.value + 1)
                await self._wait(reading)
        except DeviceError as lost:
            self._publish(Reading(Power.UNKNOWN), None)
            self._line.forget()
            orders, self._orders = self._orders, []
            for _, order in orders:
                _answer(order, lost)
            raise

    async def _wait(self, reading: Reading) -> None:
        changing = self._wish is not None or reading.power in (Power.WARMING, Power.COOLING)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.change if changing else self._pace.idle):
                await self._wake.wait()

    async def _look(self) -> Reading:
        try:
            reading = await self._line.ask()
        except DeviceError as lost:
            # Some leave the network when they are off. Nobody waits for such a one.
            wanted_on = self._wish is not None and self._wish.on
            gone = lost.cause.code in (f"{self._words}.no_answer", f"{self._words}.hung_up")
            if self._off_since is None or wanted_on or not gone:
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

    async def _obey(self) -> "list[asyncio.Future[None]]":
        """Send what was ordered; those that it took."""
        taken = []
        while self._orders:
            cover, order = self._orders[0]
            try:
                if not order.done():  # whoever asked has not gone away
                    await self._line.set_cover(self.state.value.cover, cover)
                    taken.append(order)
                    if self._wish is not None:  # whoever has just hidden it means it
                        self._wish.uncover_attempts = UNCOVER_ATTEMPTS
            except DeviceError as refused:
                _answer(order, refused)
            except TimeoutError:
                _answer(order, self._error("no_answer"))
            self._orders.pop(0)
        return taken

    # Following the wish

    async def _follow(self, reading: Reading) -> None:
        """Send what the wish still needs, and drop the wish once it is read back."""
        wish = self._wish
        if wish is None:
            return
        if wish.on and reading.silent and time.monotonic() - wish.since > self._pace.patience:
            raise self._error("asleep")
        if self._reached(wish, reading):
            self._wish = None
        elif reading.silent or reading.power not in (Power.ON, Power.OFF):
            return  # warming or cooling: a command would be lost
        elif wish.sent is None or time.monotonic() - wish.sent >= self._pace.repeat:
            with contextlib.suppress(TimeoutError):
                await self._send(wish, reading)

    def _reached(self, wish: Wish, reading: Reading) -> bool:
        if not wish.on:
            return reading.power is Power.OFF
        if reading.power is not Power.ON:
            return False
        if reading.cover in COVERED and wish.uncover_attempts < UNCOVER_ATTEMPTS:
            return False  # a meeting never begins with what the last one hid
        if self._line.wanted_input is None or wish.input_attempts >= INPUT_ATTEMPTS:
            return True
        if reading.input is None:
            return wish.input_attempts > 0
        return reading.input == self._line.wanted_input

    async def _send(self, wish: Wish, reading: Reading) -> None:
        if not wish.on:
            wish.sent = time.monotonic()
            self._off_since = wish.sent
            await self._line.switch(False)
        elif reading.power is Power.OFF:
            wish.sent = time.monotonic()
            await self._line.switch(True)
        elif reading.cover in COVERED and wish.uncover_attempts < UNCOVER_ATTEMPTS:
            wish.uncover_attempts += 1
            with contextlib.suppress(DeviceError):
                await self._line.set_cover(reading.cover, Cover.SHOWN)
        else:
            # Straight after warming some lose it: not held back by `repeat`.
            wish.input_attempts += 1
            await self._line.choose_input()

    # Telling

    def _show(self, reading: Reading) -> None:
        known = reading.lamp_hours or self.state.value.lamp_hours  # asleep it tells none
        self._publish(reading, known)
        self.health.set(self._judge(reading))

    def _publish(self, reading: Reading, lamp_hours: int | None) -> None:
        self.state.set(
            DisplayState(
                reading.power,
                reading.input,
                wanted=self._wish.on if self._wish else None,
                lamp_hours=lamp_hours,
                input_name=reading.input_name,
                filter_hours=reading.filter_hours or self.state.value.filter_hours,
                cover=reading.cover,
                covers=reading.covers,
            )
        )

    def _in_full(self, code: str) -> str:
        """As people find it: `HDMI 2 (32)`."""
        name = self._line.inputs.get(code, "")
        return f"{name} ({code})" if name else code

    def _judge(self, reading: Reading) -> Health:
        wish, wanted = self._wish, self._line.wanted_input
        if reading.fault:
            return Health(Condition.IMPAIRED, Cause(reading.fault))
        if wish and time.monotonic() - wish.since > self._pace.patience:
            code = "will_not_start" if wish.on else "will_not_stop"
            return Health(Condition.IMPAIRED, Cause(f"{self._words}.{code}"))
        if not wish and wanted and reading.input not in (None, wanted):
            inputs = {"shown": self._in_full(str(reading.input)), "wanted": self._in_full(wanted)}
            missing = bool(self._line.inputs) and wanted not in self._line.inputs
            code = "no_such_input" if missing else "other_input"
            return Health(Condition.IMPAIRED, Cause(f"{self._words}.{code}", **inputs))
        if (not wish or wish.uncover_attempts >= UNCOVER_ATTEMPTS) and reading.cover in COVERED:
            return Health(Condition.IMPAIRED, Cause(f"{self._words}.{reading.cover}"))
        asleep = reading.silent and reading.power is Power.OFF
        cause = Cause(f"{self._words}.asleep", **self._line.address) if asleep else None
        return Health(CONDITIONS[reading.power], cause)

    def _error(self, reason: str) -> DeviceError:
        return DeviceError(f"{self._words}.{reason}", **self._line.address)


def _answer(order: "asyncio.Future[None]", refused: DeviceError | None = None) -> None:
    if order.done():
        return
    if refused is None:
        order.set_result(None)
    else:
        order.set_exception(refused)
