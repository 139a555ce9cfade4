"""Who turns a camera at the moment: one at a time, for as long as he says so.

A hold is named by the page that asks and the how manieth it is there: `8f3a.4`. What comes late, of
a button that was let go meanwhile, turns nothing any more.
"""

from dataclasses import dataclass
from typing import Final

from base.cause import Refused
from rooms.meeting import Actor

LEASE_SECONDS: Final = 0.8
"""After the last sign of whoever holds a button, the camera is stopped."""
STEP_SECONDS: Final = 0.4
"""For a page without JavaScript: a tap is a step."""


@dataclass(frozen=True, slots=True)
class _Hold:
    page: str
    count: int
    by: Actor
    until: float
    """Seconds on the room's monotonic clock."""


class Holds:
    def __init__(self) -> None:
        self._of: dict[str, _Hold] = {}
        self._let_go: dict[str, tuple[str, int]] = {}
        """Of each camera, the last that was let go."""

    def take(self, camera: str, hold: str, by: Actor, seconds: float, now: float) -> bool | None:
        """True where it begins, False where it goes on, None where it is over already. Raises
        Refused `camera.held`: somebody else is turning it."""
        page, _, count = hold.rpartition(".")
        number = int(count) if count.isdecimal() else 0
        ended = self._let_go.get(camera)
        if ended and ended[0] == page and number <= ended[1]:
            return None
        known = self._of.get(camera)
        if known and known.page != page and now < known.until:
            raise Refused("camera.held", name=known.by.name)
        self._of[camera] = _Hold(page, number, by, now + seconds)
        return known is None or (known.page, known.count) != (page, number)

    def let_go(self, camera: str, hold: str) -> bool:
        """Whether it was this page that turned the camera, or may have been."""
        page, _, count = hold.rpartition(".")
        number = int(count) if count.isdecimal() else 0
        self._let_go[camera] = page, number
        known = self._of.get(camera)
        if known is None or known.page != page:
            return False
        del self._of[camera]
        return True
