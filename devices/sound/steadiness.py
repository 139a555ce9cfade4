"""How much sound a stream lets wait: as little as it gets by with."""

from collections import deque
from dataclasses import dataclass, field

SHORT = 0.02
LONG = 0.04
"""Seconds, asked of PortAudio. The longer is for a house that is too busy for the shorter, which
tears there."""
_APART = 2.0
_CHOPPY = 3
_BUSY = 60.0
_CALM = 600.0


@dataclass(slots=True)
class Steadiness:
    """Of one stream, over all the times that it was opened. Times are monotonic, in seconds."""

    latency: float = SHORT
    """With which it is opened next."""
    _stumbled: deque[float] = field(default_factory=lambda: deque(maxlen=_CHOPPY))

    def may_reopen(self, now: float) -> bool:
        """Each time tears the sound, so not all the time."""
        return not self._stumbled or now >= self._stumbled[-1] + _APART

    def stumbled(self, now: float) -> None:
        """It is opened again therefore; with more waiting where it stumbled a moment ago too."""
        if self._stumbled and now < self._stumbled[-1] + _BUSY:
            self.latency = LONG
        self._stumbled.append(now)

    def choppy(self, now: float) -> bool:
        """Three times within a minute."""
        return len(self._stumbled) == _CHOPPY and now - self._stumbled[0] < _BUSY

    def may_shorten(self, now: float) -> bool:
        """More waits than was needed for ten minutes."""
        return self.latency > SHORT and now > self._stumbled[-1] + _CALM
