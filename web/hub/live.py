"""Pages that stay as the houses are: `/live/houses` and `/live/houses/<house>`.

The messages are those of `web/live.py`, and so is the script in the page.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from ward.houses import House
from web.hub.houses import attends, region_of
from web.hub.site import HubSite
from web.live_socket import NOT_ALLOWED, beat, close, first_to_end, send, until_gone
from web.sentences import Language

COALESCE_SECONDS: Final = 0.2


def routes(site: HubSite) -> list[BaseRoute]:
    live = _Live(site)
    return [
        WebSocketRoute("/live/houses", live.serve),
        WebSocketRoute("/live/houses/{house}", live.serve),
    ]


class _Live:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._rendered: dict[
            tuple[str | None, bool, Language], tuple[tuple[House, ...], Mapping[str, str]]
        ] = {}
        """Each page once for how the houses stand and a language, however many look at it."""

    async def serve(self, socket: WebSocket) -> None:
        await socket.accept()
        session = await self._site.access.identify(socket)
        if session is None:
            await socket.close(NOT_ALLOWED)
            return
        jobs = [self._show(socket, attends(session.account)), beat(socket), until_gone(socket)]
        await first_to_end(self._site.access.until_ended(socket), *jobs)
        await close(socket)

    async def _show(self, socket: WebSocket, attending: bool) -> None:
        language = self._site.templates.language_of(socket)
        house_id: str | None = socket.path_params.get("house")
        shown: Mapping[str, str] = {}
        async for houses in self._site.board.houses.changes():
            regions = self._regions(houses, house_id, attending, language)
            if regions != shown:
                await send(socket, regions=regions)
            shown = regions
            await asyncio.sleep(COALESCE_SECONDS)

    def _regions(
        self, houses: tuple[House, ...], house_id: str | None, attending: bool, language: Language
    ) -> Mapping[str, str]:
        known = self._rendered.get((house_id, attending, language))
        if known and known[0] is houses:
            return known[1]
        template, context = region_of(houses, house_id, attending=attending)
        regions = {template: ""}
        if context is not None:
            path = f"hub/regions/{template}.html"
            regions = {template: self._site.templates.render(path, language, **context)}
            self._rendered[house_id, attending, language] = houses, regions
        return regions
