"""The pages of a meeting: the leader's panel, the secretary, the officials, the big screen.

Each is a template with regions (`templates/regions/`) that `live.py` renders again whenever the
room changes; without JavaScript the same pages reload by themselves and their forms post as usual.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from devices.service import UNIT, is_enabled, own_unit
from feedback.consent import WORDING
from feedback.intake import MOST_CHARACTERS
from feedback.worklist import Counts
from rooms.hall_commands import MOST_TITLE_CHARACTERS
from rooms.invitations import Invitation
from rooms.plans import Plan
from rooms.signals import wrong_now
from rooms.view import Phase, Role, RoomView
from web import photos
from web.access import Identity
from web.address import Addresses, ask_address
from web.cases import handler_of
from web.inviting import letter
from web.qr import qr_code
from web.security import CALL_PERMISSIONS
from web.site import Site

Preview = Callable[[str], Awaitable[bytes | None]]
"""A small JPEG of what this camera sees now; None where there is none yet."""

MOST_WAITING: Final = 30
"""Questions to approve on the leader's first page; all of them are on the one for questions."""

PANEL: Final[Mapping[str, str]] = {
    "/panel": "panel",
    "/panel/questions": "panel-questions",
    "/panel/guests": "panel-guests",
    "/panel/picture": "panel-picture",
    "/panel/equipment": "panel-equipment",
    "/panel/end": "panel-end",
}


def region_context(site: Site, view: RoomView, page: str, local: str) -> dict[str, Any]:
    """What every region may use. `local` is the house's first page as this reader reaches it."""
    ask_url = ask_address(view.link, local)
    left = view.undo_end_until - datetime.now(UTC) if view.undo_end_until else None
    return {
        "view": view,
        "page": page,
        "verdict": view.rehearsal
        and view.rehearsal.verdict_now(wrong_now(view), datetime.now(UTC)),
        "telephone": site.settings.house.telephone,
        "ask_url": ask_url,
        "ask_parts": re.findall(r"[^.:/]*[.:/]?", ask_url.split("://", 1)[1]),
        "qr_code": qr_code,
        "left_open": len(site.room.unanswered_before()),
        "most_text": MOST_CHARACTERS,
        "most_waiting": MOST_WAITING,
        "wording": WORDING,
        "most_title": MOST_TITLE_CHARACTERS,
        "starts_by_itself": page == "technician" and is_enabled(own_unit() or UNIT),
        "undo_seconds": max(0, round(left.total_seconds())) if left else 0,
    }


def routes(site: Site, preview: Preview) -> list[BaseRoute]:
    pages = _Pages(site, preview)
    return [
        *(Route(path, pages.panel) for path in PANEL),
        Route("/panel/preview/{camera_id}.jpg", pages.preview),
        Route("/panel/places/{camera_id}/{token}.jpg", pages.place),
        Route("/panel/photos/{id}", pages.photo),
        Route("/stage/photos/{id}", pages.stage_photo),
        Route("/secretary", pages.secretary),
        Route("/entered/{id}", pages.entered),
        Route("/stage", pages.stage),
        Route("/join/{token}", pages.official),
        Route("/invitation/{id}", pages.invitation),
    ]


