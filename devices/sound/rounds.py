"""Notices that what is heard comes round again and is louder: a loop of a long way round.

A loop of more than a tenth of a second does not ring at one tone, but at many at once, a few Hz
apart, which beat; none of them stands out or grows evenly, and `howl.HowlDetector` sees nothing.
What such a loop does is to say everything again, louder. So the spectrum's course over time is
compared with itself at each of the times that a way round may take. A tone that is held has no
course, whatever its level does; music and speech say again what they said, if at all, as loud as
before, or are alike for no longer than their beginning lasts.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_LEAST, _MOST = 3, 25
"""Looks of 20 ms that a way round takes, the sound card's and our own share included."""
_OVER = 20
"""Looks that are compared, 0.4 s."""
_FIRST, _LAST = 20, 384
"""Bins of 15.6 Hz: 310 Hz to 6 kHz."""
_DEPTH, _FLOOR = 40.0, -80.0
"""dB below the loudest that count, and dBFS."""
_BEFORE = 12.0
"""dB by which that is lower for what was before, because it grew."""
_BROAD = 14.0
"""Bins, two at a time, over which the course is spread: that of a single voice or instrument that
swells, whose vibrato comes round, too, is in a few."""
_ALIKE = 0.45
"""Correlation, -1 to 1."""
_LOUDER = 3.0
"""dB from one round to the next."""
_LOUD = -48.0
"""dBFS, below which nobody hears it."""
_SAME = 1
"""Looks by which a way round may seem to differ from one comparison to the next."""
_EVERY = 2
"""One look in so many compares."""
_CERTAIN = 10
"""Comparisons that have to say so, more than say nothing. Words that begin, and applause, made
eight."""


class Rounds:
    """Of the spectra of one microphone, 20 ms apart."""

    def __init__(self) -> None:
        bins = (_LAST - _FIRST) // 2
        self._powers: NDArray[np.float32] = np.full((_OVER + _MOST, bins), 1e-12, np.float32)
        self._looks = 0
        self._alike = 0
        """Comparisons that said so, less those that did not."""
        self._round = 0
        """Looks that the way round took."""

    def look(self, power: NDArray[np.float32]) -> bool:
        """Whether it comes round louder. `power` is 384 bins of 15.6 Hz or more, 1 for a tone of
        full scale."""
        self._looks += 1
        self._powers[:-1] = self._powers[1:]
        self._powers[-1] = power[_FIRST:_LAST].reshape(-1, 2).sum(axis=1)
        if self._looks % _EVERY == 0 and self._looks >= len(self._powers):
            self._count(*self._compare())
        return self._alike >= _CERTAIN

    def _count(self, looks: int, alike: float, louder: float) -> None:
        if alike < _ALIKE or louder < _LOUDER:
            self._alike = max(0, self._alike - 1)
            return
        same = not self._alike or abs(looks - self._round) <= _SAME
        self._alike = min(self._alike + 1, _CERTAIN) if same else self._alike - 1
        self._round = looks

    def _compare(self) -> tuple[int, float, float]:
        """Looks that the way round takes, if there is one, how much alike it is to what was before
        (-1 to 1), and dB by which it is louder."""
        of_looks = self._powers.sum(axis=1, dtype=np.float64)
        now = float(of_looks[-_OVER:].mean())
        if now < 10 ** (_LOUD / 10):
            return 0, 0.0, 0.0
        levels = 10 * np.log10(self._powers)
        lowest = max(float(levels[-_OVER:].max()) - _DEPTH, _FLOOR)
        course = np.maximum(levels[-_OVER:], lowest)
        course = course - course.mean(axis=0)
        shares = np.square(course, dtype=np.float64).sum(axis=0)
        if shares.sum() ** 2 <= _BROAD * float(shares @ shares):
            return 0, 0.0, 0.0
        # Each run that begins earlier; the last of them is `_LEAST` looks before this one.
        before = np.maximum(levels[:-_LEAST] - lowest + _BEFORE, 0.0)
        products = sliding_window_view(before @ course.T, _OVER, axis=0)
        sums = np.trace(products, axis1=1, axis2=2)
        alike = sums / np.sqrt(_spreads(before) * shares.sum() + 1.0)
        best = int(np.argmax(alike))
        louder = 10 * np.log10(now / float(of_looks[best : best + _OVER].mean()))
        return len(of_looks) - _OVER - best, float(alike[best]), float(louder)


def _spreads(levels: NDArray[np.float32]) -> NDArray[np.float64]:
    """Of each run of `_OVER` looks, the sum of squares about each bin's mean, 0 or above."""
    nothing = np.zeros((1, levels.shape[1]))
    sums = np.concatenate([nothing, np.cumsum(levels, axis=0, dtype=np.float64)])
    whole = np.square(levels, dtype=np.float64).sum(axis=1)
    squares = np.concatenate([[0.0], np.cumsum(whole)])
    means = sums[_OVER:] - sums[:-_OVER]
    spreads = squares[_OVER:] - squares[:-_OVER] - np.square(means).sum(axis=1) / _OVER
    return np.asarray(np.maximum(spreads, 0.0))
