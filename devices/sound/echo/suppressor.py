"""Takes away what the predicted echo leaves, and the noise, but not who speaks in the hall.

In short-time spectra of 20 ms at 48 kHz. The residual's power in each band is the predicted echo's
times a leakage, which is learned while nobody is near; a Wiener gain with a decision-directed
estimate (Ephraim and Malah, IEEE Trans. ASSP 32, 1984) follows from it. Whoever speaks in the hall
stands out in bands where little echo is predicted; only while nobody does, all is turned down.

A path that has changed looks different from somebody who speaks over the official: what is left
has the predicted echo's own pattern over time and frequency, at its own level. That shows within a
frame, and for certain within `_SURE` frames.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.noise import FLOOR as NOISE_FLOOR
from devices.sound.echo.noise import NoiseReducer
from devices.sound.echo.rates import Sound
from devices.sound.fourier import irfft, rfft

FRAME = 480
_BINS = FRAME + 1
_HERTZ = 50
_EDGES = np.unique(np.round(np.geomspace(200, 7400, 23) / _HERTZ).astype(int))
_BANDS = len(_EDGES) - 1
_TOP = int(_EDGES[-1])
_OF_BIN = np.clip(np.searchsorted(_EDGES, np.arange(_TOP), "right") - 1, 0, _BANDS - 1)
_UPPER = slice(4000 // _HERTZ, _TOP)
_TINY = 1e-10

_SURE = 12
"""Frames in which a change of the path shows for certain, or somebody's speech does."""
_LEVEL = -9.0
_ALIKE = 0.85
_SPREAD = 10.0
"""What is left is like the echo where four of five of its strong bands are no lower than that,
their levels in dB correlate so, and differ by so little."""

_ALONE_FLOOR = 10 ** (-32 / 20)
"""While nobody in the hall speaks."""
_BLIND_FLOOR = 10 ** (-21 / 20)
"""While nothing is known of the path: who speaks in the hall then is low, and not gone."""

_STANDS_OUT = 4.0
"""dB over what is expected that say nothing yet."""
_SPEAKS = 1.5
"""dB beyond that, in the mean of the bands."""
_GOES_ON = 0.6
"""Who is speaking for a while already needs so much less."""
_SPEAKING = 8
_GROWS = 3
_HOLD = 15
"""Frames for which somebody is listened for afterwards: for each in which he spoke, and at most."""

_RISE = 0.06
_RISE_FAST = 0.1
_FALL = 0.05
"""Share by which the leakage follows in a frame; fast while little is known of the path."""
_CLEAR = 10
"""Times the noise that an echo must be loud to tell of it."""
_WORKS = 0.3
_OVER = 2.0
_OVER_SPEECH = 0.3
"""Times the expected residual that is taken off. Who speaks covers what is left of it, and less is
taken off him."""
_DIRECTED = 0.5
_ECHOES = 0.1
"""Of the noise, from which on an expected residual is one."""
_TO_MEAN_SQUARE = 2 / (2 * FRAME * FRAME)
"""Of a window of 20 ms, the sum of whose squares is 480."""

Power = NDArray[np.float32]


@dataclass(slots=True)
class Cleaned:
    sound: Sound
    speaks: bool
    """Somebody in the hall does, or did within 0.1 s."""
    changed: bool
    """The path has, for certain."""
    noise: float
    """Mean square of the noise that is left in the sound."""


