"""How much sound a stream lets wait: as little as it gets by with."""

import math
from collections import deque
from dataclasses import dataclass, field

SHORT = 0.02
LONG = 0.04
"""Seconds, asked of PortAudio. The longer is for a house that is too busy for the shorter, which
tears there."""
_APART = 2.0
_CHOPPY = 3
_BUSY = 60.0
_CALM, _MOST_CALM = 60.0, 600.0
"""From a minute, twice as long each time that it was too early, to ten."""


@dataclass(slots=True)
class Steadiness:
    """Of one stream, over all the times that it was opened. Times are monotonic, in seconds."""

    latency: float = SHORT
    """With which it is opened next."""
    _last: float = -math.inf
    """When it stumbled."""
    _ran_short: float = -math.inf
    """When it stumbled and more would have helped."""
    _patience: float = _CALM
    _in_vain: deque[float] = field(default_factory=lambda: deque(maxlen=_CHOPPY))
    """When it stumbled although more waited, or for so long that more would not have helped."""

    def may_reopen(self, now: float) -> bool:
        """Each time tears the sound, so not all the time."""
        return now >= self._last + _APART

    def stumbled(self, now: float, *, stood_still: bool = False) -> None:
        """It is opened again therefore; with more waiting where it stumbled a moment ago too. A
        program that `stood_still` for longer than anything waits says nothing about how much should
        wait: it would leave the sound later for a minute."""
        if stood_still or self.latency > SHORT:
            self._in_vain.append(now)
        elif now < self._ran_short + _BUSY:
            self.latency = LONG
        if not stood_still:
            self._ran_short = now
        self._last = now

    def choppy(self, now: float) -> bool:
        """Three times within a minute, and more waiting is no remedy: people are to know."""
        return len(self._in_vain) == _CHOPPY and now - self._in_vain[0] < _BUSY

    def may_shorten(self, now: float) -> bool:
        """More waits than was needed for a while; to be done where nobody hears it."""
        return self.latency > SHORT and now > self._last + self._patience

    def shorten(self) -> None:
        self.latency = SHORT
        self._patience = min(_MOST_CALM, 2 * self._patience)
