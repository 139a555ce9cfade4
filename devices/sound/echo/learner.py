"""Learns the way from the loudspeaker to the microphone: the impulse response of the hall.

Least squares over the last seconds, w = R⁻¹·Xᵀd, with 10240 taps far too many to invert anything.
What makes it cheap:

- R, the correlation of the played sound with itself, is taken for Toeplitz, so that R·v is two
  Fourier transforms. It overestimates the true one by what the last 0.64 s miss, so that a step
  may be too short but never too long.
- The gradient g = Xᵀ(d - X·w) is kept exactly: each block adds what its own error says, and each
  step takes off R times the step. So the approximation delays and does not bias.
- Two steps of conjugate gradients a block, preconditioned by 1/R in the frequency domain, are
  enough because the path holds still from block to block (Boray and Srinath, "Conjugate gradient
  techniques for adaptive filtering", IEEE Trans. CAS-I 39, 1992).

From speech, whose spectrum is far from white, it gets to 20 dB in 1.5 s, where a partitioned-block
Kalman filter of the same length needs more than 8 s. A block costs some 2 ms.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.rates import Sound
from devices.sound.fourier import irfft, rfft

TAPS = 10240
"""640 ms at 16 kHz."""
BLOCK = 960
"""60 ms."""
_MEMORY = 100.0
"""Blocks with something played, until what was learned counts a third: 6 s."""
_STEPS = 2
_SIZE = 11_520
"""At least `TAPS + BLOCK`, and quick to transform."""
_FALL = 1600
"""Taps in which the power that is expected of the path falls to a third."""
_STRENGTH = 1e-3
"""Expected power of the first tap: a path of about 0 dB in all."""
_NOISE = 1e-6
"""Power of what is no echo, against which that expectation weighs: -60 dBFS."""


@dataclass(slots=True)
class Lesson:
    """What one block said. Sounds of `BLOCK` samples."""

    echo: Sound
    """As the path says that it sounds."""
    error: Sound
    """What the microphone heard beside it."""


class PathLearner:
    def __init__(self) -> None:
        self.path: Sound = np.zeros(TAPS, np.float32)
        self._size = _SIZE
        self._double = 2 * TAPS
        self._weight, self._weight_double = _emphasis(self._size), _emphasis(self._double)
        self._keep = np.float32(np.exp(-1 / _MEMORY))
        expected = _STRENGTH * np.exp(-np.arange(TAPS) / _FALL)
        self._doubt: Sound = (_NOISE / expected).astype(np.float32)
        self._shape: Sound = (1 / (1 + self._doubt / (300 * self._doubt[0]))).astype(np.float32)
        self.forget()

    def forget(self) -> None:
        """All that was heard; the path stays until something better is known."""
        self._gradient: Sound = np.zeros(TAPS, np.float32)
        self._correlation: Sound = np.zeros(TAPS, np.float32)
        self._recent: list[tuple[float, Sound]] = []
        self._is_new = True
        self._waits = False

    def predict(self, played: Sound, heard: Sound) -> Lesson:
        """`played` are TAPS + BLOCK samples and end with the block that was `heard`."""
        self._played = rfft(played, self._size)
        self._response = rfft(self.path, self._size)
        echo = irfft(self._played * self._response, self._size)[TAPS : TAPS + BLOCK]
        return Lesson(echo, heard - echo)

    def echo_of(self, other: Sound) -> Sound:
        """What the path of the last prediction would make of something else that was played."""
        echo: Sound = irfft(rfft(other, self._size) * self._response, self._size)
        return echo[TAPS : TAPS + BLOCK]

    def learn(self, played: Sound, lesson: Lesson, trust: float, *, calm: bool = False) -> None:
        """From the block that was predicted last; `trust` 0 to 1 says how little of its error is
        somebody speaking in the hall. A path that holds still, `calm`, takes a step for every
        second block: a step is most of the work."""
        both = np.zeros((2, self._size), np.float32)
        both[0, TAPS : TAPS + BLOCK] = lesson.error
        both[1, TAPS : TAPS + BLOCK] = played[TAPS:]
        against = self._played.conj() * self._weight
        error, own = irfft(against * rfft(both), self._size)[:, :TAPS]
        if self._is_new:
            # What was played before the first block is in what is heard in it.
            past = np.abs(rfft(played, self._double)) ** 2
            self._correlation = irfft(past * self._weight_double, self._double)[:TAPS] - own
            self._is_new = False
        keep = 1 - (1 - self._keep) * np.float32(trust)
        self._gradient = keep * self._gradient + np.float32(trust) * error
        self._correlation = keep * self._correlation + np.float32(trust) * own
        # What was played while somebody spoke counted little, but is in what is heard now: without
        # it R would be too small, and the step too long.
        self._recent = [(weight * float(keep), past) for weight, past in self._recent[-10:]]
        for number, (weight, past) in enumerate(self._recent):
            if trust > weight:
                self._correlation += np.float32(trust - weight) * past
                self._recent[number] = trust, past
        self._recent.append((trust, own))
        self._waits = calm and not self._waits
        if not self._waits:
            self._step()

    def _step(self) -> None:
        row = np.zeros(self._double, np.float32)
        row[:TAPS] = self._correlation
        row[1 - TAPS :] = self._correlation[:0:-1]
        spectrum = np.maximum(rfft(row).real, 0)
        inverse = 1 / (_smooth(spectrum) + 3 * self._doubt[0])

        def filtered(v: Sound, response: NDArray[np.float32]) -> Sound:
            out: Sound = irfft(response * rfft(v, self._double), self._double)
            return out[:TAPS]

        def times(v: Sound) -> Sound:
            return filtered(v, spectrum) + self._doubt * v

        def shaped(v: Sound) -> Sound:
            return filtered(v * self._shape, inverse) * self._shape

        rest = self._gradient - self._doubt * self.path
        change = np.zeros(TAPS, np.float32)
        direction = shaped(rest)
        slope = float(rest @ direction)
        for number in range(_STEPS):
            if number:
                next_direction = shaped(rest)
                next_slope = float(rest @ next_direction)
                direction = next_direction + np.float32(next_slope / (slope + 1e-20)) * direction
                slope = next_slope
            moved = times(direction)
            length = np.float32(slope / (float(direction @ moved) + 1e-20))
            change += length * direction
            rest -= length * moved
        self.path = self.path + change
        self._gradient = rest + self._doubt * self.path


def _smooth(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over 17 bins, 13 Hz."""
    sums = np.cumsum(np.pad(power, (9, 8), "edge"), dtype=np.float64)
    smooth: NDArray[np.float32] = ((sums[17:] - sums[:-17]) / 17).astype(np.float32)
    return smooth


def _emphasis(size: int) -> NDArray[np.float32]:
    """Speech and noise both fall towards high frequencies: errors there must weigh more."""
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    weight: NDArray[np.float32] = (np.abs(1 - 0.9 * turn) ** 2).astype(np.float32)
    return weight
