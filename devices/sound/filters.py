"""Second-order filters, a frame at a time, without a loop over samples.

What a filter makes of a frame is what it makes of it from rest, by convolution, and what its past
rings on, which is linear in the last two samples on either side.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from devices.sound.echo.rates import Sound
from devices.sound.fourier import irfft, rfft
from devices.sound.protocol import FRAME

RATE = 48000


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Of b0 + b1·z⁻¹ + b2·z⁻² over 1 + a1·z⁻¹ + a2·z⁻², with complex poles."""

    b: tuple[float, float, float]
    a: tuple[float, float]


def high_pass(hertz: float) -> Coefficients:
    """12 dB an octave, -3 dB at `hertz` (R. Bristow-Johnson, Audio EQ Cookbook, Q 0.71)."""
    turn = 2 * math.pi * hertz / RATE
    alpha, cosine = math.sin(turn) / math.sqrt(2), math.cos(turn)
    side = (1 + cosine) / 2
    return _over(1 + alpha, (side, -2 * side, side), (-2 * cosine, 1 - alpha))


def notch(hertz: float, width: float, depth: float) -> Coefficients:
    """`depth` dB lower at `hertz`, half of that some `width` Hz around it (ibidem, peaking)."""
    turn = 2 * math.pi * hertz / RATE
    amplitude = 10 ** (-depth / 40)
    alpha, cosine = math.tan(math.pi * width / RATE), math.cos(turn)
    return _over(
        1 + alpha / amplitude,
        (1 + alpha * amplitude, -2 * cosine, 1 - alpha * amplitude),
        (-2 * cosine, 1 - alpha / amplitude),
    )


def _over(by: float, b: tuple[float, float, float], a: tuple[float, float]) -> Coefficients:
    return Coefficients((b[0] / by, b[1] / by, b[2] / by), (a[0] / by, a[1] / by))


class Biquad:
    def __init__(self, coefficients: Coefficients) -> None:
        b, (a1, a2) = coefficients.b, coefficients.a
        radius = math.sqrt(a2)
        angle = math.acos(max(-1.0, min(1.0, -a1 / (2 * radius))))
        at = np.arange(FRAME)
        poles = radius**at * np.sin((at + 1) * angle) / math.sin(angle)
        late = np.concatenate([[0.0], poles[:-1]])
        self._size = 2 * FRAME
        self._response = rfft(np.convolve(poles, b)[:FRAME], self._size)
        self._past = np.stack(
            [b[1] * poles + b[2] * late, b[2] * poles, -a1 * poles - a2 * late, -a2 * poles], 1
        )
        self._last = np.zeros(4)

    def process(self, sound: Sound | NDArray[np.float64]) -> NDArray[np.float64]:
        """One frame."""
        spectrum = rfft(sound.astype(np.float64), self._size)
        out: NDArray[np.float64] = irfft(spectrum * self._response, self._size)[:FRAME]
        out += self._past @ self._last
        self._last[:] = sound[-1], sound[-2], out[-1], out[-2]
        return out
