"""How late packets are, and so how long sound has to wait for them.

    arrivals = Arrivals(0.01)                   # seconds that are taken at a time
    arrivals.note(sequence, timestamp, now)     # each packet as it comes
    arrivals.delay(timestamp, now)              # seconds that this sample waits if played now
    arrivals.needed                             # seconds that it should

Everything is measured from the fastest packet of the last seconds, so that neither clocks that
differ nor a path that changed adds to the delay. A single late packet, or a line that stood still
once, does not either: of the latest arrival in each fifth of a second, the two latest of eight
seconds are left out. On a line that loses packets now and then sound waits for one more, which
brings what was lost.
"""

from collections import deque

RATE = 48_000
PACKET_SECONDS = 0.02
_SPARE_SECONDS = 0.002
MOST_SECONDS = 0.4
FIRST_SECONDS = 0.04
"""Before anything is known of the line."""

_LOOK_SECONDS = 0.2
_LOOKS = 40
_LEFT_OUT = 2
_WINDOW_SECONDS = 2.0
_LOSSES_KEPT = 0.995
_LOSSY = 2.0
"""Gaps, each of them counting half after three seconds."""
_CALM_SECONDS = 0.002
"""By so much the delay may shrink at each look: a hundredth of real time."""


class Arrivals:
    """Driven by the times it is given; timestamps are samples at 48 kHz and do not wrap."""

    def __init__(self, tick: float) -> None:
        """So many seconds of sound are taken at a time, and have to be there by as much earlier."""
        self._least = tick + _SPARE_SECONDS
        self.needed = FIRST_SECONDS
        self._fastest: float | None = None
        self._fastest_before: float | None = None
        self._window_ends = 0.0
        self._latest: float | None = None
        self._look_ends = 0.0
        self._looks: deque[float] = deque(maxlen=_LOOKS)

        self._sequence: int | None = None
        self._losses = 0.0

    def delay(self, timestamp: int, now: float) -> float:
        """Seconds since the fastest packet would have brought this sample; 0 before any came."""
        late = now - timestamp / RATE
        return late - self._base(late)

    def note(self, sequence: int, timestamp: int, now: float) -> None:
        """`sequence` is RTP's, 16 bits."""
        self._count_losses(sequence)
        late = now - timestamp / RATE
        if now >= self._window_ends:
            self._window_ends = now + _WINDOW_SECONDS
            self._fastest_before, self._fastest = self._fastest, None
        self._fastest = late if self._fastest is None else min(self._fastest, late)
        if now >= self._look_ends:
            self._look_ends = now + _LOOK_SECONDS
            if self._latest is not None:
                self._looks.append(self._latest)
                self._settle()
            self._latest = None
        self._latest = late if self._latest is None else max(self._latest, late)

    def _count_losses(self, sequence: int) -> None:
        ahead = 1 if self._sequence is None else (sequence - self._sequence) & 0xFFFF
        if ahead < 0x8000:
            self._sequence = sequence
            self._losses = self._losses * _LOSSES_KEPT + (ahead > 1)
        else:  # it was overtaken, and so not lost
            self._losses = max(0.0, self._losses - 1)

    def _base(self, otherwise: float) -> float:
        known = [f for f in (self._fastest, self._fastest_before) if f is not None]
        return min(known, default=otherwise)

    def _settle(self) -> None:
        looks = sorted(self._looks)
        left_out = min(_LEFT_OUT, len(looks) // 5)
        uneven = looks[-1 - left_out] - self._base(looks[0])
        wanted = uneven + self._least
        if self._losses > _LOSSY:
            wanted += PACKET_SECONDS
        wanted = min(MOST_SECONDS, wanted)
        self.needed = max(wanted, self.needed - _CALM_SECONDS)
