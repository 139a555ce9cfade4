"""Pages that stay as the room is: `/live/<page>`, one WebSocket a page. The house sends

    {"regions": {"<id>": "<html>"}}                         what changed, everything at first
    {"levels": {"microphone": -23.0, "loudspeaker": -40.1}} dBFS, where the page may hear
    {}                                                      every second: the line is alive

and the page nothing, but for the stage, which answers each with `{}` so that a big screen that
hangs is noticed, and for a guest's: its first word is `{"token": "<his resume token>"}`, which no
proxy logs as it would an address. A region `guest-people` is rendered by
`templates/regions/guest_people.html`; all sockets of one page and language share the rendering.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.cause import Refused
from base.latest import Latest
from devices.device import Levels
from rooms.view import Presence, Role, RoomView
from web.access import Identity
from web.address import Addresses
from web.call_socket import receive
from web.live_socket import NOT_ALLOWED, beat, close, first_to_end, send, until_gone
from web.pages import region_context
from web.sentences import Language
from web.site import Site

COALESCE_SECONDS: Final = 0.05
OTHERS_SHARE: Final = 4
"""A page that takes long to draw is drawn more seldom: for each second, so many for the rest."""
TOKEN_SECONDS: Final = 10.0
LEVELS_SECONDS: Final = 0.2
FRESH_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class LivePage:
    regions: tuple[str, ...]
    """Ids of elements on the page."""
    roles: tuple[Role, ...]
    """Whose browser may look; a guest's page shows his token instead."""
    hears: bool = False


_FRAME: Final = ("status", "bar")
_LEADER: Final = (Role.LEADER,)

PAGES: Final[Mapping[str, LivePage]] = {
    "panel": LivePage((*_FRAME, "controls", "queue"), _LEADER, hears=True),
    "panel-questions": LivePage((*_FRAME, "questions"), _LEADER),
    "panel-guests": LivePage((*_FRAME, "guests"), _LEADER),
    "panel-schedule": LivePage((*_FRAME, "schedule"), _LEADER),
    "panel-picture": LivePage((*_FRAME, "volume", "music", "film", "floor", "picture"), _LEADER),
    "panel-equipment": LivePage((*_FRAME, "help", "rehearsal", "equipment"), _LEADER),
    "panel-end": LivePage((*_FRAME, "ending"), _LEADER),
    "content": LivePage(("hdmi", "papers"), (Role.LEADER, Role.SECRETARY)),
    "secretary": LivePage(("secretary-status", "hands", "music", "questions"), (Role.SECRETARY,)),
    "stage": LivePage(
        ("stage-top", "floor-paper", "hall-words", "stage-words", "stage-ask"), (Role.STAGE,)
    ),
    "technician": LivePage(
        (
            "technician-status",
            "attention",
            "rehearsal",
            "equipment",
            "evening",
            "picture",
            "sound-test",
            "echo",
        ),
        (Role.TECHNICIAN,),
        hears=True,
    ),
    "official": LivePage(
        ("floor-paper", "hall-words", "guest-people", "guest-questions"), (Role.OFFICIAL,)
    ),
}


def routes(site: Site, levels: Latest[Levels] | None) -> list[BaseRoute]:
    """`levels` is None in a house without sound."""
    return [WebSocketRoute("/live/{page}", _Live(site, levels).serve)]


class Regions:
    """Renders each page once for a view, a language and an address by which the house is reached,
    however many look at it; anew for whoever comes later, since there may be seconds on it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rendered: dict[
            tuple[str, Language, str], tuple[RoomView, float, Mapping[str, str]]
        ] = {}

    def of(self, page: str, language: Language, local: str) -> Mapping[str, str]:
        view = self._site.room.view.value
        known = self._rendered.get((page, language, local))
        now = asyncio.get_running_loop().time()
        if known and known[0] is view and now - known[1] < FRESH_SECONDS:
            return known[2]
        context = region_context(self._site, view, page, local)
        regions = {
            region: self._site.templates.render(
                f"regions/{region.replace('-', '_')}.html", language, **context
            )
            for region in PAGES[page].regions
        }
        self._rendered[page, language, local] = view, now, regions
        return regions


class _Live:
    def __init__(self, site: Site, levels: Latest[Levels] | None) -> None:
        self._site = site
        self._room = site.room
        self._levels = levels
        self._regions = Regions(site)
        self._addresses = Addresses(site.settings.web)

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        name = socket.path_params["page"]
        page = PAGES.get(name)
        if page is None:
            await socket.close(NOT_ALLOWED)
        elif Role.OFFICIAL in page.roles:
            await self._serve_guest(socket, name)
        elif identity := self._site.access.identify(socket, *page.roles):
            await self._serve_paired(socket, name, identity)
        else:
            await socket.close(NOT_ALLOWED)

    async def _serve_paired(self, socket: WebSocket, name: str, identity: Identity) -> None:
        screen = self._site.screen
        own = screen if screen and (name, identity.name) == ("stage", screen.name) else None
        reading = until_gone(socket, own.saw_page) if own else until_gone(socket)
        jobs = [self._show(socket, name), beat(socket), reading]
        if PAGES[name].hears and self._levels is not None:
            jobs.append(self._hear(socket, self._levels))
        await first_to_end(self._site.access.until_revoked(identity), *jobs)
        await close(socket)

    async def _serve_guest(self, socket: WebSocket, name: str) -> None:
        """People and questions are for those who were let in, not for whoever has a link."""
        try:
            said = await receive(socket, TOKEN_SECONDS)
            guest_id, turn = self._site.access.read_guest_token(str(said.get("token") or ""))
            self._room.check_turn(guest_id, turn)
        except (Refused, TimeoutError, WebSocketDisconnect):
            await close(socket)
            return

        def inside(view: RoomView) -> bool:
            guest = next((guest for guest in view.guests if guest.id == guest_id), None)
            return guest is not None and guest.presence is not Presence.LOBBY

        await first_to_end(self._show(socket, name, inside), beat(socket), until_gone(socket))
        await close(socket)

    async def _show(
        self,
        socket: WebSocket,
        name: str,
        allowed: Callable[[RoomView], bool] = lambda _: True,
    ) -> None:
        """Until the reader is no longer allowed to look: asked before each view, never beside."""
        language = self._site.templates.language_of(socket)
        local = self._addresses.for_people(socket)
        shown: Mapping[str, str] = {}
        async for view in self._room.view.changes():
            if not allowed(view):
                return
            began = asyncio.get_running_loop().time()
            regions = self._regions.of(name, language, local)
            changed = {key: html for key, html in regions.items() if shown.get(key) != html}
            if changed:
                await send(socket, regions=changed)
            shown = regions
            # A page of a thousand questions takes its time: most of it is the others'.
            took = asyncio.get_running_loop().time() - began
            await asyncio.sleep(max(COALESCE_SECONDS, OTHERS_SHARE * took))

    async def _hear(self, socket: WebSocket, levels: Latest[Levels]) -> None:
        """Outside a meeting, and without anybody watching, the hall is not listened to at all."""
        told = False
        async for level in levels.changes():
            heard = self._room.view.value.hall_is_heard()
            if heard or told:
                shown = level if heard else Levels()  # the meters do not stay where they were
                await send(
                    socket,
                    levels={
                        "microphone": round(shown.microphone, 1),
                        "loudspeaker": round(shown.loudspeaker, 1),
                    },
                )
            told = heard
            await asyncio.sleep(LEVELS_SECONDS)
