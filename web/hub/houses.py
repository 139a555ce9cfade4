"""The houses of the ward for its staff: how each stands, what is wrong there, enrolling them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from ward.accounts import Account, AccountRole
from ward.houses import CODE_LASTS, LONGEST_NAME, House
from ward.summary import HouseSummary, read_summary
from web.calendar import calendar_path
from web.errors import status_of, wants_json
from web.hub.media_server import OFFICIAL
from web.hub.short import OWN, short_path
from web.hub.site import HubSite

ENROLS: Final = (AccountRole.TECHNICIAN,)
"""Who may enrol houses and revoke them, besides the admin."""
ATTENDS: Final = (AccountRole.OFFICIAL,)
"""Who may come into meetings and let others in, besides the admin."""


@dataclass(frozen=True, slots=True)
class HouseView:
    """A house as the pages show it."""

    house: House
    summary: HouseSummary | None
    """While it is linked."""

    @property
    def state(self) -> str:
        """`linked`, `away`, or `expected` where it has no key."""
        if self.house.enrolled_at is None:
            return "expected"
        return "linked" if self.house.linked_at else "away"


def view_of(house: House) -> HouseView:
    return HouseView(house, read_summary(house.summary) if house.linked_at else None)


def attends(account: Account) -> bool:
    """Whether he may come into the houses' meetings, and let others in."""
    return account.role in {AccountRole.ADMIN, *ATTENDS}


def region_of(
    houses: Sequence[House], house_id: str | None, account: Account
) -> tuple[str, dict[str, Any] | None]:
    """Name and context of the region that shows all houses, or one; no context where there is no
    such house."""
    if house_id is None:
        return "houses", {"houses": [view_of(house) for house in houses]}
    found = next((house for house in houses if house.id == house_id), None)
    if found is None:
        return "house", None
    context = {"view": view_of(found), "attending": attends(account), "account": account}
    return "house", context


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Houses(site)
    return [
        Route("/houses", pages.list, methods=["GET"]),
        Route("/houses", pages.invite, methods=["POST"]),
        Route("/houses/{house}", pages.detail, methods=["GET"]),
        Route("/houses/{house}/come", pages.come, methods=["POST"]),
        Route("/houses/{house}/admit", pages.admit, methods=["POST"]),
        Route("/houses/{house}/code", pages.invite_again, methods=["POST"]),
        Route("/houses/{house}/revoke", pages.revoke, methods=["POST"]),
    ]


class _Houses:
    def __init__(self, site: HubSite) -> None:
        self._site = site

    async def list(self, request: Request) -> Response:
        await self._site.access.require(request)
        return await self._list(request)

    async def detail(self, request: Request) -> Response:
        session = await self._site.access.require(request)
        house = await self._site.houses.find(request.path_params["house"])
        if house is None:
            raise Refused("ward.house_unknown")
        return self._site.templates.page(
            request,
            "hub/house.html",
            view=view_of(house),
            account=session.account,
            enrols=session.account.role in {AccountRole.ADMIN, *ENROLS},
            attending=attends(session.account),
            calendar=self._site.address(request) + calendar_path(self._site.tokens, house.id),
            address=self._site.address(request) + short_path(house.id),
        )

    async def come(self, request: Request) -> Response:
        """To the meeting's own page, by an invitation that the house makes for this official."""
        account = (await self._site.access.require(request, *ATTENDS)).account
        house_id = request.path_params["house"]
        reply = await self._site.links.ask(house_id, "come", account)
        return RedirectResponse(f"/h/{house_id}{reply.path}", status_code=303)

    async def admit(self, request: Request) -> Response:
        """Let in somebody who waits at the door of a house's meeting."""
        account = (await self._site.access.require(request, *ATTENDS)).account
        house_id = request.path_params["house"]
        async with request.form(max_files=0) as form:
            guest = str(form.get("guest", ""))
        if not re.fullmatch(r"[0-9a-z-]{1,64}", guest):
            raise Refused("web.bad_request")
        await self._site.links.ask(house_id, "admit", account, guest)
        if wants_json(request):
            return Response(status_code=204)
        return RedirectResponse(f"/houses/{house_id}", status_code=303)

    async def invite(self, request: Request) -> Response:
        """A page that shows the code of a new house once; it is stored nowhere but as a hash."""
        await self._site.access.require(request, *ENROLS)
        async with request.form(max_files=0) as form:
            house_id, name = (str(form.get(field, "")).strip() for field in ("id", "name"))
        try:
            if house_id in OWN | {OFFICIAL}:
                raise Refused("ward.house_id_reserved", id=house_id)
            code = await self._site.houses.invite(house_id, name)
        except Refused as refused:
            return await self._list(
                request, problem=refused.cause, typed_id=house_id, typed_name=name
            )
        return await self._show_code(request, house_id, code)

    async def invite_again(self, request: Request) -> Response:
        """The same for a house that is known: its machine was replaced, or its code ran out."""
        await self._site.access.require(request, *ENROLS)
        house_id = request.path_params["house"]
        return await self._show_code(
            request, house_id, await self._site.houses.invite_again(house_id)
        )

    async def revoke(self, request: Request) -> Response:
        """Send a house out: its key is worth nothing any more."""
        await self._site.access.require(request, *ENROLS)
        house_id = request.path_params["house"]
        await self._site.houses.revoke(house_id)
        self._site.links.drop(house_id)
        return RedirectResponse(f"/houses/{house_id}", status_code=303)

    async def _list(
        self,
        request: Request,
        *,
        problem: Cause | None = None,
        typed_id: str = "",
        typed_name: str = "",
    ) -> Response:
        session = await self._site.access.require(request)
        houses = await self._site.houses.all()
        return self._site.templates.page(
            request,
            "hub/houses.html",
            status_code=status_of(problem) if problem else 200,
            houses=[view_of(house) for house in houses],
            account=session.account,
            enrols=session.account.role in {AccountRole.ADMIN, *ENROLS},
            problem=problem,
            typed_id=typed_id,
            typed_name=typed_name,
            most=LONGEST_NAME,
        )

    async def _show_code(self, request: Request, house_id: str, code: str) -> Response:
        session = await self._site.access.require(request)
        house = await self._site.houses.find(house_id)
        return self._site.templates.page(
            request,
            "hub/house_code.html",
            house=house,
            account=session.account,
            code=code,
            hours=int(CODE_LASTS.total_seconds() // 3600),
            address=self._site.address(request),
        )
