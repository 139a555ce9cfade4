"""Drawings of the past, as numbers for a template: no script, nothing to load.

    band = draw_band(spells, since, now)          # rectangles over 1000 units of time
    line = draw_line(points, seconds, since, now)  # a line with its shadow of least and most

Both are stretched to the width of the page; words stand beside them, not in them, so that they stay
readable on a telephone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from devices.device import Condition
from rooms.health_history import Spell
from rooms.numbers import Point
from rooms.signals import ILL

WIDTH: Final = 1000
HEIGHT: Final = 100
LEAST_WIDTH: Final = 4.0
"""A fault of a minute is seen among ninety days."""
MARKS: Final = 5
"""Moments that are named below a drawing, with its two ends."""

_ORDER: Final = (
    Condition.UNKNOWN,
    Condition.STANDBY,
    Condition.WORKING,
    Condition.STARTING,
    Condition.IMPAIRED,
    Condition.FAILED,
)
"""The worst is drawn last, on top."""


@dataclass(frozen=True, slots=True)
class Block:
    x: float
    width: float
    condition: Condition


@dataclass(frozen=True, slots=True)
class Line:
    strokes: tuple[str, ...]
    """Points of polylines; a gap is time of which nothing is known."""
    shadows: tuple[str, ...]
    """Points of polygons between the least and the most."""
    low: float
    high: float
    """What the lower and the upper edge stand for."""
    least: float
    most: float
    newest: float


def draw_band(spells: Iterable[Spell], since: datetime, now: datetime) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for spell in sorted(spells, key=lambda one: _ORDER.index(one.condition)):
        x = _x(spell.began, since, now)
        width = _x(spell.ended, since, now) - x
        if spell.condition in ILL and width < LEAST_WIDTH:
            x, width = min(x, WIDTH - LEAST_WIDTH), LEAST_WIDTH
        blocks.append(Block(round(x, 2), round(width, 2), spell.condition))
    return tuple(blocks)


def draw_line(points: Sequence[Point], seconds: float, since: datetime, now: datetime) -> Line:
    """At least one point, in order; each stands for so many seconds. Zero is not the lower edge
    where all values are far from it."""
    least, most = min(one.least for one in points), max(one.most for one in points)
    low, high = _edges(least, most)

    def y(value: float) -> float:
        return HEIGHT - HEIGHT * (value - low) / (high - low)

    strokes: list[str] = []
    shadows: list[str] = []
    for run in _runs(points, timedelta(seconds=seconds)):
        at = [_x(one.at + timedelta(seconds=seconds / 2), since, now) for one in run]
        means = [(x, y(one.mean)) for x, one in zip(at, run, strict=True)]
        if len(run) == 1:  # else nothing of it would be seen
            means = [(at[0] - LEAST_WIDTH / 2, means[0][1]), (at[0] + LEAST_WIDTH / 2, means[0][1])]
        upper = [(x, y(one.most)) for x, one in zip(at, run, strict=True)]
        lower = [(x, y(one.least)) for x, one in zip(at, run, strict=True)]
        strokes.append(_text(means))
        shadows.append(_text([*upper, *reversed(lower)]))
    return Line(tuple(strokes), tuple(shadows), low, high, least, most, points[-1].mean)


def marks(since: datetime, now: datetime) -> tuple[datetime, ...]:
    """Evenly, from one end to the other."""
    return tuple(since + (now - since) * index / (MARKS - 1) for index in range(MARKS))


def _runs(points: Sequence[Point], step: timedelta) -> Iterable[Sequence[Point]]:
    """Those that follow upon each other without a gap."""
    begin = 0
    for index in range(1, len(points) + 1):
        if index == len(points) or points[index].at - points[index - 1].at > 2 * step:
            yield points[begin:index]
            begin = index


def _edges(least: float, most: float) -> tuple[float, float]:
    """Round numbers around both: 1, 2 or 5 of some power of ten apart."""
    span = max(most - least, abs(most) * 0.05, 1e-6)
    power = 10 ** math.floor(math.log10(span))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= span / 2)
    low, high = math.floor(least / step) * step, math.ceil(most / step) * step
    if low > 0 and low < (high - low):
        low = 0.0
    return low, high if high > low else low + step


def _x(at: datetime, since: datetime, now: datetime) -> float:
    share = (at - since) / (now - since)
    return WIDTH * min(1.0, max(0.0, share))


def _text(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
