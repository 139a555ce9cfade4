"""The house's own line out, and who is given what of it.

    uplink = Uplink(configured=4_000_000)        # None: as it is measured
    uplink.note(now, sent, fell, outside)        # some times a second
    shares = share(uplink.bits, claims)          # the most that each guest may be given

Sound goes first, for everybody; then the small picture, then the main one, each in the order of the
claims: whoever has the floor, officials, residents at home. A guest in the house's own network
costs nothing of it.

Where no rate is configured it is taken to be enough, until several lines become full in the same
moment: they share one, and it is ours. It is then what was sent in that moment, less a margin, and
a little more every now and then.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from rooms.media.judge import Rates
from rooms.shown import Layer

SOUND_BITS: Final = 55_000.0
"""Of one guest, with headers."""
HEADROOM: Final = 1.1
"""Whoever shall get more than he has needs this, so that nobody swings."""
TOGETHER_SECONDS: Final = 3.0
LEAST_TOGETHER: Final = 2
MARGIN: Final = 0.85
RISES: Final = 1.08
RISES_AFTER_SECONDS: Final = 15.0
FORGOTTEN_AFTER: Final = 3.0
"""Times what is sent: a limit so far above says nothing."""


class Claim(NamedTuple):
    """Of one guest outside, in order of who goes first."""

    guest: str
    rates: Rates
    has: Layer
    """At present."""


def share(bits: float | None, claims: Sequence[Claim]) -> dict[str, Layer]:
    """The most that each may be given of so many bits a second; None is enough for all."""
    if bits is None:
        return {claim.guest: Layer.MAIN for claim in claims}
    given = {claim.guest: Layer.SOUND for claim in claims}
    left = bits - SOUND_BITS * len(claims)
    for lower, layer in ((Layer.SOUND, Layer.SMALL), (Layer.SMALL, Layer.MAIN)):
        for claim in claims:
            more = claim.rates.of(layer) - claim.rates.of(lower)
            rises = claim.has is Layer.SOUND or (claim.has is Layer.SMALL and layer is Layer.MAIN)
            if given[claim.guest] is lower and more * (HEADROOM if rises else 1.0) <= left:
                given[claim.guest] = layer
                left -= more
    return given


class Uplink:
    """Driven by the times it is given, in seconds."""

    def __init__(self, configured: float | None = None) -> None:
        self.bits = configured
        """A second; None is enough, as far as is known."""
        self._configured = configured
        self._fell: deque[tuple[float, str]] = deque()
        self._sent: deque[tuple[float, float]] = deque()
        self._changed = -math.inf

    def note(self, now: float, sent: float, fell: Sequence[str], outside: int) -> None:
        """`sent` bits a second go out to `outside` guests, of whom these just got less than they
        had because their lines were full."""
        self._sent.append((now, sent))
        self._fell.extend((now, guest) for guest in fell)
        for kept in (self._sent, self._fell):
            while kept and now - kept[0][0] > TOGETHER_SECONDS:
                kept.popleft()
        if self._configured is not None:
            return
        together = {guest for _, guest in self._fell}
        if len(together) >= max(LEAST_TOGETHER, (outside + 1) // 2):
            found = MARGIN * max(bits for _, bits in self._sent)
            self.bits = found if self.bits is None else min(found, self.bits)
            self._changed = now
            self._fell.clear()
        elif self.bits is not None and now - self._changed >= RISES_AFTER_SECONDS:
            self.bits *= RISES
            self._changed = now
            if self.bits > FORGOTTEN_AFTER * max(sent, SOUND_BITS):
                self.bits = None