class _Pages:
    def __init__(self, site: Site, preview: Preview) -> None:
        self._site = site
        self._room = site.room
        self._preview = preview
        self._addresses = Addresses(site.settings.web)

    async def panel(self, request: Request) -> Response:
        identity = self._site.access.require(request, Role.LEADER)
        page = PANEL[request.url.path]
        guests, asked = page == "panel-guests", page == "panel-questions"
        return self._page(
            request,
            f"{page.replace('-', '_')}.html",
            page,
            key=secrets.token_hex(16),
            earlier=self._room.unanswered_before(),
            invitations=await self._room.standing_invitations() if guests else (),
            cases=await self._cases(identity) if page == "panel-questions" else None,
            asked_data=await self._room.requests.count() if asked else (0, 0),
        )

    async def preview(self, request: Request) -> Response:
        """Outside a meeting only while somebody said openly that he is watching."""
        self._site.access.require(request, Role.LEADER, Role.TECHNICIAN)
        view = self._room.view.value
        if not view.hall_is_open() and not view.hall_watched_by:
            raise Refused("web.confirm_first" if view.awaits_confirmation else "web.watch_first")
        camera_id = request.path_params["camera_id"]
        if not any(device.id == camera_id for device in view.devices):
            raise HTTPException(404)
        picture = await self._preview(camera_id)
        if picture is None:
            raise Refused("web.no_picture")
        return Response(picture, media_type="image/jpeg")

    async def place(self, request: Request) -> Response:
        """What a camera's preset shows."""
        self._site.access.require(request, Role.LEADER, Role.TECHNICIAN)
        camera_id, token = request.path_params["camera_id"], request.path_params["token"]
        known = (one for one in self._room.view.value.devices if one.id == camera_id)
        if not any(token in device.pictured for device in known):
            raise HTTPException(404)
        jpeg = await self._room.place_picture(camera_id, token)
        if jpeg is None:
            raise HTTPException(404)
        return Response(jpeg, media_type="image/jpeg")

    async def photo(self, request: Request) -> Response:
        """A photo or paper of a question that the panel shows."""
        self._site.access.require(request, Role.LEADER, Role.SECRETARY)
        return await photos.respond(
            request, self._room.album, lambda one: self._room.has_question(one.case_id)
        )

    async def stage_photo(self, request: Request) -> Response:
        """One that everybody may see."""
        self._site.access.require(request, Role.STAGE)
        return await photos.respond(request, self._room.album)

    async def secretary(self, request: Request) -> Response:
        identity = self._site.access.require(request, Role.SECRETARY)
        return self._page(
            request,
            "secretary.html",
            "secretary",
            cases=await self._cases(identity),
            key=secrets.token_hex(16),
            earlier=self._room.unanswered_before(),
        )

    async def _cases(self, identity: Identity) -> Counts:
        """How many there are to deal with."""
        return await self._room.worklist.counts(handler_of(identity))

    async def entered(self, request: Request) -> Response:
        """The receipt of a question that was entered for somebody, large, to be told or written
        on his slip. Raises Refused: `question.unknown`."""
        identity = self._site.access.require(request, Role.LEADER, Role.SECRETARY)
        id_ = request.path_params["id"]
        question, code = self._room.receipt_of(id_)
        attached = (await self._room.album.of_cases([id_])).get(id_, ())
        return self._page(
            request,
            "entered.html",
            "entered",
            question=replace(question, attached=attached),
            code=code,
            photo_note=photos.note(request),
            back="/secretary" if identity.role is Role.SECRETARY else "/panel/questions",
        )

    async def stage(self, request: Request) -> Response:
        self._site.access.require(request, Role.STAGE)
        return self._page(request, "stage.html", "stage")

    async def official(self, request: Request) -> Response:
        """Raises Refused where the invitation no longer stands."""
        token = request.path_params["token"]
        invitation = await self._room.invitation(self._site.access.read_invitation(token))
        plan = self._room.check_invitation(invitation)
        if plan is None and self._room.view.value.phase is Phase.IDLE:
            plan = next((one.plan for one in self._room.view.value.coming if one.soon), None)
        response = self._page(
            request, "official.html", "official", token=token, invitation=invitation, plan=plan
        )
        if invitation.role is not Role.VIEWER:
            response.headers["Permissions-Policy"] = CALL_PERMISSIONS
        return response

    async def invitation(self, request: Request) -> Response:
        """The link to send, for whoever made it."""
        identity = self._site.access.require(request, Role.LEADER, Role.TECHNICIAN)
        invitation = await self._room.invitation(request.path_params["id"])
        path = self._site.access.invitation_link(invitation.id)
        outside = self._room.view.value.link.outside
        link = (outside.url if outside else self._addresses.for_people(request)) + path
        back = "/technician" if identity.role is Role.TECHNICIAN else "/panel/guests"
        sent = letter(
            self._room.view.value.house,
            link,
            self._plan_of(invitation),
            self._site.templates.language_of(request),
        )
        return self._page(
            request,
            "invitation.html",
            "invitation",
            invitation=self._room.with_its_end(invitation),
            link=link,
            link_code=qr_code(link),
            back=back,
            letter=sent,
        )

    def _plan_of(self, invitation: Invitation) -> Plan | None:
        try:
            return self._room.plan(invitation.plan_id or "")
        except Refused:
            return None

    def _page(self, request: Request, template: str, page: str, **more: Any) -> Response:
        local = self._addresses.for_people(request)
        context = region_context(self._site, self._room.view.value, page, local)
        return self._site.templates.page(request, template, **context, **more)
