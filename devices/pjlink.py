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
- Class 1 knows neither names of inputs nor freezing nor a filter, and some of class 2 refuse one of
  them: each question that is refused is one answer less, and none is asked again before the next
  connection after a loss.
- Polling often with a password has locked up real projectors: every 30 s, faster only while
  something is changing.

Source: PJLink Specifications Class 2 (JBMIA, 2017), sections 4 and 5; INST and INNM are 4.9 and
4.17, AVMT 4.5, FILT 4.20, FREZ 4.25.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NoReturn, TypeVar

import aiopjlink
from aiopjlink import Errors, PJClass, PJLink, Sources
from aiopjlink import Power as LinkPower

from base.cause import Cause
from base.latest import Latest
from config.settings import PjlinkProjector as Settings
from devices.device import Condition, Cover, DeviceError, DisplayState, Health, Kind, Power

T = TypeVar("T")

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


UNKNOWN_HERE = (aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2, aiopjlink.PJLinkERR3)
"""Refused in good order: it has no such thing, or not now. What is asked next is answered."""

UNCOVER_ATTEMPTS = 5
MOST_INPUTS = 40
MOST_NAME = 40

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
    filter_hours: int | None = None
    hidden: bool | None = None
    frozen: bool | None = None
    """None where it does not tell."""
    silent: bool = False
    """It said nothing at all, as in deep standby; commands cannot reach it."""


@dataclass(slots=True)
class Wish:
    """What is asked of it and not reached yet; times on `time.monotonic()`."""

    on: bool
    since: float = field(default_factory=time.monotonic)
    sent: float | None = None
    input_attempts: int = 0
    uncover_attempts: int = 0


