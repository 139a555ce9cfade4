"""What houses come to: `POST /api/enrol`, once, and the WebSocket `/link`, for good.

POST /api/enrol {"code": "K7QM-2ZRT-9DTA"}
201 {"house": "to-5", "key": "…"}          the key is shown this once

GET /link  Authorization: Basic base64("to-5:<key>")      web/link/PROTOCOL.md
"""

import asyncio
import json
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from base.cause import Refused
from web.hub.site import HubSite
from web.limiting import PAIRING
from web.link.hub import read_credentials, refuse_key
from web.link.speed import AT_ONCE, serve_speed
from web.link.speed import PATH as SPEED

LINK: Final = "/link"
PROGRAMS: Final = frozenset({LINK, SPEED})
"""WebSockets that no browser opens."""


def routes(site: HubSite) -> list[BaseRoute]:
    async def enrol(request: Request) -> Response:
        """Turn a house's one-time code into its id and its key."""
        code = _code(await request.body())
        await site.limits.check(PAIRING, request)
        try:
            house_id, key = await site.houses.enrol(code)
        except Refused:
            await site.limits.count(PAIRING, request)
            raise
        return JSONResponse({"house": house_id, "key": key}, 201)

    measuring = asyncio.Semaphore(AT_ONCE)

    async def house_of(socket: WebSocket) -> str | None:
        """By its key; without one it is refused."""
        credentials = read_credentials(socket)
        if credentials is None or await site.houses.identify(*credentials) is None:
            await refuse_key(socket)
            return None
        return credentials[0]

    async def link(socket: WebSocket) -> None:
        if (house_id := await house_of(socket)) is not None:
            await site.links.serve(socket, house_id, site.address(socket))

    async def speed(socket: WebSocket) -> None:
        if await house_of(socket) is not None:
            await serve_speed(socket, measuring)

    return [
        Route("/api/enrol", enrol, methods=["POST"]),
        WebSocketRoute(LINK, link),
        WebSocketRoute(SPEED, speed),
    ]


def _code(body: bytes) -> str:
    """Raises Refused `web.bad_request`."""
    try:
        match json.loads(body):
            case {"code": str(code)}:
                return code
    except ValueError:
        pass
    raise Refused("web.bad_request")
