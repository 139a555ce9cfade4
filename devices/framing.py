"""Where a fixed camera's picture is cut, so that it follows the faces calmly.

    framer = Framer()
    framer.see(faces, now)            # what a look found, some times a second
    crop = framer.crop(now)           # for each picture that goes out
    framer.people                     # 0 while the whole picture is shown

The cut moves only once a face nears its edge, or stands off its middle or needs less of the picture
for a while; then slowly, with limited speed and acceleration. All faces are kept in. Without any,
the whole picture is back within three seconds.

All lengths are shares of the picture's width or height, so that a cut of one size has the shape of
the picture. Times are seconds on one monotonic clock.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

SMALLEST: Final = 0.5
"""Of the picture; less of it would be blurred when it is enlarged."""
NEARLY_WIDE: Final = 0.9
"""A cut larger than this is not worth its moving."""
LOST_SECONDS: Final = 1.2
"""Without any face, until the whole picture is shown: some looks may miss it."""
KEPT_SECONDS: Final = 8.0
"""A face that is not found any more is kept in for so long, as long as others are found: whoever
turns to his neighbour is not cut away."""
STILL_SECONDS: Final = 60.0
"""Where no face has moved for so long, they are pictures on a wall, and nobody is followed."""
STIRRED: Final = 0.1
"""Of its width: a face that has moved so far is alive. The search itself errs by less."""
SETTLED_SECONDS: Final = 1.0
"""Off the middle for so long, before the cut follows."""
NARROW_SECONDS: Final = 4.0
"""In need of less for so long, before the cut gets smaller."""
OFF_MIDDLE: Final = 0.15
"""Of the cut's size."""
LESS: Final = 0.8
"""Of the cut's size."""