@dataclass(frozen=True, slots=True)
class Abilities:
    """What does not change while it is plugged in."""

    class_2: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Code and name of each; a name may be empty."""


class PjlinkProjector:
    """Implements `devices.device.Display` and `Coverable`."""

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
        self._abilities: Abilities | None = None
        """None until it was on and asked."""
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
        """Raises DeviceError: `projector.not_on`, `projector.cannot_hide`,
        `projector.cannot_freeze`, `projector.no_answer`."""
        if self.state.value.power is not Power.ON:
            raise DeviceError("projector.not_on")
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
            self._abilities = None
            orders, self._orders = self._orders, []
            for _, order in orders:
                _answer(order, lost)
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
        reading = Reading(power)
        # What comes now is welcome and not needed: not every projector answers it properly.
        with contextlib.suppress(OSError, *GARBLED):
            levels = await _told(link.errors.query(), {})
            faults = frozenset(what for what, level in levels.items() if level != Errors.Level.OK)
            reading = replace(reading, faults=faults)
            # 0 is said where nobody counts (section 4.8).
            lamps = await _told(link.lamps.status(), [])
            hours = max((used for used, _ in lamps), default=0) or None
            reading = replace(reading, lamp_hours=hours)
            if power is Power.ON:
                reading = await self._read_picture(link, reading)
        return reading

    async def _read_picture(self, link: PJLink, reading: Reading) -> Reading:
        """What there is to be told only while it is lit. Gives what it has when an answer fails."""
        with contextlib.suppress(OSError, *GARBLED):
            if (source := await _told(link.sources.get(), None)) is not None:
                reading = replace(reading, input=f"{source[0].value}{source[1]}")
            if (muted := await _told(link.mute.status(), None)) is not None:
                reading = replace(reading, hidden=muted[0])
            if self._abilities is None:
                self._abilities = await self._ask_abilities(link)
            if self._abilities.class_2:
                frozen = await _told(link.freeze.get(), None)
                hours = await _told(link.filter.hours(), None)
                reading = replace(reading, frozen=frozen, filter_hours=hours or None)
        return reading

    async def _ask_abilities(self, link: PJLink) -> Abilities:
        class_2 = await _told(link.info.pjlink_class(), PJClass.ONE) is PJClass.TWO
        if not class_2:
            return Abilities()
        inputs: dict[str, str] = {}
        for mode, index in (await _told(link.sources.available(PJClass.TWO), []))[:MOST_INPUTS]:
            name = await _told(link.sources.get_source_name(mode, index), "")
            inputs[f"{mode.value}{index}"] = " ".join(name.split())[:MOST_NAME]
        return Abilities(class_2, inputs)

    # Hiding the picture, and keeping it

    async def _obey(self) -> "list[asyncio.Future[None]]":
        """Send what was ordered; those that it took."""
        taken = []
        while self._orders:
            cover, order = self._orders[0]
            try:
                if not order.done():  # whoever asked has not gone away
                    await self._cover(cover)
                    taken.append(order)
            except DeviceError as refused:
                _answer(order, refused)
            self._orders.pop(0)
        return taken

    async def _cover(self, cover: Cover) -> None:
        """Raises DeviceError."""
        frozen = self.state.value.cover is Cover.FROZEN
        hidden = self.state.value.cover is Cover.HIDDEN
        with self._in_words():
            try:
                async with self._connection() as link:
                    if frozen or cover is Cover.FROZEN:
                        await link.freeze.set(cover is Cover.FROZEN)
                    if hidden or cover is Cover.HIDDEN:
                        await self._mute(link, cover is Cover.HIDDEN)
            except (aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2):
                frozen = cover is Cover.FROZEN
                raise DeviceError(f"projector.cannot_{'freeze' if frozen else 'hide'}") from None
            except aiopjlink.PJLinkERR3:
                raise DeviceError("projector.not_on") from None
            except TimeoutError:
                self._fail("no_answer")

    async def _mute(self, link: PJLink, muted: bool) -> None:
        """The picture alone; with the sound, which it does not play, where it knows no other way
        (section 4.5)."""
        try:
            await link.mute.video(muted)
        except aiopjlink.PJLinkERR2:
            await link.mute.both(muted)

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
        covered = _cover_of(reading) in (Cover.HIDDEN, Cover.FROZEN)
        if covered and wish.uncover_attempts < UNCOVER_ATTEMPTS:
            return False  # a meeting never begins with what the last one hid
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
                elif _cover_of(reading) in (Cover.HIDDEN, Cover.FROZEN):
                    wish.uncover_attempts += 1
                    with contextlib.suppress(aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2):
                        if reading.frozen:
                            await link.freeze.set(False)
                        if reading.hidden:
                            await self._mute(link, False)
                else:
                    # Straight after warming some lose it: not held back by `repeat`.
                    wish.input_attempts += 1
                    with contextlib.suppress(aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2):
                        code = self._settings.input
                        await link.sources.set(Sources.Mode(code[0]), code[1])

    # Telling

    def _show(self, reading: Reading) -> None:
        known = reading.lamp_hours or self.state.value.lamp_hours  # asleep it tells none
        self._publish(reading, known)
        self.health.set(self._judge(reading))

    def _publish(self, reading: Reading, lamp_hours: int | None) -> None:
        covers = []
        if reading.hidden is not None:
            covers.append(Cover.HIDDEN)
        if reading.frozen is not None:
            covers.append(Cover.FROZEN)
        self.state.set(
            DisplayState(
                reading.power,
                reading.input,
                wanted=self._wish.on if self._wish else None,
                lamp_hours=lamp_hours,
                input_name=self._name_of(reading.input or ""),
                filter_hours=reading.filter_hours or self.state.value.filter_hours,
                cover=_cover_of(reading),
                covers=tuple(covers),
            )
        )

    def _name_of(self, code: str) -> str:
        return self._abilities.inputs.get(code, "") if self._abilities else ""

    def _in_full(self, code: str) -> str:
        """As people find it: `HDMI 2 (32)`."""
        name = self._name_of(code)
        return f"{name} ({code})" if name else code

    def _judge(self, reading: Reading) -> Health:
        wish = self._wish
        for category, code in FAULTS.items():
            if category in reading.faults:
                return Health(Condition.IMPAIRED, Cause(code))
        if wish and time.monotonic() - wish.since > self._pace.patience:
            code = "projector.will_not_start" if wish.on else "projector.will_not_stop"
            return Health(Condition.IMPAIRED, Cause(code))
        if not wish and reading.input not in (None, self._settings.input):
            shown, wanted = str(reading.input), self._settings.input
            inputs = {"shown": self._in_full(shown), "wanted": self._in_full(wanted)}
            known = self._abilities.inputs if self._abilities else {}
            missing = bool(known) and wanted not in known
            code = "projector.no_such_input" if missing else "projector.other_input"
            return Health(Condition.IMPAIRED, Cause(code, **inputs))
        if not wish and (cover := _cover_of(reading)) in (Cover.HIDDEN, Cover.FROZEN):
            return Health(Condition.IMPAIRED, Cause(f"projector.{cover}"))
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


async def _told(asking: Awaitable[T], otherwise: T) -> T:
    """The answer, or `otherwise` where the projector refuses it in good order."""
    try:
        return await asking
    except UNKNOWN_HERE:
        return otherwise


def _cover_of(reading: Reading) -> Cover | None:
    if reading.hidden is None and reading.frozen is None:
        return None
    return Cover.HIDDEN if reading.hidden else Cover.FROZEN if reading.frozen else Cover.SHOWN


def _answer(order: "asyncio.Future[None]", refused: DeviceError | None = None) -> None:
    if order.done():
        return
    if refused is None:
        order.set_result(None)
    else:
        order.set_exception(refused)
