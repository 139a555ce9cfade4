"""Invitations that an official writes for somebody else to a meeting in one house.

The house makes them and keeps them; asked through the link, it says which of those that were
written here still stand (`web/link/authority.py`). Nothing of them is stored at the hub.
"""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from rooms.plans import PlanState
from ward.accounts import Account
from ward.houses import House
from ward.plans import HousePlan
from web.errors import status_of
from web.hub.houses import ATTENDS, view_of
from web.hub.site import HubSite
from web.inviting import Typed, letter
from web.link.messages import Invited, Reply
from web.qr import qr_code

_ID: Final = re.compile(r"[0-9a-f]{16}")


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Invitations(site)
    one = "/houses/{house}/invitations/{invitation}"
    return [
        Route("/houses/{house}/invitations", pages.list, methods=["GET"]),
        Route("/houses/{house}/invitations", pages.invite, methods=["POST"]),
        Route(one, pages.detail, methods=["GET"]),
        Route(f"{one}/revoke", pages.revoke, methods=["POST"]),
        Route(f"{one}/release", pages.release, methods=["POST"]),
    ]


class _Invitations:
    def __init__(self, site: HubSite) -> None:
        self._site = site

    async def list(self, request: Request) -> Response:
        account, house = await self._official(request), await self._house(request)
        typed = Typed(plan=request.query_params.get("plan", ""))
        return await self._list(request, account, house, typed, None)

    async def invite(self, request: Request) -> Response:
        """The page with the link follows."""
        account, house = await self._official(request), await self._house(request)
        async with request.form(max_files=0) as form:
            typed = Typed.of(form).to_plan(form)
        wanted = {
            "role": typed.role.value,
            "personal": "yes" if typed.personal else "no",
            "lobby": "yes" if typed.lobby else "no",
            "name": typed.name[:200],
            "days": typed.days,
            "plan": typed.plan,
        }
        try:
            reply = await self._ask(house, "invite", account, form=wanted)
        except Refused as refused:
            return await self._list(request, account, house, typed, refused.cause)
        return RedirectResponse(f"{_place(house)}/{_one(reply).id}", status_code=303)

    async def detail(self, request: Request) -> Response:
        """The link to send, its QR code, and the words to go with it."""
        account, house = await self._official(request), await self._house(request)
        reply = await self._ask(house, "invitation", account, about=_id(request))
        invitation = _one(reply)
        plan = next((p.plan for p in house.plans if p.plan.id == invitation.plan), None)
        link = f"{self._site.address(request)}/h/{house.id}{reply.path}"
        language = self._site.templates.language_of(request)
        return self._page(
            request,
            "hub/invitation.html",
            account,
            house,
            invitation=invitation,
            plan=plan,
            link=link,
            link_code=qr_code(link),
            letter=letter(house.name, link, plan, language),
        )

    async def revoke(self, request: Request) -> Response:
        """Nobody comes in by it any more, and whoever did is out at once."""
        return await self._do(request, "revoke")

    async def release(self, request: Request) -> Response:
        """Of one person: the next browser that comes is his."""
        return await self._do(request, "release")

    async def _do(self, request: Request, what: str) -> Response:
        account, house = await self._official(request), await self._house(request)
        await self._ask(house, what, account, about=_id(request))
        return RedirectResponse(_place(house), status_code=303)

    async def _official(self, request: Request) -> Account:
        return (await self._site.access.require(request, *ATTENDS)).account

    async def _house(self, request: Request) -> House:
        house = await self._site.houses.find(request.path_params["house"])
        if house is None:
            raise Refused("ward.house_unknown")
        return house

    async def _ask(
        self,
        house: House,
        what: str,
        account: Account,
        *,
        about: str = "",
        form: dict[str, str] | None = None,
    ) -> Reply:
        """Raises Refused: the house's own cause, `invitation.house_away`, and as
        `HouseSession.ask`."""
        try:
            return await self._site.links.ask(house.id, what, account, about, form)
        except Refused as refused:
            if refused.cause.code == "link.house_away":
                raise Refused("invitation.house_away") from refused
            raise

    async def _list(
        self,
        request: Request,
        account: Account,
        house: House,
        typed: Typed,
        problem: Cause | None,
    ) -> Response:
        """`problem` is why the form was not taken; why there is no list is told in its place."""
        invitations: tuple[Invited, ...] = ()
        unknown: Cause | None = None
        try:
            invitations = (await self._ask(house, "invitations", account)).invitations
        except Refused as refused:
            unknown = refused.cause
        failed = problem or unknown
        return self._page(
            request,
            "hub/invitations.html",
            account,
            house,
            status_code=status_of(failed) if failed else 200,
            invitations=invitations,
            unknown=unknown,
            typed=typed,
            problem=problem,
            plans={p.plan.id: p.plan for p in house.plans if _can_be_invited_to(p)},
        )

    def _page(
        self, request: Request, template: str, account: Account, house: House, **more: Any
    ) -> Response:
        return self._site.templates.page(
            request, template, account=account, view=view_of(house), **more
        )


def _can_be_invited_to(one: HousePlan) -> bool:
    """The house has it in its own schedule."""
    return one.plan.state is PlanState.PLANNED and not one.proposed


def _place(house: House) -> str:
    return f"/houses/{house.id}/invitations"


def _id(request: Request) -> str:
    invitation_id: str = request.path_params["invitation"]
    if not _ID.fullmatch(invitation_id):
        raise Refused("invitation.unknown")
    return invitation_id


def _one(reply: Reply) -> Invited:
    if len(reply.invitations) != 1:
        raise Refused("link.house_failed")
    return reply.invitations[0]
