"""One clock for a camera's pictures, over all its connections.

Timestamps stand on the house's monotonic clock in ticks of 90 kHz. Within a connection they keep
the camera's own spacing, which is steadier than the arrival; the difference between the two
clocks is taken out so slowly that nobody sees it.
"""

TICKS = 90_000
"""A second."""

_DISCONTINUITY = 10 * TICKS
"""A step back, or one longer than this, is a camera that has set its clock."""
_ASTRAY = 5 * TICKS
"""A clock this far from the house's does not count in 90 kHz at all, or the line was dead."""
_SLEW = 1024
_SLEW_LIMIT = 3.0
"""Ticks a unit: 0.1 % at 30 pictures a second, ten times what a cheap quartz drifts."""


class Timeline:
    def __init__(self) -> None:
        self._offset = 0.0
        self._anchored = False
        self._last_pts: int | None = None
        self._last_stamp = 0
        self._clock: tuple[int, float] | None = None

    def begin(self, pts: int | None = None, arrived: float = 0.0) -> None:
        """A new connection, on which a picture with this `pts` was live when it arrived; without
        one, the first picture counts as live."""
        self._last_pts = None
        self._anchored = pts is not None
        self._offset = 0.0 if pts is None else arrived * TICKS - pts

    def stamp(self, pts: int | None, arrived: float) -> int:
        """The house's timestamp for a picture; always above the one before.

        `pts` counts the camera's own ticks of 90 kHz, None where it gave none; `arrived` is
        seconds on `time.monotonic()`.
        """
        position = arrived * TICKS
        if pts is not None:
            self._follow(pts, position)
            position = pts + self._offset
        self._last_stamp = max(round(position), self._last_stamp + 1)
        return self._last_stamp

    def renew(self) -> None:
        """A new connection, of whose clock nothing is known yet."""
        self._clock = None
        self._anchored = False

    def report(self, pts: int, seconds: float) -> None:
        """The camera's own clock showed so many seconds since 1900 with the picture of this `pts`
        (RFC 3550, 6.4.1)."""
        self._clock = (pts, seconds)

    @property
    def ahead(self) -> float | None:
        """Seconds by which the camera's clock is ahead of `time.monotonic()`: what two streams of
        one camera have in common. None where it does not tell, or before its first picture."""
        if self._clock is None or not self._anchored:
            return None
        pts, seconds = self._clock
        return seconds - (pts + self._offset) / TICKS

    def lateness(self, pts: int | None, arrived: float) -> float:
        """Seconds by which a picture is behind the live ones of this connection."""
        if pts is None or not self._anchored:
            return 0.0
        if self._last_pts is not None and abs(pts - self._last_pts) > _DISCONTINUITY:
            return 0.0
        return arrived - (pts + self._offset) / TICKS

    def _follow(self, pts: int, position: float) -> None:
        """Keep the offset between the clocks, or find it anew."""
        error = position - pts - self._offset
        steady = self._last_pts is None or 0 < pts - self._last_pts < _DISCONTINUITY
        if not self._anchored or not steady or abs(error) > _ASTRAY:
            self._anchored = True
            self._offset = position - pts
        else:
            self._offset += max(-_SLEW_LIMIT, min(_SLEW_LIMIT, error / _SLEW))
        self._last_pts = pts
