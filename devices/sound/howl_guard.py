"""What is done about a howl: its tone is taken out both ways, and both are turned down for a while.

Where that does not help, the loop does not come through us: then only the tone stays taken out of
what officials hear, and somebody in the hall has to turn the amplifier down.
"""

from devices.device import Howl
from devices.sound.echo.rates import Sound
from devices.sound.filters import Biquad, notch
from devices.sound.howl import EVERY, HowlDetector
from devices.sound.rounds import Rounds

_SECOND = 100 // EVERY
"""Looks in a second."""
_CERTAIN = 3
"""Looks that have to say so, more than say nothing."""
_STEPS = (-9.0, -15.0, -21.0)
"""dB by which the loudspeaker is turned down, one after the other where it goes on."""
_SENT_FIRST = -9.0
"""dB by which what officials hear is turned down at most before anything else was tried; from there
on by half of what the loudspeaker is. A loop through somebody's telephone has nothing but this."""
_HELPED = 8.0
"""dB that a tone has to fall, for that to have helped."""
_QUIET = 10 * _SECOND
"""Looks without a howl, from which on it is over."""
_BACK = 1.0 / _SECOND
"""dB a look by which the sound comes back then."""
_REMEMBERED = 60 * _SECOND
_MARGIN = 3.0
_FORGETS = 1.0 / (30 * _SECOND)
"""Where it came again, the sound stays lower than that by so much, and for a long time."""
_MOST_NOTCHES = 4
_SAME = 0.03
_DEPTH, _WIDTH, _LEAST_WIDTH = 30.0, 0.04, 30.0
"""dB, and the width as a share of its pitch, in Hz at least."""


class HowlGuard:
    """Fed by the microphone's thread; `played` and `sent` belong to one thread each."""

    def __init__(self) -> None:
        self.howl: Howl | None = None
        self.duck = 0.0
        """dB by which the loudspeaker is to be turned down, 0 or below."""
        self.played: tuple[Biquad, ...] = ()
        self.sent: tuple[Biquad, ...] = ()
        """Filters that take the tones out."""
        self._detector = HowlDetector()
        self._rounds = Rounds()
        self._hertz: list[float] = []
        self._frames = 0
        self._alike = 0
        self._since = _REMEMBERED
        self._step = 0
        self._stepped = 0
        self._level = 0.0
        self._highest = 0.0
        """dB to which the sound comes back at most."""

    @property
    def duck_of_sent(self) -> float:
        """dB by which what officials hear is to be turned down."""
        return max(self.duck, (self.duck + _SENT_FIRST) / 2)

    def process(self, heard: Sound, *, watches: bool, plays: bool = False) -> None:
        """Once a frame; `heard` are the last `howl.SPAN` samples of the microphone. `plays` says
        that the loudspeaker may be heard in them."""
        self._frames += 1
        if self._frames % EVERY:
            return
        found = self._detector.look(heard, plays=plays)
        self._since += 1
        self._stepped += 1
        self._alike = self._alike + 1 if found and watches else max(0, self._alike - 1)
        if found and self._alike >= _CERTAIN:
            self._act(*found)
        grows = self._rounds.look(self._detector.power)
        if grows and watches and self.howl is None:
            self._act(*self._detector.strongest())
        if self.howl is not None:
            self._see_whether_it_helps()
        self._come_back()

    def _act(self, hertz: float, level: float) -> None:
        begins = self.howl is None
        if begins and self._since < _REMEMBERED:
            self._highest = max(min(self._highest, self.duck) - _MARGIN, _STEPS[-1])
        self._since = 0
        known = [one for one in self._hertz if abs(one - hertz) < _SAME * hertz]
        if not known:
            self._hertz = [*self._hertz, hertz][-_MOST_NOTCHES:]
            self._make_filters()
        if begins or (self.howl is not None and self.howl.ours and not known):
            self.howl = Howl(round(hertz))
            self._level = level
            self._go_down()

    def _see_whether_it_helps(self) -> None:
        assert self.howl is not None
        if not self.howl.ours or self._stepped < _SECOND:
            return
        if self._is_still_there():
            self._since = 0
            if self._step < len(_STEPS):
                self._go_down()
            else:
                self.howl = Howl(self.howl.hertz, ours=False)
                self.duck = self._highest

    def _is_still_there(self) -> bool:
        assert self.howl is not None
        return self._detector.level_at(self.howl.hertz) > self._level - _HELPED

    def _go_down(self) -> None:
        self.duck = min(self.duck, _STEPS[min(self._step, len(_STEPS) - 1)])
        self._step += 1
        self._stepped = 0

    def _come_back(self) -> None:
        self._highest = min(self._highest + _FORGETS, 0.0)
        if self.howl is not None and not self.howl.ours and self._is_still_there():
            self._since = 0
        if self._since < _QUIET:
            return
        self.howl = None
        self._step = 0
        if self.duck < self._highest:
            self.duck = min(self.duck + _BACK, self._highest)
        elif self._hertz and self._since >= _REMEMBERED:
            self._hertz = []
            self._make_filters()

    def _make_filters(self) -> None:
        of = [notch(hertz, max(_WIDTH * hertz, _LEAST_WIDTH), _DEPTH) for hertz in self._hertz]
        self.played = tuple(Biquad(one) for one in of)
        self.sent = tuple(Biquad(one) for one in of)
