"""What the machines of a load balancer ask. It says nothing of the houses: anybody may ask."""

from importlib.metadata import version
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from web.hub.site import HubSite

VERSION: Final = version("avcontrol")


def routes(site: HubSite) -> list[BaseRoute]:
    async def healthz(request: Request) -> Response:
        """Whether this process of the hub works: 200 with `ok`, 503 with `failed`."""
        try:
            await site.accounts.is_empty()
        except Refused:
            failed = {"status": "failed", "version": VERSION, "storage": "failed"}
            return JSONResponse(failed, 503)
        return JSONResponse({"status": "ok", "version": VERSION, "storage": "ok"})

    return [Route("/healthz", healthz, methods=["GET"])]
