"""When a device that was gone is taken again, while another one stands in for it.

A plug that is loose is there and gone again; each change is a gap in what people hear. So it has to
have been there for a while, and for longer where it was taken back too early.
"""

from dataclasses import dataclass
from typing import Final

LOOK_SECONDS: Final = 2.5
CALM_SECONDS: Final = 10.0
MOST_CALM_SECONDS: Final = 300.0
TOO_EARLY_SECONDS: Final = 60.0


@dataclass(slots=True)
class Away:
    """All times are of one monotonic clock, in seconds."""

    calm: float = CALM_SECONDS
    look_at: float = 0.0
    there_since: float | None = None
    taken_at: float | None = None

    def begin(self, now: float) -> None:
        """It is gone."""
        early = self.taken_at is not None and now - self.taken_at < TOO_EARLY_SECONDS
        self.calm = min(2 * self.calm, MOST_CALM_SECONDS) if early else CALM_SECONDS
        self.look_at, self.there_since, self.taken_at = now + LOOK_SECONDS, None, None

    def is_due(self, now: float) -> bool:
        """Whether to look for it now."""
        return now >= self.look_at

    def is_over(self, answers: bool, now: float) -> bool:
        """Whether it is to be taken again. `answers` is what came of looking."""
        self.look_at = now + LOOK_SECONDS
        if not answers:
            self.there_since = None
            return False
        if self.there_since is None:
            self.there_since = now
        if now - self.there_since < self.calm:
            return False
        self.taken_at = now
        return True
