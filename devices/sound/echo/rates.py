"""Between 48 kHz and 16 kHz, and between two clocks: small filters that keep their own past."""

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

FACTOR = 3
"""48 kHz to the canceller's 16 kHz."""
DELAY = 48
"""Samples at 48 kHz by which each of the two ways is late."""
_TAPS = 2 * DELAY + 1
_CUTOFF = 7400 / 24000
"""Of Nyquist at 48 kHz: what folds back lands above 7 kHz."""


def _low_pass() -> Sound:
    at = np.arange(_TAPS) - DELAY
    taps = _CUTOFF * np.sinc(_CUTOFF * at) * np.kaiser(_TAPS, 6)
    low_pass: Sound = (taps / taps.sum()).astype(np.float32)
    return low_pass


class Down:
    """Every third sample of the low-passed sound."""

    def __init__(self) -> None:
        self._past = np.zeros(_TAPS - 1, np.float32)
        self._taps = _low_pass()

    def process(self, sound: Sound) -> Sound:
        """From 3·n samples n; late by `DELAY`."""
        whole = np.concatenate([self._past, sound])
        self._past = whole[-(_TAPS - 1) :]
        if not whole.any():
            return np.zeros(len(sound) // FACTOR, np.float32)
        return windows(whole, _TAPS, FACTOR) @ self._taps


class Up:
    """Back to 48 kHz."""

    def __init__(self) -> None:
        each = -(-_TAPS // FACTOR)
        taps = np.zeros(each * FACTOR, np.float32)
        taps[:_TAPS] = _low_pass() * FACTOR
        # A row for each tap of a phase, oldest sample first.
        self._phases = np.ascontiguousarray(taps.reshape(each, FACTOR)[::-1])
        self._past = np.zeros(each - 1, np.float32)

    def process(self, sound: Sound) -> Sound:
        """From n samples 3·n; late by `DELAY`."""
        whole = np.concatenate([self._past, sound])
        self._past = whole[-len(self._past) :]
        if not whole.any():
            return np.zeros(FACTOR * len(sound), np.float32)
        return (windows(whole, len(self._phases), 1) @ self._phases).ravel()


def windows(sound: Sound, length: int, step: int) -> Sound:
    """Each window of that length, `step` samples apart, a row each: a view of contiguous sound.

    As numpy's `sliding_window_view`, whose checks take longer than the filters here.
    """
    rows = (len(sound) - length) // step + 1
    size = sound.itemsize
    return np.ndarray((rows, length), sound.dtype, sound, strides=(step * size, size))


REACH = 16
"""Samples that `between` needs on either side."""
_STEPS = np.arange(1 - REACH, REACH + 1)


def between(sound: Sound, begin: float, step: float, length: int) -> Sound:
    """`length` samples of `sound` at the positions begin, begin + step, …; step is next to 1.

    Two windowed sincs, one for the first and one for the last position, are faded into each other:
    the position moves by some hundredths of a sample meanwhile.
    """
    whole = int(np.floor(begin))
    first = begin - whole
    near = sound[whole + 1 - REACH : whole + length + REACH]
    if not near.any():
        return np.zeros(length, np.float32)
    at = _STEPS[:, None] - np.array([first, first + (step - 1) * length])
    taps = (np.sinc(at) * np.cos(np.pi / 2 / REACH * at) ** 2).astype(np.float32)
    both = windows(near, 2 * REACH, 1) @ taps
    fade = np.arange(length, dtype=np.float32) / np.float32(length)
    mixed: Sound = both[:, 0] + fade * (both[:, 1] - both[:, 0])
    return mixed
