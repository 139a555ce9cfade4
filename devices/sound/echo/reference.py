"""What was played, read as late and as fast as the microphone hears it."""

import numpy as np

from devices.sound.echo import delay as delays
from devices.sound.echo.clock import Clock
from devices.sound.echo.delay import DelayFinder
from devices.sound.echo.filter import FRAME
from devices.sound.echo.overdrive import Overdrive
from devices.sound.echo.rates import REACH, Down, Sound, between

_LEAD = 128
"""Samples at 16 kHz that the reference is early: a microphone may come 2.7 m closer."""
_LATEST = 800
"""Samples by which the echo may be later than that before the reference is moved."""
_ALIKE = 64
_AT_ONCE = 160
_KEPT = 48000
_TINY = REACH + 1


class Tape:
    """The last `_KEPT` samples and more, by their number from the beginning."""

    def __init__(self) -> None:
        self._samples = np.zeros(2 * _KEPT, np.float32)
        self._begin = -_KEPT
        self.end = 0

    def append(self, samples: Sound) -> None:
        if self.end + len(samples) - self._begin > len(self._samples):
            self._samples[:_KEPT] = self.cut(self.end - _KEPT, self.end).copy()
            self._begin = self.end - _KEPT
        self.end += len(samples)
        self.cut(self.end - len(samples), self.end)[:] = samples

    def cut(self, begin: int, end: int) -> Sound:
        """A view."""
        return self._samples[begin - self._begin : end - self._begin]

    def between(self, begin: float, step: float, length: int) -> Sound:
        """See `rates.between`."""
        return between(self._samples, begin - self._begin, step, length)


class Reference:
    """`tape` runs beside the microphone's, sample by sample; silent until the delay is found."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.clock = Clock()
        self.overdrive = Overdrive()
        self._down = Down()
        self._played = Tape()
        self._finder = DelayFinder()
        self._found: list[int] = []
        self._lateness: float | None = None
        """Samples at 16 kHz by which `_played` is read late; None where that is not known."""

    @property
    def delay(self) -> float | None:
        """Seconds from what is played to what the microphone hears of it."""
        return None if self._lateness is None else (self._lateness + _LEAD) / 16000

    def add(self, played: Sound) -> Sound:
        """Take whole frames at 48 kHz, usually one; returns the next of 10 ms at 16 kHz."""
        new = self._down.process(self.overdrive.bend(played))
        self._played.append(new)
        frame = np.zeros(FRAME, np.float32)
        if self._lateness is not None:
            # Where the two cards' clocks differ, now and then two frames come or none.
            self._shift(len(new) - FRAME)
            frame = self._read(FRAME)
            self._shift(self.clock.rate * FRAME)
        self.tape.append(frame)
        return frame

    def look(self, heard: Tape, works: bool) -> int | None:
        """Look for the delay; returns it, in samples, where the reference has to be moved. A path
        that `works` has the right one."""
        end = self._played.end
        found = self._finder.look(
            self._played.cut(end - delays.NEEDS, end), heard.cut(heard.end - delays.SPAN, heard.end)
        )
        if found is None:
            return None
        self._found = [*self._found, found][-4:]
        # Before the first echo arrives, a little of everything seems to come at once.
        needed = 2 if found > _AT_ONCE else 4
        if self._lateness is not None:
            off = found - self._lateness - _LEAD
            if works or -_LEAD < off < _LATEST:
                return None
            needed = 3
        last = self._found[-needed:]
        return found if len(last) == needed and max(last) - min(last) < _ALIKE else None

    def look_afresh(self) -> None:
        """The path has changed, and its delay perhaps."""
        self._finder.forget()
        self._found.clear()

    def move_to(self, delay: int, length: int) -> None:
        """Read the last `length` samples of the tape again, with another delay."""
        self._found.clear()
        self._lateness = float(max(delay - _LEAD, _TINY))
        self.tape.cut(self.tape.end - length, self.tape.end)[:] = self._read(length)

    def correct(self, samples: float) -> None:
        """The echo is that much later than it was taken for."""
        self._shift(samples)

    def _shift(self, samples: float) -> None:
        if self._lateness is not None:
            self._lateness = max(self._lateness + samples, float(_TINY))

    def _read(self, length: int) -> Sound:
        assert self._lateness is not None
        step = 1 - self.clock.rate
        begin = self._played.end - self._lateness - length * step
        return self._played.between(begin, step, length)
