"""What one guest is sent, by what his line carries: main picture, small picture, or sound alone.

    adapting = Adapting(peer, layer)
    adapting.look(now, rates, most)          # some times a second; True where he gets another layer
    adapting.layer, adapting.judge.sends     # as people are told; what is to be sent now

This gathers what the browser reports for `judge`, which decides, and carries out what it says: the
pace of the pictures, and the repetitions by which it tries whether more fits.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from rooms.media.judge import Judge, Rates, Sent
from rooms.media.pacing import Pacer
from rooms.media.peer import Peer
from rooms.shown import Layer

LOOK_SECONDS: Final = 0.2
HELD_UP_SECONDS: Final = 0.15
"""A look that comes later by so much: the house itself was busy, and answers waited for it."""
MOMENT_SECONDS: Final = 1.2
"""What is missed of what was sent in it says something of now."""
GONE_SECONDS: Final = 1.0
"""Nothing came for so long: an outage, after which much is missed and nothing is full."""
HEARD_SECONDS: Final = 0.3
"""Something came in it: whoever does not answer has not gone."""
ASK_AGAIN_SECONDS: Final = 0.4
SLOWEST_PACE: Final = 350_000
PACE: Final = 2.0
"""Of the small picture, as multiples of what it takes on an average."""
PROBE_TICK_SECONDS: Final = 0.02


class _Counted(NamedTuple):
    at: float
    hall: int
    floor: int
    octets: int


class Meter:
    """Bits a second of something that is counted in octets, over the last few seconds."""

    def __init__(self, first: float) -> None:
        """`first` is taken for true until something is known."""
        self.bits = first
        self._counted: deque[tuple[float, int]] = deque()

    def note(self, now: float, octets: int) -> None:
        self._counted.append((now, octets))
        while now - self._counted[0][0] > 5.0:
            self._counted.popleft()
        began, before = self._counted[0]
        if now - began >= 2.0:
            self.bits = 8 * (octets - before) / (now - began)


class Adapting:
    """Belongs to the event loop's thread; `close` it with its peer."""

    def __init__(self, peer: Peer, layer: Layer = Layer.MAIN) -> None:
        """`layer` is what was found of his line before."""
        self._loop = asyncio.get_running_loop()
        self._peer = peer
        self.judge = Judge(layer, self._loop.time())
        self.pacer = Pacer(self._ask, self.judge.stuck)
        self.on_flood: Callable[[], None] = lambda: None
        """So much is missed that the next look is too late: sound gets lost as well."""
        self._told = False
        """Since the last look."""
        self._fell = _Counted(0.0, 0, 0, 0)
        """What had been sent when he was given less the last time: what is missed of that says
        nothing of what he gets now, and browsers ask for it again and again."""
        self._counted: deque[_Counted] = deque()
        self._looked = self._loop.time()
        self._probing: asyncio.TimerHandle | None = None
        self._owed = 0.0
        self._gone_until = 0.0
        self._slices = 0
        for line in (peer.hall, peer.floor):
            line.on_loss = self.judge.lost
        peer.hall.on_estimate = self._estimated
        peer.hall.on_asked_again = self._hall_asked_again
        peer.floor.on_asked_again = self._floor_asked_again

    @property
    def layer(self) -> Layer:
        return self.judge.layer

    def begin(self) -> None:
        """There is a path."""
        self._peer.pulse.on_answer = self._answered

    def look(self, now: float, rates: Rates, most: Layer) -> bool:
        """Whether something else is to be sent from now on than before."""
        before = self.judge.sends
        self._count(now)
        if now - self._peer.pulse.heard > GONE_SECONDS:
            self._gone_until = now + MOMENT_SECONDS
        if now - self._looked > LOOK_SECONDS + HELD_UP_SECONDS or now < self._gone_until:
            self.judge.forgive()
        else:
            self._mind_silence(now)
        self._looked = now
        self._told = False
        self.judge.look(now, self._sent(now), rates, most)
        if self.judge.suspects:
            self._ask()
        if self.judge.drains and before is not self.judge.sends:
            self._fell = self._counted[-1]
            self.pacer.clear()
            for line in (self._peer.hall, self._peer.floor):
                line.give_up()
        small = self.judge.sends is Layer.SMALL
        self.pacer.rate = max(SLOWEST_PACE, PACE * rates.small) if small else None
        if self.judge.probes and self._probing is None:
            self._owed = 0.0
            self._probe()
        return before is not self.judge.sends

    def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
        self.pacer.clear()

    def _count(self, now: float) -> None:
        hall, floor = self._peer.hall.counted, self._peer.floor.counted
        self._counted.append(_Counted(now, hall[0], floor[0], hall[1] + floor[1]))
        while now - self._counted[0].at > MOMENT_SECONDS:
            self._counted.popleft()

    def _sent(self, now: float) -> Sent:
        last = self._counted[-1]
        first = next(c for c in self._counted if now - c.at <= 1.0)
        recent = next(c for c in self._counted if now - c.at <= 0.5)
        packets = last.hall + last.floor - recent.hall - recent.floor
        seconds = max(last.at - first.at, 0.5)
        return Sent(packets, 8 * (last.octets - first.octets) / seconds)

    def _mind_silence(self, now: float) -> None:
        """Who does not answer though he is there has a long queue in front of him."""
        pulse = self._peer.pulse
        if pulse.unanswered and now - pulse.unanswered[0] > ASK_AGAIN_SECONDS:
            self._ask()
        if now - pulse.heard < HEARD_SECONDS:
            self.judge.unanswered([now - asked for asked in pulse.unanswered], now)

    def _answered(self, seconds: float) -> None:
        self.judge.answered(seconds, self._loop.time())
        self.pacer.answered(seconds, late=self.judge.is_late)

    def _estimated(self, bits: int) -> None:
        self.judge.estimated(bits, self._loop.time())

    def _hall_asked_again(self, behind: int) -> None:
        if self._counted and behind <= self._peer.hall.counted[0] - self._moment_ago().hall:
            self._missed()

    def _floor_asked_again(self, behind: int) -> None:
        if self._counted and behind <= self._peer.floor.counted[0] - self._moment_ago().floor:
            self._missed()

    def _missed(self) -> None:
        self.judge.asked_again(1)
        if not self._told and self.judge.is_flooded(self._sent(self._loop.time()).packets):
            self._told = True
            self._loop.call_soon(self.on_flood)

    def _moment_ago(self) -> _Counted:
        now = self._loop.time()
        ago = next((c for c in self._counted if now - c.at <= MOMENT_SECONDS), self._counted[-1])
        return max(ago, self._fell, key=lambda counted: counted.at)

    def _ask(self) -> None:
        self.judge.asked()
        self._peer.pulse.ask()

    def _probe(self) -> None:
        self._probing = None
        if not self.judge.probes:
            return
        self._slices += 1
        if self._slices % 4 == 0:
            self._ask()
        self._owed += self.judge.probes / 8 * PROBE_TICK_SECONDS
        self._owed -= self._peer.hall.repeat(self._owed)
        self._owed = min(self._owed, 5000.0)
        self._probing = self._loop.call_later(PROBE_TICK_SECONDS, self._probe)
