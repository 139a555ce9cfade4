"""A sound card's own mixer, through libasound's simple mixer (alsa-lib's `mixer.h`).

    card = Card("hw:1")           # raises AlsaError
    card.update()                 # what was turned from elsewhere; raises where the card is gone
    for control in card.controls(Kind.LOUDSPEAKER):
        control.name, control.lowest, control.value, control.highest, control.decibels(30)
    card.close()

libasound comes with PortAudio, so nothing is to be installed for it; the bindings that the package
index has are to be compiled. A `Control` is good until the next `update`.
"""

import ctypes
from collections.abc import Iterator
from ctypes import byref, c_int, c_long, c_void_p
from functools import cache
from typing import Any, Final

from devices.device import Kind

_NONBLOCK: Final = 2
"""SND_CTL_NONBLOCK, or to be asked for events would wait for one."""
_MOST_CHANNELS: Final = 32
"""SND_MIXER_SCHN_LAST + 1."""
_SIDE: Final = {Kind.LOUDSPEAKER: "playback", Kind.MICROPHONE: "capture"}
_POINTERS: Final = ("mixer_first_elem", "mixer_elem_next", "hctl_first_elem", "hctl_elem_next")
_TEXTS: Final = ("mixer_selem_get_name", "hctl_elem_get_name", "strerror")


class AlsaError(Exception):
    """There is no such card, or it is gone; in libasound's words."""


@cache
def _library() -> ctypes.CDLL:
    """Raises AlsaError where there is none."""
    try:
        library = ctypes.CDLL("libasound.so.2")
    except OSError as error:
        raise AlsaError("there is no libasound here") from error
    for name in _POINTERS:
        getattr(library, f"snd_{name}").restype = c_void_p
    for name in _TEXTS:
        getattr(library, f"snd_{name}").restype = ctypes.c_char_p
    return library


def _call(name: str, *arguments: Any) -> int:
    """Raises AlsaError."""
    library = _library()
    result: int = getattr(library, f"snd_{name}")(*arguments)
    if result < 0:
        raise AlsaError(f"{name}: {library.snd_strerror(result).decode()}")
    return result


class Card:
    def __init__(self, name: str) -> None:
        """The name of a control device, as `hw:1`. Raises AlsaError."""
        self._mixer, self._controls = c_void_p(), c_void_p()
        _call("hctl_open", byref(self._controls), name.encode(), _NONBLOCK)
        try:
            _call("mixer_open", byref(self._mixer), 0)
        except AlsaError:
            _call("hctl_close", self._controls)
            raise
        try:
            # From here on the mixer closes the other with itself, also where this fails.
            _call("mixer_attach_hctl", self._mixer, self._controls)
            _call("mixer_selem_register", self._mixer, None, None)
            _call("mixer_load", self._mixer)
        except AlsaError:
            self.close()
            raise

    def update(self) -> None:
        """Raises AlsaError where the card is gone."""
        _call("mixer_handle_events", self._mixer)

    def controls(self, kind: Kind) -> list["Control"]:
        """Those of one direction, without what programs have put there (softvol): it turns only
        what is played through its own PCM."""
        made = self._made_by_programs()
        found = []
        element = _library().snd_mixer_first_elem(self._mixer)
        while element:
            control = Control(element, kind)
            if control.name not in made and (control.has_volume or control.has_switch):
                found.append(control)
            element = _library().snd_mixer_elem_next(c_void_p(element))
        return found

    def close(self) -> None:
        """Once."""
        _call("mixer_close", self._mixer)

    def _made_by_programs(self) -> set[str]:
        info = c_void_p()
        _call("ctl_elem_info_malloc", byref(info))
        try:
            return {
                _simple(_library().snd_hctl_elem_get_name(element).decode(errors="replace"))
                for element in self._elements()
                if _call("hctl_elem_info", element, info) == 0
                and _call("ctl_elem_info_is_user", info)
            }
        finally:
            _library().snd_ctl_elem_info_free(info)

    def _elements(self) -> Iterator[c_void_p]:
        element = _library().snd_hctl_first_elem(self._controls)
        while element:
            yield c_void_p(element)
            element = _library().snd_hctl_elem_next(c_void_p(element))


class Control:
    """One simple element, in one direction."""

    def __init__(self, element: int, kind: Kind) -> None:
        self._element, self._side = c_void_p(element), _SIDE[kind]
        name = _library().snd_mixer_selem_get_name(self._element)
        self.name: str = name.decode(errors="replace")
        self.has_volume = bool(self._ask("has", "volume"))
        self.has_switch = bool(self._ask("has", "switch"))
        lowest, highest = c_long(), c_long()
        if self.has_volume:
            self._ask("get", "volume_range", byref(lowest), byref(highest))
        self.lowest, self.highest = lowest.value, highest.value
        """Of its values, whose steps nobody knows the meaning of, unless there are decibels."""

    @property
    def value(self) -> int:
        """Of the loudest channel."""
        return max(self._channels("volume", c_long), default=self.lowest)

    @property
    def on(self) -> bool:
        """One channel at least; also where there is no switch."""
        return not self.has_switch or any(self._channels("switch", c_int))

    def turn(self, value: int) -> None:
        self._ask("set", "volume_all", c_long(value))

    def switch_on(self) -> None:
        if self.has_switch:
            self._ask("set", "switch_all", 1)

    def decibels(self, value: int) -> float | None:
        """None where the card does not tell; -99999.99 is silence (SND_CTL_TLV_DB_GAIN_MUTE)."""
        hundredths = c_long()
        try:
            self._ask("ask", "vol_dB", c_long(value), byref(hundredths))
        except AlsaError:
            return None
        return hundredths.value / 100

    def _ask(self, verb: str, what: str, *arguments: Any) -> int:
        return _call(f"mixer_selem_{verb}_{self._side}_{what}", self._element, *arguments)

    def _channels(self, what: str, kind: type[c_long] | type[c_int]) -> list[int]:
        found = []
        for channel in range(_MOST_CHANNELS):
            value = kind()
            if _call(f"mixer_selem_has_{self._side}_channel", self._element, channel):
                self._ask("get", what, channel, byref(value))
                found.append(value.value)
        return found


def _simple(name: str) -> str:
    """What the simple mixer makes of the name of one of a card's controls."""
    for end in (" Volume", " Switch", " Playback", " Capture"):
        name = name.removesuffix(end)
    return name
