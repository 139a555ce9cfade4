"""The leader's schedule: what is planned, one simple form, and the invitations to it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from rooms.plans import LINK_LASTS
from rooms.view import Role
from web import calendar
from web.access import Identity
from web.address import Addresses
from web.errors import status_of
from web.pages import region_context
from web.plan_form import Typed, today
from web.site import Site


def routes(site: Site) -> list[BaseRoute]:
    pages = _Schedule(site)
    return [
        Route("/panel/schedule", pages.list, methods=["GET"]),
        Route("/panel/schedule", pages.plan, methods=["POST"]),
        Route(calendar.PATH, pages.calendar, methods=["GET"]),
        Route("/panel/schedule/{plan}", pages.detail, methods=["GET"]),
        Route("/panel/schedule/{plan}", pages.change, methods=["POST"]),
        Route("/panel/schedule/{plan}/cancel", pages.cancel, methods=["POST"]),
        Route("/panel/schedule/{plan}/invite", pages.invite, methods=["POST"]),
    ]


class _Schedule:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._room = site.room
        self._addresses = Addresses(site.settings.web)

    async def list(self, request: Request) -> Response:
        self._leader(request)
        return self._list(request, Typed(), None)

    async def plan(self, request: Request) -> Response:
        """Plan a meeting; its page follows, with the way to invite to it."""
        by = self._leader(request).actor
        typed = await Typed.of(request)
        try:
            plan = await self._room.plan_meeting(by, typed.title, typed.starts(), typed.length())
        except Refused as refused:
            return self._list(request, typed, refused.cause)
        return RedirectResponse(f"/panel/schedule/{plan.id}", status_code=303)

    async def detail(self, request: Request) -> Response:
        self._leader(request)
        return self._detail(request, None, None)

    async def change(self, request: Request) -> Response:
        """Another title, day, time or length."""
        by = self._leader(request).actor
        typed = await Typed.of(request)
        plan_id = request.path_params["plan"]
        try:
            await self._room.change_plan(by, plan_id, typed.title, typed.starts(), typed.length())
        except Refused as refused:
            return self._detail(request, typed, refused.cause)
        return RedirectResponse("/panel/schedule", status_code=303)

    async def cancel(self, request: Request) -> Response:
        """It will not take place; invitations to it say so."""
        by = self._leader(request).actor
        await self._room.cancel_plan(by, request.path_params["plan"])
        return RedirectResponse("/panel/schedule", status_code=303)

    async def invite(self, request: Request) -> Response:
        """A link for all officials who are invited to it; the page with the link follows."""
        by = self._leader(request).actor
        plan = self._room.plan(request.path_params["plan"])
        invitation = await self._room.create_invitation(
            by,
            Role.OFFICIAL,
            "",
            expires=plan.ends + LINK_LASTS,
            lobby=True,
            plan_id=plan.id,
        )
        return RedirectResponse(f"/invitation/{invitation.id}", status_code=303)

    async def calendar(self, request: Request) -> Response:
        """The schedule for phones that subscribe to it."""
        calendar.read_calendar_token(self._site.access.tokens, request.path_params["token"])
        return calendar.answer(self._room.view.value.house, self._room.plans())

    def _leader(self, request: Request) -> Identity:
        return self._site.access.require(request, Role.LEADER)

    def _list(self, request: Request, typed: Typed, problem: Cause | None) -> Response:
        return self._page(request, "panel_schedule.html", typed, problem)

    def _detail(self, request: Request, typed: Typed | None, problem: Cause | None) -> Response:
        plan = self._room.plan(request.path_params["plan"])
        typed = typed or Typed.as_planned(plan)
        return self._page(request, "panel_plan.html", typed, problem, plan=plan)

    def _page(
        self,
        request: Request,
        template: str,
        typed: Typed,
        problem: Cause | None,
        **more: Any,
    ) -> Response:
        local = self._addresses.for_people(request)
        context = region_context(self._site, self._room.view.value, "panel-schedule", local)
        return self._site.templates.page(
            request,
            template,
            status_code=status_of(problem) if problem else 200,
            **context,
            typed=typed,
            problem=problem,
            today=today(),
            calendar=local + calendar.calendar_path(self._site.access.tokens, "house"),
            **more,
        )
