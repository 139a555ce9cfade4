"""What the tests of all displays need."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from base.latest import Latest
from devices.device import DeviceError
from devices.steady_display import SteadyDisplay

T = TypeVar("T")
D = TypeVar("D", bound=SteadyDisplay)


async def until(latest: Latest[T], fits: Callable[[T], bool], within: float = 40) -> T:
    """`within` in seconds."""
    async with asyncio.timeout(within):
        async for value in latest.changes():
            if fits(value):
                return value
    raise AssertionError


@contextlib.asynccontextmanager
async def running(driver: D) -> AsyncIterator[D]:
    task = asyncio.create_task(driver.run())
    try:
        yield driver
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, DeviceError):
            await task
