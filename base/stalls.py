"""For how long the event loop stood still: meanwhile nobody is answered and no sound is mixed.

    watch = LoopWatch()
    task_group.create_task(watch.run())
    watch.longest            # seconds, in this minute and the one before

A call that blocks shows here, as does a machine that has no time for us.
"""

import asyncio
from typing import Final

STEP_SECONDS: Final = 0.01
"""A stall is measured too short by so much at most."""
SPAN_SECONDS: Final = 60.0


class LoopWatch:
    """Belongs to the loop's thread."""

    def __init__(self, span: float = SPAN_SECONDS) -> None:
        self._span = span
        self._now = 0.0
        self._before = 0.0

    @property
    def longest(self) -> float:
        """Seconds; of one span at least, and of two at most, whoever asks and how often."""
        return max(self._now, self._before)

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._span
        while True:
            due = loop.time() + STEP_SECONDS
            await asyncio.sleep(STEP_SECONDS)
            now = loop.time()
            if now >= ends:
                self._before, self._now = self._now, 0.0
                ends = now + self._span
            self._now = max(self._now, now - due)
