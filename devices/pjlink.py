"""A projector or big screen that speaks PJLink, class 1 or 2, through aiopjlink.

    projector = PjlinkProjector(settings.projector)
    projector.want(True)              # held through warming, cooling and a pulled cable
    await projector.run()             # keep_running does this

Real projectors set the shape of this driver:

- Each look opens a connection, asks, and closes: a connection kept open locks other controllers
  out. It is kept only while somebody relies on the projector, where asking every few seconds would
  cost as many log-ins; and never after a lost answer, which leaves aiopjlink's stream out of step.
  Only `run()` talks to the projector, one question at a time.
- In standby many answer ERR3, or accept the connection and say nothing, or leave the network
  altogether. All three are "off", not "broken".
- Commands sent while warming or cooling are lost, some of them after an "OK". So a wish is held,
  and what counts is what is read back.
- Class 1 knows neither names of inputs nor freezing nor a filter, and some of class 2 refuse one of
  them: each question that is refused is one answer less, and none is asked again before the next
  connection after a loss.
- Logging in often has locked up real projectors: every 30 s, faster only while something is
  changing. Some end each connection after an answer, or an idle one after 30 s (section 4.1); those
  are asked less often.
- Those of class 2 may say by themselves that something changed (`devices.pjlink_notices`).

Source: PJLink Specifications Class 2 (JBMIA, 2017), sections 4 and 5; INST and INNM are 4.9 and
4.17, AVMT 4.5, FILT 4.20, FREZ 4.25.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NoReturn

import aiopjlink
from aiopjlink import Errors, PJLink, Sources
from aiopjlink import Power as LinkPower

from config.settings import PjlinkProjector as Settings
from devices.device import Cover, DeviceError, Kind, Power
from devices.display_line import Pace, Reading
from devices.kept import Kept
from devices.pjlink_inputs import read_class_2, read_inputs
from devices.pjlink_notices import PORT, heard_from
from devices.pjlink_told import told
from devices.steady_display import SteadyDisplay

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

GARBLED = (
    aiopjlink.PJLinkException,
    ValueError,  # an unknown state; bytes that are no text
    IndexError,  # an answer cut short
    asyncio.LimitOverrunError,  # 64 KiB without an end of line
)

NOT_NOW = (aiopjlink.PJLinkERR3, aiopjlink.PJLinkUnexpectedResponseParameter)
"""A command that was not taken; the wish is held, and what is read back decides."""


class PjlinkProjector(SteadyDisplay):
    def __init__(
        self, settings: Settings, pace: Pace | None = None, notices_port: int = PORT
    ) -> None:
        super().__init__(settings, Kind.PROJECTOR, "projector", PjlinkLine(settings), pace)
        self._host = settings.host
        self._notices_port = notices_port

    async def run(self) -> None:
        async with heard_from(self._host, self.stir, self._notices_port):
            await super().run()


class PjlinkLine:
    """Implements `devices.display_line.DisplayLine`."""

    answer = 4.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.address: Mapping[str, str | int] = MappingProxyType(
            {"host": settings.host, "port": settings.port}
        )
        self.wanted_input = settings.input
        self.inputs: Mapping[str, str] = {}
        self._class_2: bool | None = None
        """None until it was on and asked."""
        self._kept: Kept[PJLink] = Kept(self._open, _close, _is_over)

    @property
    def stays(self) -> bool:
        return self._kept.stays

    async def keep(self, wanted: bool) -> None:
        self._kept.wanted = wanted
        if not wanted:
            await self._kept.release()

    def forget(self) -> None:
        self._class_2, self.inputs = None, {}

    # Asking

    async def ask(self) -> Reading:
        return await self._answers_of(self._read)

    async def ask_briefly(self) -> Reading:
        return await self._answers_of(self._read_briefly)

    async def _answers_of(self, read: Callable[[PJLink], Awaitable[Reading]]) -> Reading:
        with self._in_words():
            try:
                async with self._kept.use() as link:
                    return await read(link)
            except TimeoutError:
                return Reading(Power.OFF, silent=True)

    async def _read_briefly(self, link: PJLink) -> Reading:
        try:
            power = POWERS[await link.power.get()]
        except aiopjlink.PJLinkERR3:
            power = Power.OFF
        reading = Reading(power)
        # What comes now is welcome and not needed: not every projector answers it properly.
        with self._kept.forgiving(OSError, *GARBLED):
            levels = await told(link.errors.query(), {})
            wrong = [code for what, code in FAULTS.items() if _is_wrong(levels.get(what))]
            return replace(reading, fault=wrong[0] if wrong else "")
        return reading

    async def _read(self, link: PJLink) -> Reading:
        reading = await self._read_briefly(link)
        if self._kept.spoiled:
            return reading
        with self._kept.forgiving(OSError, *GARBLED):
            # 0 is said where nobody counts (section 4.8).
            lamps = await told(link.lamps.status(), [])
            hours = max((used for used, _ in lamps), default=0) or None
            reading = replace(reading, lamp_hours=hours)
            if reading.power is Power.ON:
                reading = await self._read_picture(link, reading)
        return reading

    async def _read_picture(self, link: PJLink, reading: Reading) -> Reading:
        """What there is to be told only while it is lit. Gives what it has when an answer fails."""
        with self._kept.forgiving(OSError, *GARBLED):
            if (source := await told(link.sources.get(), None)) is not None:
                reading = replace(reading, input=f"{source[0].value}{source[1]}")
            if (muted := await told(link.mute.status(), None)) is not None:
                cover = Cover.HIDDEN if muted[0] else Cover.SHOWN
                reading = replace(reading, cover=cover, covers=(Cover.HIDDEN,))
            if self._class_2 is None:
                await self._ask_class_2(link)
            reading = replace(reading, input_name=self.inputs.get(reading.input or "", ""))
            if not self._class_2:
                return reading
            if (frozen := await told(link.freeze.get(), None)) is not None:
                covers = (*reading.covers, Cover.FROZEN)
                hidden = reading.cover is Cover.HIDDEN
                cover = Cover.FROZEN if frozen and not hidden else reading.cover or Cover.SHOWN
                reading = replace(reading, cover=cover, covers=covers)
            return replace(reading, filter_hours=await told(link.filter.hours(), 0) or None)
        return reading

    async def _ask_class_2(self, link: PJLink) -> None:
        self._class_2 = await read_class_2(link)
        if self._class_2:
            self.inputs = await read_inputs(link, class_2=True)

    async def list_inputs(self) -> Mapping[str, str]:
        """Code and name of all, for whoever chooses one; also where it is off, if it tells then.
        Raises DeviceError."""
        with self._in_words():
            async with self._kept.use() as link:
                return await read_inputs(link, await read_class_2(link))

    # Saying

    async def switch(self, on: bool) -> None:
        with self._in_words(), contextlib.suppress(*NOT_NOW):
            async with self._kept.use() as link:
                await (link.power.turn_on() if on else link.power.turn_off())

    async def choose_input(self) -> None:
        refused = (*NOT_NOW, aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2)
        with self._in_words(), contextlib.suppress(*refused):
            async with self._kept.use() as link:
                code = self._settings.input
                await link.sources.set(Sources.Mode(code[0]), code[1])

    async def set_cover(self, before: Cover | None, cover: Cover) -> None:
        """Both ways of covering it are ended where it is shown again: somebody may have used the
        remote control for the other one."""
        with self._in_words():
            try:
                async with self._kept.use() as link:
                    if Cover.FROZEN in (before, cover) or (self._class_2 and cover is Cover.SHOWN):
                        await link.freeze.set(cover is Cover.FROZEN)
                    if Cover.HIDDEN in (before, cover):
                        await self._mute(link, cover is Cover.HIDDEN)
            except (aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2):
                what = "freeze" if Cover.FROZEN in (before, cover) else "hide"
                raise DeviceError(f"projector.cannot_{what}") from None
            except aiopjlink.PJLinkERR3:
                raise DeviceError("projector.not_on") from None

    async def _mute(self, link: PJLink, muted: bool) -> None:
        """The picture alone; with the sound, which it does not play, where it knows no other way
        (section 4.5)."""
        try:
            await link.mute.video(muted)
        except aiopjlink.PJLinkERR2:
            await link.mute.both(muted)

    # The line

    async def _open(self) -> PJLink:
        """One authenticated connection. Raises TimeoutError where it does not even greet."""
        link = PJLink(
            self._settings.host,
            self._settings.port,
            password=self._password(),
            timeout=self.answer,
        )
        try:
            # ERR3 answers the question for the power that is sent along with the digest: the
            # digest itself was accepted.
            with contextlib.suppress(aiopjlink.PJLinkERR3):
                await link.__aenter__()
        except BaseException as error:
            await _close(link)
            silence = isinstance(error.__context__, TimeoutError)
            if silence and isinstance(error, aiopjlink.PJLinkProtocolError):
                raise TimeoutError from None
            raise
        return link

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
        raise DeviceError(f"projector.{reason}", **self.address) from None


async def _close(link: PJLink) -> None:
    """Also where the greeting failed; where there was no connection there is no writer to close."""
    with contextlib.suppress(AttributeError):
        await link.__aexit__(None, None, None)


def _is_over(link: PJLink) -> bool:
    """The projector ended it meanwhile; aiopjlink keeps its stream to itself."""
    reader = link._reader
    return reader is None or reader.at_eof() or reader.exception() is not None


def _is_wrong(level: Errors.Level | None) -> bool:
    return level not in (None, Errors.Level.OK)
