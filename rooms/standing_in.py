"""Which of its cameras shows the hall, so that it does not change without need.

    choice = Choice()
    choice.decide([True, True], allowed=True, now=clock.monotonic())     # 0: the first one

The first camera is the hall's picture. Where it shows nothing and the leader has allowed it,
another one stands in; it steps back once the first one was well for a while, and for longer each
time that the first one fails again.
"""

from collections.abc import Sequence
from typing import Final

LASTS_SECONDS: Final = 1.5
"""So long is the first one ill before another one stands in."""
WELL_SECONDS: Final = 10.0
"""So long is it well before it is shown again."""
MOST_WELL_SECONDS: Final = 160.0
FORGIVEN_SECONDS: Final = 600.0
"""After so long without a fault it counts as any other."""


class Choice:
    """Times are seconds on one monotonic clock."""

    def __init__(self) -> None:
        self.shown: int | None = 0
        """Number of the camera; None where none shows anything."""
        self._ill_since: float | None = None
        self._well_since: float | None = 0.0
        self._wait = WELL_SECONDS
        self._stood_in_at: float | None = None

    def decide(self, well: Sequence[bool], *, allowed: bool, now: float) -> int | None:
        """`well`: which of the cameras show something now, in their order."""
        if not well:
            self.shown = None
            return None
        self._follow_first(well[0], now)
        other = next((n for n in range(1, len(well)) if well[n]), None) if allowed else None
        if self.shown and not (allowed and well[self.shown]):
            self.shown = None  # whoever stood in is ill himself, or is not to stand in any more
        if self.shown:
            lasted = now - self._well_since if self._well_since is not None else 0.0
            if lasted >= self._wait:
                self.shown = 0
        elif well[0]:
            self.shown = 0
        else:
            ill = now - (self._ill_since if self._ill_since is not None else now)
            self.shown = None
            if other is not None and ill >= LASTS_SECONDS:
                self._stand_in(other, now)
        return self.shown

    def _follow_first(self, well: bool, now: float) -> None:
        if not well:
            self._ill_since = now if self._ill_since is None else self._ill_since
            self._well_since = None
        elif self._well_since is None:
            self._well_since, self._ill_since = now, None

    def _stand_in(self, other: int, now: float) -> None:
        again = self._stood_in_at is not None and now - self._stood_in_at < FORGIVEN_SECONDS
        self._wait = min(2 * self._wait, MOST_WELL_SECONDS) if again else WELL_SECONDS
        self._stood_in_at = now
        self.shown = other
