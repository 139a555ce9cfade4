"""Follows how hard the loudspeaker's amplifier is driven, and bends the reference as it does.

A path of taps cannot know that loud parts are squeezed. The bend is tanh(√a·x)/√a, of which
-x³/3 is the slope by a at a = 0: what of the error looks like the echo of the cubed reference tells
how far a is off (a Wiener-Hammerstein model's memoryless part, by one parameter).
"""

import numpy as np

from devices.sound.echo.rates import Sound

_MOST = 60.0
_KEEP = 0.9
_SPEED = 0.3
_SHOWS = 0.03
"""Share of the error that has to look so; of what is no overdrive, 0.01 does by chance."""
_STRAIGHT = 0.05


class Overdrive:
    def __init__(self) -> None:
        self.drive = 0.0
        self._sums = np.zeros(3)

    def bend(self, played: Sound) -> Sound:
        """What leaves the amplifier, full scale at 1."""
        if self.drive < _STRAIGHT:
            return played
        root = np.float32(np.sqrt(self.drive))
        bent: Sound = np.tanh(root * played) / root
        return bent

    def follow(self, error: Sound, echo: Sound, cubed: Sound) -> None:
        """`cubed` is the echo, by the same path, of the reference's third power."""
        slope = cubed * np.float32(-1 / 3)
        # The path's own strength is the learner's business.
        slope = slope - np.float32(slope @ echo / (echo @ echo + 1e-9)) * echo
        self._sums *= _KEEP
        self._sums += float(error @ slope), float(slope @ slope), float(error @ error)
        by_slope, slopes, errors = self._sums
        if by_slope**2 > _SHOWS * slopes * errors + 1e-20:
            change = _SPEED * by_slope / (slopes + 1e-12)
            self.drive = float(np.clip(self.drive + change, 0, _MOST))
            self._sums[0] *= 1 - _SPEED
