"""In the house its leader and secretary decide what people ask about their own data."""

from starlette.requests import Request
from starlette.routing import BaseRoute

from rooms.view import Role
from web import data_requests
from web.cases import handler_of
from web.entry import HOME
from web.site import Site
from web.work.pages import Visit


def routes(site: Site) -> list[BaseRoute]:
    async def enter(request: Request) -> Visit:
        identity = site.access.require(request, Role.LEADER, Role.SECRETARY)
        return Visit(handler_of(identity), {"home": HOME[identity.role]})

    requests = site.room.requests
    return data_requests.routes(requests, enter, site.templates, "data_requests.html")
