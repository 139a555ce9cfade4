"""How often one address, and everybody together, may do what could be abused.

A whole hall may stand behind one address: the phones of a provider share it, so does the house's
own Wi-Fi. Asking is therefore generous, and only guessing is held short. The bucket for everybody
stops a guesser who has many addresses. Nothing is stored: a restart forgets.
"""

import asyncio
import ipaddress
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection

from base.cause import Refused


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    each: RateLimitItem
    """For one address; a whole /64 counts as one in IPv6."""
    all: RateLimitItem

    @classmethod
    def of(cls, name: str, *, each: str, all: str) -> "Limit":  # noqa: A002 - reads as it is meant
        return cls(name, parse(each), parse(all))


ASKING: Final = Limit.of("asking", each="3000/10minutes", all="12000/10minutes")
"""A thousand phones behind one address may ask within seconds, and again. What counts is how much
is stored in the long run."""
JOINING: Final = Limit.of("joining", each="1800/minute", all="6000/minute")
"""Only against a flood: each device has a budget of its own (`feedback/votes.py`)."""
LOOKING_UP: Final = Limit.of("looking-up", each="20/10minutes", all="400/10minutes")
"""Receipts that were not found."""
PAIRING: Final = Limit.of("pairing", each="10/10minutes", all="60/10minutes")
"""Codes that were wrong."""
PASSWORD: Final = Limit.of("password", each="5/10minutes", all="30/10minutes")
"""Passwords that were wrong."""


UPLOADING: Final = Limit.of("uploading", each="120/10minutes", all="600/10minutes")
"""Forms that bring photos."""
REPORTING: Final = Limit.of("reporting", each="120/minute", all="1200/minute")
"""What other systems send in: each for many people, and none at the cost of those who ask."""
READING: Final = Limit.of("reading", each="600/minute", all="3000/minute")
"""What other systems read."""
DOWNLOADING: Final = Limit.of("downloading", each="20/10minutes", all="120/10minutes")
"""All of the ledger."""


class Limits:
    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._guessing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def guess(self, limit: Limit, connection: HTTPConnection) -> AsyncIterator[None]:
        """Around one guess at a secret; a Refused out of the block is a wrong one. Raises Refused
        `web.slow_down` where there were too many. One guess at a time: of a thousand at once, all
        would be tried before the first is counted."""
        async with self._guessing[limit.name]:
            await self.check(limit, connection)
            try:
                yield
            except Refused:
                await self.count(limit, connection)
                raise

    async def count(self, limit: Limit, connection: HTTPConnection) -> None:
        """One more. Raises Refused `web.slow_down` where it is one too many."""
        for item, key in _buckets(limit, connection):
            if not await self._limiter.hit(item, limit.name, key):
                await self._refuse(item, limit.name, key)

    async def check(self, limit: Limit, connection: HTTPConnection) -> None:
        """Raise Refused `web.slow_down` where `count` said it was enough; count nothing."""
        for item, key in _buckets(limit, connection):
            if not await self._limiter.test(item, limit.name, key):
                await self._refuse(item, limit.name, key)

    async def _refuse(self, item: RateLimitItem, name: str, key: str) -> None:
        window = await self._limiter.get_window_stats(item, name, key)
        minutes = max(1, math.ceil((window.reset_time - time.time()) / 60))
        raise Refused("web.slow_down", minutes=minutes)


def _buckets(limit: Limit, connection: HTTPConnection) -> list[tuple[RateLimitItem, str]]:
    return [(limit.each, _address(connection)), (limit.all, "everybody")]


def _address(connection: HTTPConnection) -> str:
    host = connection.client.host if connection.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
