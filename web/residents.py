"""The residents' pages: ask, find the receipt again, read what was answered.

Made for an old phone on a weak line, without an account and without JavaScript. A question is
stored before its receipt is shown. Each page carries a key of its own, so that a question that is
sent twice (a double tap, a lost answer) is stored once.

The house shows them at its own address (`ask.py`), and the ward's hub under `/h/to-5/`, be the
house there or not (`hub/residents.py`); what differs is the `Desk` behind them.
"""

import io
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback import votes
from feedback.case import AnsweredView, AskedView, Progress, ReceiptView
from feedback.casework import MOST_REOPENED
from feedback.intake import MOST_CHARACTERS, MOST_NAME_CHARACTERS
from feedback.receipt import parse_receipt, written
from feedback.text import clean_text
from feedback.words import Word
from web import ledger
from web.errors import status_of, wants_json
from web.limiting import ASKING, JOINING, LOOKING_UP, Limits
from web.qr import qr_code
from web.templating import Templates, root_of
from web.tokens import Tokens

ON_A_PAGE: Final = 20

_OWN_RECEIPTS: Final = "av_receipts"
_DEVICE: Final = "av_device"
_MOST_OWN: Final = 10
_KEPT_SECONDS: Final = 90 * 24 * 3600
_LONGEST_KEY: Final = 64
_SAME: Final = timedelta(minutes=10)
"""The same words from the same browser within this time are one question: somebody went back to the
page and sent again what the browser had kept, with a new key."""


class Receipt(Protocol):
    """What somebody who asked takes home."""

    @property
    def code(self) -> str: ...
    @property
    def number(self) -> int | None: ...


class Desk(Protocol):
    """Who receives the questions of one house, and knows what became of them."""

    async def ask(self, text: str, *, name: str | None, key: str) -> Receipt:
        """Durable before it returns. The same key with the same text is the same question."""

    async def find_receipt(self, typed: str) -> ReceiptView | None:
        """`typed` as somebody typed it. Raises Refused where the code is right and there is nothing
        to show yet."""

    async def asked(self, device: bytes | None) -> Sequence[AskedView]:
        """What may be asked along with, in order."""

    async def vote(self, question_id: str, device: bytes) -> None:
        """Durable before it returns. The same again changes nothing."""

    async def answered(self, limit: int) -> Sequence[AnsweredView]:
        """Newest answer first."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What the pages of one house need."""

    name: str
    """Of the house."""
    desk: Desk
    limits: Limits
    address: str
    """Of the ask page, for a poster."""
    ledgers: ledger.Ledgers
    """For the board."""
    export: str
    """Where the ledger is in which a receipt's entry stands, as a whole address."""
    say: Callable[[str, Word], Awaitable[None]]
    """Whoever has the receipt opens the case again, or rates the answer (`feedback.words`)."""


