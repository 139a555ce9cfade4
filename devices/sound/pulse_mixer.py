"""PulseAudio's mixer, or PipeWire's: the sink and the source of this process's streams. See
`mixer.Mixer`, whose half it is.

libpulse waits for a server that hangs.
"""

import importlib
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from devices.device import Kind, Turns
from devices.sound.sliders import Mixed, Slider, Wish

logger = logging.getLogger(__name__)

_RETRY: Final = 2.0
"""Seconds until a server is looked for again."""
_MOST_FACTOR: Final = 4.0
_STAYS: Final = 20
"""Looks after which another device is where somebody wants the stream to be."""


@dataclass(slots=True)
class _Home:
    """Where a stream of ours was opened."""

    stream: int
    device: int
    away: int = 0
    """Looks since it was moved."""


class PulseMixer:
    def __init__(self) -> None:
        self._pulsectl: Any = None
        self._pulse: Any = None
        self._again_at = 0.0
        self._wish = Wish()
        """Of a sink, known by its index."""
        self._gained: int | None = None
        """The microphone's stream that has had its gain."""
        self._homes: dict[Kind, _Home] = {}
        self._last: Slider | None = None

    def look(self, wish: int | None = None, gain: int | None = None) -> Mixed:
        """See `mixer.Mixer.look`."""
        if wish is not None:
            self._wish.say(wish)
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
        self._last = None
        self._wish.forget_device()
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
            if (percent := self._wish.due(stream.sink)) is not None:
                self._pulse.volume_set_all_chans(sink, percent / 100)
                if self._wish.unmutes:
                    self._pulse.mute(sink, mute=False)
                self._wish.applied(stream.sink)
                sink = self._pulse.sink_info(stream.sink)
            self._last = _slider(sink)
            self._wish.percent = self._last.percent
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
    """PulseAudio's law is the cube of the slider."""
    highest = max(device.volume.values)
    factor = 0.0 if device.mute else min(_MOST_FACTOR, highest**3)
    return Slider(min(100, round(100 * highest)), factor, bool(device.mute), Turns.SERVER)
