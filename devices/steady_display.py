"""What all displays that are switched over a line have in common: a wish that is held until it is
read back, one conversation at a time, and health in the words of its kind.

    class PjlinkProjector(SteadyDisplay):
        def __init__(self, settings, pace=None):
            super().__init__(settings, Kind.PROJECTOR, "projector", Line(settings), pace)

Everything is asked rarely, and at once where something changed. While somebody relies on it
(`watch`), a short question every few seconds says whether it is as it was.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field, replace

from base.cause import Cause
from base.latest import Latest
from devices.device import Condition, Cover, DeviceError, DisplayState, Health, Kind, Power
from devices.display_line import DisplayLine, Named, Pace, Reading

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
        self._watched = False
        self._slowest = self._pace.answer
        """Answer to the short questions of this run; before the first one, as slow as it may be."""
        self._looks: Latest[int] = Latest(0)
        """The last one that was answered, by its number."""
        self._begun = 0
        """The last one that was asked."""
        self._off_since: float | None = None
        """When it was first seen on its way off."""
        self._fell_silent = False
        """Out of its light, and nobody here had told it to go off."""
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

    def watch(self, closely: bool) -> None:
        """Whether somebody relies on it now: a fault is then told within seconds."""
        if closely and not self._watched:
            self._wake.set()
        self._watched = closely

    def stir(self) -> None:
        """Something may have changed: it is asked soon."""
        self._wake.set()

    async def look(self) -> None:
        """Ask it now; returns once it has answered what was asked after this was called."""
        ours = self._begun + 1
        self._wake.set()
        async for count in self._looks.changes():
            if count >= ours:
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
        self._slowest = self._pace.answer
        try:
            while True:
                self._wake.clear()
                self._begun += 1
                await self._line.keep(self._watched and not self._changes())
                obeyed = await self._obey()
                reading = await self._look()
                await self._follow(reading)
                self._show(reading)
                for order in obeyed:
                    _answer(order)
                self._looks.set(self._begun)
                await self._wait(reading)
        except DeviceError as lost:
            self._publish(Reading(Power.UNKNOWN), None)
            self._line.forget()
            orders, self._orders = self._orders, []
            for _, order in orders:
                _answer(order, lost)
            raise
        finally:
            await self._line.keep(False)

    def _changes(self) -> bool:
        moving = self.state.value.power in (Power.WARMING, Power.COOLING)
        return self._wish is not None or moving

    async def _wait(self, reading: Reading) -> None:
        """Until everything is to be asked again."""
        if self._changes():
            await self._woken(self._pace.change)
            return
        end = time.monotonic() + self._pace.idle
        while (left := end - time.monotonic()) > 0:
            await self._line.keep(self._watched)
            pause = left
            if self._watched:
                often = self._line.stays and not reading.silent
                pause = min(left, self._pace.watched if often else self._pace.anew)
            if await self._woken(pause) or (pause < left and not await self._is_still(reading)):
                return

    async def _woken(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        return self._wake.is_set()

    async def _is_still(self, reading: Reading) -> bool:
        """Whether it is as it was, as it says in short. Silence is told of before it is asked in
        full, which takes it longer; one that always took its time is given it."""
        began = time.monotonic()
        try:
            limit = min(self._pace.answer, max(self._pace.brief, 3 * self._slowest))
            async with asyncio.timeout(limit):
                now = await self._line.ask_briefly()
        except TimeoutError:
            now = Reading(Power.OFF, silent=True)
        except DeviceError:
            return False  # asked in full it says why
        if now.silent:
            if not reading.silent:
                self._show(self._on_its_way(now))
            return reading.silent
        took = time.monotonic() - began
        self._slowest = took if self._slowest == self._pace.answer else max(self._slowest, took)
        return (now.power, now.fault, False) == (reading.power, reading.fault, reading.silent)

    async def _look(self) -> Reading:
        try:
            reading = await self._line.ask()
        except DeviceError as lost:
            # Some leave the network when they are off. Nobody waits for such a one.
            wanted_on = self._wish is not None and self._wish.on
            gone = lost.cause.code in (f"{self._words}.no_answer", f"{self._words}.hung_up")
            if self._off_since is None or wanted_on or not gone or self._fell_silent:
                raise
            reading = Reading(Power.OFF, silent=True)
        return self._on_its_way(reading)

    def _on_its_way(self, reading: Reading) -> Reading:
        """One that fell silent is hot for a while, whatever it is."""
        if not reading.silent:
            self._fell_silent = False
        if reading.power not in (Power.OFF, Power.COOLING):
            self._off_since = None
            return reading
        now, was = time.monotonic(), self.state.value.power
        if self._off_since is None:
            self._off_since = now
            self._fell_silent = reading.silent and was in (Power.ON, Power.WARMING)
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
        if self._fell_silent and reading.power is Power.COOLING:
            return Health(Condition.IMPAIRED, Cause(f"{self._words}.silent", **self._line.address))
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
