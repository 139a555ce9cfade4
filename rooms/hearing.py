"""Whether somebody speaks in the hall, from the microphone's peaks alone, ten a second.

    hearing.hear(-23.0, now)
    hearing.speech(now)

Speech stands well above what the hall sounds like anyway, and comes and goes: a fan, rain or a
hum is its own floor, and a knock or a passing motorbike rises but once.
"""

from collections import deque
from itertools import pairwise
from typing import Final

WINDOW_SECONDS: Final = 30.0
"""In which the hall's own noise is looked for."""
RECENT_SECONDS: Final = 10.0
LEAST_DBFS: Final = -45.0
RISE_DB: Final = 10.0
LOUD_PEAKS: Final = 10
"""A second of sound among the recent ones."""
RISES: Final = 3


class Hearing:
    def __init__(self) -> None:
        self._peaks: deque[tuple[float, float]] = deque()
        """When, and how loud in dBFS."""

    def hear(self, dbfs: float, now: float) -> None:
        self._peaks.append((now, dbfs))
        while now - self._peaks[0][0] > WINDOW_SECONDS:
            self._peaks.popleft()

    def speech(self, now: float) -> bool:
        """Within the last ten seconds."""
        window = sorted(dbfs for at, dbfs in self._peaks if now - at <= WINDOW_SECONDS)
        if not window:
            return False
        threshold = max(LEAST_DBFS, window[len(window) // 10] + RISE_DB)
        loud = [dbfs > threshold for at, dbfs in self._peaks if now - at <= RECENT_SECONDS]
        rises = sum(after and not before for before, after in pairwise([False, *loud]))
        return sum(loud) >= LOUD_PEAKS and rises >= RISES
