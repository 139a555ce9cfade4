"""Sends a guest's pictures little by little where a burst would fill his line, and sound be stuck
behind it.

    pacer = Pacer(ask)
    if pacer.busy: pacer.put(line, payloads, timestamp)     # else straight to the line
    pacer.begin_burst()        # the kept pictures of a feed follow: as TCP begins (RFC 6928)
    pacer.answered(0.03, late=False)      # the path was checked: there and back, in seconds
    pacer.rate = 400_000       # or at a steady rate, bits a second, as long as it is set

On a line that is not known, so much is sent as hardly holds up anybody, and twice as much each time
that an answer comes. A good one takes the kept pictures in three of its round trips, and the first
of them in one.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

WINDOW_BYTES: Final = 40_000
"""Sent at once to a line that nothing is known of."""
TICK_SECONDS: Final = 0.01
ASK_AGAIN_SECONDS: Final = 0.1
"""Questions get lost, too."""
STUCK_SECONDS: Final = 2.0
"""No answer for so long: the line does not take it."""
STUCK_AT_RATE_SECONDS: Final = 2.5
"""Pictures that wait for so long are none of now."""
SAVED_BYTES: Final = 3000
"""What may go at once at a steady rate."""


class Line(Protocol):
    """Where packets leave; `peer.py` has the real one."""

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        """One picture, or 20 ms of sound; the last of its packets is marked. False while there is
        no path. `timestamp` does not wrap."""


class _Waiting(NamedTuple):
    line: Line
    payloads: Sequence[bytes]
    timestamp: int
    since: float


class Pacer:
    """Of one guest, for both his video lines. Belongs to the event loop's thread."""

    def __init__(self, ask: Callable[[], None], stuck: Callable[[], None]) -> None:
        """`ask` has the path checked; `stuck` is called where nothing gets away."""
        self.busy = False
        """Pictures have to come here, because others wait or because there is a rate."""
        self._ask = ask
        self._stuck = stuck
        self._rate: float | None = None
        self._waiting: deque[_Waiting] = deque()
        self._allowed = 0.0
        """Bytes that may go now."""
        self._window: int | None = None
        """Of a burst, in bytes."""
        self._filling = False
        self._waits_since = 0.0
        self._asked = self._first_asked = 0.0
        self._credited = 0.0
        self._ticking: asyncio.TimerHandle | None = None

    @property
    def rate(self) -> float | None:
        return self._rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        self._rate = rate
        self._credited = self._now()
        self._settle()

    def begin_burst(self) -> None:
        """What is put until `end_burst` may be much."""
        if self._window is None and self._rate is None:
            self._window = WINDOW_BYTES
            self._allowed = float(WINDOW_BYTES)
            self._waits_since = self._now()
            self.busy = self._filling = True

    def put(self, line: Line, payloads: Sequence[bytes], timestamp: int) -> bool:
        """As `line.send`, now or in a moment. False where there is no path."""
        self._waiting.append(_Waiting(line, payloads, timestamp, self._now()))
        return self._ticking is not None or self._work()

    def end_burst(self) -> None:
        """Everything was put; a short one is over already."""
        self._filling = False
        self._settle()

    def answered(self, seconds: float, *, late: bool) -> None:
        """The path was checked in so many seconds; `late` where that is more than usual."""
        now = self._now()
        if self._window is None or not self._asked or now - seconds < self._first_asked - 0.001:
            return  # asked before the last of what was sent
        self._asked = 0.0
        self._window = max(WINDOW_BYTES // 4, self._window // 2) if late else 2 * self._window
        self._allowed = float(self._window)
        self._waits_since = now
        self._work()

    def clear(self) -> None:
        """Nobody wants it any more."""
        self._waiting.clear()
        self._window = None
        self._settle()

    def _work(self) -> bool:
        """Send what may go. False where there is no path."""
        if self._rate is not None:
            now = self._now()
            earned = self._rate / 8 * (now - self._credited)
            self._credited = now
            self._allowed = min(self._allowed + earned, SAVED_BYTES)
        while self._waiting and self._allowed > 0:
            line, payloads, timestamp, since = self._waiting.popleft()
            size = count = 0
            while count < len(payloads) and size < self._allowed:
                size += len(payloads[count])
                count += 1
            whole = count == len(payloads)
            if not line.send(payloads[:count], timestamp, marked=whole):
                self._waiting.clear()
                self._settle()
                return False
            self._allowed -= size
            if not whole:
                self._waiting.appendleft(_Waiting(line, payloads[count:], timestamp, since))
        if self._waiting and self._ticking is None:
            if self._window is not None and not self._asked:
                self._asked = self._first_asked = self._now()
                self._ask()
            self._ticking = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)
        elif not self._waiting and not self._filling:
            self._settle()
        return True

    def _tick(self) -> None:
        self._ticking = None
        if not self._waiting:
            return
        now = self._now()
        if self._rate is not None:
            stuck = now - self._waiting[0].since > STUCK_AT_RATE_SECONDS
        else:
            stuck = now - self._waits_since > STUCK_SECONDS
            if now - self._asked >= ASK_AGAIN_SECONDS:
                self._asked = now
                self._ask()
        if stuck:
            self.clear()
            self._stuck()
        else:
            self._work()

    def _settle(self) -> None:
        if not self._waiting:
            self._window = None
            self._asked = 0.0
        self.busy = bool(self._waiting) or self._rate is not None or self._window is not None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
