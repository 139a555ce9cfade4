"""The judge of a line, in times that are made up, on lines that are made up."""

from collections import deque
from collections.abc import Callable
from random import Random

import pytest

from rooms.media.judge import DRAIN_MOST_SECONDS, Judge, Rates, Sent
from rooms.shown import Layer

RATES = Rates(1_500_000, 180_000)
SOUND = 45_000
STEP = 0.02


class Line:
    """A queue in front of so many bits a second, and a judge, who looks five times a second."""

    def __init__(self, *, rate: float = 1e9, queue: float = 0.5, loss: float = 0.0) -> None:
        self.rate, self.queue, self.loss = rate, queue, loss
        self.cut = False
        self.jitter: Callable[[], float] = lambda: 0.0
        self.judge = Judge()
        self.now = 100.0
        self.layers: list[tuple[float, Layer]] = []
        self.worst = 0.0
        """Seconds that sound waited at most."""
        self._waiting = 0.0
        self._asked: list[float] = []
        self._late: deque[tuple[float, Callable[[float], None]]] = deque()
        self._random = Random(5)
        self._packets: deque[tuple[float, float]] = deque()

    def run(self, seconds: float) -> None:
        steps = round(seconds / STEP)
        for _ in range(steps):
            self.now += STEP
            self._send()
            number = round(self.now / STEP)
            if number % 10 == 0:
                ages = [self.now - asked for asked in self._asked]
                if not self.cut:
                    self.judge.unanswered(ages, self.now)
                if ages and ages[0] > 0.4:
                    self._ask()
                sent = Sent(*self._recent())
                self.judge.look(self.now, sent, RATES)
                if not self.layers or self.layers[-1][1] is not self.judge.layer:
                    self.layers.append((self.now, self.judge.layer))
            if number % (5 if self.judge.suspects else 35) == 0:
                self._ask()
            while self._late and self._late[0][0] <= self.now:
                when, tell = self._late.popleft()
                tell(when)

    def _recent(self) -> tuple[int, float]:
        while self._packets and self._packets[0][0] < self.now - 1:
            self._packets.popleft()
        bits = sum(b for _, b in self._packets)
        packets = sum(b for at, b in self._packets if at > self.now - 0.5) / 9600
        return int(packets), bits

    def _send(self) -> None:
        self._waiting = max(0.0, self._waiting - self.rate * STEP)
        video = RATES.of(self.judge.sends) * STEP
        probes = self.judge.probes * STEP
        self._packets.append((self.now, video))
        for bits, missed in ((SOUND * STEP, False), (probes, False), (video, True)):
            full = self._waiting + bits > self.queue * self.rate
            if (full or self._random.random() < self.loss or self.cut) and bits and missed:
                if not self.cut and self._waiting < 1.2 * self.rate:  # else it is of long ago
                    tell = lambda _, bits=bits: self.judge.asked_again(max(1, round(bits / 9600)))  # noqa: E731
                    self._later(0.05 + self._waiting / self.rate, tell)
            elif not full:
                self._waiting += bits
        self.worst = max(self.worst, self._waiting / self.rate)

    def _ask(self) -> None:
        self.judge.asked()
        self._asked.append(asked := self.now)
        if self.cut or self._random.random() < self.loss or self._waiting > self.queue * self.rate:
            return
        took = 0.05 + self._waiting / self.rate + self.jitter()

        def answer(when: float) -> None:
            if asked in self._asked:
                self._asked = [other for other in self._asked if other > asked]
                self.judge.answered(took, when)

        self._later(took, answer)

    def _later(self, seconds: float, tell: Callable[[float], None]) -> None:
        self._late.append((self.now + seconds, tell))
        self._late = deque(sorted(self._late, key=lambda one: one[0]))

    def when(self, layer: Layer, since: float) -> float:
        return next(at for at, found in self.layers if found is layer and at > since) - since


@pytest.mark.parametrize("queue", [0.1, 0.5, 1.5])
def test_a_line_that_falls_gets_the_small_picture_then_sound_and_rises_again(queue: float) -> None:
    line = Line(queue=queue)
    line.run(10)
    fell = line.now
    line.rate = 300_000
    line.run(12)
    assert line.when(Layer.SMALL, fell) < 3
    assert line.judge.layer is Layer.SMALL, line.layers
    fell = line.now
    line.rate = 64_000
    line.run(15)
    assert line.when(Layer.SOUND, fell) < 4
    rose = line.now
    line.rate = 1e9
    line.run(90)
    assert line.judge.layer is Layer.MAIN, line.layers
    assert line.when(Layer.SMALL, rose) < line.when(Layer.MAIN, rose)
    assert len(line.layers) <= 6, f"it swung: {line.layers}"


def test_what_is_lost_by_chance_is_no_sign() -> None:
    line = Line(loss=0.03)
    line.run(120)
    assert line.judge.layer is Layer.MAIN
    assert len(line.layers) == 1


def test_neither_an_outage_nor_a_single_late_answer_is_a_sign() -> None:
    line = Line()
    line.run(10)
    line.cut = True
    line.run(2)
    line.cut = False
    line.run(10)
    line.judge.answered(1.4, line.now)
    line.run(20)
    assert len(line.layers) == 1


def test_a_line_that_is_late_by_itself_is_not_left_without_a_picture() -> None:
    """Nothing of it is ours: what comes late without our pictures as well is how this line is."""
    line = Line()
    line.run(10)
    random = Random(3)
    line.jitter = lambda: 0.7 + 0.1 * random.random()
    line.run(20)
    assert line.judge.layer is not Layer.SOUND, line.layers
    line.run(60)
    assert line.judge.layer is Layer.MAIN, line.layers


def test_to_try_a_line_does_no_harm_and_is_done_ever_more_seldom() -> None:
    line = Line(queue=1.0)
    line.run(10)
    line.rate = 500_000
    line.run(10)
    assert line.judge.layer is Layer.SMALL
    line.worst = 0.0
    line.run(300)
    assert line.judge.layer is Layer.SMALL
    assert len(line.layers) == 2, line.layers
    assert line.worst < 0.35


def test_what_the_house_cannot_spare_is_taken_at_once_and_given_back_after_a_trial() -> None:
    judge, now = Judge(), 100.0
    judge.look(now, Sent(80, 1.5e6), RATES, Layer.SMALL)
    assert (judge.layer, judge.sends) == (Layer.SMALL, Layer.SMALL)
    for _ in range(200):
        now += 0.2
        judge.answered(0.05, now)
        judge.look(now, Sent(10, 180_000), RATES, Layer.SMALL)
    assert judge.layer is Layer.SMALL
    for _ in range(60):
        now += 0.2
        judge.asked()
        judge.answered(0.05, now)
        judge.look(now, Sent(10, 180_000), RATES)
    assert judge.layer is Layer.MAIN


def test_sound_goes_first_until_what_is_on_its_way_has_arrived() -> None:
    judge = Judge()
    judge.answered(0.05, 99.0)
    judge.asked_again(60)
    judge.look(100.0, Sent(80, 1.5e6), RATES)
    assert (judge.layer, judge.sends) == (Layer.SMALL, Layer.SOUND)
    judge.answered(0.9, 100.2)
    judge.look(100.4, Sent(0, 0), RATES)
    assert judge.drains
    judge.look(100.0 + DRAIN_MOST_SECONDS, Sent(0, 0), RATES)
    assert judge.sends is Layer.SMALL
