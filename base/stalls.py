"""For how long the event loop stood still: meanwhile nobody is answered and no sound is mixed.

    watch = LoopWatch()
    task_group.create_task(watch.run())
    watch.longest            # seconds, in this minute and the one before
    watch.busiest            # of a processor, between two chances of whatever else waited

A call that blocks shows in `longest`, as does a machine that has no time for us; a call that
computes for long shows in both.
"""

import asyncio
import time
from typing import Final

STEP_SECONDS: Final = 0.01
"""A stall is measured too short by so much at most."""
SPAN_SECONDS: Final = 60.0


class LoopWatch:
    """Belongs to the loop's thread. What it tells is of one span at least, and of two at most,
    whoever asks and how often."""

    def __init__(self, span: float = SPAN_SECONDS) -> None:
        self._span = span
        self._now = self._before = (0.0, 0.0)

    @property
    def longest(self) -> float:
        """Seconds."""
        return max(self._now[0], self._before[0])

    @property
    def busiest(self) -> float:
        """Seconds of a processor."""
        return max(self._now[1], self._before[1])

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._span
        while True:
            due, spent = loop.time() + STEP_SECONDS, time.thread_time()
            await asyncio.sleep(STEP_SECONDS)
            now, used = loop.time(), time.thread_time() - spent
            if now >= ends:
                self._before, self._now = self._now, (0.0, 0.0)
                ends = now + self._span
            self._now = (max(self._now[0], now - due), max(self._now[1], used))
