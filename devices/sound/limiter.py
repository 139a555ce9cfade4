"""Keeps a sound below full scale without anybody hearing that it does.

It looks 2.5 ms ahead, so that the gain is down when a peak arrives and need not jump; it comes back
by 20 dB a second. Between the samples, where a converter's filter rises above them, it looks, too
(ITU-R BS.1770-5, annex 2: four points for one). What is quiet enough passes unchanged.
"""

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.rates import Sound, windows

CEILING = 10 ** (-1.3 / 20)
"""Of what it takes for the true peak; what that misses stays below -1 dBFS."""
_STEP = 24
"""Samples, half a millisecond, for which one gain is looked for."""
_AHEAD = 5
_REACH = 12
_PHASES = 4
LATENCY = _STEP * _AHEAD + _REACH
"""Samples by which what comes out is late."""
_RISE = 0.01
"""dB a step by which the gain comes back."""
_SAFE = CEILING / 2
"""Where no sample is above that, nothing between them is above the ceiling."""


class Limiter:
    """Of frames of any whole number of steps of 24 samples, full scale at 1."""

    def __init__(self) -> None:
        # For each of 24 samples, what it adds to the points between the middle two.
        at = np.arange(2 * _REACH)[:, None] - (_REACH - 1) - np.arange(1, _PHASES) / _PHASES
        self._taps = (np.sinc(at) * np.cos(np.pi / 2 / _REACH * at) ** 2).astype(np.float32)
        self._past = np.zeros(LATENCY, np.float32)
        self._needed = np.zeros(2 * _AHEAD)
        """dB for each of the last steps, 0 or below."""

    @property
    def reduction(self) -> float:
        """dB by which it turns down now, 0 or above."""
        return -float(self._needed[-1])

    def process(self, sound: Sound) -> Sound:
        """The result is late by `LATENCY`."""
        whole = np.concatenate([self._past, sound])
        self._past = whole[-LATENCY:]
        late = whole[: len(sound)]
        # The last `_REACH` samples have no right side yet; they are looked at in the next frame.
        seen = whole[LATENCY - 2 * _REACH + 1 :]
        if max(float(seen.max()), -float(seen.min())) < _SAFE and not self._needed.any():
            return late
        needed = np.concatenate([self._needed, self._needs(seen)])
        self._needed = needed[-2 * _AHEAD :]
        # Each edge of a step gets a mean of what its surroundings need: no step needs less.
        lowest = windows(needed, _AHEAD + 1, 1).min(axis=1)
        edges = windows(lowest, _AHEAD, 1).mean(axis=1)
        decibels = np.interp(np.arange(len(sound)), np.arange(len(edges)) * _STEP, edges)
        gain: Sound = (10 ** (decibels / 20)).astype(np.float32)
        return late * gain

    def _needs(self, seen: Sound) -> NDArray[np.float64]:
        points = np.abs(windows(seen, 2 * _REACH, 1) @ self._taps).max(axis=1)
        peaks = np.maximum(points, np.abs(seen[_REACH - 1 : _REACH - 1 + len(points)]))
        of_steps = np.maximum(peaks.reshape(-1, _STEP).max(axis=1), 1e-9)
        needed = np.minimum(20 * np.log10(CEILING / of_steps), 0)
        # It rises by so much a step at most: from the lowest of all before it, each come back
        # for as long as it is ago.
        rises = _RISE * np.arange(len(needed) + 1)
        risen = np.minimum.accumulate(np.append(self._needed[-1], needed) - rises) + rises
        gains: NDArray[np.float64] = np.minimum(risen[1:], 0)
        return gains