class Residents:
    """The pages, whoever has the desk: the house, or its ward.

    `reception` may raise Refused, where there is no such house.
    """

    def __init__(
        self,
        reception: Callable[[Request], Awaitable[Reception]],
        templates: Templates,
        tokens: Tokens,
    ) -> None:
        self._reception = reception
        self._templates = templates
        self._tokens = tokens

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/ask", self.ask_page, methods=["GET"]),
            Route("/ask", self.ask, methods=["POST"]),
            Route("/questions", self.questions, methods=["GET"]),
            Route("/questions/{id}/vote", self.vote, methods=["POST"]),
            Route("/receipt", self.look_up, methods=["GET"]),
            Route("/receipt/{code}", self.receipt, methods=["GET"]),
            Route("/receipt/{code}/say", self.say, methods=["POST"]),
            Route("/board", self.board, methods=["GET"]),
            Route("/qr.svg", self.qr_code, methods=["GET"]),
        ]

    async def ask_page(self, request: Request) -> Response:
        return self._form(request, await self._reception(request))

    async def ask(self, request: Request) -> Response:
        """Store a question; the receipt finds its answer. The same `key` and text count once."""
        reception = await self._reception(request)
        form = await request.form(max_files=0)
        text, name, key = (str(form.get(field, "")) for field in ("text", "name", "key"))
        try:
            await reception.limits.count(ASKING, request)
            before = await self._asked_before(request, reception, text)
            if before is not None:
                return self._sent_before(request, before)
            receipt = await reception.desk.ask(text, name=name or None, key=key[:_LONGEST_KEY])
        except Refused as refused:
            if wants_json(request):
                raise
            return self._form(
                request, reception, text=text, name=name, key=key, problem=refused.cause
            )
        url = f"{root_of(request)}/receipt/{receipt.code}"
        response: Response
        if wants_json(request):
            told = {"receipt": receipt.code, "number": receipt.number, "url": url}
            response = JSONResponse(told, 201, {"Location": url})
        else:
            response = RedirectResponse(url, status_code=303)
        self._note_own(request, response, receipt.code)
        return response

    async def _asked_before(
        self, request: Request, reception: Reception, text: str
    ) -> ReceiptView | None:
        """The same, a moment ago, by this browser."""
        same, since = clean_text(text), datetime.now(UTC) - _SAME
        for code in reversed(self._own(request)):
            asked = await reception.desk.find_receipt(code)
            if asked is not None and asked.text == same and asked.asked_at >= since:
                return asked
        return None

    def _sent_before(self, request: Request, asked: ReceiptView) -> Response:
        url = f"{root_of(request)}/receipt/{asked.code}?sent=before"
        if wants_json(request):
            told = {"receipt": asked.code, "number": asked.number, "url": url}
            return JSONResponse(told, 200, {"Location": url})
        return RedirectResponse(url, status_code=303)

    async def questions(self, request: Request) -> Response:
        """What was approved for the meeting and waits for its answer; without names."""
        reception = await self._reception(request)
        secret = self._device(request)
        asked = await reception.desk.asked(votes.device_of(secret) if secret else None)
        if wants_json(request):
            return JSONResponse({"questions": [asdict(one) for one in asked]})
        response = self._page(request, reception, "questions.html", questions=asked)
        if secret is None:
            self._set_cookie(
                request,
                response,
                _DEVICE,
                self._tokens.sign("device", secrets.token_hex(16)),
            )
        return response

    async def vote(self, request: Request) -> Response:
        """Ask along: this device counts once for the question."""
        reception = await self._reception(request)
        await reception.limits.count(JOINING, request)
        secret = self._device(request)
        if secret is None:
            raise Refused("vote.no_cookie")
        question_id = request.path_params["id"]
        await reception.desk.vote(question_id, votes.device_of(secret))
        if wants_json(request):
            return Response(status_code=204)
        path = f"{root_of(request)}/questions#question-{question_id}"
        return RedirectResponse(path, status_code=303)

    async def look_up(self, request: Request) -> Response:
        """From the form, where the code is in the query, to the address to keep."""
        reception = await self._reception(request)
        typed = request.query_params.get("code", "").strip()
        if not typed:
            return self._page(request, reception, "receipt.html", question=None, problem=None)
        code = parse_receipt(typed)
        if code is None:
            return await self._unknown(request, reception)
        return RedirectResponse(f"{root_of(request)}/receipt/{code}", status_code=303)

    async def receipt(self, request: Request) -> Response:
        """The state of a question and what was answered."""
        reception = await self._reception(request)
        code = parse_receipt(request.path_params["code"])
        if code not in self._own(request):
            try:
                await reception.limits.check(LOOKING_UP, request)
            except Refused as refused:
                return self._not_shown(request, reception, refused.cause)
        try:
            question = await reception.desk.find_receipt(code) if code else None
        except Refused as refused:
            return self._not_shown(request, reception, refused.cause)
        if question is None:
            return await self._unknown(request, reception)
        if wants_json(request):
            told = ledger.told_mark(question.mark, reception.export)
            return JSONResponse(_told(question) | {"ledger": told})
        return self._receipt(request, reception, question)

    async def say(self, request: Request) -> Response:
        """Open a case again, or rate its answer; the same twice is once. What is at home elsewhere
        hears of it a little later."""
        reception = await self._reception(request)
        form = await request.form(max_files=0)
        code = parse_receipt(request.path_params["code"])
        if code is None:
            return await self._unknown(request, reception)
        what, text, stars = (str(form.get(field, "")) for field in ("what", "text", "stars"))
        try:
            await reception.limits.check(LOOKING_UP, request)
            await reception.limits.count(ASKING, request)
            if what == "rate":
                word = Word.rating(int(stars) if re.fullmatch("[0-9]", stars) else 0)
            else:
                word = Word.reopening(text)
            await reception.say(code, word)
        except Refused as refused:
            question = await reception.desk.find_receipt(code)
            if question is None:
                return await self._unknown(request, reception)
            if wants_json(request):
                raise
            return self._receipt(request, reception, question, refused.cause, said=text)
        url = f"{root_of(request)}/receipt/{code}"
        if wants_json(request):
            return JSONResponse({"receipt": written(code), "url": url}, 202)
        return RedirectResponse(f"{url}?said={word.what}", status_code=303)

    def _receipt(
        self,
        request: Request,
        reception: Reception,
        question: ReceiptView,
        problem: Cause | None = None,
        *,
        said: str = "",
    ) -> Response:
        return self._page(
            request,
            reception,
            "receipt.html",
            status_code=status_of(problem) if problem else 200,
            question=question,
            problem=problem,
            mark=question.mark,
            mark_link=question.mark and ledger.mark_link(question.mark, reception.export),
            short=ledger.short,
            qr_code=qr_code,
            sent_before=request.query_params.get("sent") == "before",
            fresh=question.code in map(written, self._own(request)),
            said=said,
            heard=request.query_params.get("said", ""),
            most_text=MOST_CHARACTERS,
            most_reopened=MOST_REOPENED,
        )

    async def board(self, request: Request) -> Response:
        """What was asked and answered in public, newest first."""
        typed = request.query_params.get("page", "1")
        number = int(typed) if re.fullmatch(r"[1-9][0-9]{0,2}", typed) else 1
        reception = await self._reception(request)
        known = await reception.desk.answered(number * ON_A_PAGE + 1)
        shown = known[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        more = len(known) > number * ON_A_PAGE
        ledgers = await reception.ledgers()
        if wants_json(request):
            questions = [
                {
                    "number": question.number,
                    "text": question.text,
                    "asked_at": question.asked_at.isoformat(),
                    "answer": question.answer,
                    "answered_by": question.answered_by,
                    "office": question.office,
                    "done_on": question.done_on.isoformat() if question.done_on else None,
                }
                for question in shown
            ]
            told = {"page": number, "more": more, "questions": questions}
            return JSONResponse(told | {"ledgers": [shown.told() for shown in ledgers]})
        return self._page(
            request,
            reception,
            "board.html",
            questions=shown,
            number=number,
            more=more,
            ledgers=ledgers,
            short=ledger.short,
        )

    async def qr_code(self, request: Request) -> Response:
        """The address of the ask page, for a poster or the big screen."""
        reception = await self._reception(request)
        drawn = io.BytesIO()
        code = segno.make(reception.address, error="m", micro=False)
        code.save(drawn, kind="svg", border=4, omitsize=True, light="#fff")
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    def _form(
        self,
        request: Request,
        reception: Reception,
        *,
        text: str = "",
        name: str = "",
        key: str = "",
        problem: Cause | None = None,
    ) -> Response:
        return self._page(
            request,
            reception,
            "ask.html",
            status_code=status_of(problem) if problem else 200,
            text=text,
            name=name,
            key=key or secrets.token_hex(16),
            problem=problem,
            most_text=MOST_CHARACTERS,
            most_name=MOST_NAME_CHARACTERS,
        )

    async def _unknown(self, request: Request, reception: Reception) -> Response:
        try:
            await reception.limits.count(LOOKING_UP, request)
        except Refused as refused:
            return self._not_shown(request, reception, refused.cause)
        return self._not_shown(request, reception, Cause("receipt.not_found"))

    def _not_shown(self, request: Request, reception: Reception, problem: Cause) -> Response:
        if wants_json(request):
            raise Refused(problem.code, **problem.params)
        return self._page(
            request,
            reception,
            "receipt.html",
            status_code=status_of(problem),
            question=None,
            problem=problem,
        )

    def _page(
        self, request: Request, reception: Reception, template: str, **context: Any
    ) -> Response:
        return self._templates.page(request, template, house_name=reception.name, **context)

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
        self._set_cookie(request, response, _OWN_RECEIPTS, self._tokens.sign("receipts", own))

    # Who a device is, without an account. Whoever has no cookie cannot ask along: he would count
    # each time.

    def _device(self, request: Request) -> str | None:
        try:
            secret = self._tokens.read("device", request.cookies.get(_DEVICE, ""))
        except Refused:
            return None
        return secret if isinstance(secret, str) else None

    def _set_cookie(self, request: Request, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            name,
            value,
            max_age=_KEPT_SECONDS,
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
        "public_text": question.public_text,
        "merged_into": question.merged.number if question.merged else None,
        "asked_into": question.asked_into,
        "answer": question.answer,
        "answered_by": question.answered_by,
        "answered_into": question.answered_into,
        "origin": question.origin.value,
        "home": question.home.value,
        "over": question.over,
        **_progress(question.progress),
    }


def _progress(progress: Progress | None) -> dict[str, str | int | None]:
    if progress is None:
        return {}
    return {
        "case_state": progress.state.value,
        "owner": progress.owner,
        "due_at": progress.due_at.isoformat(),
        "due_rule": progress.due_rule,
        "transfer_to": progress.transfer_to,
        "office": progress.office,
        "done_on": progress.done_on.isoformat() if progress.done_on else None,
        "next_holder": progress.next_holder,
        "reopened": progress.reopened,
        "rating": progress.rating,
    }
