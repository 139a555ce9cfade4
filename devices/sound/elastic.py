"""Sound between two clocks: what is put in at one pace is taken out at another.

As little waits as the two paces allow: the least that was left in half a second is brought to a
few milliseconds, which grow where it ran dry. Sound is made shorter and longer at its pitch for
that, so neither clocks that differ nor a program that stood still leave a delay behind.
"""

from collections import deque
from contextlib import suppress

import numpy as np

from devices.device import Samples
from devices.sound.stretch import FADE, stretch

MOST = 9_600
"""Samples that wait, 200 ms at 48 kHz; the oldest are dropped."""
_MOST_SPARE = 2_400
_MORE_SPARE = 240
_LESS_SPARE = 24
_TOLERATED = 96
_HURRY = 960
"""20 ms too much are shortened at once, wherever it is not too bad."""
_LOOK_HURRIED = 4_800
_LOOK = 24_000
_HELD = 3
_ALIKE = 0.8
_ALIKE_IN_A_HURRY = 0.2
_SOON = 4_800
"""Samples; sound that goes on after a longer pause was not uneven, it stood still or was over."""
_NOTHING = np.empty(0, np.int16)


class Elastic:
    """`put` and `take` may be called on a thread each."""

    def __init__(self, frame: int, spare: int = 240) -> None:
        """`frame` is how many samples are taken at a time, `spare` the least that may be left."""
        self._frame = frame
        self._least_spare = spare
        self._coming: deque[Samples] = deque()
        self._waiting = _NOTHING
        self._flowing = False
        self._dry = _SOON
        """Takes since it ran dry."""
        self._held = 0
        """Takes in which something waited, but not enough."""
        self._spare = spare
        self._left: deque[int] = deque(maxlen=_LOOK // frame)
        """What was left after each take of the last half second."""

    def __len__(self) -> int:
        """Samples that wait."""
        return len(self._waiting) + sum(map(len, tuple(self._coming)))

    def put(self, samples: Samples) -> None:
        self._coming.append(samples)
        with suppress(IndexError):
            while len(self._coming) > 1 and len(self) > MOST:
                self._coming.popleft()

    def clear(self) -> None:
        """Forget what waits; on the thread that takes."""
        self._coming.clear()
        self._waiting = _NOTHING
        self._flowing = False

    def take(self) -> Samples | None:
        """The next frame; None where there is nothing to play now. The last one of a sound is
        filled with silence."""
        self._collect()
        if not self._flowing and not self._may_flow():
            return None
        if self._left:
            self._keep_short()
        if len(self._waiting) < self._frame:
            return self._run_dry()
        frame, self._waiting = self._waiting[: self._frame], self._waiting[self._frame :]
        self._left.append(len(self._waiting))
        return frame

    def _collect(self) -> None:
        coming = []
        with suppress(IndexError):  # the other thread may drop the oldest meanwhile
            while self._coming:
                coming.append(self._coming.popleft())
        if coming:
            self._waiting = np.concatenate((self._waiting, *coming))[-MOST:]

    def _may_flow(self) -> bool:
        self._dry += 1
        if not len(self._waiting):
            return False
        self._held += 1
        # A sound shorter than that is played all the same, a little later.
        if len(self._waiting) < self._frame + self._spare and self._held < _HELD:
            return False
        if self._dry * self._frame < _SOON:
            self._spare = min(_MOST_SPARE, self._spare + _MORE_SPARE)
        self._flowing = True
        return True

    def _run_dry(self) -> Samples | None:
        rest, self._waiting = self._waiting, _NOTHING
        self._flowing = False
        self._dry = self._held = 0
        self._left.clear()
        if not len(rest):
            return None
        fade = min(FADE, len(rest))
        frame = np.zeros(self._frame, np.int16)
        frame[: len(rest)] = rest
        frame[len(rest) - fade : len(rest)] = rest[-fade:] * np.linspace(1, 0, fade)
        return frame

    def _keep_short(self) -> None:
        left = list(self._left)
        recent = left[-_LOOK_HURRIED // self._frame :]
        if len(recent) >= _LOOK_HURRIED // self._frame and min(recent) > self._spare + _HURRY:
            self._change(self._spare - min(recent), _ALIKE_IN_A_HURRY)
        elif len(left) == self._left.maxlen:
            missing = self._spare - min(left)
            if abs(missing) <= _TOLERATED:
                self._left.clear()
                self._spare = max(self._least_spare, self._spare - _LESS_SPARE)
            else:
                nearly_dry = min(left) < _TOLERATED
                self._change(missing, _ALIKE_IN_A_HURRY if nearly_dry else _ALIKE)

    def _change(self, wanted: int, alike: float) -> None:
        before = len(self._waiting)
        self._waiting = stretch(self._waiting, wanted, alike)
        changed = len(self._waiting) - before
        for at in range(len(self._left) if changed else 0):
            self._left[at] += changed
