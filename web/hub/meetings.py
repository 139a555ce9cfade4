"""Meetings of the whole ward, for its officials: planning them, and the page of each."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from ward.accounts import Account
from ward.houses import House
from ward.meetings import MeetingState
from web.errors import status_of, wants_json
from web.hub.houses import ATTENDS
from web.hub.meeting_view import view_of_meeting
from web.hub.site import HubSite
from web.plan_form import Typed, today
from web.security import CALL_PERMISSIONS

EVERY_HOUSE: Final = "all"
"""In the form: those of the ward that have a machine."""


def routes(site: HubSite) -> list[BaseRoute]:
    pages = _Meetings(site)
    return [
        Route("/meetings", pages.list, methods=["GET"]),
        Route("/meetings", pages.plan, methods=["POST"]),
        Route("/meetings/plan", pages.form, methods=["GET"]),
        Route("/meetings/{meeting}", pages.meeting, methods=["GET"]),
        Route("/meetings/{meeting}/plan", pages.form, methods=["GET"]),
        Route("/meetings/{meeting}/plan", pages.plan, methods=["POST"]),
        Route("/meetings/{meeting}/cancel", pages.cancel, methods=["POST"]),
        Route("/meetings/{meeting}/open", pages.open, methods=["POST"]),
        Route("/meetings/{meeting}/speak", pages.speak, methods=["POST"]),
        Route("/meetings/{meeting}/floor", pages.floor, methods=["POST"]),
        Route("/meetings/{meeting}/floor-back", pages.floor_back, methods=["POST"]),
        Route("/meetings/{meeting}/end", pages.end, methods=["POST"]),
    ]


class _Meetings:
    def __init__(self, site: HubSite) -> None:
        self._site = site
        self._meetings = site.meetings

    # Planning

    async def list(self, request: Request) -> Response:
        account = await self._official(request)
        return self._site.templates.page(
            request,
            "hub/meetings.html",
            account=account,
            meetings=await self._meetings.current(),
            past=await self._meetings.past(),
            obstacle=None if self._site.media else Cause("gathering.no_media_server"),
        )

    async def form(self, request: Request) -> Response:
        return await self._form(request, await self._official(request), None, None, None)

    async def plan(self, request: Request) -> Response:
        """Plan a meeting with many houses, or change one that is planned: each house is asked."""
        account = await self._official(request)
        meeting_id = request.path_params.get("meeting")
        typed = await Typed.of(request)
        async with request.form(max_files=0) as form:
            chosen = [str(value)[:64] for value in form.getlist("house")]
        houses = await self._houses()
        wanted = [house.id for house in houses] if EVERY_HOUSE in chosen else chosen
        try:
            wish = (typed.title, typed.starts(), typed.length())
            if meeting_id is None:
                meeting_id = await self._site.planning.plan(*wish, wanted, by=account)
            else:
                await self._site.planning.change(meeting_id, *wish, wanted, by=account)
        except Refused as refused:
            return await self._form(request, account, typed, wanted, refused.cause)
        return RedirectResponse(f"/meetings/{meeting_id}", status_code=303)

    async def cancel(self, request: Request) -> Response:
        """It will not take place, in no house."""
        account = await self._official(request)
        await self._site.planning.cancel(request.path_params["meeting"], by=account)
        return RedirectResponse("/meetings", status_code=303)

    # The meeting itself

    async def meeting(self, request: Request) -> Response:
        account = await self._official(request)
        meeting = await self._meetings.find(request.path_params["meeting"])
        houses = await self._site.houses.all()
        known = {house.id: house for house in houses}
        response = self._site.templates.page(
            request,
            "hub/meeting.html",
            account=account,
            acts=await self._meetings.acts(meeting.id),
            view=view_of_meeting(meeting, known, account, self._site.media),
        )
        if meeting.state is MeetingState.OPEN:
            response.headers["Permissions-Policy"] = CALL_PERMISSIONS
        return response

    async def open(self, request: Request) -> Response:
        """The houses are told, and whoever opens it speaks."""
        account = await self._official(request)
        if self._site.media is None:
            raise Refused("gathering.no_media_server")
        await self._meetings.open(request.path_params["meeting"], by=account)
        return self._back(request)

    async def speak(self, request: Request) -> Response:
        """Take over from whoever speaks."""
        account = await self._official(request)
        await self._meetings.speak(request.path_params["meeting"], by=account)
        return self._back(request)

    async def floor(self, request: Request) -> Response:
        """A house is heard and seen by all the others."""
        account = await self._official(request)
        async with request.form(max_files=0) as form:
            house_id = str(form.get("house", ""))[:64]
        await self._meetings.give_floor(request.path_params["meeting"], house_id, by=account)
        return self._answer(request)

    async def floor_back(self, request: Request) -> Response:
        """The house that has the floor is heard no more."""
        account = await self._official(request)
        await self._meetings.take_floor_back(request.path_params["meeting"], by=account)
        return self._answer(request)

    async def end(self, request: Request) -> Response:
        """For all houses; their own meetings go on."""
        account = await self._official(request)
        await self._meetings.end(request.path_params["meeting"], by=account)
        return self._back(request)

    async def _official(self, request: Request) -> Account:
        return (await self._site.access.require(request, *ATTENDS)).account

    async def _houses(self) -> Sequence[House]:
        """Those that may be asked: without a machine nothing comes to them."""
        return [house for house in await self._site.houses.all() if house.was_enrolled]

    def _back(self, request: Request) -> Response:
        return RedirectResponse(f"/meetings/{request.path_params['meeting']}", status_code=303)

    def _answer(self, request: Request) -> Response:
        return Response(status_code=204) if wants_json(request) else self._back(request)

    async def _form(
        self,
        request: Request,
        account: Account,
        typed: Typed | None,
        wanted: Sequence[str] | None,
        problem: Cause | None,
    ) -> Response:
        """`typed` and `wanted` stand in it again where something was wrong."""
        meeting_id = request.path_params.get("meeting")
        meeting = await self._meetings.find(meeting_id) if meeting_id else None
        houses = await self._houses()
        if wanted is None:
            wanted = [house.house_id for house in meeting.houses] if meeting else []
        return self._site.templates.page(
            request,
            "hub/meeting_plan.html",
            status_code=status_of(problem) if problem else 200,
            account=account,
            meeting=meeting,
            houses=houses,
            wanted=set(wanted),
            everybody=EVERY_HOUSE,
            typed=typed or (Typed.as_planned(meeting) if meeting else Typed()),
            problem=problem,
            today=today(),
        )
