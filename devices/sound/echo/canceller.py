"""The echo canceller of a hall, 10 ms at a time.

    played ──> Reference ──> PathFilter ──> echo ──┐
                    │            ^                 │
                    v            │ path            v
    heard ──> PathLearner ───────┘       heard - echo ──> Suppressor ──>

While nothing is known of the path (`_known`), all is turned down as long as the loudspeaker can be
heard. When the path changes, the suppressor goes on with what the old one says (`_before`), until
the new one, learned from nothing, is better.
"""

import math

import numpy as np

from devices.device import Echo
from devices.sound.echo.filter import FRAME, PathFilter
from devices.sound.echo.learner import BLOCK, TAPS, PathLearner
from devices.sound.echo.meter import EchoMeter
from devices.sound.echo.rates import DELAY, Down, Sound, Up
from devices.sound.echo.reference import Reference, Tape
from devices.sound.echo.suppressor import FRAME as FRAME_48
from devices.sound.echo.suppressor import Suppressor

LATENCY = 2 * DELAY + FRAME_48
"""Samples at 48 kHz, 12 ms, by which what comes out is late."""

_BACKLOG = 24
"""Blocks that are learned from again and again while the path is not known."""
_LOOK_EVERY = 16
_LOOK_SELDOM = 64
_EXPECTED_EARLIER = 0.02
"""Seconds: streams that were opened anew may be earlier, or later, than they were."""
_LINGERS = 80
"""Frames for which a hall may go on sounding: the longest delay, and reverberation."""
_AUDIBLE = 2e-6
"""Mean square of what is played: -57 dBFS."""
_GIVES_UP = 250
"""Frames with something played in which no echo was found: there is none."""
_KNOWN = 0.3
"""Share of the echo's power that is left, from which on the path counts as known."""
_ENOUGH = 24
"""Blocks that it takes to know that in spite of somebody who speaks."""
_MATCHES = 0.77
_BETTER = 0.05
"""The same, from which on the old path is no better."""
_LEAST_TRUST = 0.003


