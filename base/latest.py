"""The newest value of something, and a way to wait for the next one.

State comes up through the layers in these. A slow reader skips to the newest value and never
makes a queue grow.

>>> health = Latest("starting")
>>> health.set("working")
>>> health.value
'working'
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds one value; belongs to the event loop's thread."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._version = 0
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def value(self) -> T:
        return self._value

    def set(self, value: T) -> None:
        """Replace the value; an equal one wakes nobody."""
        if value == self._value:
            return
        self._value = value
        self._version += 1
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changes(self) -> AsyncIterator[T]:
        """The value as it is now, then every newer one; values in between may be skipped."""
        seen = -1
        while True:
            if seen == self._version:
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.add(waiter)
                try:
                    await waiter
                finally:
                    self._waiters.discard(waiter)
            seen = self._version
            yield self._value