class Suppressor:
    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(2 * FRAME + 1)[:-1]).astype(np.float32)
        self._pasts = np.zeros((2, FRAME), np.float32)
        self._rest = np.zeros(FRAME, np.float32)
        self._reducer = NoiseReducer(_BINS)
        self._noise: Power = np.full(_BINS, 1e-5, np.float32)
        self._smooth: Power = np.full(_BINS, 1e-5, np.float32)
        self._leak: Power = np.ones(_BANDS, np.float32)
        self._residual: Power = np.zeros(_TOP, np.float32)
        self._clean: Power = np.zeros(_TOP, np.float32)
        self._levels = np.zeros((2, _SURE, _BANDS), np.float32)
        self._with_echo = 0
        self._hold = 0
        self._speaking = 0

    def process(
        self, left: Sound, echo: Sound, before: Sound | None, blind: bool, *, music: bool = False
    ) -> Cleaned:
        """One frame each of what is left behind the filter, of the predicted echo, and of that by
        the path that held before the last change, as long as that is the better guess. `blind`
        says that there may be echo of which nothing is known. `music` comes out as it is."""
        now = np.stack([left, echo] if before is None else [left, echo, before])
        if len(now) != len(self._pasts):
            self._pasts = np.concatenate([self._pasts[:2], self._pasts[1:2]])[: len(now)]
        spectra = rfft(np.concatenate([self._pasts, now], axis=1) * self._window)
        self._pasts = now
        power = spectra.real**2 + spectra.imag**2 + np.float32(_TINY)
        seen, of_echo = power[:2]
        self._follow_noise(seen)
        bands = np.add.reduceat(power[:, :_TOP], _EDGES[:-1], axis=1)
        noise = np.add.reduceat(self._noise[:_TOP], _EDGES[:-1])
        far = bool(bands[1:].sum(axis=1).max() > 2 * noise.sum() + 1e-3)

        expected = self._leak[_OF_BIN] * of_echo[:_TOP]
        if before is not None:
            np.maximum(expected, 2 * power[2, :_TOP], out=expected)
        like_echo, changed = self._compare(
            bands[0], bands[1], far and before is None and self._trusted(bands[1])
        )
        if like_echo:
            np.maximum(expected, 2 * of_echo[:_TOP], out=expected)
        np.maximum(expected, 0.7 * self._residual, out=self._residual)
        expected_bands = np.add.reduceat(self._residual, _EDGES[:-1])
        above = 10 * np.log10(bands[0] / (expected_bands + 1.5 * noise))
        stands_out = float(np.clip(above - _STANDS_OUT, 0, 12).mean())
        if self._hold > _SPEAKING:
            stands_out += _GOES_ON
        if stands_out > (_SPEAKS if before is None else 2 * _SPEAKS) and not blind:
            self._hold = min(_HOLD, self._hold + _GROWS)
        elif self._hold:
            self._hold -= 1
        self._speaking = self._speaking + 1 if self._hold else 0
        if far and (blind or not self._hold) and not like_echo:
            self._learn_leak(bands, noise, _RISE_FAST if blind or before is not None else _RISE)

        if changed:
            self._hold = 0
        certain = self._hold and before is None and not like_echo
        gain = self._gain(seen, far, _OVER_SPEECH if certain else _OVER)
        if blind:
            gain *= np.float32(_BLIND_FLOOR)
        elif far and (like_echo or not self._hold):
            np.minimum(gain, np.float32(_ALONE_FLOOR), out=gain)
        if music:
            gain[:] = 1
        self._clean = gain[:_TOP] ** 2 * seen[:_TOP]
        sound = irfft(spectra[0] * gain) * self._window
        out = sound[:FRAME] + self._rest
        self._rest = sound[FRAME:]
        noise_left = NOISE_FLOOR**2 * _TO_MEAN_SQUARE * float(self._reducer.noise.sum())
        return Cleaned(out, self._hold > 0, changed, noise_left)

    def _gain(self, seen: Power, far: bool, over: float) -> Power:
        gain = self._reducer.gain(seen)
        noise = 1.5 * self._noise[:_TOP]
        residual = np.float32(over) * self._residual
        against = noise + residual
        ratio = np.maximum(seen[:_TOP] / against - 1, 0)
        ratio = _DIRECTED * self._clean / against + (1 - _DIRECTED) * ratio
        spared = np.maximum(ratio / (1 + ratio), np.float32(NOISE_FLOOR) * np.sqrt(noise / against))
        # The floor is for noise; what is echo goes below it.
        echoes = residual > _ECHOES * noise
        gain[:_TOP] = np.where(echoes, np.minimum(gain[:_TOP], spared), gain[:_TOP])
        if far:
            # Of the highest frequencies no echo is predicted.
            upper = float(gain[_UPPER].mean())
            np.minimum(gain[_TOP:], upper**2, out=gain[_TOP:])
        return gain

    def _follow_noise(self, seen: Power) -> None:
        """The lowest level of each bin; it may rise by 2 dB a second."""
        self._smooth += np.float32(0.15) * (seen - self._smooth)
        falls = self._smooth < self._noise
        self._noise = np.where(
            falls, self._noise + 0.2 * (self._smooth - self._noise), self._noise * 1.005
        ).astype(np.float32)

    def _compare(self, seen: Power, echo: Power, far: bool) -> tuple[bool, bool]:
        self._with_echo = self._with_echo + 1 if far else 0
        self._levels[:, 1:] = self._levels[:, :-1]
        self._levels[:, 0] = 10 * np.log10(np.stack([seen, echo]))
        if not far:
            return False, False
        # Two voices can be alike for a moment, but not for long.
        some = 1 if self._speaking < _SURE else _SURE // 2
        now = self._with_echo >= some and _is_alike(self._levels[:, :some])
        if some == 1 and not now and self._with_echo > 1:
            now = _is_alike(self._levels[:, :2])
        return now, now and self._with_echo >= _SURE and _is_alike(self._levels)

    def _trusted(self, echo: Power) -> bool:
        """Whether the path was good enough that its failing means something."""
        return int(np.count_nonzero(self._leak < _WORKS)) > _BANDS / 2

    def _learn_leak(self, bands: Power, noise: Power, rise: float) -> None:
        leaks = np.maximum(bands[0] - noise, 0) / bands[1]
        heard = bands[1] > _CLEAR * noise
        speed = np.where(leaks > self._leak, rise, _FALL)
        self._leak += np.where(heard, speed * (np.clip(leaks, 1e-4, 2) - self._leak), 0)


def _is_alike(levels: NDArray[np.float32]) -> bool:
    """Whether what is left has the pattern and the level of the predicted echo."""
    seen, echo = levels.reshape(2, -1)
    strong = echo >= np.partition(echo, len(echo) // 2)[len(echo) // 2]
    above = (seen - echo)[strong]
    if np.partition(above, len(above) // 5)[len(above) // 5] < _LEVEL:
        return False
    if float(np.std(above)) > _SPREAD:
        return False
    a, b = seen - seen.mean(), echo - echo.mean()
    return float(a @ b) > _ALIKE * float(np.sqrt((a @ a) * (b @ b)))
