"""Paper slips for a power cut: print them in time, type them in afterwards.

    GET  /slips             what was printed, and a form for more
    POST /slips             → 303 /slips/<sheet>
    GET  /slips/<sheet>     to print: eight on an A4 page, each with a stub to be torn off
    GET  /slips/enter       one small form, slip after slip
    POST /slips/enter

For the leader and the secretary.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.consent import WORDING, agreed
from feedback.intake import MOST_CHARACTERS, MOST_NAME_CHARACTERS
from feedback.receipt import written
from rooms.slip_commands import MOST_PAGES, SLIPS_ON_A_PAGE
from rooms.view import Role
from web import photos
from web.access import Identity
from web.actions import Fields
from web.address import Addresses
from web.entry import HOME
from web.errors import status_of
from web.qr import qr_code
from web.site import Site

MOST_LISTED: Final = 20

_NOTHING_TYPED: Final = dict.fromkeys(("code", "text", "name", "name_hidden", "consent"), "")


def routes(site: Site) -> list[BaseRoute]:
    pages = _SlipPages(site)
    return [
        Route("/slips", pages.list, methods=["GET"]),
        Route("/slips", pages.make, methods=["POST"]),
        Route("/slips/enter", pages.form, methods=["GET"]),
        Route("/slips/enter", pages.enter, methods=["POST"]),
        Route("/slips/{sheet}", pages.sheet, methods=["GET"]),
    ]


class _SlipPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._room = site.room
        self._addresses = Addresses(site.settings.web)

    async def list(self, request: Request) -> Response:
        identity = self._require(request)
        return self._site.templates.page(
            request,
            "slips.html",
            sheets=await self._room.slip_sheets(MOST_LISTED),
            home=HOME[identity.role],
            most_pages=MOST_PAGES,
            on_a_page=SLIPS_ON_A_PAGE,
        )

    async def make(self, request: Request) -> Response:
        """New slips; the page to print follows. Their codes are stored by then."""
        by = self._require(request).actor
        async with request.form(max_files=0) as form:
            pages = Fields(form).number("pages", 0, 10_000)
        sheet = await self._room.print_slips(by, pages)
        return RedirectResponse(f"/slips/{sheet}", status_code=303)

    async def sheet(self, request: Request) -> Response:
        """The same slips again, however often: paper gets lost."""
        self._require(request)
        slips = await self._room.slips_of(request.path_params["sheet"])
        outside = self._room.view.value.link.outside
        base = outside.url if outside else self._addresses.for_people(request)
        numbered = [(slip.number, written(slip.receipt)) for slip in slips]
        pages = [
            numbered[at : at + SLIPS_ON_A_PAGE] for at in range(0, len(numbered), SLIPS_ON_A_PAGE)
        ]
        return self._site.templates.page(
            request,
            "slips_sheet.html",
            pages=pages,
            address=f"{base}/receipt",
            qr_code=qr_code,
        )

    async def form(self, request: Request) -> Response:
        self._require(request)
        return self._form(request)

    async def enter(self, request: Request) -> Response:
        """Store what is on a slip, under its code; what is refused stays in the form."""
        by = self._require(request).actor
        async with request.form(max_files=photos.most_files(request)) as form:
            fields = Fields(form)
            typed = {name: fields.text(name) for name in _NOTHING_TYPED}
            try:
                receipt = await self._room.enter_slip(
                    by,
                    typed["code"],
                    typed["text"],
                    name=typed["name"] or None,
                    name_hidden=typed["name_hidden"] == "yes",
                    consent=agreed(typed["name"], typed["consent"]),
                )
            except Refused as refused:
                return self._form(request, typed, problem=refused.cause)
            problem = await photos.keep_asked(
                form, self._room.album, receipt.question_id, by=str(by)
            )
        slip = await self._room.slip(receipt.code)
        assert slip is not None, "it was stored under the code of one"
        done = Cause("slip.done", slip=slip.number, number=receipt.number, code=receipt.code)
        return self._form(request, done=done, photo_note=problem)

    def _form(
        self,
        request: Request,
        typed: Mapping[str, str] = _NOTHING_TYPED,
        *,
        problem: Cause | None = None,
        done: Cause | None = None,
        photo_note: Cause | None = None,
    ) -> Response:
        return self._site.templates.page(
            request,
            "slips_enter.html",
            status_code=status_of(problem) if problem else 200,
            problem=problem,
            done=done,
            photo_note=photo_note,
            code=typed["code"],
            text=typed["text"],
            name=typed["name"],
            name_hidden=typed["name_hidden"] == "yes",
            consent=typed["consent"],
            wording=WORDING,
            most_text=MOST_CHARACTERS,
            most_name=MOST_NAME_CHARACTERS,
        )

    def _require(self, request: Request) -> Identity:
        return self._site.access.require(request, Role.LEADER, Role.SECRETARY)
