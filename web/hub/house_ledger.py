"""The whole ledger of a house, fetched from it by its link, for whoever cannot reach the house.

A head first, then the entries up to it, some at a time: nothing large is on the link at once or in
memory, and what a house says in one answer stays as bounded as ever (`web/link/relay.py`). What
comes out is the file that the house itself hands out. The hub vouches for none of it: `avcontrol
ledger verify` does, and finds where it was cut.
"""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from base.cause import Refused
from feedback.ledger_lines import Head
from web import ledger
from web.hub.site import HubSite


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
