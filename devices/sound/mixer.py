"""The system's own volume of the loudspeaker that we play to, PulseAudio's or PipeWire's.

    mixer = Mixer()
    mixer.look(70)      # Mixed(loudspeaker=Slider(70, 0.343, muted=False), microphone=None)

Which sink is ours is not guessed from names: it is the one that a stream of this process plays to.
A wish is applied to each sink that we come to play to, and then left to whoever turns the system's
mixer, or a knob that the driver reports: what is read back is what holds. The microphone's slider
and its mute switch are only read: a hall that somebody muted at the microphone is not opened by us.

libpulse waits for a server that hangs: everything here belongs on a thread of its own.
"""

import importlib
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

logger = logging.getLogger(__name__)

_RETRY: Final = 2.0
"""Seconds until a server is looked for again."""
_MOST_FACTOR: Final = 4.0


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
        self._last: Slider | None = None

    def look(self, wish: int | None = None) -> Mixed:
        """Apply the wish, 0 to 100 for the loudspeaker, and read how it is. The first one is what
        holds at the start; a later one comes from somebody who wants to hear, and unmutes too."""
        if wish is not None:
            self._unmute = self._standing is not None
            self._standing, self._applied_to = wish, None
        if self._pulse is None and not self._connect():
            return Mixed()
        try:
            return self._look()
        except (self._pulsectl.PulseError, self._pulsectl.PulseDisconnected) as error:
            # The server is gone, or what we looked at went away while we did.
            logger.info("the system's mixer cannot be read: %r", error)
            self.close()
            return Mixed()

    def close(self) -> None:
        pulse, self._pulse = self._pulse, None
        self._applied_to = self._last = None
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

    def _look(self) -> Mixed:
        if (index := _ours(self._pulse.sink_input_list(), "sink")) is not None:
            sink = self._pulse.sink_info(index)
            if self._standing is not None and self._applied_to != index:
                self._pulse.volume_set_all_chans(sink, self._standing / 100)
                if self._unmute:
                    self._pulse.mute(sink, mute=False)
                self._applied_to, self._unmute = index, False
                sink = self._pulse.sink_info(index)
            self._last = _slider(sink)
            self._standing = self._last.percent
        source = None
        if (index := _ours(self._pulse.source_output_list(), "source")) is not None:
            source = _slider(self._pulse.source_info(index))
        # While our stream is opened again, its sink is the same as before.
        return Mixed(self._last, source)


def _ours(streams: list[Any], end: str) -> int | None:
    """Index of the sink or source that a stream of this process goes through."""
    own = str(os.getpid())
    for stream in streams:
        if stream.proplist.get("application.process.id") == own:
            return int(getattr(stream, end))
    return None


def _slider(device: Any) -> Slider:
    highest = max(device.volume.values)
    factor = 0.0 if device.mute else min(_MOST_FACTOR, highest**3)
    return Slider(min(100, round(100 * highest)), factor, bool(device.mute))
