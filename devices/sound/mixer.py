"""The system's own volume of the loudspeaker that we play to, PulseAudio's or PipeWire's.

    mixer = Mixer()
    mixer.look(70)      # Mixed(loudspeaker=Slider(70, 0.343, muted=False), microphone=None)

Which sink is ours is not guessed from names: it is the one that a stream of this process plays to.
A wish is applied to the sink that our stream comes to, and then left to whoever turns the system's
mixer, or a knob that the driver reports: what is read back is what holds, also where the stream is
opened again. The microphone's slider is set where the settings say so, and else only read, as its
mute switch always is: a hall that somebody muted at the microphone is not opened by us.

libpulse waits for a server that hangs: everything here belongs on a thread of its own.
"""

import importlib
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from devices.device import Kind

logger = logging.getLogger(__name__)

_RETRY: Final = 2.0
"""Seconds until a server is looked for again."""
_MOST_FACTOR: Final = 4.0
_STAYS: Final = 20
"""Looks after which another device is where somebody wants the stream to be."""


@dataclass(frozen=True, slots=True)
class Slider:
    percent: int
    """0 to 100; a mixer that goes beyond is at 100."""
    factor: float
    """By which a sample's value is multiplied: PulseAudio's law is the cube of the slider. What
    hardware makes of it may differ a little."""
    muted: bool


@dataclass(frozen=True, slots=True)
class Mixed:
    """None is a side on which no stream of ours goes through a server."""

    loudspeaker: Slider | None = None
    microphone: Slider | None = None
    moved: frozenset[Kind] = frozenset()
    """Sides whose stream the server has just put onto another device, as it does without a word
    when the device was pulled out. The other one is not ours to turn, nor to tell of."""


@dataclass(slots=True)
class _Home:
    """Where a stream of ours was opened."""

    stream: int
    device: int
    away: int = 0
    """Looks since it was moved."""


class Mixer:
    def __init__(self) -> None:
        self._pulsectl: Any = None
        self._pulse: Any = None
        self._again_at = 0.0
        self._standing: int | None = None
        """What a loudspeaker gets that we have not played to before."""
        self._unmute = False
        self._applied_to: int | None = None
        """Index of the sink that has it."""
        self._gained: int | None = None
        """The same of the microphone's."""
        self._homes: dict[Kind, _Home] = {}
        self._last: Slider | None = None

    def look(self, wish: int | None = None, gain: int | None = None) -> Mixed:
        """Apply the wish, 0 to 100 for the loudspeaker, and read how it is. The first one is what
        holds at the start; a later one comes from somebody who wants to hear, and unmutes too.
        `gain` is what the microphone gets whenever it is opened."""
        if wish is not None:
            self._unmute = self._standing is not None
            self._standing, self._applied_to = wish, None
        if self._pulse is None and not self._connect():
            return Mixed()
        try:
            return self._look(gain)
        except (self._pulsectl.PulseError, self._pulsectl.PulseDisconnected) as error:
            # The server is gone, or what we looked at went away while we did.
            logger.info("the system's mixer cannot be read: %r", error)
            self.close()
            return Mixed()

    def close(self) -> None:
        pulse, self._pulse = self._pulse, None
        self._applied_to = self._last = None
        self._homes.clear()
        self._gained = None
        if pulse is not None:
            with suppress(self._pulsectl.PulseError, self._pulsectl.PulseDisconnected):
                pulse.close()

    def _connect(self) -> bool:
        if (now := time.monotonic()) < self._again_at:
            return False
        self._again_at = now + _RETRY
        try:
            # Its import loads libpulse, which a computer without a sound server lacks.
            self._pulsectl = self._pulsectl or importlib.import_module("pulsectl")
        except OSError:
            self._again_at = float("inf")
            return False
        pulse = self._pulsectl.Pulse("avcontrol", connect=False)
        try:
            pulse.connect(autospawn=False)
        except self._pulsectl.PulseError:
            pulse.close()
            return False
        self._pulse = pulse
        return True

    def _look(self, gain: int | None) -> Mixed:
        moved = set()
        stream = _ours(self._pulse.sink_input_list())
        if stream is not None and self._is_moved(Kind.LOUDSPEAKER, stream.index, stream.sink):
            moved.add(Kind.LOUDSPEAKER)
        elif stream is not None:
            sink = self._pulse.sink_info(stream.sink)
            if self._standing is not None and self._applied_to != stream.sink:
                self._pulse.volume_set_all_chans(sink, self._standing / 100)
                if self._unmute:
                    self._pulse.mute(sink, mute=False)
                self._applied_to, self._unmute = stream.sink, False
                sink = self._pulse.sink_info(stream.sink)
            self._last = _slider(sink)
            self._standing = self._last.percent
        source = None
        stream = _ours(self._pulse.source_output_list())
        if stream is not None and self._is_moved(Kind.MICROPHONE, stream.index, stream.source):
            moved.add(Kind.MICROPHONE)
        elif stream is not None:
            source = self._pulse.source_info(stream.source)
            if gain is not None and self._gained != stream.index:
                self._pulse.volume_set_all_chans(source, gain / 100)
                source = self._pulse.source_info(stream.source)
            self._gained = stream.index
        # While our stream is opened again, its sink is the same as before.
        return Mixed(self._last, source and _slider(source), frozenset(moved))

    def _is_moved(self, kind: Kind, stream: int, device: int) -> bool:
        home = self._homes.get(kind)
        if home is None or home.stream != stream or home.away == _STAYS:
            home = self._homes[kind] = _Home(stream, device)
        home.away = home.away + 1 if home.device != device else 0
        return home.away > 0


def _ours(streams: list[Any]) -> Any:
    """A stream of this process, or None."""
    own = str(os.getpid())
    return next((s for s in streams if s.proplist.get("application.process.id") == own), None)


def _slider(device: Any) -> Slider:
    highest = max(device.volume.values)
    factor = 0.0 if device.mute else min(_MOST_FACTOR, highest**3)
    return Slider(min(100, round(100 * highest)), factor, bool(device.mute))
