"""Between 48 kHz and 16 kHz, and between two clocks: small filters that keep their own past."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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
        windows: Sound = sliding_window_view(whole, _TAPS)[::FACTOR] @ self._taps
        return windows


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
        return (sliding_window_view(whole, len(self._phases)) @ self._phases).ravel()


REACH = 16
"""Samples that `between` needs on either side."""
_STEPS = np.arange(1 - REACH, REACH + 1)
_KAISER = 7.0


def between(sound: Sound, begin: float, step: float, length: int) -> Sound:
    """`length` samples of `sound` at the positions begin, begin + step, …; step is next to 1.

    Two windowed sincs, one for the first and one for the last position, are faded into each other:
    the position moves by some hundredths of a sample meanwhile.
    """
    whole = int(np.floor(begin))
    first = begin - whole
    last = first + (step - 1) * length
    taps = np.stack([_sinc(first), _sinc(last)], axis=1)
    windows = sliding_window_view(sound[whole + 1 - REACH : whole + length + REACH], 2 * REACH)
    both = windows @ taps
    fade = np.arange(length, dtype=np.float32) / np.float32(length)
    mixed: Sound = both[:, 0] + fade * (both[:, 1] - both[:, 0])
    return mixed


def _sinc(part: float) -> Sound:
    at = _STEPS - part
    window = np.i0(_KAISER * np.sqrt(np.maximum(0, 1 - (at / REACH) ** 2))) / np.i0(_KAISER)
    taps: Sound = (np.sinc(at) * window).astype(np.float32)
    return taps
