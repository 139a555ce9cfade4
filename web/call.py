"""The call: one WebSocket a guest, from his first word to his leaving. See PROTOCOL.md.

A lost line keeps his place: the guest is away until the page comes back with its resume token.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.cause import Refused
from devices.device import Condition
from rooms.media.bridge import Bridge
from rooms.media.relaying import Relaying
from rooms.relay import RelayServers
from rooms.shown import FloorKind, Layer, LineState
from rooms.view import Phase, Presence, Role, RoomView
from web.access import Identity
from web.call_socket import PING_SECONDS, LineLostError, Message, close, hear, receive, send
from web.sentences import say
from web.site import Site

JOIN_SECONDS: Final = 15.0
"""From the opening of the line to a join that is let in; whoever has no link is out after this."""
TELL_SECONDS: Final = 0.5
"""So long does a house that stops try to tell its guests."""
PAUSE_SECONDS: Final = 0.1
"""Between two wishes of one page, once it has many: each is a line on the disk, or a new peer
connection."""
MOST_AT_ONCE: Final = 10
"""So many are taken without a pause."""

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Call:
    socket: WebSocket
    guest_id: str = ""
    stage: Identity | None = None
    """Of the paired browser that shows the stage; None for a guest."""
    left: bool = False
    """He went on purpose: nothing is to be kept."""
    path_lost: asyncio.Event = field(default_factory=asyncio.Event)
    """His line lives, his media have died."""
    told_servers: RelayServers | None = None
    """The relay that his page knows of."""
    replaced: asyncio.Event = field(default_factory=asyncio.Event)
    """A newer connection of the same guest has taken his place."""


def routes(site: Site, bridge: Bridge, relaying: Relaying | None = None) -> list[BaseRoute]:
    return Calls(site, bridge, relaying).routes()


class Calls:
    """The open calls by guest: the newest connection of a guest takes the place of the older."""

    def __init__(self, site: Site, bridge: Bridge, relaying: Relaying | None = None) -> None:
        self._site = site
        self._room = site.room
        self._bridge = bridge
        self._relaying = relaying or Relaying()
        self._open: dict[str, _Call] = {}

    def routes(self) -> list[BaseRoute]:
        return [WebSocketRoute("/ws/call", self.serve)]

    async def tell_of_restart(self) -> None:
        """The house is about to stop: every page that is in the call says so, and waits."""

        async def tell(call: _Call) -> None:
            with suppress(LineLostError):
                await send(call.socket, type="restarting")

        with suppress(TimeoutError):
            async with asyncio.timeout(TELL_SECONDS):
                await asyncio.gather(*(tell(call) for call in self._open.values()))

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        call = _Call(socket)
        try:
            await self._join(call)
            await self._attend(call)
        except (LineLostError, WebSocketDisconnect, TimeoutError):
            pass
        finally:
            await self._depart(call)
        await close(socket)

    async def _join(self, call: _Call) -> None:
        """Let him in, by resume token or by invitation. Raises LineLostError where neither does."""
        loop = asyncio.get_running_loop()
        before = {guest.id for guest in self._room.view.value.guests}
        until = loop.time() + JOIN_SECONDS
        while not call.guest_id:
            message = await receive(call.socket, until - loop.time())
            if message.get("type") != "join":
                continue
            resume = str(message.get("resume") or "")
            try:
                call.guest_id = await self._enter(call, message, resume)
            except Refused as refused:
                copied = refused.cause.code == "room.resume_used"
                level = logging.WARNING if copied else logging.INFO
                logger.log(level, "A guest was refused: %s", refused.cause.code)
                final = copied or not resume
                await self._refuse(call, refused, resume=bool(resume), final=final)
                if final:
                    raise LineLostError from None
                await asyncio.sleep(PAUSE_SECONDS)
        older = self._open.get(call.guest_id)
        self._open[call.guest_id] = call
        if older is not None:
            older.replaced.set()  # it tells its page itself: that line may be a dead one
        guest = next((g for g in self._room.view.value.guests if g.id == call.guest_id), None)
        turn = self._room.next_turn(call.guest_id)
        await send(
            call.socket,
            type="welcome",
            guest=call.guest_id,
            resume=self._site.access.guest_token(call.guest_id, turn),
            microphone=guest.microphone if guest and guest.id in before else None,
            camera=guest.camera if guest and guest.id in before else None,
            hand=guest.hand_raised if guest else False,
        )

    async def _enter(self, call: _Call, message: Message, resume: str) -> str:
        access = self._site.access
        if message.get("stage") is True:
            call.stage = access.identify(call.socket, Role.STAGE)
            if call.stage is None:
                raise Refused("access.pair_first")
            return await self._room.enter_stage()
        if resume:
            guest_id, turn = access.read_guest_token(resume)
            await self._room.come_back(guest_id, turn)
            return guest_id
        invitation_id = access.read_invitation(str(message.get("token") or ""))
        name, key = str(message.get("name") or ""), str(message.get("key") or "")
        return await self._room.enter(invitation_id, name, key)

    async def _attend(self, call: _Call) -> None:
        """Carry words both ways until the line is lost or the guest gone."""
        tasks: set[asyncio.Task[object]] = {
            asyncio.create_task(self._listen(call)),
            asyncio.create_task(self._tell(call)),
            asyncio.create_task(self._tell_newer_servers(call)),
            asyncio.create_task(self._until_replaced(call)),
            asyncio.create_task(self._beat(call)),
            asyncio.create_task(self._tell_of_lost_paths(call)),
        }
        if call.stage is not None:
            tasks.add(asyncio.create_task(self._site.access.until_revoked(call.stage)))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_replaced(self, call: _Call) -> None:
        await call.replaced.wait()
        await send(call.socket, type="end", reason="replaced")

    async def _beat(self, call: _Call) -> None:
        while True:
            await send(call.socket, type="ping")
            await asyncio.sleep(PING_SECONDS)

    async def _tell_of_lost_paths(self, call: _Call) -> None:
        while True:
            await call.path_lost.wait()
            call.path_lost.clear()
            await send(call.socket, type="path-lost")

    async def _listen(self, call: _Call) -> None:
        loop = asyncio.get_running_loop()
        paced = loop.time()  # until when the wishes so far would last, a pause for each
        while True:
            message = await hear(call.socket)
            try:
                if await self._heard(call, message):
                    return
            except Refused as refused:
                await self._refuse(call, refused)
            if message.get("type") not in ("ping", "pong"):
                paced = max(paced, loop.time()) + PAUSE_SECONDS
                await asyncio.sleep(max(0.0, paced - loop.time() - MOST_AT_ONCE * PAUSE_SECONDS))

    async def _heard(self, call: _Call, message: Message) -> bool:
        """Act on one message; True when it was the last one."""
        match message.get("type"):
            case "ping":
                await send(call.socket, type="pong")
            case "set":
                wishes = {
                    key: message[key]
                    for key in ("microphone", "camera", "sharing", "hand")
                    if isinstance(message.get(key), bool)
                }
                if wishes and not call.stage:
                    await self._room.set_guest(call.guest_id, **wishes)
            case "offer":
                state = _state(self._room.view.value, call)
                if state and state["phase"] != Phase.IDLE and state["presence"] != Presence.LOBBY:
                    answer = await self._bridge.answer(
                        call.guest_id,
                        str(message.get("sdp") or ""),
                        hears=not call.stage,
                        goes_first=self._goes_first(call),
                        on_lost=call.path_lost.set,
                    )
                    await send(call.socket, type="answer", sdp=answer, number=message.get("number"))
            case "leave":
                call.left = True
                return True
        return False

    def _goes_first(self, call: _Call) -> bool:
        """Residents at home give way to those whom the hall waits for."""
        guests = self._room.view.value.guests
        return not any(g.id == call.guest_id and g.role is Role.VIEWER for g in guests)

    async def _tell(self, call: _Call) -> None:
        """Say how things stand, whenever it changes."""
        told: dict[str, Any] | None = None
        async for view in self._room.view.changes():
            state = _state(view, call, self._watch_url(view))
            if state is None:
                ended = view.phase is Phase.IDLE and told and told["phase"] != Phase.IDLE
                reason = "meeting-ended" if ended else "removed"
                if self._room.why_gone(call.guest_id) == "revoked":
                    reason = "revoked"
                await send(call.socket, type="end", reason=reason)
                call.left = True
                return
            if state != told:
                await self._tell_servers(call)
                await send(call.socket, **state)
                told = state

    def _watch_url(self, view: RoomView) -> str:
        """Where residents at home can watch by way of a media server now; empty where nobody would
        see anything."""
        publish = self._site.settings.publish
        works = view.publish is not None and view.publish.condition is Condition.WORKING
        return publish.watch_url if publish and works else ""

    async def _tell_newer_servers(self, call: _Call) -> None:
        async for _ in self._relaying.offered.changes():
            await self._tell_servers(call)

    async def _tell_servers(self, call: _Call) -> None:
        """What his next peer connection may use, before he needs it. The relay costs the ward its
        line, so nobody at the door gets it; the stage stands beside the house."""
        state = _state(self._room.view.value, call)
        servers = self._relaying.for_guests()
        if state is None or state["presence"] == Presence.LOBBY or call.stage:
            return
        if servers is not None and servers != call.told_servers:
            call.told_servers = servers
            account = servers.account
            server = {"urls": servers.urls, "username": account.username}
            await send(
                call.socket, type="ice", servers=[server | {"credential": account.credential}]
            )

    async def _depart(self, call: _Call) -> None:
        if self._open.get(call.guest_id) is not call:
            return
        del self._open[call.guest_id]
        self._bridge.drop(call.guest_id)
        with suppress(Refused):  # he was removed, or the meeting ended, in the same moment
            if call.left or call.stage:
                await self._room.leave(call.guest_id)
            else:
                await self._room.guest_away(call.guest_id)

    async def _refuse(
        self, call: _Call, refused: Refused, *, resume: bool = False, final: bool = False
    ) -> None:
        language = self._site.templates.language_of(call.socket)
        await send(
            call.socket,
            type="refused",
            code=refused.cause.code,
            message=say(refused.cause, language),
            resume=resume,
            final=final,
        )


def _state(view: RoomView, call: _Call, watch_url: str = "") -> dict[str, Any] | None:
    """What this guest is told of the room; None when he is no longer in it. Who only watches, and
    gets less because the house's own line is full, is shown the way to `watch_url`."""
    guest = next((guest for guest in view.guests if guest.id == call.guest_id), None)
    if guest is None and not call.stage:
        return None
    line = _line(guest.line) if guest else "main"
    watches = guest is not None and guest.role is Role.VIEWER
    floor = "hall"
    if view.floor.kind is not FloorKind.HALL and not view.awaits_confirmation:
        floor = "self" if view.floor.guest_id == call.guest_id else "guest"
    return {
        "type": "state",
        "presence": guest.presence if guest else Presence.ADMITTED,
        "phase": view.phase,
        "paused": view.awaits_confirmation,
        "floor": floor,
        "silenced": guest.silenced if guest else False,
        "returns": guest.returns if guest else False,
        "line": line,
        "elsewhere": watch_url if watches and line.startswith("house-") else "",
        "hand": guest.hand_raised if guest else False,
    }


def _line(line: LineState) -> str:
    """What of the pictures he gets, and whose line it is that carries no more."""
    return f"house-{line.layer}" if line.house and line.layer is not Layer.MAIN else line.layer
