"""What the house tells a browser of the browser's own line (REMB), from aiortc's estimate.

aiortc's is at most half as much again as what comes in. Of a camera that was sent small because
nobody looked at it that says nothing, and the browser would need half a minute to 720p once it is
wanted. Here a limit falls where the line is found to be full, and rises by itself, whatever comes
in.
"""

from collections.abc import Callable
from typing import Any, Final

from aiortc.rate import BandwidthUsage

MOST_BITS: Final = 2_500_000.0
RISES_A_SECOND: Final = 0.08
LEAST_BITS: Final = 60_000.0


class PatientEstimate:
    """In the place of aiortc's `RemoteBitrateEstimator`."""

    def __init__(self, estimator: Any) -> None:
        self._add: Callable[..., tuple[int, list[int]] | None] = estimator.add
        self._detector = estimator.detector
        self._limit = MOST_BITS
        self._last: int | None = None

    def add(self, *, arrival_time_ms: int, **packet: Any) -> tuple[int, list[int]] | None:
        """As aiortc's: bits a second and whose, where there is something to tell."""
        found = self._add(arrival_time_ms=arrival_time_ms, **packet)
        if found is None:
            return None
        bits, sources = found
        passed = 0 if self._last is None else max(0, arrival_time_ms - self._last)
        self._last = arrival_time_ms
        if self._detector.state() is BandwidthUsage.OVERUSING:
            self._limit = min(self._limit, max(LEAST_BITS, bits))
        else:
            self._limit = min(MOST_BITS, self._limit * (1 + RISES_A_SECOND * passed / 1000))
        return round(self._limit), sources
