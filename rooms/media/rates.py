"""How much sound a guest's line is given, by what his browser reports lost (RFC 3550, 6.4.1).

    line = LineLoss()
    line.note(report.fraction_lost / 256)
    rate_for([line, other])      # one encoding for several lines, by the worst of them

At 20 kbit/s a packet with its headers is 43 kbit/s, which leaves room on a line of 64.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

GOOD_BITS_PER_SECOND = 32_000
POOR_BITS_PER_SECOND = 20_000
POOR_FROM = 0.04
GOOD_FROM = 0.015
FIRST_LOSS = 0.03
"""Before anything is reported, which takes up to five seconds."""
_STEPS = (0, 5, 10, 20, 30)
_RISES = 0.6
_FALLS = 0.25


class Rate(NamedTuple):
    """What an encoder is told."""

    bits_per_second: int
    loss_percent: int


class LineLoss:
    """The way to one guest."""

    def __init__(self) -> None:
        self.share = FIRST_LOSS
        """Of the packets that get lost, 0 to 1."""
        self.narrow = False
        """It carries little."""
        self._loses = False

    @property
    def poor(self) -> bool:
        return self.narrow or self._loses

    def note(self, share: float) -> None:
        """A report; it worsens at once and recovers slowly."""
        self.share += (_RISES if share > self.share else _FALLS) * (share - self.share)
        self._loses = self.share >= (GOOD_FROM if self._loses else POOR_FROM)


def rate_for(lines: Iterable[LineLoss]) -> Rate:
    """For all of them. Error correction is for the worst, the bitrate for a poor one if any is."""
    worst = max(lines, key=lambda line: (line.poor, line.share))
    percent = math.floor(100 * worst.share + 0.5)
    step = next((step for step in _STEPS if step >= percent), _STEPS[-1])
    return Rate(POOR_BITS_PER_SECOND if worst.poor else GOOD_BITS_PER_SECOND, step)
