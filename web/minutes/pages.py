"""Minutes in the house: the meetings that are over, each to be read, printed and saved.

    GET /minutes                          the list, newest first
    GET /minutes/<meeting>                to read and to print (A4)
    GET /minutes/<meeting>/bien-ban.docx

For the leader and the secretary, in whose browsers nothing else is needed; never through the hub.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rooms.minutes import Minutes
from rooms.view import Role
from web.entry import HOME
from web.language import VIETNAM
from web.minutes.paper import MOTTO, STATE, Paper, Table, paper_of
from web.minutes.word import MEDIA_TYPE, word
from web.site import Site

MOST_LISTED = 200


def routes(site: Site) -> list[BaseRoute]:
    pages = _MinutesPages(site)
    return [
        Route("/minutes", pages.list, methods=["GET"]),
        Route("/minutes/{meeting}", pages.show, methods=["GET"]),
        Route("/minutes/{meeting}/bien-ban.docx", pages.save, methods=["GET"]),
    ]


class _MinutesPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._room = site.room

    async def list(self, request: Request) -> Response:
        home = self._home(request)
        held = await self._room.held_meetings(MOST_LISTED)
        return self._site.templates.page(request, "minutes_list.html", held=held, home=home)

    async def show(self, request: Request) -> Response:
        self._home(request)
        minutes, paper = await self._made(request)
        tables = tuple(isinstance(block, Table) for block in paper.body)
        return self._site.templates.page(
            request,
            "minutes.html",
            paper=paper,
            blocks=tuple(zip(paper.body, tables, strict=True)),
            state=STATE,
            motto=MOTTO,
            meeting_id=minutes.meeting_id,
        )

    async def save(self, request: Request) -> Response:
        """The same as a file for a word processor, to be added to before it is signed."""
        self._home(request)
        minutes, paper = await self._made(request)
        day = f"{minutes.started_at.astimezone(VIETNAM):%Y-%m-%d}"
        name = quote(f"Biên bản họp {day}.docx")
        disposition = f"attachment; filename=\"bien-ban-{day}.docx\"; filename*=UTF-8''{name}"
        return Response(
            word(paper, made_at=minutes.made_at),
            media_type=MEDIA_TYPE,
            headers={"Content-Disposition": disposition},
        )

    async def _made(self, request: Request) -> tuple[Minutes, Paper]:
        """Raises Refused: `minutes.unknown`, `minutes.not_over`."""
        minutes = await self._room.minutes(request.path_params["meeting"])
        house = self._site.settings.house
        devices = {device.id: device.name for device in self._room.view.value.devices}
        paper = paper_of(
            minutes, block=house.block_name, hall=house.name, ward=house.ward, devices=devices
        )
        return minutes, paper

    def _home(self, request: Request) -> str:
        """The page of whoever asks."""
        identity = self._site.access.require(request, Role.LEADER, Role.SECRETARY)
        return HOME[identity.role]
