"""`/content`: a picture or a PDF, shown to everybody page by page. It comes from this tablet, from
a telephone by a QR code, or from a USB stick.

A page goes to stage and officials as a picture under an address that nobody can guess, and that is
told only to those who may see it; so it needs no log-in, and the ward's hub passes it on.
"""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Refused
from devices.sticks import Sticks
from rooms.meeting import Actor
from rooms.page_rendering import MOST_BYTES
from rooms.view import Role
from web import photos
from web.address import Addresses
from web.entry import HOME
from web.limiting import UPLOADING
from web.pages import region_context
from web.qr import qr_code
from web.site import Site

PATH: Final = "/content"
LINK_LASTS: Final = timedelta(hours=2)
STICK_SECONDS: Final = 20.0
"""A stick that is failing answers late, or never."""
_ROLES: Final = (Role.LEADER, Role.SECRETARY)

T = TypeVar("T")


def routes(site: Site, sticks: Sticks | None = None) -> list[BaseRoute]:
    pages = _Papers(site, sticks or Sticks())
    return [
        Route(PATH, pages.show, methods=["GET"]),
        Route(f"{PATH}/add", pages.add, methods=["POST"]),
        Route(f"{PATH}/usb", pages.usb, methods=["GET"]),
        Route(f"{PATH}/usb", pages.add_from_usb, methods=["POST"]),
        Route(f"{PATH}/send/{{token}}", pages.send, methods=["GET"]),
        Route(f"{PATH}/send/{{token}}", pages.add_sent, methods=["POST"]),
        Route(f"{PATH}/{{key}}.jpg", pages.page, methods=["GET"]),
    ]


class _Papers:
    def __init__(self, site: Site, sticks: Sticks) -> None:
        self._site = site
        self._room = site.room
        self._sticks = sticks
        self._addresses = Addresses(site.settings.web)

    async def show(self, request: Request) -> Response:
        """What there is to be shown, and how more of it comes in."""
        identity = self._site.access.require(request, *_ROLES)
        local, view = self._addresses.for_people(request), self._room.view.value
        until = datetime.now(UTC) + LINK_LASTS
        token = self._site.access.tokens.sign("paper", view.meeting_id, until=until)
        link = f"{local}{PATH}/send/{token}"
        return self._site.templates.page(
            request,
            "content.html",
            **region_context(self._site, view, "content", local),
            back="/panel/picture" if identity.role is Role.LEADER else HOME[identity.role],
            link_code=qr_code(link),
        )

    async def add(self, request: Request) -> Response:
        """Pictures or PDFs from this device."""
        identity = self._site.access.require(request, *_ROLES)
        async with request.form(max_files=photos.most_files(request)) as form:
            await self._keep(form, identity.actor)
        return RedirectResponse(PATH, status_code=303)

    async def usb(self, request: Request) -> Response:
        """What is on the USB sticks."""
        self._site.access.require(request, *_ROLES)
        return self._site.templates.page(
            request,
            "content_usb.html",
            view=self._room.view.value,
            plugged=await _in_time(asyncio.to_thread(self._sticks.look)),
        )

    async def add_from_usb(self, request: Request) -> Response:
        """A file that the page with the sticks has listed."""
        identity = self._site.access.require(request, *_ROLES)
        async with request.form(max_files=0) as form:
            stick, path = str(form.get("stick", "")), str(form.get("path", ""))
        data = await _in_time(asyncio.to_thread(self._sticks.read, stick, path, MOST_BYTES))
        await self._room.add_paper(identity.actor, path, data)
        return RedirectResponse(PATH, status_code=303)

    async def send(self, request: Request) -> Response:
        """For the telephone that scanned the code."""
        self._check_link(request)
        return self._sending(request, sent=False)

    async def add_sent(self, request: Request) -> Response:
        """Pictures or PDFs from that telephone; the hall decides whether they are shown."""
        self._check_link(request)
        await self._site.limits.count(UPLOADING, request)
        async with request.form(max_files=photos.most_files(request)) as form:
            await self._keep(form, None)
        return self._sending(request, sent=True)

    async def page(self, request: Request) -> Response:
        """One page, for whoever was told its address."""
        jpeg = await self._room.paper_page(request.path_params["key"])
        if jpeg is None:
            raise HTTPException(404)
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(jpeg, media_type="image/jpeg", headers=headers)

    def _sending(self, request: Request, *, sent: bool) -> Response:
        view = self._room.view.value
        return self._site.templates.page(request, "content_send.html", view=view, sent=sent)

    def _check_link(self, request: Request) -> None:
        """Raises Refused: `access.link_broken`, `access.link_expired`."""
        meeting = self._site.access.tokens.read("paper", request.path_params["token"])
        if meeting != self._room.view.value.meeting_id:
            raise Refused("access.link_expired")

    async def _keep(self, form: FormData, by: Actor | None) -> None:
        """Each file is a paper. Raises Refused for the first that is none, the others are kept."""
        found = form.getlist(photos.FIELD)
        files = [one for one in found if isinstance(one, UploadFile) and one.size]
        if not files:
            raise Refused("paper.none_chosen")
        problem: Refused | None = None
        for file in files:
            try:
                if (file.size or 0) > MOST_BYTES:
                    raise Refused("paper.too_large", most=MOST_BYTES // 1_000_000)
                await self._room.add_paper(by, file.filename or "", await file.read())
            except Refused as refused:
                problem = problem or refused
        if problem is not None:
            raise problem


async def _in_time(waiting: Awaitable[T]) -> T:
    """Raises Refused: `stick.slow`."""
    try:
        async with asyncio.timeout(STICK_SECONDS):
            return await waiting
    except TimeoutError:
        raise Refused("stick.slow") from None
