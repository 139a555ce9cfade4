"""The whole ledger of a house, fetched from it by its link, for whoever cannot reach the house.

A head first, then the entries up to it, some at a time: nothing large is on the link at once or in
memory, and what a house says in one answer stays as bounded as ever (`web/link/relay.py`). What
comes out is the file that the house itself hands out. The hub vouches for none of it: `avcontrol
ledger verify` does, and finds where it was cut.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from base.cause import Refused
from feedback.ledger_lines import Head
from web import ledger
from web.hub.site import HubSite

KEPT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 1.5
"""So long may a house keep the board waiting; its last head stands there then."""


class Latest:
    """Each house's head of this moment, asked for by its link, and not more often than everybody
    who reads the board together needs it."""

    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._kept: dict[str, tuple[float, Head | None]] = {}

    async def of(self, house_id: str, request: Request) -> Head | None:
        """None where the house is away or does not say."""
        now = asyncio.get_running_loop().time()
        until, head = self._kept.get(house_id, (0.0, None))
        if now < until:
            return head
        self._kept[house_id] = now + KEPT_SECONDS, head  # who comes meanwhile does not ask, too
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._site.links.relay_http(house_id, request, ledger.HEAD)
            head = Head.read(json.loads(bytes(answer.body))) if answer.status_code == 200 else None
        except (Refused, HTTPException, TimeoutError, TypeError, ValueError):
            head = None
        self._kept[house_id] = now + KEPT_SECONDS, head
        return head


async def whole(site: HubSite, house_id: str, request: Request) -> Response:
    """Raises Refused: `link.house_away`, `link.house_busy`, `link.house_slow`, `link.house_failed`;
    once the answer has begun, that is a broken download."""

    async def ask(path: str, query: str = "") -> bytes:
        answer = await site.links.relay_http(house_id, request, path, query)
        if answer.status_code != 200:
            raise Refused("link.house_failed")
        return bytes(answer.body)

    async def entries(head: Head) -> AsyncIterator[bytes]:
        for first in range(0, head.number + 1, ledger.PIECE):
            last = min(first + ledger.PIECE - 1, head.number)
            lines = await ask(ledger.EXPORT, f"first={first}&last={last}")
            if lines.count(b"\n") != last - first + 1:
                raise Refused("link.house_failed")
            yield lines
        yield f"{head.line()}\n".encode()

    try:
        head = Head.read(json.loads(await ask(ledger.HEAD)))
    except (TypeError, ValueError) as error:
        raise Refused("link.house_failed") from error
    lines = entries(head)
    return ledger.download("ledger.jsonl", await anext(lines), lines)
