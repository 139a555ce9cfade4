"""The houses that are linked to this process of the hub, and what the others are told of them.

The link itself is `web/link/hub.py`. Here is written down, in the database, that a house is linked
and what it says of itself; a mark of its own for each connection keeps an old one that ends late
from undoing what a new one has written.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket

from base.cause import Refused
from ward.houses import Houses
from web.link.courier import Deliveries
from web.link.hub import HouseSession, Sessions
from web.link.messages import Summary, encode

VOUCH_SECONDS: Final = 5.0
COALESCE_SECONDS: Final = 0.2

logger = logging.getLogger(__name__)


class Links:
    def __init__(self, houses: Houses, deliveries: Callable[[str], Deliveries]) -> None:
        """`deliveries` has what this hub hands over to a house, and takes from it."""
        self._houses = houses
        self._deliveries = deliveries
        self.sessions = Sessions()

    async def serve(self, socket: WebSocket, house_id: str, public_url: str) -> None:
        """From the handshake of a house whose key was right to the loss of the link."""
        session = HouseSession(
            socket, house_id, public_url=public_url, deliveries=self._deliveries(house_id)
        )
        mark = secrets.token_hex(8)
        vouching = asyncio.create_task(self._vouch(session, mark))
        try:
            await self.sessions.serve(session)
        finally:
            vouching.cancel()
            await asyncio.gather(vouching, return_exceptions=True)
            with suppress(Refused):  # it is taken for away by itself, a little later
                await self._houses.away(house_id, mark)

    def drop(self, house_id: str) -> None:
        """End the link of a house, where it ends at this process."""
        with suppress(Refused):
            self.sessions.of(house_id).replace()

    async def _vouch(self, session: HouseSession, mark: str) -> None:
        """Write down that the house is linked, for as long as it is."""
        house_id = session.house_id
        told = await _newer(session, None)
        linked = False
        while True:
            try:
                if not linked:
                    await self._houses.linked(house_id, mark)
                    linked = True
                if not await self._houses.seen(house_id, mark, _text(told)):
                    logger.info("house %s is linked elsewhere, or revoked", house_id)
                    session.replace()
                    return
            except Refused as refused:
                logger.warning("how house %s stands is not stored: %s", house_id, refused.cause)
            await asyncio.sleep(COALESCE_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(VOUCH_SECONDS):
                    told = await _newer(session, told)


async def _newer(session: HouseSession, known: Summary | None) -> Summary | None:
    """Wait for what the house says next."""
    async for summary in session.summary.changes():
        if summary != known:
            return summary
    return known


def _text(summary: Summary | None) -> str | None:
    if summary is None:
        return None
    text = encode(summary)
    return text if isinstance(text, str) else text.decode()
