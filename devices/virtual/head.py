"""Where a camera made of software looks: it turns, zooms and remembers places.

head = Head()
head.turn(pan=0.5, tilt=0.0, zoom=0.0)      # until `stop`
head.look().box                             # the part of the picture that it shows
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

SPEED = 0.6
"""Of the whole way from the middle to an end, in a second, at full speed."""
WIDEST_AT_THE_SIDE = 0.7
"""Share of the picture's width that is shown where the camera looks to an end."""
CLOSEST = 0.3
"""The same where it has zoomed in."""


@dataclass(frozen=True, slots=True)
class Look:
    pan: float = 0.0
    """-1 is to the left, 1 to the right."""
    tilt: float = 0.0
    """-1 is down, 1 up."""
    zoom: float = 0.0
    """0 is wide, 1 is close."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of what is seen, as shares of the whole picture. At the
        widest all is seen; looking aside, the picture closes in a little, so that there is an
        aside."""
        aside = max(abs(self.pan), abs(self.tilt))
        size = min(
            1 - (1 - CLOSEST) * self.zoom,
            1 - (1 - WIDEST_AT_THE_SIDE) * aside,
        )
        left = (1 - size) / 2 * (1 + self.pan)
        top = (1 - size) / 2 * (1 - self.tilt)
        return left, top, size, size


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    look: Look


class Head:
    """Not bound to any thread; whoever asks learns where it has come to by now."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._look = Look()
        self._at = clock()
        self._speed = Look()
        self._until: float | None = None
        self._target: Look | None = None
        self.places: dict[str, Place] = {}
        self.turns = 0
        """How often it was told to turn."""

    def look(self) -> Look:
        now = self._clock()
        passed = now - self._at
        if self._until is not None and now >= self._until:
            passed = max(0.0, self._until - self._at)
        step = SPEED * passed
        if self._target is not None:
            aim = self._target
            self._look = Look(
                _towards(self._look.pan, aim.pan, 2 * step),
                _towards(self._look.tilt, aim.tilt, 2 * step),
                _towards(self._look.zoom, aim.zoom, 2 * step),
            )
        else:
            self._look = Look(
                _within(self._look.pan + self._speed.pan * step, -1),
                _within(self._look.tilt + self._speed.tilt * step, -1),
                _within(self._look.zoom + self._speed.zoom * step, 0),
            )
        self._at = now
        if self._until is not None and now >= self._until:
            self._speed, self._until = Look(), None
        if self._look == self._target:
            self._target = None
        return self._look

    @property
    def moving(self) -> bool:
        self.look()
        return self._speed != Look() or self._target is not None

    def turn(self, pan: float, tilt: float, zoom: float, seconds: float | None = None) -> None:
        """Shares of its fastest, -1 to 1; ends by itself after `seconds`, or never."""
        now = self.look()
        self._look, self._target = now, None
        self._speed = Look(_within(pan, -1), _within(tilt, -1), _within(zoom, -1))
        self._until = None if seconds is None else self._clock() + seconds
        self.turns += 1

    def stop(self) -> None:
        self._look = self.look()
        self._speed, self._until, self._target = Look(), None, None

    def go(self, look: Look) -> None:
        self.stop()
        self._target = look

    def save(self, name: str, token: str | None) -> str:
        """Where it looks now. Gives the token."""
        if token is None:
            token = str(next(n for n in range(1, 1000) if str(n) not in self.places))
        self.places[token] = Place(name, replace(self.look()))
        return token


def _towards(value: float, aim: float, step: float) -> float:
    return min(value + step, aim) if value < aim else max(value - step, aim)


def _within(value: float, low: float) -> float:
    return min(max(value, low), 1.0)
