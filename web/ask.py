"""The residents' pages: ask, find the receipt again, read what was answered.

Made for an old phone on a weak line, without an account and without JavaScript. A question is
stored before its receipt is shown. Each page carries a key of its own, so that a question that is
sent twice (a double tap, a lost answer) is stored once.
"""

import io
import re
import secrets
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.case import ReceiptView
from feedback.intake import MOST_CHARACTERS, MOST_NAME_CHARACTERS
from feedback.receipt import parse_receipt
from web.address import Addresses
from web.errors import status_of, wants_json
from web.limiting import ASKING, LOOKING_UP
from web.site import Site
from web.templating import root_of

ON_A_PAGE: Final = 20

_OWN_RECEIPTS: Final = "av_receipts"
_MOST_OWN: Final = 10
_OWN_SECONDS: Final = 90 * 24 * 3600
_LONGEST_KEY: Final = 64


def routes(site: Site) -> list[BaseRoute]:
    residents = _Residents(site)
    return [
        Route("/", residents.ask_page, methods=["GET"]),
        Route("/ask", residents.ask_page, methods=["GET"]),
        Route("/ask", residents.ask, methods=["POST"]),
        Route("/receipt", residents.look_up, methods=["GET"]),
        Route("/receipt/{code}", residents.receipt, methods=["GET"]),
        Route("/board", residents.board, methods=["GET"]),
        Route("/qr.svg", residents.qr_code, methods=["GET"]),
    ]


class _Residents:
    def __init__(self, site: Site) -> None:
        self._room = site.room
        self._templates = site.templates
        self._limits = site.limits
        self._tokens = site.access.tokens
        self._addresses = Addresses(site.settings.web)

    async def ask_page(self, request: Request) -> Response:
        return self._form(request)

    async def ask(self, request: Request) -> Response:
        """Store a question; the receipt finds its answer. The same `key` and text count once."""
        form = await request.form(max_files=0)
        text, name, key = (str(form.get(field, "")) for field in ("text", "name", "key"))
        try:
            await self._limits.count(ASKING, request)
            receipt = await self._room.ask(
                text, name=name or None, via="phone", key=key[:_LONGEST_KEY], by=None
            )
        except Refused as refused:
            if wants_json(request):
                raise
            return self._form(request, text=text, name=name, key=key, problem=refused.cause)
        url = f"{root_of(request)}/receipt/{receipt.code}"
        response: Response
        if wants_json(request):
            told = {"receipt": receipt.code, "number": receipt.number, "url": url}
            response = JSONResponse(told, 201, {"Location": url})
        else:
            response = RedirectResponse(url, status_code=303)
        self._note_own(request, response, receipt.code)
        return response

    async def look_up(self, request: Request) -> Response:
        """From the form, where the code is in the query, to the address to keep."""
        typed = request.query_params.get("code", "").strip()
        if not typed:
            return self._templates.page(request, "receipt.html", question=None, problem=None)
        code = parse_receipt(typed)
        if code is None:
            return await self._unknown(request)
        return RedirectResponse(f"{root_of(request)}/receipt/{code}", status_code=303)

    async def receipt(self, request: Request) -> Response:
        """The state of a question and what was answered."""
        code = parse_receipt(request.path_params["code"])
        if code not in self._own(request):
            try:
                await self._limits.check(LOOKING_UP, request)
            except Refused as refused:
                return self._not_shown(request, refused.cause)
        question = await self._room.find_receipt(code) if code else None
        if question is None:
            return await self._unknown(request)
        if wants_json(request):
            return JSONResponse(_told(question))
        return self._templates.page(
            request,
            "receipt.html",
            question=question,
            problem=None,
            fresh=code in self._own(request),
        )

    async def board(self, request: Request) -> Response:
        """What was asked and answered in public, newest first."""
        typed = request.query_params.get("page", "1")
        number = int(typed) if re.fullmatch(r"[1-9][0-9]{0,2}", typed) else 1
        known = await self._room.answered(number * ON_A_PAGE + 1)
        shown = known[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        more = len(known) > number * ON_A_PAGE
        if wants_json(request):
            questions = [
                {
                    "number": question.number,
                    "text": question.text,
                    "asked_at": question.asked_at.isoformat(),
                    "answer": question.answer,
                }
                for question in shown
            ]
            return JSONResponse({"page": number, "more": more, "questions": questions})
        return self._templates.page(
            request, "board.html", questions=shown, number=number, more=more
        )

    async def qr_code(self, request: Request) -> Response:
        """The address of the ask page, for a poster or the big screen."""
        address = f"{self._addresses.for_people(request)}/ask"
        drawn = io.BytesIO()
        code = segno.make(address, error="m", micro=False)
        code.save(drawn, kind="svg", border=4, omitsize=True, light="#fff")
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    def _form(
        self,
        request: Request,
        *,
        text: str = "",
        name: str = "",
        key: str = "",
        problem: Cause | None = None,
    ) -> Response:
        return self._templates.page(
            request,
            "ask.html",
            status_code=status_of(problem) if problem else 200,
            text=text,
            name=name,
            key=key or secrets.token_hex(16),
            problem=problem,
            most_text=MOST_CHARACTERS,
            most_name=MOST_NAME_CHARACTERS,
        )

    async def _unknown(self, request: Request) -> Response:
        try:
            await self._limits.count(LOOKING_UP, request)
        except Refused as refused:
            return self._not_shown(request, refused.cause)
        return self._not_shown(request, Cause("receipt.not_found"))

    def _not_shown(self, request: Request, problem: Cause) -> Response:
        if wants_json(request):
            raise Refused(problem.code, **problem.params)
        return self._templates.page(
            request,
            "receipt.html",
            status_code=status_of(problem),
            question=None,
            problem=problem,
        )

    # A hall behind one address shares its limit on wrong look-ups; who has asked from this phone
    # still sees his own answer. The list is signed, so that it cannot be guessed into.

    def _own(self, request: Request) -> list[str]:
        try:
            own = self._tokens.read("receipts", request.cookies.get(_OWN_RECEIPTS, ""))
        except Refused:
            return []
        return own if isinstance(own, list) else []

    def _note_own(self, request: Request, response: Response, code: str) -> None:
        plain = parse_receipt(code) or code
        own = [plain, *(known for known in self._own(request) if known != plain)][:_MOST_OWN]
        response.set_cookie(
            _OWN_RECEIPTS,
            self._tokens.sign("receipts", own),
            max_age=_OWN_SECONDS,
            path=f"{root_of(request)}/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )


def _told(question: ReceiptView) -> dict[str, str | int | None]:
    return {
        "receipt": question.code,
        "number": question.number,
        "text": question.text,
        "state": question.state,
        "asked_at": question.asked_at.isoformat(),
        "answer": question.answer,
    }
