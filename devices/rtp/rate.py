"""How many pictures a second a camera sends: as it says, until it was counted."""

from typing import Final

from devices.timeline import TICKS

USUAL_RATE: Final = 25.0
_WHOLE: Final = 0.1
"""A rate this near a whole number is one."""
_CHANGE: Final = 0.05
"""As a share; less is none."""


class Rate:
    def __init__(self, said: float | None = None) -> None:
        self.value = said or USUAL_RATE
        self._counted = False
        self._began: int | None = None
        """The last key frame's `pts`."""
        self._pictures = 0

    def note(self, pts: int | None, *, key: bool) -> None:
        """A picture came; it is counted from key frame to key frame."""
        if key and pts is not None:
            if self._began is not None and pts > self._began:
                self._settle(self._pictures * TICKS / (pts - self._began))
            self._began, self._pictures = pts, 0
        self._pictures += 1

    def interrupt(self) -> None:
        """Some pictures are missing."""
        self._began = None

    def _settle(self, rate: float) -> None:
        rate = round(rate) if abs(rate - round(rate)) < _WHOLE else round(rate, 1)
        if not self._counted or abs(rate - self.value) > _CHANGE * self.value:
            self._counted, self.value = True, float(rate)
