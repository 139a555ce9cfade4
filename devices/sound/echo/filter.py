"""Applies a path of 640 ms without waiting for more than the 10 ms at hand."""

import numpy as np

from devices.sound.echo.learner import TAPS
from devices.sound.echo.rates import Sound
from devices.sound.fourier import irfft, rfft

FRAME = 160
"""10 ms at 16 kHz."""
_PARTITIONS = TAPS // FRAME


class PathFilter:
    """Uniformly partitioned overlap-save (Gardner, "Efficient convolution without input-output
    delay", JAES 43, 1995, without the smaller parts)."""

    def __init__(self) -> None:
        self._past = np.zeros((2 * _PARTITIONS, FRAME + 1), np.complex64)
        self._newest = 0
        self._last = np.zeros(FRAME, np.float32)
        self._path = np.zeros((_PARTITIONS, FRAME + 1), np.complex64)
        self._silent = _PARTITIONS + 1
        """Frames since the last in which something was played."""

    def set_path(self, path: Sound) -> None:
        self._path = rfft(path.reshape(_PARTITIONS, FRAME), 2 * FRAME)

    def copy(self) -> "PathFilter":
        """With the same past and path."""
        other = PathFilter()
        other._past, other._newest = self._past.copy(), self._newest
        other._last, other._path, other._silent = self._last, self._path, self._silent
        return other

    def process(self, played: Sound) -> Sound:
        """One frame of what was played to one of its echo."""
        self._silent = 0 if played.any() else self._silent + 1
        if self._silent > _PARTITIONS:
            self._last = played
            return np.zeros(FRAME, np.float32)
        spectrum = rfft(np.concatenate([self._last, played]))
        self._last = played
        # Each is kept twice, so that the past is one piece of memory, newest first.
        self._newest = (self._newest - 1) % _PARTITIONS
        self._past[self._newest] = self._past[self._newest + _PARTITIONS] = spectrum
        past = self._past[self._newest : self._newest + _PARTITIONS]
        echo: Sound = irfft(np.einsum("pk,pk->k", self._path, past))[FRAME:]
        return echo
