"""What people ask about their own data, for whoever decides on it: with its clock, a few taps each.

The house shows it at `/data-requests` to its leader and secretary, the ward's hub to its handlers;
what differs is who may look, and the frame around it.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.data_request import Kind, RequestState
from feedback.data_requests import DataRequests
from feedback.intake import MOST_CHARACTERS, MOST_NAME_CHARACTERS
from feedback.redaction import marks
from web.actions import Fields
from web.errors import status_of
from web.templating import Templates
from web.work.pages import Visit

PATH = "/data-requests"
MOST_DECIDED = 20
VIAS = ("paper", "telephone")
"""How somebody asked whose request is entered for him."""

Enter = Callable[[Request], Awaitable[Visit]]
"""Raises what leads whoever may not look to log in."""


def routes(
    requests: DataRequests, enter: Enter, templates: Templates, template: str
) -> list[BaseRoute]:
    pages = _DataRequests(requests, enter, templates, template)
    return [
        Route(PATH, pages.list, methods=["GET"]),
        Route(PATH, pages.enter_one, methods=["POST"]),
        Route(f"{PATH}/{{request}}", pages.decide, methods=["POST"]),
    ]


class _DataRequests:
    def __init__(
        self, requests: DataRequests, enter: Enter, templates: Templates, template: str
    ) -> None:
        self._requests = requests
        self._enter = enter
        self._templates = templates
        self._template = template

    async def list(self, request: Request) -> Response:
        visit = await self._enter(request)
        return await self._page(request, visit)

    async def enter_one(self, request: Request) -> Response:
        """For somebody who came with paper, or rang; what is refused stays in the form."""
        visit = await self._enter(request)
        async with request.form(max_files=0) as form:
            fields = Fields(form)
            typed = {name: fields.text(name) for name in ("code", "kind", "name", "via")}
        kind = _one_of(Kind, typed["kind"])
        if kind is None or typed["via"] not in VIAS:
            raise Refused("web.bad_request")
        try:
            await self._requests.ask(
                typed["code"], kind, name=typed["name"], via=typed["via"], anywhere=True
            )
        except Refused as refused:
            return await self._page(request, visit, refused.cause, typed=typed)
        return RedirectResponse(PATH, status_code=303)

    async def decide(self, request: Request) -> Response:
        visit = await self._enter(request)
        which = request.path_params["request"]
        async with request.form(max_files=0) as form:
            fields = Fields(form)
            decision = _one_of(RequestState, fields.text("decision"))
            text = fields.text("text")
        if decision is None or decision is RequestState.WAITING:
            raise Refused("web.bad_request")
        try:
            await self._requests.decide(which, visit.by, decision, text)
        except Refused as refused:
            failed = {"request": which, "decision": decision.value, "text": text}
            return await self._page(request, visit, refused.cause, failed=failed)
        return RedirectResponse(PATH, status_code=303)

    async def _page(
        self,
        request: Request,
        visit: Visit,
        problem: Cause | None = None,
        *,
        typed: dict[str, str] | None = None,
        failed: dict[str, str] | None = None,
    ) -> Response:
        nothing = {"code": "", "kind": "", "name": "", "via": VIAS[0]}
        return self._templates.page(
            request,
            self._template,
            status_code=status_of(problem) if problem else 200,
            **visit.frame,
            filed=await self._requests.waiting(visit.by),
            decided=await self._requests.decided(MOST_DECIDED),
            settings=self._requests.settings,
            problem=problem,
            typed=typed or nothing,
            entering=typed is not None,
            failed=failed or {"request": "", "decision": "", "text": ""},
            marks=marks,
            most_text=MOST_CHARACTERS,
            most_name=MOST_NAME_CHARACTERS,
        )


def _one_of(kind: Any, typed: str) -> Any:
    """The member with this value; None where there is none."""
    return next((member for member in kind if member.value == typed), None)
