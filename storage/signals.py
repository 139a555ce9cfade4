"""Wakes whoever waits for a change, once it is committed, here or in another process.

    watch = database.watch("outbox/to-5")
    await database.write(lambda c: (put(c, …), announce(c, "outbox/to-5")))     # somebody else
    while True:
        look()
        await watch.wait(5.0)              # at once

A topic says where to look, never what is there: one may be told twice, or too early, and where
PostgreSQL was away for a moment not at all. Whoever waits looks again by himself now and then.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Final
from weakref import WeakSet

from sqlalchemy import Connection

_KEY: Final = "avcontrol.topics"
_ERASED: Final = "avcontrol.erased"


def announce(connection: Connection, topic: str) -> None:
    """Inside `Database.write`: tell it once what was written is there for others to read."""
    connection.info.setdefault(_KEY, set()).add(topic)


def erased(connection: Connection) -> None:
    """Inside `Database.write`: something was erased that shall not be found in the files either."""
    connection.info[_ERASED] = True


def take_erased(connection: Connection) -> bool:
    """Whether something was, in this transaction; forgotten here."""
    return bool(connection.info.pop(_ERASED, False))


def take_announced(connection: Connection) -> frozenset[str]:
    """What was announced in this transaction; forgotten here."""
    return frozenset(connection.info.pop(_KEY, ()))


class Watch:
    """Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    async def wait(self, seconds: float) -> None:
        """Until the topic is announced, or was since the last wait; at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()

    def ring(self) -> None:
        self._rung.set()


class Watches:
    """Who waits for what in this process. Nobody has to say that he no longer does."""

    def __init__(self) -> None:
        self._by_topic: defaultdict[str, WeakSet[Watch]] = defaultdict(WeakSet)

    def of(self, topic: str) -> Watch:
        watch = Watch()
        self._by_topic[topic].add(watch)
        return watch

    def ring(self, topics: Iterable[str]) -> None:
        for topic in topics:
            for watch in tuple(self._by_topic.get(topic, ())):
                watch.ring()

    def ring_all(self) -> None:
        """Something may have been missed."""
        self.ring(tuple(self._by_topic))
