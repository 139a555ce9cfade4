"""The houses that are linked to this process of the hub, and what the others are told of them.

The link itself is `web/link/hub.py`. Here is written down, in the database, that a house is linked
and what it says of itself; a mark of its own for each connection keeps an old one that ends late
from undoing what a new one has written. What a browser asks of a house that is linked to another
process of the hub is passed on to that one (`peers.py`).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from base.cause import Refused
from base.latest import Latest
from storage.signals import Watch
from ward.accounts import Account
from ward.houses import Houses
from ward.processes import new_mark
from ward.turn import LASTS_SECONDS, TurnMint
from web.hub.meeting_lines import MeetingLines
from web.hub.peers import Peers
from web.hub.short import short_path
from web.link.courier import Deliveries
from web.link.hub import HouseSession, Sessions
from web.link.line import first_to_end
from web.link.messages import Ask, Reply, Summary, Turn, TurnAccount, encode
from web.link.relay import refuse_websocket
from web.link.ward_meeting import TellWardMeeting, WardMeetingSummary

VOUCH_SECONDS: Final = 5.0
COALESCE_SECONDS: Final = 0.2

logger = logging.getLogger(__name__)


class Links:
    def __init__(
        self,
        houses: Houses,
        deliveries: Callable[[str], Deliveries],
        peers: Peers,
        meetings: MeetingLines,
        mint: TurnMint | None = None,
    ) -> None:
        """`deliveries` has what this hub hands over to a house, and takes from it; `meetings` tells
        of those of the whole ward; `mint` makes credentials for the relay, where the ward has
        one."""
        self._houses = houses
        self._deliveries = deliveries
        self._peers = peers
        self._meetings = meetings
        self._mint = mint
        self.sessions = Sessions()

    async def serve(self, socket: WebSocket, house_id: str, address: str) -> None:
        """From the handshake of a house whose key was right to the loss of the link. `address` is
        this hub's."""
        wanted: Latest[TellWardMeeting | None] = Latest(None)
        session = HouseSession(
            socket,
            house_id,
            public_url=f"{address}/h/{house_id}",
            ask_url=address + short_path(house_id),
            deliveries=self._deliveries(house_id),
            turn=partial(_turn, self._mint, house_id) if self._mint else None,
            ward_meeting=wanted,
        )
        mark = new_mark(self._peers.id)
        watch = self._houses.watch_link(house_id)
        vouching = asyncio.create_task(
            first_to_end(
                self._vouch(session, mark, watch),
                _ring_for_news(session, watch),
                self._meetings.tell(house_id, wanted),
            )
        )
        try:
            await self.sessions.serve(session)
        finally:
            vouching.cancel()
            await asyncio.gather(vouching, return_exceptions=True)
            with suppress(Refused):  # it is taken for away by itself, a little later
                await self._houses.away(house_id, mark)

    def drop(self, house_id: str) -> None:
        """End the link of a house, where it ends at this process; the others are told."""
        with suppress(Refused):
            self.sessions.of(house_id).hang_up()

    async def relay_http(
        self, house_id: str, request: Request, path: str, query: str = ""
    ) -> Response:
        """The house's answer to a browser, whichever process it is linked to. Raises as
        `HouseSession.relay_http`."""
        if self.sessions.has(house_id):
            return await self.sessions.relay_http(house_id, request, path, query)
        return await self._peers.relay_http(house_id, request, path, query)

    async def ask(
        self,
        house_id: str,
        what: str,
        by: Account,
        about: str = "",
        form: Mapping[str, str] | None = None,
    ) -> Reply:
        """What an official asks of a house, whichever process it is linked to. Raises Refused:
        `ward.house_unknown`, `ward.house_not_enrolled`, and as `HouseSession.ask`."""
        asked = Ask(1, what, by.id, by.name, about, dict(form or {}))
        house = await self._houses.find(house_id)
        if house is None:
            raise Refused("ward.house_unknown")
        if house.enrolled_at is None:
            raise Refused("ward.house_not_enrolled")
        if self.sessions.has(house_id):
            return await self.sessions.of(house_id).ask(asked)
        return await self._peers.ask(house_id, asked)

    async def relay_websocket(
        self, house_id: str, browser: WebSocket, path: str, query: str = ""
    ) -> None:
        """The same for a WebSocket; the browser is told what there is to tell."""
        try:
            if self.sessions.has(house_id):
                await self.sessions.relay_websocket(house_id, browser, path, query)
            else:
                await self._peers.relay_websocket(house_id, browser, path, query)
        except Refused as refused:
            await refuse_websocket(browser, refused.cause)

    async def _vouch(self, session: HouseSession, mark: str, watch: Watch) -> None:
        """Write down that the house is linked, for as long as it is."""
        house_id = session.house_id
        stored: Summary | None = None
        linked = False
        while True:
            told = session.summary.value
            try:
                if told is not None and not linked:
                    await self._houses.linked(house_id, mark)
                    linked = True
                new = _text(told) if told != stored else None
                if linked and not await self._houses.seen(house_id, mark, new):
                    await self._let_go(session)
                if linked and _takes_part(told) != _takes_part(stored):
                    await self._meetings.heard(house_id, told)
                stored = told
            except Refused as refused:
                logger.warning("how house %s stands is not stored: %s", house_id, refused.cause)
            await asyncio.sleep(COALESCE_SECONDS)
            await watch.wait(VOUCH_SECONDS)

    async def _let_go(self, session: HouseSession) -> None:
        """The house has come again, here or elsewhere; or its key is worth nothing any more."""
        house = await self._houses.find(session.house_id)
        if house is not None and house.linked_to is not None:
            session.replace()
        else:
            logger.info("house %s was sent out", session.house_id)
            session.hang_up()


async def _ring_for_news(session: HouseSession, watch: Watch) -> None:
    async for _ in session.summary.changes():
        watch.ring()


def _takes_part(summary: Summary | None) -> WardMeetingSummary | None:
    return summary.ward_meeting if summary else None


def _turn(mint: TurnMint, house_id: str) -> Turn:
    """Names of their own, so that a crowd of guests does not use up what the house needs."""
    own, guests = mint.account(house_id), mint.account(f"{house_id}.guests")
    return Turn(
        mint.urls,
        TurnAccount(own.username, own.credential),
        TurnAccount(guests.username, guests.credential),
        LASTS_SECONDS,
    )


def _text(summary: Summary | None) -> str | None:
    if summary is None:
        return None
    text = encode(summary)
    return text if isinstance(text, str) else text.decode()
