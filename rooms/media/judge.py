"""Judges what one guest's line carries: the main picture, the small one, or sound alone.

    judge = Judge()
    judge.answered(0.04, now)          # a check of the path, there and back, in seconds
    judge.asked_again(3)               # packets of a moment ago that his browser misses (NACK)
    judge.lost(report.fraction_lost / 256)             # receiver report (RFC 3550, 6.4.1)
    judge.estimated(900_000, now)                      # REMB, bits a second
    judge.look(now, sent, rates)       # some times a second; then `layer`, `sends`, `probes`

Downwards it is quick and sure: what got lost, or answers that come later and later, are signs that
the line is full; an estimate of the browser's says how full, and alone is no sign: it is low as
well where little was sent. One lost or late packet is none either, nor is an outage, in which
nothing comes back at all. First everything but sound is held back until what is on the way has
arrived, so that sound is not stuck behind it.

Upwards it is slow and does no harm: what the next layer would cost more is sent for a moment as
repetitions that nobody misses, and given up at the first sign that it does not fit.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rooms.shown import Layer

LATE_SECONDS: Final = 0.5
"""An answer later than the quickest by so much waited in a queue. Less is what radios and busy
machines do by themselves."""
SLIGHTLY_LATE_SECONDS: Final = 0.25
"""So long it waits until what is on its way has arrived."""
APART_SECONDS: Final = 0.15
"""Between two late answers that count: what an outage held back arrives at once."""
FORGET_SECONDS: Final = 30.0
"""The quickest answer of this long counts, and that of as long before."""
MUCH_LOST: Final = 0.2
"""Of the packets of the last moments, as a share."""
SOME_LOST: Final = 0.12
"""Of a whole report, which spans a second or more; twice in succession."""
LEAST_PACKETS: Final = 12
ESTIMATE_COUNTS_SECONDS: Final = 2.0
UNTRUE_SECONDS: Final = 5.0
"""What a browser estimates in its first moments says nothing."""
DRAIN_SECONDS: Final = 1.2
"""So long it waits at most for what is on its way."""
DRAIN_LEAST_SECONDS: Final = 0.3
DRAIN_MOST_SECONDS: Final = 4.0
"""Where answers come sooner and sooner."""
SETTLE_SECONDS: Final = 2.5
"""After a change, until there is a new judgement."""
HEAVY_SECONDS: Final = 0.7
PROBE_SECONDS: Final = 2.5
AFTER_PROBE_SECONDS: Final = 1.2
PROBE_FIRST_BITS: Final = 40_000.0
"""A probe begins with so much a second, and grows by the same factor until it is what it tries."""
PROBE_AFTER_SECONDS: Final = 0.4
"""Behind a probe, until its last packets are known to have done no harm."""
FIRST_PATIENCE: Final = 4.0
MOST_PATIENCE: Final = 60.0
PROVEN_SECONDS: Final = 20.0
"""A layer that was held for so long was worth going up to."""
PROBE_MARGIN: Final = 1.15
USUAL_SECONDS: Final = 2.5
"""An answer in a probe is late where none was as late in so long before it, by a good deal."""
GOOD_DEAL_SECONDS: Final = 0.07
ANSWERED: Final = 0.6
"""Of the questions in a probe, at least."""


class Rates(NamedTuple):
    """Bits a second that each layer of what he is to see takes."""

    main: float
    small: float

    def of(self, layer: Layer) -> float:
        return {Layer.MAIN: self.main, Layer.SMALL: self.small, Layer.SOUND: 0.0}[layer]


class Sent(NamedTuple):
    """Of the last moments."""

    packets: int
    """In the last half a second."""
    bits_per_second: float


@dataclass(slots=True)
class _Probe:
    began: float
    usual: float
    """Seconds that the slowest answer took before it."""
    asked: int = 0
    answered: int = 0


_ORDER: Final = (Layer.SOUND, Layer.SMALL, Layer.MAIN)


class Judge:
    """Driven by the times it is given, in seconds."""

    def __init__(self, layer: Layer = Layer.MAIN, now: float = 0.0) -> None:
        self.layer = layer
        """What he gets, as people are told."""
        self.drains = False
        """Nothing but sound is sent for the moment."""
        self.probes = 0.0
        """Bits a second to be sent beside everything else, to see whether they fit."""
        self.why = ""
        """It was taken down the last time, for whoever reads the log."""
        self._began = now
        self._changed = now - SETTLE_SECONDS
        self._quickest = (math.inf, math.inf)
        self._window_ends = 0.0
        self._answers: deque[tuple[float, float]] = deque()
        """Of the last moments: when, and how long it took."""
        self._own_late, self._own_until = 0.0, now
        """By so much answers are late without our pictures as well, and until when that counts."""
        self._late_since: float | None = None
        self._late = False
        self._slightly_late = False
        self._missing = 0.0
        self._reports = 0
        self._estimates: deque[tuple[float, float]] = deque(maxlen=2)
        self._calm_since = now
        self._patience = FIRST_PATIENCE
        self._probe: _Probe | None = None
        self._gave_up = -math.inf
        self._raised: float | None = None

    @property
    def sends(self) -> Layer:
        """What is to be sent now."""
        return Layer.SOUND if self.drains else self.layer

    @property
    def suspects(self) -> bool:
        """More answers are wanted, soon."""
        return self._slightly_late or self._missing > 0 or self.drains or self._probe is not None

    @property
    def is_late(self) -> bool:
        """The last answer waited in a queue."""
        return self._slightly_late

    def asked(self) -> None:
        """The path is being checked."""
        if self._probe is not None:
            self._probe.asked += 1

    def answered(self, seconds: float, now: float, *, only: bool = True) -> None:
        """A check of the path came back after so long; it will take longer where not `only`."""
        if only:
            if now >= self._window_ends:
                self._window_ends = now + FORGET_SECONDS
                self._quickest = (seconds, self._quickest[0])
            self._quickest = (min(seconds, self._quickest[0]), self._quickest[1])
            if (probe := self._probe) is not None:
                probe.answered += 1
                if seconds > probe.usual + max(GOOD_DEAL_SECONDS, 0.4 * probe.usual):
                    self._give_up_probe(now)
            self._answers.append((now, seconds))
            while now - self._answers[0][0] > USUAL_SECONDS:
                self._answers.popleft()
        elif seconds - min(self._quickest) <= LATE_SECONDS:
            return
        late = seconds - min(self._quickest)
        if now < self._own_until:
            late -= self._own_late
        self._slightly_late = late > SLIGHTLY_LATE_SECONDS
        if late <= LATE_SECONDS:
            self._late, self._late_since = False, None
        elif self._late_since is None:
            self._late_since = now
        elif now - self._late_since >= APART_SECONDS:
            self._late = True

    def forgive(self) -> None:
        """The house itself was busy, or nothing came back at all: what is late or missing says
        nothing of how much the line carries."""
        self._late, self._late_since, self._slightly_late = False, None, False
        self._missing = 0.0

    def unanswered(self, ages: Sequence[float], now: float) -> None:
        """How long each question waits for its answer, though something else came a moment ago.
        One may have got lost."""
        if len(ages) > 1:
            self.answered(ages[1], now, only=False)

    def asked_again(self, packets: int) -> None:
        """So many of those that were sent a moment ago are missed."""
        self._missing += packets

    def is_flooded(self, packets: int) -> bool:
        """So much is missed of these, which were sent in the last half a second, that the line must
        be full: no time is to be lost."""
        return self._missing >= MUCH_LOST * max(packets, LEAST_PACKETS)

    def lost(self, share: float) -> None:
        """What a report says, 0 to 1."""
        self._reports = self._reports + 1 if share >= SOME_LOST else 0

    def estimated(self, bits: float, now: float) -> None:
        if now - self._began > UNTRUE_SECONDS:
            self._estimates.append((now, bits))

    def stuck(self) -> None:
        """What was to be sent little by little did not get away."""
        self._missing += 1_000_000

    def look(self, now: float, sent: Sent, rates: Rates, most: Layer = Layer.MAIN) -> None:
        """Decide. `most` is what the house has to spare for him."""
        heavy = self.is_flooded(sent.packets)
        self._missing *= 0.5
        # An estimate alone is no sign: it is low as well where little was sent.
        late = self._late_since is not None
        low = late and self._estimated_below(0.7 * sent.bits_per_second, now)
        full = heavy or self._late or self._reports >= 2 or low
        if _ORDER.index(most) < _ORDER.index(self.layer):
            self._go(most, now, drains=False)
        elif self.drains:
            self._drain(now, heavy)
        elif full:
            self._is_full(now, rates, heavy)
        else:
            self._is_calm(now, rates, most)

    def _drain(self, now: float, heavy: bool) -> None:
        since = now - self._changed
        if not self._slightly_late and not heavy:
            self.drains = since < DRAIN_LEAST_SECONDS
        elif since >= DRAIN_SECONDS:
            took = [took for at, took in self._answers if at - took > self._changed]
            falls = len(took) < 2 or took[-1] < 0.8 * max(took)
            if falls and since < DRAIN_MOST_SECONDS:
                return
            if took:  # without our pictures as well: so it is on this line, or his machine is busy
                self._own_late = max(took) - min(self._quickest)
                self._own_until = now + MOST_PATIENCE
                self._late, self._late_since, self._slightly_late = False, None, False
            self.drains = False

    def _estimated_below(self, bits: float, now: float) -> bool:
        """By the browser, twice in succession."""
        fresh = [b for at, b in self._estimates if now - at < ESTIMATE_COUNTS_SECONDS]
        return len(fresh) == 2 and max(fresh) < bits

    def _is_full(self, now: float, rates: Rates, heavy: bool) -> None:
        self._calm_since = now
        if self._probe is not None:
            self._give_up_probe(now)
        if now - self._gave_up < (AFTER_PROBE_SECONDS if heavy else SETTLE_SECONDS):
            return  # the probe did it
        quick = heavy or self._estimated_below(0.8 * rates.small, now)
        settled = now - self._changed >= (HEAVY_SECONDS if quick else SETTLE_SECONDS)
        if self.layer is Layer.SOUND or not settled:
            return
        lower = _ORDER[_ORDER.index(self.layer) - 1]
        if self._raised is not None and now - self._raised < PROVEN_SECONDS:
            self._patience = min(MOST_PATIENCE, 2 * self._patience)
        self._raised = None
        self.why = self._reason(heavy)
        self._go(lower, now, drains=True)

    def _reason(self, heavy: bool) -> str:
        took = [round(1000 * took) for _, took in self._answers]
        if heavy:
            return "much is missed"
        if self._reports >= 2:
            return "much is reported lost"
        return f"late answers: {took} ms" if self._late else f"estimated at {self._estimates}"

    def _is_calm(self, now: float, rates: Rates, most: Layer) -> None:
        if self._raised is not None and now - self._raised >= PROVEN_SECONDS:
            self._raised, self._patience = None, FIRST_PATIENCE
        if self.layer is most or self.layer is Layer.MAIN:
            return
        if self._probe is not None:
            self._look_at_probe(now, rates, self._probe)
        elif now - max(self._calm_since, self._changed) >= self._patience:
            usual = (took for at, took in self._answers if at > now - USUAL_SECONDS)
            self._probe = _Probe(now, max(usual, default=0.0))

    def _look_at_probe(self, now: float, rates: Rates, probe: _Probe) -> None:
        into = now - probe.began
        higher = _ORDER[_ORDER.index(self.layer) + 1]
        if into < PROBE_SECONDS:
            more = max(PROBE_FIRST_BITS, PROBE_MARGIN * rates.of(higher) - rates.of(self.layer))
            share = min(1.0, into / (0.7 * PROBE_SECONDS))
            self.probes = float(PROBE_FIRST_BITS * (more / PROBE_FIRST_BITS) ** share)
        elif into < PROBE_SECONDS + PROBE_AFTER_SECONDS:
            self.probes = 0.0
        elif probe.answered < ANSWERED * probe.asked:
            self._give_up_probe(now)
        else:
            self._raised = now
            self._go(higher, now, drains=False)

    def _give_up_probe(self, now: float) -> None:
        self._probe, self.probes = None, 0.0
        self._calm_since = self._gave_up = now
        self._patience = min(MOST_PATIENCE, 2 * self._patience)

    def _go(self, layer: Layer, now: float, *, drains: bool) -> None:
        self.layer, self.drains, self._changed = layer, drains, now
        self._probe, self.probes = None, 0.0
        self._calm_since = now
        self._late, self._late_since, self._reports, self._missing = False, None, 0, 0.0
