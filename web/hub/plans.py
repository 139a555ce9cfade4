"""The meetings that are planned in one house, for the ward's officials."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from ward.accounts import Account
from web import calendar
from web.errors import status_of
from web.hub.houses import ATTENDS, view_of
from web.hub.site import HubSite
from web.plan_form import Typed, today


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Plans(site)
    return [
        Route("/houses/{house}/plans", pages.form, methods=["GET"]),
        Route("/houses/{house}/plans", pages.plan, methods=["POST"]),
        Route("/houses/{house}/plans/{plan}", pages.form, methods=["GET"]),
        Route("/houses/{house}/plans/{plan}", pages.plan, methods=["POST"]),
        Route("/houses/{house}/plans/{plan}/cancel", pages.cancel, methods=["POST"]),
        Route(calendar.PATH, pages.calendar, methods=["GET"]),
    ]


class _Plans:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._plans = site.plans

    async def form(self, request: Request) -> Response:
        return await self._form(request, await self._official(request), None, None)

    async def plan(self, request: Request) -> Response:
        """Plan a meeting in this house, or change one that is planned."""
        account = await self._official(request)
        house_id, plan_id = request.path_params["house"], request.path_params.get("plan")
        typed = await Typed.of(request)
        try:
            wish = (typed.title, typed.starts(), typed.length())
            await self._house(house_id)
            if plan_id is None:
                await self._plans.plan(house_id, *wish, by=account.name)
            else:
                await self._plans.change(house_id, plan_id, *wish, by=account.name)
        except Refused as refused:
            return await self._form(request, account, typed, refused.cause)
        return RedirectResponse(f"/houses/{house_id}", status_code=303)

    async def cancel(self, request: Request) -> Response:
        """It will not take place."""
        account = await self._official(request)
        house_id = request.path_params["house"]
        await self._plans.cancel(house_id, request.path_params["plan"], by=account.name)
        return RedirectResponse(f"/houses/{house_id}", status_code=303)

    async def calendar(self, request: Request) -> Response:
        """A house's schedule, for phones that subscribe to it."""
        house_id = calendar.read_calendar_token(self._site.tokens, request.path_params["token"])
        house = await self._site.houses.find(house_id)
        if house is None:
            raise Refused("ward.house_unknown")
        return calendar.answer(house.name, await self._plans.told(house.id))

    async def _official(self, request: Request) -> Account:
        return (await self._site.access.require(request, *ATTENDS)).account

    async def _house(self, house_id: str) -> None:
        """Raises Refused `ward.house_unknown`."""
        if await self._site.houses.find(house_id) is None:
            raise Refused("ward.house_unknown")

    async def _form(
        self, request: Request, account: Account, typed: Typed | None, problem: Cause | None
    ) -> Response:
        house = await self._site.houses.find(request.path_params["house"])
        if house is None:
            raise Refused("ward.house_unknown")
        plan_id = request.path_params.get("plan")
        plan = None if plan_id is None else (await self._plans.find(house.id, plan_id)).plan
        return self._site.templates.page(
            request,
            "hub/plan.html",
            status_code=status_of(problem) if problem else 200,
            account=account,
            view=view_of(house),
            plan=plan,
            typed=typed or (Typed.as_planned(plan) if plan else Typed()),
            problem=problem,
            today=today(),
        )
