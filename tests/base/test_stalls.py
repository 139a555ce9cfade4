import asyncio
import time

from base.stalls import STEP_SECONDS, LoopWatch


async def test_what_blocks_the_loop_is_measured_and_forgotten_after_two_spans() -> None:
    watch = LoopWatch(span=0.3)
    running = asyncio.create_task(watch.run())
    await asyncio.sleep(0.05)
    time.sleep(0.25)
    await asyncio.sleep(2 * STEP_SECONDS)
    assert watch.longest >= 0.25 - STEP_SECONDS
    assert watch.busiest < 0.25, "it slept, and computed nothing"
    ends = time.thread_time() + 0.1
    while time.thread_time() < ends:
        pass
    await asyncio.sleep(2 * STEP_SECONDS)
    assert watch.busiest >= 0.1
    async with asyncio.timeout(20):
        while watch.longest >= 0.2:
            await asyncio.sleep(0.05)
    running.cancel()