PAN: Final = (0.12, 0.2)
"""Speed and acceleration, a second and a second squared."""
CLOSER: Final = (0.08, 0.15)
FARTHER: Final = (0.5, 0.8)
"""Quick: somebody is not in the picture, or nobody."""
_LONGEST_STEP: Final = 0.1
"""Seconds; after a pause the cut goes on from where it was."""


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    def widened(self, sides: float, above: float, below: float) -> "Box":
        """By shares of its own size."""
        return Box(
            self.left - sides * self.width,
            self.top - above * self.height,
            self.width * (1 + 2 * sides),
            self.height * (1 + above + below),
        )


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture, inside it and of its shape."""

    left: float = 0.0
    top: float = 0.0
    size: float = 1.0

    def holds(self, box: Box) -> bool:
        return (
            box.left >= self.left
            and box.top >= self.top
            and box.left + box.width <= self.left + self.size
            and box.top + box.height <= self.top + self.size
        )


WIDE: Final = Crop()


@dataclass(slots=True)
class _Person:
    box: Box
    """Smoothed over the looks."""
    seen: float
    looks: int
    anchor: tuple[float, float]
    """Where it was when it last stirred."""
    stirred: float | None = None
    """When; None while it never has."""

    def follow(self, found: Box, now: float) -> None:
        both = zip(_of(self.box), _of(found), strict=True)
        self.box = Box(*((old + new) / 2 for old, new in both))
        self.seen, self.looks = now, self.looks + 1
        if math.dist(self.box.middle, self.anchor) > STIRRED * self.box.width:
            self.anchor, self.stirred = self.box.middle, now

    def lives(self, now: float) -> bool:
        return self.stirred is not None and now - self.stirred < STILL_SECONDS


class Framer:
    """Follows the faces of one picture."""

    def __init__(self) -> None:
        self.people = 0
        """How many are followed."""
        self._persons: list[_Person] = []
        self._found = -math.inf
        """When one of those that count, and live, was last found."""
        self._goal = WIDE
        self._off, self._less = _Spell(), _Spell()
        self._x, self._y, self._size = _Axis(0.5), _Axis(0.5), _Axis(1.0)
        self._moved_at: float | None = None

    def see(self, faces: Sequence[Box], now: float) -> None:
        """`faces` in one picture; in no order, and some of them none at all."""
        free = list(self._persons)
        for face in faces:
            near = [person for person in free if _is_same(person.box, face)]
            if near:
                same = min(near, key=lambda one: math.dist(one.box.middle, face.middle))
                free.remove(same)
                same.follow(face, now)
            else:
                self._persons.append(_Person(face, now, 1, face.middle))
        self._forget(now)
        self._aim(now)

    def crop(self, now: float) -> Crop:
        """Of the picture at this moment; later than at the call before."""
        seconds = 0.0 if self._moved_at is None else min(now - self._moved_at, _LONGEST_STEP)
        self._moved_at = now
        if self.people and now - self._found > LOST_SECONDS:
            self.let_go()
        goal = self._goal
        half = goal.size / 2
        self._x.move(goal.left + half, PAN, PAN, seconds)
        self._y.move(goal.top + half, PAN, PAN, seconds)
        self._size.move(max(goal.size, self._needed()), CLOSER, FARTHER, seconds)
        size = min(self._size.at, 1.0)
        return Crop(
            min(max(self._x.at - size / 2, 0.0), 1.0 - size),
            min(max(self._y.at - size / 2, 0.0), 1.0 - size),
            size,
        )

    def let_go(self) -> None:
        """Follow nobody from now on, and show the whole picture again."""
        self._persons, self.people, self._goal = [], 0, WIDE
        self._off, self._less = _Spell(), _Spell()

    def _forget(self, now: float) -> None:
        if any(person.seen == now and person.lives(now) for person in self._counted()):
            self._found = now
        self._persons = [one for one in self._persons if now - one.seen < _kept(one)]

    def _counted(self) -> list[_Person]:
        """Those found more than once: what a look takes for a face by mistake comes and goes."""
        return [person for person in self._persons if person.looks > 1]

    def _aim(self, now: float) -> None:
        persons = self._counted()
        if not any(person.lives(now) for person in persons):
            self.people, self._goal = 0, WIDE
            return
        self.people = len(persons)
        boxes = [person.box for person in persons]
        ideal = _around(box.widened(1.0, 1.0, 1.5) for box in boxes)
        goal = self._goal
        off = math.dist(_middle(ideal), _middle(goal)) > OFF_MIDDLE * goal.size
        less = ideal.size < LESS * goal.size
        self._off.hold(off, now)
        self._less.hold(less, now)
        kept_in = all(goal.holds(box) for box in self._close(boxes))
        if not kept_in or self._less.lasts(now) >= NARROW_SECONDS:
            self._goal = ideal
        elif self._off.lasts(now) >= SETTLED_SECONDS:
            self._goal = _shifted(goal, _middle(ideal))

    def _needed(self) -> float:
        """The size that holds all faces around where the cut is now."""
        if not self.people:
            return 1.0
        x, y = self._x.at, self._y.at
        need = 0.0
        for box in self._close([person.box for person in self._counted()]):
            need = max(need, x - box.left, box.left + box.width - x)
            need = max(need, y - box.top, box.top + box.height - y)
        return min(2 * need, 1.0)

    @staticmethod
    def _close(boxes: Iterable[Box]) -> list[Box]:
        """The least that has to be in, as far as it is in the picture itself."""
        found = []
        for box in boxes:
            wide = box.widened(0.8, 0.5, 0.7)
            left, top = max(wide.left, 0.0), max(wide.top, 0.0)
            right, bottom = min(wide.left + wide.width, 1.0), min(wide.top + wide.height, 1.0)
            found.append(Box(left, top, right - left, bottom - top))
        return found


class _Spell:
    """For how long something has been so."""

    def __init__(self) -> None:
        self._since: float | None = None

    def hold(self, is_so: bool, now: float) -> None:
        if not is_so:
            self._since = None
        elif self._since is None:
            self._since = now

    def lasts(self, now: float) -> float:
        return 0.0 if self._since is None else now - self._since


class _Axis:
    """One number that goes to a goal with limited speed and acceleration."""

    def __init__(self, at: float) -> None:
        self.at = at
        self._speed = 0.0

    def move(
        self,
        goal: float,
        down: tuple[float, float],
        up: tuple[float, float],
        seconds: float,
    ) -> None:
        """`down` and `up`: speed and acceleration towards less, and towards more."""
        if seconds <= 0:
            return
        way = goal - self.at
        speed, acceleration = up if way > 0 else down
        # the speed from which it still comes to a stop at the goal, in steps of this length
        step = acceleration * seconds
        braking = math.sqrt(step * step / 4 + 2 * acceleration * abs(way)) - step / 2
        wanted = math.copysign(min(speed, braking), way)
        self._speed += min(max(wanted - self._speed, -step), step)
        self.at += self._speed * seconds
        if abs(goal - self.at) < 1e-4 and abs(self._speed) <= step:
            self.at, self._speed = goal, 0.0


def _of(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.width, box.height


def _kept(person: _Person) -> float:
    return KEPT_SECONDS if person.looks > 1 else LOST_SECONDS


def _is_same(one: Box, other: Box) -> bool:
    size = max(one.width, other.width)
    near = math.dist(one.middle, other.middle) < size
    return near and 0.5 < one.width / other.width < 2.0


def _middle(crop: Crop) -> tuple[float, float]:
    return crop.left + crop.size / 2, crop.top + crop.size / 2


def _around(boxes: Iterable[Box]) -> Crop:
    """The smallest cut that holds them all, as far as the picture goes."""
    every = list(boxes)
    left = max(0.0, min(box.left for box in every))
    top = max(0.0, min(box.top for box in every))
    right = min(1.0, max(box.left + box.width for box in every))
    bottom = min(1.0, max(box.top + box.height for box in every))
    size = max(right - left, bottom - top, SMALLEST)
    if size > NEARLY_WIDE:
        return WIDE
    return _shifted(Crop(size=size), ((left + right) / 2, (top + bottom) / 2))


def _shifted(crop: Crop, middle: tuple[float, float]) -> Crop:
    """Around this place, and inside the picture."""
    left, top = (min(max(at - crop.size / 2, 0.0), 1.0 - crop.size) for at in middle)
    return Crop(left, top, crop.size)
