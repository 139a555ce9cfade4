"""Percents of a sound card's control, as alsamixer has them (`volume_mapping.c` of alsa-utils).

They are the cube of the slider where the card knows its decibels and has more than 24 of them, else
linear in what it has.
"""

from bisect import bisect_left
from typing import Final, Protocol

_SILENCE: Final = -9999.0
"""dB and less."""
_LINEAR: Final = 24.0
"""dB of a range that is linear."""


class Scale(Protocol):
    """Of a card's control what the percents are made of."""

    @property
    def lowest(self) -> int: ...

    @property
    def highest(self) -> int: ...

    def decibels(self, value: int) -> float | None: ...


def percent_of(scale: Scale, value: int) -> float:
    """0 to 100, as alsamixer shows it."""
    low, high = scale.decibels(scale.lowest), scale.decibels(scale.highest)
    now = scale.decibels(value)
    if low is None or high is None or now is None or low >= high:
        return 100 * (value - scale.lowest) / (scale.highest - scale.lowest)
    if high - low <= _LINEAR:
        return 100 * (now - low) / (high - low)
    at_lowest = 0.0 if low <= _SILENCE else 10 ** ((low - high) / 60)
    return 100 * (10 ** ((now - high) / 60) - at_lowest) / (1 - at_lowest)


def factor_of(scale: Scale, value: int) -> float:
    """By how much it multiplies, 1 at its highest; where the card does not tell, the cube."""
    high, now = scale.decibels(scale.highest), scale.decibels(value)
    if high is None or now is None:
        return (percent_of(scale, value) / 100) ** 3
    return 0.0 if now <= _SILENCE else min(1.0, 10 ** ((now - high) / 20))


def value_for(scale: Scale, percent: int, value: int) -> int:
    """What comes nearest, where it is at `value` now. A step that the card does not have still
    turns it: whoever taps "louder" may not tap in vain."""
    at = percent_of(scale, value)
    if round(at) == percent:
        return value
    values = range(scale.lowest, scale.highest + 1)
    first = bisect_left(values, float(percent), key=lambda one: percent_of(scale, one))
    above = values[min(first, len(values) - 1)]
    below = max(scale.lowest, above - 1)
    nearest = min(below, above, key=lambda one: abs(percent_of(scale, one) - percent))
    if nearest == value:
        return above if percent > at else below
    return nearest
