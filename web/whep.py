"""`/whep`: any player watches the meeting with a viewer's link as its token (draft-ietf-wish-whep).

    POST /whep              Authorization: Bearer <what stands behind /join/ in the link>
    DELETE /whep/<session>  he goes

Whoever watches is a viewer like any other: he counts, the panel shows him, and he is out when he is
sent out, his invitation is taken back or the meeting ends. Candidates do not trickle: the answer
has all of ours, and his are found by what he sends.
"""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from rooms.media.bridge import Bridge
from rooms.media.one_way import WATCHES, OneWay, read_offer
from rooms.media.relaying import Relaying
from rooms.view import Phase, Role
from web import one_way
from web.limiting import PAIRING
from web.one_way import Sessions
from web.sentences import say
from web.site import Site

PATH: Final = "/whep"
CONNECT_SECONDS: Final = 30.0
"""Whoever asked and never came through counts no longer after this."""
_MOST_NAME: Final = 60


class Players:
    """The players that watch by WHEP."""

    def __init__(self, site: Site, bridge: Bridge, relaying: Relaying | None = None) -> None:
        self._site = site
        self._room = site.room
        self._bridge = bridge
        self._relaying = relaying or Relaying()
        self._sessions = Sessions()
        self._under_way: set[asyncio.Task[None]] = set()

    def routes(self) -> list[BaseRoute]:
        return [
            Route(PATH, self._endpoint, methods=["POST", "OPTIONS"]),
            Route(f"{PATH}/{{session}}", self._session, methods=["DELETE", "PATCH", "OPTIONS"]),
        ]

    async def _endpoint(self, request: Request) -> Response:
        """A player's offer; 201 with the answer, and where it ends the session."""
        return await one_way.endpoint(request, self._site.templates, self._watch)

    async def _session(self, request: Request) -> Response:
        """Ends it."""
        self._forget_who_is_gone()
        return one_way.session(request, self._site.templates, self._sessions)

    async def _watch(self, request: Request) -> Response:
        async with self._site.limits.guess(PAIRING, request):
            invitation_id = self._site.access.read_invitation(one_way.bearer(request))
        offer = read_offer(await one_way.description(request), WATCHES)
        await self._check(invitation_id)
        guest_id = await self._room.enter(invitation_id, await self._name(invitation_id))
        try:
            return await self._answer(request, guest_id, offer)
        except BaseException:
            self._leaves(guest_id)
            raise

    async def _answer(self, request: Request, guest_id: str, offer: OneWay) -> Response:
        answer = await self._bridge.show(guest_id, offer, on_lost=lambda: self._leaves(guest_id))
        loop = asyncio.get_running_loop()
        loop.call_later(CONNECT_SECONDS, self._leaves_unless_there, guest_id)
        self._forget_who_is_gone()
        session = self._sessions.add(guest_id, lambda: self._leaves(guest_id))
        root = request.scope.get("root_path", "")
        return one_way.made(answer, f"{root}{PATH}/{session}", self._relaying.for_guests())

    async def _check(self, invitation_id: str) -> None:
        """Raises Refused: `stream.not_begun`, `stream.not_a_viewer`, `stream.lobby`, and what the
        room says of an invitation that does not stand."""
        invitation = await self._room.invitation(invitation_id)
        self._room.check_invitation(invitation)
        if invitation.role is not Role.VIEWER:
            raise Refused("stream.not_a_viewer")
        if invitation.lobby:  # a player cannot wait at the door: it has no page to say so
            raise Refused("stream.lobby")
        if self._room.view.value.phase is Phase.IDLE:
            raise Refused("stream.not_begun")

    async def _name(self, invitation_id: str) -> str:
        hint = (await self._room.invitation(invitation_id)).name_hint
        words = say(Cause("stream.player"), self._site.settings.house.language)
        return f"{hint[:_MOST_NAME]} ({words})" if hint else words[:1].upper() + words[1:]

    def _forget_who_is_gone(self) -> None:
        self._sessions.keep(lambda guest_id: self._room.guest(guest_id) is not None)

    def _leaves_unless_there(self, guest_id: str) -> None:
        if guest_id not in self._bridge.connected.value:
            self._leaves(guest_id)

    def _leaves(self, guest_id: str) -> None:
        """His place is given up; a player has no way to come back to it."""
        self._bridge.drop(guest_id)
        self._sessions.forget(guest_id)
        task = asyncio.ensure_future(self._give_up(guest_id))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _give_up(self, guest_id: str) -> None:
        with suppress(Refused):  # sent out, or the meeting ended, in the same moment
            await self._room.leave(guest_id)
