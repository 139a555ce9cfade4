"""Lowers a steady noise: a fan, rain on the roof, a street.

How loud it is in each bin is followed where nobody seems to speak (Gerkmann and Hendriks, "Unbiased
MMSE-based noise power estimation with low complexity and low tracking delay", IEEE Trans. ASL 20,
2012), but never far above the lowest of the last five seconds, so that a long vowel or a hall's
reverberation is not taken for noise (Martin, "Noise power spectral density estimation based on
optimal smoothing and minimum statistics", IEEE Trans. SAP 9, 2001). The gain is Wiener's, with a
decision-directed estimate (Ephraim and Malah, 1984).
"""

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.rates import windows

Power = NDArray[np.float32]

FLOOR = 10 ** (-15 / 20)
_SPEECH = 10**1.5
"""Power over the noise that is expected of speech, 15 dB."""
_STUCK = 0.99
_CHANCE_FOLLOWS = 0.1
_FOLLOWS = 0.05
_FIRST = 10
"""Frames at the start that are taken for noise."""
_ASIDE = 5
_SMOOTH = 0.2
_SPAN, _SPANS = 25, 20
"""Frames whose lowest level is kept, and how many such are looked at."""
_ABOVE_LOWEST = 2.0
_DIRECTED = 0.92
_LEAST = 0.003
"""Of a ratio of speech to noise."""
_TINY = 1e-10


class NoiseReducer:
    def __init__(self, bins: int) -> None:
        self._followed: Power = np.zeros(bins, np.float32)
        self._chance: Power = np.full(bins, 0.5, np.float32)
        self._smooth: Power = np.zeros(bins, np.float32)
        self._lowest: Power = np.full((_SPANS + 1, bins), np.inf, np.float32)
        """Of the span under way, then of those before it, then of all of these."""
        self._clean: Power = np.zeros(bins, np.float32)
        self._frames = 0

    def gain(self, power: Power) -> Power:
        """For each bin of one frame's spectrum."""
        self._frames += 1
        self._follow(power)
        against = self.noise
        ratio = np.float32(_DIRECTED) * self._clean / against
        ratio += np.float32(1 - _DIRECTED) * np.maximum(power / against - 1, 0)
        np.maximum(ratio, np.float32(_LEAST), out=ratio)
        gain: Power = ratio / (1 + ratio)
        self._clean = gain**2 * power
        return np.maximum(gain, np.float32(FLOOR))

    @property
    def noise(self) -> Power:
        """Power of the noise in each bin."""
        lowest = np.minimum(self._lowest[0], self._lowest[-1])
        noise: Power = np.minimum(self._followed, np.float32(_ABOVE_LOWEST) * lowest)
        return noise + np.float32(_TINY)

    def _follow(self, power: Power) -> None:
        if self._frames <= _FIRST:
            self._smooth += np.float32(1 / self._frames) * (power - self._smooth)
            # A noise has its neighbours; a tone that is there from the beginning is none.
            around = windows(np.pad(self._smooth, _ASIDE, "edge"), 2 * _ASIDE + 1, 1)
            self._followed = np.minimum(2 * np.median(around, axis=1), self._smooth)
        else:
            above = np.minimum(power / (self._followed + np.float32(_TINY)), 100)
            speech = np.exp(above * np.float32(-_SPEECH / (1 + _SPEECH)))
            chance = 1 / (1 + np.float32(1 + _SPEECH) * speech)
            self._chance += np.float32(_CHANCE_FOLLOWS) * (chance - self._chance)
            stuck = self._chance > _STUCK
            chance[stuck] = np.minimum(chance[stuck], np.float32(_STUCK))
            self._followed += np.float32(_FOLLOWS) * (1 - chance) * (power - self._followed)
            self._smooth += np.float32(_SMOOTH) * (power - self._smooth)
        lowest = self._lowest
        if self._frames % _SPAN == 0:
            lowest[1:-1] = lowest[:-2].copy()
            lowest[0] = self._smooth
            lowest[-1] = lowest[1:-1].min(axis=0)
        elif self._frames >= _FIRST:
            np.minimum(lowest[0], self._smooth, out=lowest[0])
        else:
            lowest[0] = self._smooth