class EchoCanceller:
    def __init__(self) -> None:
        self._reference = Reference()
        self._heard = Tape()
        self._down, self._up, self._up_before = Down(), Up(), Up()
        self._late = np.zeros(2 * DELAY, np.float32)
        self._learner = PathLearner()
        self._filter = PathFilter()
        self._before: PathFilter | None = None
        self._learner_before, self._left_before = self._learner, 1.0
        self._without_change = np.ones(2)
        """Power that the old path leaves, and power heard."""
        self._suppressor = Suppressor()
        self.meter = EchoMeter()
        self._frames = 0
        self._since_audible = _LINGERS
        self._unknown_for = 0
        self._known = False
        self._speaks = False
        self.noise = 0.0
        """Mean square of the noise in what came out last."""
        self._next = 0
        """Sample with which the next block begins."""
        self._furthest = 0
        self._since = 0
        self._powers = np.zeros(2)
        self._left = 1.0
        self._match = np.zeros(2)
        """What is heard times the predicted echo, and the echo's power."""
        self._judged = 0
        self._quiet = 1.0

    @property
    def attenuation(self) -> float | None:
        """dB by which the path alone lowers the echo; None where it is not known."""
        return -10 * math.log10(max(self._left, 1e-6)) if self._known else None

    @property
    def speaks(self) -> bool:
        """Whether somebody in the hall does, as far as one can tell."""
        return self._speaks

    @property
    def plays(self) -> bool:
        """Whether the loudspeaker can be heard, as far as one can tell."""
        return self._since_audible < _LINGERS

    def last_heard(self, length: int) -> Sound:
        """So many samples of the microphone, at 16 kHz; a view."""
        return self._heard.cut(self._heard.end - length, self._heard.end)

    @property
    def delay(self) -> float | None:
        """Seconds; None where it is not known."""
        return self._reference.delay

    @property
    def echo(self) -> Echo:
        """Of it, what is left at present."""
        return self.meter.echo(self.delay)

    def expect(self, delay: float) -> None:
        """Begin with the delay, in seconds, that a chirp told, instead of looking for it. Where it
        is wrong by now, the right one is found as ever."""
        if self._reference.delay is None:
            self._align(round(16000 * max(0.0, delay - _EXPECTED_EARLIER)))

    def process(self, microphone: Sound, played: Sound, *, music: bool = False) -> Sound:
        """One frame of 480 samples at 48 kHz, full scale at 1, and what was played since the last:
        usually one frame, too. The result is late by `LATENCY`. Of `music` only the predicted echo
        is taken away."""
        self._frames += 1
        self._heard.append(self._down.process(microphone))
        audible = float(played @ played) > _AUDIBLE * len(played)
        self._since_audible = 0 if audible else self._since_audible + 1
        reference = self._reference.add(played)
        echo = self._up.process(self._filter.process(reference))
        before = None
        if self._before is not None:
            echo_before = self._before.process(reference)
            before = self._up_before.process(echo_before)
            self._doubt_change(echo_before)
        whole = np.concatenate([self._late, microphone])
        self._late = whole[-2 * DELAY :]
        cleaned = self._suppressor.process(
            whole[: -2 * DELAY] - echo, echo, before, self._is_blind(audible), music=music
        )
        self._speaks, self.noise = cleaned.speaks, cleaned.noise
        self.meter.add(
            self._since_audible,
            _power(reference) / FRAME,
            _power(microphone) / FRAME_48,
            _power(cleaned.sound) / FRAME_48,
            speaks=cleaned.speaks,
            sure=self._known and self._before is None,
        )
        if cleaned.changed and self._known:
            self._start_again()
        if audible and self._frames % (_LOOK_SELDOM if self._known else _LOOK_EVERY) == 0:
            delay = self._reference.look(self._heard, self._known and self._left < _KNOWN)
            if delay is not None:
                self._align(delay)
        self._learn()
        return cleaned.sound

    def _is_blind(self, audible: bool) -> bool:
        if self._known or self._since_audible >= _LINGERS:
            return False
        self._unknown_for += audible
        return self._unknown_for < _GIVES_UP

    def _align(self, delay: int) -> None:
        """Begin anew, with what was heard and played up to now."""
        self._reference.move_to(delay, _BACKLOG * BLOCK + TAPS)
        tape = self._reference.tape
        self._next, self._since = tape.end - _BACKLOG * BLOCK, 0
        self._furthest = self._next
        self._learner.forget()
        self._learner.path = np.zeros(TAPS, np.float32)
        self._filter = PathFilter()
        for at in range(tape.end - TAPS, tape.end, FRAME):
            self._filter.process(tape.cut(at, at + FRAME))
        self._before = None
        self._known = False
        self._judged = 0
        self._match[:] = 0

    def _start_again(self) -> None:
        """The path has changed."""
        self._before = self._filter.copy()
        self._learner_before, self._left_before = self._learner, 1.0
        self._without_change[:] = 1e-3
        self._learner.forget()
        self._learner.path = np.zeros(TAPS, np.float32)
        self._filter.set_path(self._learner.path)
        self._next = self._since = self._furthest = self._heard.end - FRAME
        self._left = 1.0
        self._powers[:] = 0
        self._reference.look_afresh()

    def _doubt_change(self, echo_before: Sound) -> None:
        """If the path from before the change explains what is heard, there was none."""
        assert self._before is not None
        heard = self._heard.cut(self._heard.end - FRAME, self._heard.end)
        self._without_change *= 0.9
        self._without_change += _power(heard - echo_before), _power(heard)
        if self._without_change[0] < 0.5 * self._without_change[1]:
            self._learner, self._left = self._learner_before, self._left_before
            self._filter, self._before = self._before, None

    def _learn(self) -> None:
        """One block a frame, so that what was waiting is caught up with little by little."""
        end = self._next + BLOCK
        if self._reference.delay is None or self._heard.end < end:
            return
        played = self._reference.tape.cut(self._next - TAPS, end)
        heard = self._heard.cut(self._next, end)
        self._next = end
        if _power(played[TAPS:]) < 0.1 * _AUDIBLE * BLOCK:
            return
        lesson = self._learner.predict(played, heard)
        error, echo = _power(lesson.error), _power(lesson.echo)
        self._quiet = min(self._quiet * 1.01, max(error, 1e-6))
        trust = 1.0
        if self._known and self._speaks:
            usual = 2 * self._left * echo + 4 * self._quiet
            trust = float(np.clip(usual / error, _LEAST_TRUST, 1))
        path = self._learner.path
        is_new = end > self._furthest
        if is_new:
            self._furthest = end
            self._reference.correct(self._reference.clock.follow(lesson))
            if self._known and not self._speaks and self._before is None:
                cubed = self._learner.echo_of(played**3)
                self._reference.overdrive.follow(lesson.error, lesson.echo, cubed)
        calm = self._known and self._before is None and self._left < _BETTER
        self._learner.learn(played, lesson, trust, calm=calm)
        if is_new:
            self._reference.clock.path_moved(path, self._learner.path)
            self._match *= 0.9
            self._match += float((lesson.error + lesson.echo) @ lesson.echo), echo
            self._judged += 1
            if not self._speaks:
                self._judge(error, echo)
        if self._heard.end < self._next + BLOCK:
            self._filter.set_path(self._learner.path)
            self._known = self._known or self._left < _KNOWN or self._matches()
            if self._left < _BETTER:
                self._before = None
            if not self._known or self._before is not None:
                self._learn_again()

    def _judge(self, error: float, echo: float) -> None:
        """By energy, because a pause shows nothing but the noise."""
        self._powers *= 0.8
        self._powers += max(error - 2 * self._quiet, 0), echo
        self._left = float((self._powers[0] + 1e-3) / (self._powers[1] + 1e-3))

    def _matches(self) -> bool:
        """Whether the echo is there as strongly as predicted, whoever speaks over it: where a path
        is wrong by a share s of its power, 1 / (1 + s) of its prediction is in what is heard."""
        heard, echo = self._match
        matches = _MATCHES * echo < heard < echo / _MATCHES
        return self._judged > _ENOUGH and bool(matches)

    def _learn_again(self) -> None:
        """From the same blocks, which still say more than was taken from them."""
        begin = max(self._since, self._next - _BACKLOG * BLOCK)
        self._next -= (self._next - begin) // BLOCK * BLOCK
        self._learner.forget()


def _power(sound: Sound) -> float:
    return float(sound @ sound)
