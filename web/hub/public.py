"""A house's public pages under `/h/<house>/…`: residents' from here, the others through its link.

Which of them can be reached is `web/link/reach.py`'s to say. The hub has checked Host and Origin by
then. A house is trusted with its own pages and no others: what it answers runs under a policy that
loads scripts from the hub alone, and posts nothing and connects nowhere but to this house.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from base.cause import Refused
from web.address import Addresses
from web.errors import wants_json
from web.hub import residents
from web.hub.site import HubSite

_METHODS: Final = ["GET", "POST", "DELETE", "PATCH", "OPTIONS"]
AGAIN_SECONDS: Final = 5
"""The page that says that a house is away asks again by itself."""


def routes(site: HubSite, more: Sequence[BaseRoute] = ()) -> list[BaseRoute]:
    """What residents need, and `more`, is the hub's own; the house is asked for the rest."""
    public = _Public(site)
    below: list[BaseRoute] = [
        *residents.routes(site),
        *more,
        Route("/{path:path}", public.page, methods=_METHODS),
        WebSocketRoute("/{path:path}", public.socket),
    ]
    return [
        Route("/h/{house}", public.without_slash, methods=["GET"]),
        Mount("/h/{house}", routes=below),
    ]


class _Public:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._links = site.links
        self._addresses = Addresses(site.settings.web)

    async def without_slash(self, request: Request) -> Response:
        return RedirectResponse(f"/h/{request.path_params['house']}/", status_code=307)

    async def page(self, request: Request) -> Response:
        house_id = request.path_params["house"]
        try:
            response = await self._links.relay_http(
                house_id, request, _path(request), request.url.query
            )
        except Refused as refused:
            return await self._unanswered(request, house_id, refused)
        root = self._addresses.origin(request)
        response.headers["Content-Security-Policy"] = policy(root, f"/h/{house_id}/")
        return response

    async def socket(self, socket: WebSocket) -> None:
        house_id = socket.path_params["house"]
        await self._links.relay_websocket(house_id, socket, _path(socket), socket.url.query)

    async def _unanswered(self, request: Request, house_id: str, refused: Refused) -> Response:
        """In words, and again by itself. Raises Refused for a script, and for a house that does
        not exist."""
        house = await self._site.houses.find(house_id)
        if house is None:
            raise Refused("ward.house_unknown")
        if wants_json(request):
            raise refused
        return self._site.templates.page(
            request,
            "hub/away.html",
            status_code=503,
            headers={"Retry-After": str(AGAIN_SECONDS)},
            house=house,
            cause=refused.cause,
            again=AGAIN_SECONDS if request.method == "GET" else None,
        )


def policy(origin: str, root: str) -> str:
    """The Content-Security-Policy of a house's page at this origin, below `root`."""
    parts = urlsplit(origin)
    live = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    static = f"{origin}/static/"
    return (
        f"default-src 'none'; script-src {static}; style-src {static}; font-src {static}; "
        f"img-src {static} data: blob:; media-src blob: mediastream:; "
        f"connect-src {origin}{root} {live}{root}; form-action {origin}{root}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def _path(connection: HTTPConnection) -> str:
    return f"/{connection.path_params['path']}"
