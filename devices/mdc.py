"""A big screen of Samsung's that speaks MDC over the network, through python-samsung-mdc.

- Each look opens a connection and closes it, because screens take one controller at a time; it is
  kept while somebody relies on the screen, which is then asked every few seconds.
- While it starts or stops it drops the line, or answers nothing; the wish is held meanwhile
  (`devices.steady_display`).
- Newer ones may want TLS and a PIN (“Secured Protocol”), which the password file holds. They lock
  themselves after some wrong ones: one that was refused is not sent again before it is another or
  a while is over. Where there is a PIN and the screen wants none, it is asked without.
- What an older model does not know it refuses (NAK), and that is one answer less.

Source: Samsung Multiple Display Control, protocol document v15.0 (2020), sections 2.1 and 3.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NoReturn

from samsung_mdc import MDC
from samsung_mdc.commands import ERROR_STATUS, INPUT_SOURCE, PANEL, POWER
from samsung_mdc.exceptions import (
    MDCReadTimeoutError,
    MDCResponseError,
    MDCTimeoutError,
    MDCTLSAuthFailed,
    MDCTLSRequired,
    NAKError,
)

from config.settings import MdcScreen as Settings
from devices.device import Cover, DeviceError, Kind, Power
from devices.display_line import Pace, Reading
from devices.kept import Kept
from devices.steady_display import SteadyDisplay

INPUTS: Mapping[str, str] = MappingProxyType(
    {"HDMI1": "HDMI 1", "HDMI2": "HDMI 2", "HDMI3": "HDMI 3", "HDMI4": "HDMI 4",
     "DISPLAY_PORT_1": "DisplayPort 1", "DISPLAY_PORT_2": "DisplayPort 2", "DVI": "DVI", "PC": "PC"}
)  # fmt: skip
"""Those that a computer is plugged into; which of them the screen has, it does not tell."""
_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {**{f"HDMI{number}_PC": f"HDMI{number}" for number in (1, 2, 3, 4)}, "DVI_VIDEO": "DVI"}
)
"""The same socket, called otherwise for what is plugged in."""
BLOCKED = 2
"""MDCAUTH<<FAIL:0002>>: too many wrong ones."""
REFUSED_SECONDS = 300.0
GARBLED = (MDCResponseError, ValueError, IndexError, AssertionError)


class MdcScreen(SteadyDisplay):
    def __init__(self, settings: Settings, pace: Pace | None = None) -> None:
        super().__init__(settings, Kind.PROJECTOR, "tv", MdcLine(settings), pace)


class MdcLine:
    """Implements `devices.display_line.DisplayLine`."""

    answer = 4.0
    inputs: Mapping[str, str] = MappingProxyType({})

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._id = settings.display_id
        self.address: Mapping[str, str | int] = MappingProxyType(
            {"host": settings.host, "port": settings.port}
        )
        self.wanted_input = settings.input
        self._shown: str | None = None
        """Its input, when it was last asked for everything."""
        self._wants_none = False
        """There is a PIN, and it does not ask for one."""
        self._refused: tuple[str, float, str] | None = None
        """A PIN, when it was refused (`time.monotonic()`), and the reason."""
        self._kept: Kept[MDC] = Kept(self._open, _close, _is_over)

    @property
    def stays(self) -> bool:
        return self._kept.stays

    async def keep(self, wanted: bool) -> None:
        self._kept.wanted = wanted
        if not wanted:
            await self._kept.release()

    def forget(self) -> None:
        self._wants_none = False

    async def ask(self) -> Reading:
        return await self._answers_of(self._read)

    async def ask_briefly(self) -> Reading:
        return await self._answers_of(self._read_briefly)

    async def _answers_of(self, read: Callable[[MDC], Awaitable[Reading]]) -> Reading:
        with self._in_words():
            try:
                async with self._kept.use() as screen:
                    return await read(screen)
            except MDCReadTimeoutError:
                return Reading(Power.OFF, silent=True)

    async def _read_power(self, screen: MDC) -> Reading:
        (power,) = await screen.power(self._id)
        return Reading(Power.ON if power is POWER.POWER_STATE.ON else Power.OFF)

    async def _read_briefly(self, screen: MDC) -> Reading:
        reading = await self._read_power(screen)
        if reading.power is Power.ON:
            with self._kept.forgiving(OSError, *GARBLED):
                return await self._with_fault(screen, reading)
        return reading

    async def _with_fault(self, screen: MDC, reading: Reading) -> Reading:
        errors = await _told(screen.error_status(self._id))
        ours = self._shown == self.wanted_input
        return replace(reading, fault=_fault(errors, ours)) if errors else reading

    async def _read(self, screen: MDC) -> Reading:
        reading = await self._read_power(screen)
        if reading.power is not Power.ON:
            return reading
        self._shown = None
        # What comes now is welcome and not needed: not every model answers it.
        with self._kept.forgiving(OSError, *GARBLED):
            if source := await _told(screen.input_source(self._id)):
                code = _OTHER_NAMES.get(source[0].name, source[0].name)
                self._shown = code
                reading = replace(reading, input=code, input_name=INPUTS.get(code, code))
            if panel := await _told(screen.panel(self._id)):
                hidden = panel[0] is PANEL.PANEL_STATE.OFF
                cover = Cover.HIDDEN if hidden else Cover.SHOWN
                reading = replace(reading, cover=cover, covers=(Cover.HIDDEN,))
            return await self._with_fault(screen, reading)
        return reading

    async def switch(self, on: bool) -> None:
        state = POWER.POWER_STATE.ON if on else POWER.POWER_STATE.OFF
        with self._in_words(), contextlib.suppress(NAKError):
            async with self._kept.use() as screen:
                await screen.power(self._id, [state])

    async def choose_input(self) -> None:
        source = INPUT_SOURCE.INPUT_SOURCE_STATE[self._settings.input]
        with self._in_words(), contextlib.suppress(NAKError):
            async with self._kept.use() as screen:
                await screen.input_source(self._id, [source])

    async def set_cover(self, before: Cover | None, cover: Cover) -> None:
        """Darkens the panel; it knows no way to keep a picture."""
        del before
        if cover is Cover.FROZEN:
            raise DeviceError("tv.cannot_freeze")
        state = PANEL.PANEL_STATE.OFF if cover is Cover.HIDDEN else PANEL.PANEL_STATE.ON
        try:
            with self._in_words():
                async with self._kept.use() as screen:
                    await screen.panel(self._id, [state])
        except NAKError:
            raise DeviceError("tv.cannot_hide") from None

    # The line

    async def _open(self) -> MDC:
        pin = self._pin()
        if self._refused is not None:
            refused_pin, at, reason = self._refused
            if pin == refused_pin and time.monotonic() - at < REFUSED_SECONDS:
                self._fail(reason)
            self._refused = None
        if pin and not self._wants_none:
            try:
                return await self._opened(pin=pin)
            except MDCReadTimeoutError:
                # Nothing came where a secured one begins with TLS; a silent one is silent again.
                screen = await self._opened()
                self._wants_none = True
                return screen
            except MDCTLSAuthFailed as refused:
                reason = "pin_blocked" if refused.code == BLOCKED else "pin"
                self._refused = (pin, time.monotonic(), reason)
                self._fail(reason)
        return await self._opened()

    async def _opened(self, **pin: str) -> MDC:
        screen = MDC((self._settings.host, self._settings.port), timeout=self.answer, **pin)
        async with asyncio.timeout(3 * self.answer):  # the library lets TLS take its time
            await screen.open()
        return screen

    def _pin(self) -> str:
        """Read anew each time, so that a corrected file needs no restart."""
        path = self._settings.password_file
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise DeviceError("tv.password_file", file=str(path)) from None

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except MDCReadTimeoutError:
            raise  # silence is for whoever asked to judge
        except MDCTLSRequired:
            self._fail("pin_needed")
        except ssl.SSLError:
            self._fail("not_mdc")
        except OSError:  # a timeout of the connection among them
            self._fail("no_answer")
        except GARBLED:
            self._fail("not_mdc")

    def _fail(self, reason: str) -> NoReturn:
        raise DeviceError(f"tv.{reason}", **self.address) from None


async def _close(screen: MDC) -> None:
    if screen.is_opened:
        with contextlib.suppress(OSError, MDCTimeoutError):
            await screen.close()


def _is_over(screen: MDC) -> bool:
    reader = screen.reader
    return reader is None or reader.at_eof() or reader.exception() is not None


def _fault(errors: tuple[Any, ...], ours: bool) -> str:
    """`ours`: it shows the input of the house, whose picture there ought to be."""
    lamp, temperature, _, source, _, fan = errors
    if temperature is ERROR_STATUS.TEMPERATURE_ERROR_STATE.ERROR:
        return "tv.too_hot"
    if fan is ERROR_STATUS.FAN_ERROR_STATE.ERROR:
        return "tv.fan"
    if lamp is ERROR_STATUS.LAMP_ERROR_STATE.ERROR:
        return "tv.backlight"
    dark = source is ERROR_STATUS.INPUT_SOURCE_ERROR_STATE.ERROR
    return "tv.no_signal" if ours and dark else ""


async def _told(asking: Awaitable[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The answer; empty where the screen refuses it in good order."""
    try:
        return await asking
    except NAKError:
        return ()
