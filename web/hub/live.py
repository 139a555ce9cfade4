"""Pages that stay as the houses are: `/live/houses`, `/live/houses/<house>`,
`/live/meetings/<meeting>`, `/live/watch` and `/live/watch/needed`.

The messages are those of `web/live.py`, and so is the script in the page.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final, TypeVar

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from base.latest import Latest
from ward.accounts import Account, AccountRole
from ward.houses import House
from web.hub.board import Gathered, Standing
from web.hub.houses import ATTENDS
from web.hub.houses import region_of as houses_region
from web.hub.meeting_view import region_of as meeting_region
from web.hub.site import HubSite
from web.hub.watch import NEEDED, WATCHES
from web.hub.watch import region_of as watch_region
from web.live_socket import NOT_ALLOWED, beat, close, first_to_end, send, until_gone
from web.sentences import Language

COALESCE_SECONDS: Final = 0.2
KEPT_SECONDS: Final = 1.0


T = TypeVar("T")
Region = tuple[str, dict[str, Any] | None]
"""Its name and what its template is given; no context where there is nothing to show."""
Page = tuple[str, AccountRole, str]
"""Its address, and for whom it is: everybody with this role, or one account."""


def routes(site: HubSite) -> list[BaseRoute]:
    live = _Live(site)
    return [
        WebSocketRoute("/live/houses", live.houses),
        WebSocketRoute("/live/houses/{house}", live.houses),
        WebSocketRoute("/live/meetings/{meeting}", live.meeting),
        WebSocketRoute("/live/watch", live.watch),
        WebSocketRoute(f"/live/watch/{NEEDED}", live.watch_needed),
    ]


class _Live:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._rendered: dict[tuple[Page, Language], tuple[object, float, Mapping[str, str]]] = {}
        """Each page once for how the houses stand, a role and a language, however many look; and
        when, monotonic: a time that is left runs out."""

    async def houses(self, socket: WebSocket) -> None:
        house_id: str | None = socket.path_params.get("house")

        def region(account: Account, houses: tuple[House, ...]) -> Region:
            return houses_region(houses, house_id, account)

        everybody = tuple(AccountRole)
        own = house_id is not None
        await self._serve(socket, everybody, self._site.board.houses, region, own=own)

    async def meeting(self, socket: WebSocket) -> None:
        meeting_id: str = socket.path_params["meeting"]

        def region(account: Account, gathered: Gathered | None) -> Region:
            return meeting_region(gathered or Gathered(), meeting_id, account, self._site.media)

        await self._serve(socket, ATTENDS, self._site.board.gathered, region, own=True)

    async def watch(self, socket: WebSocket) -> None:
        await self._watch(socket, only_needed=False)

    async def watch_needed(self, socket: WebSocket) -> None:
        await self._watch(socket, only_needed=True)

    async def _watch(self, socket: WebSocket, *, only_needed: bool) -> None:
        def region(_: Account, standing: Standing) -> Region:
            return watch_region(standing, only_needed=only_needed)

        await self._serve(socket, WATCHES, self._site.board.standing, region)

    async def _serve(
        self,
        socket: WebSocket,
        roles: Collection[AccountRole],
        latest: Latest[T],
        region: Callable[[Account, T], Region],
        *,
        own: bool = False,
    ) -> None:
        """`own` is a page that each account sees in its own way."""
        await socket.accept()
        session = await self._site.access.identify(socket)
        if session is None or session.account.role not in {AccountRole.ADMIN, *roles}:
            await socket.close(NOT_ALLOWED)
            return
        page = (socket.url.path, session.account.role, session.account.id if own else "")
        show = self._show(socket, page, latest, partial(region, session.account))
        jobs = [show, beat(socket), until_gone(socket)]
        await first_to_end(self._site.access.until_ended(socket), *jobs)
        await close(socket)

    async def _show(
        self, socket: WebSocket, page: Page, latest: Latest[T], region: Callable[[T], Region]
    ) -> None:
        language = self._site.templates.language_of(socket)
        shown: Mapping[str, str] = {}
        async for value in latest.changes():
            if value is None:
                continue  # nothing was read yet
            regions = self._regions(page, value, region, language)
            if regions != shown:
                await send(socket, regions=regions)
            shown = regions
            await asyncio.sleep(COALESCE_SECONDS)

    def _regions(
        self, page: Page, value: T, region: Callable[[T], Region], language: Language
    ) -> Mapping[str, str]:
        now = asyncio.get_running_loop().time()
        known = self._rendered.get((page, language))
        if known and known[0] is value and now - known[1] < KEPT_SECONDS:
            return known[2]
        name, context = region(value)
        if context is None:
            return {name: ""}
        html = self._site.templates.render(f"hub/regions/{name}.html", language, **context)
        self._rendered[page, language] = value, now, {name: html}
        return {name: html}
