"""Where the ward's people deal with cases (`web/work/pages.py`).

Handlers deal with those of their authority; a handler without one, and an admin, are the steering
committee and see all.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute

from feedback.actions import Handler
from ward.accounts import Account, AccountRole
from web import data_requests
from web.hub.site import HubSite
from web.work.pages import Office, Visit, routes_of

WORKS: Final = (AccountRole.HANDLER,)
"""Whose pages these are, besides the admin's."""


def routes(site: HubSite) -> list[BaseRoute]:
    async def enter(request: Request) -> Visit:
        account = (await site.access.require(request, *WORKS)).account
        asked = await site.requests.count()
        return Visit(handler_of(account), {"account": account, "at_ward": True, "asked": asked})

    async def houses() -> Mapping[str, str]:
        return {house.id: house.name for house in await site.houses.all()}

    asked = data_requests.routes(site.requests, enter, site.templates, "hub/data_requests.html")
    return asked + routes_of(
        Office(
            "/work",
            site.workplace,
            site.worklist,
            site.templates,
            "hub/work.html",
            "hub/work_case.html",
            site.album,
            enter,
            houses,
        )
    )


def handler_of(account: Account) -> Handler:
    return Handler(account.id, account.name, account.authority)
