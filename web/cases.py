"""Where a house's leader and secretary deal with its cases (`web/work/pages.py`).

Whatever a meeting left open: in a house by itself that is all there is, in one with a ward what the
block keeps.
"""

from starlette.requests import Request
from starlette.routing import BaseRoute

from feedback.actions import Handler
from rooms.view import Role
from web.access import Identity
from web.entry import HOME
from web.site import Site
from web.work.pages import Office, Visit, routes_of


def routes(site: Site) -> list[BaseRoute]:
    async def enter(request: Request) -> Visit:
        identity = site.access.require(request, Role.LEADER, Role.SECRETARY)
        return Visit(handler_of(identity), {"home": HOME[identity.role], "at_ward": False})

    room = site.room
    return routes_of(
        Office(
            "/cases",
            room.workplace,
            room.worklist,
            site.templates,
            "cases.html",
            "case.html",
            lambda _: room.album,
            enter,
        )
    )


def handler_of(identity: Identity) -> Handler:
    """They act for every authority that the house's configuration names."""
    return Handler(identity.device_id, identity.name)
