"""How much of what the loudspeaker plays goes out again, from what went in and what came out.

By power, over frames in which somebody far away speaks and nobody in the hall does, less the noise
of frames in which nobody speaks at all. People hear themselves beside a delay of some tenths of a
second down to -30 dB or so; ITU-T P.340 asks for -40 and more of a quiet room.
"""

import math
from collections import deque

import numpy as np

from devices.device import Echo, EchoState

_READY = -30.0
_LOUD = -26.0
"""dB of what is left, from which on it is no longer, or again, called ready."""
_BLOCK = 10
"""Frames that are measured as one: 0.1 s."""
_NEEDED, _MOST = 4, 30
"""Blocks that make a measurement, and of which it is the median: a word in the hall that was taken
for an echo does no harm."""
_QUIET = 80
"""Frames after which the hall has gone silent again."""
_LEARNING = 400
"""Frames with something played that the canceller has to learn the path."""
_STALE = 2000
"""Frames with something played in which nothing could be measured."""
_UNHEARD = 1000
"""The same, in which not even the delay was found."""
_AUDIBLE = 2e-6
_NOISE_FOLLOWS = 0.02


class EchoMeter:
    def __init__(self) -> None:
        self._block = np.zeros(3)
        """Played, heard and gone out."""
        self._in_block = 0
        self._blocks: deque[tuple[float, float]] = deque(maxlen=_MOST)
        """dB heard and gone out, of what was played."""
        self._noise = np.zeros(2)
        """Heard, and gone out."""
        self._played = 0
        self._without = 0
        self._state = EchoState.MEASURING
        self._unheard = False

    def not_heard(self) -> None:
        """A chirp was played and not found in the microphone."""
        self._unheard = not self._blocks

    def add(
        self, silent: int, reference: float, heard: float, out: float, *, speaks: bool, sure: bool
    ) -> None:
        """Mean squares of one frame, `silent` frames after something was played; `reference` is
        what was played as late as it is heard, and 0 while that is not known. `sure` says that
        the path of the echo is."""
        self._played += not silent
        self._without += not silent
        if speaks:
            self._start_block()
        elif silent >= _QUIET:
            follows = _NOISE_FOLLOWS if self._noise[0] else 1.0
            self._noise += follows * (np.array([heard, out]) - self._noise)
        elif reference > _AUDIBLE and (sure or self._played > _LEARNING):
            self._block += reference, heard, out
            self._in_block += 1
            if self._in_block == _BLOCK:
                self._finish_block()

    def _start_block(self) -> None:
        self._block[:] = 0
        self._in_block = 0

    def _finish_block(self) -> None:
        played, *sounds = self._block / _BLOCK
        heard, out = (
            max(-100.0, min(60.0, 10 * math.log10(max(sound - noise, 0.1 * noise, 1e-10) / played)))
            for sound, noise in zip(sounds, self._noise, strict=True)
        )
        self._blocks.append((heard, out))
        self._without = 0
        self._unheard = False
        self._start_block()

    def echo(self, delay: float | None) -> Echo:
        """As it stands now; `delay` is the canceller's, in seconds."""
        delay = _rounded(delay, 2)
        if len(self._blocks) < _NEEDED or self._without > _STALE:
            unheard = self._unheard or (delay is None and self._without > _UNHEARD)
            self._state = EchoState.UNHEARD if unheard else EchoState.MEASURING
            return Echo(self._state, delay=delay)
        heard, left = np.median(np.array(self._blocks), axis=0)
        limit = _LOUD if self._state is EchoState.READY else _READY
        self._state = EchoState.READY if left < limit else EchoState.LOUD
        return Echo(self._state, left=round(float(left)), heard=round(float(heard)), delay=delay)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
