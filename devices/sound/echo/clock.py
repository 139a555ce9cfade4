"""Follows the loudspeaker's clock, which runs some ppm faster or slower than the microphone's.

A path that is late by τ leaves the error -τ·y', with y' the slope of the predicted echo. Each block
measures τ so, and a Kalman filter of two states, lateness and rate, makes the rate of it; 100 ppm
are 0.1 samples a block, and a block whose echo is 20 dB down tells 0.01 samples.
"""

import math

import numpy as np

from devices.sound.echo.learner import BLOCK, Lesson
from devices.sound.echo.rates import Sound

_MOST = 3e-4
"""Clocks of sound cards are within 100 ppm each of the right time."""
_RATE_DOUBT = 8e-5
_RATE_WANDERS = 5e-7
"""Root mean square change in a block."""
_RATE_AT_FIRST = 1e-5
_AT_FIRST = 30
"""The same while it is new, and blocks in which that falls to a third."""
_LATENESS_WANDERS = 2e-3
_CAUTION = 4.0
"""The error is alike from block to block and not as random as the filter takes it for."""
_KNOWN = 0.3
"""Share of the echo's power that an error may have: before that, the path tells nothing."""


class Clock:
    def __init__(self) -> None:
        self.rate = 0.0
        """By which share less is played than heard."""
        self._late = 0.0
        self._blocks = 0
        self._covariance = np.diag([0.0, (_RATE_DOUBT * BLOCK) ** 2])

    def follow(self, lesson: Lesson) -> float:
        """By how many samples the reference should be read later from now on."""
        covariance = self._covariance
        covariance[0, 0] += 2 * covariance[0, 1] + covariance[1, 1] + _LATENESS_WANDERS**2
        covariance[0, 1] += covariance[1, 1]
        covariance[1, 0] = covariance[0, 1]
        wanders = max(_RATE_WANDERS, _RATE_AT_FIRST * math.exp(-self._blocks / _AT_FIRST))
        covariance[1, 1] += (wanders * BLOCK) ** 2
        slope = 0.5 * (lesson.echo[2:] - lesson.echo[:-2])
        error, echo = lesson.error[1:-1], lesson.echo[1:-1]
        strength = float(slope @ slope)
        left = float(error @ error)
        if strength > 1e-7 and left < _KNOWN * float(echo @ echo):
            self._blocks += 1
            surprise = -float(error @ slope) / strength - self._late
            gain = covariance[:, 0] / (covariance[0, 0] + _CAUTION * left / strength)
            self._covariance = covariance - np.outer(gain, covariance[0])
            self._late += float(gain[0]) * surprise
            self.rate = float(np.clip(self.rate + gain[1] * surprise / BLOCK, -_MOST, _MOST))
        late, self._late = self._late, 0.0
        return late

    def path_moved(self, before: Sound, path: Sound) -> None:
        """The learner took some of the lateness into the path, which must not count twice."""
        slope = 0.5 * (before[2:] - before[:-2])
        strength = float(slope @ slope)
        if strength > 1e-9:
            moved = -float((path - before)[1:-1] @ slope) / strength
            self._late -= moved
            self._covariance[0, 0] += (0.5 * moved) ** 2
