"""What became of one question, for whoever has its receipt; and what he says to it."""

import asyncio
import re
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.attachments import MOST, Attachment
from feedback.case import Progress, ReceiptView
from feedback.casework import MOST_REOPENED
from feedback.data_request import DataRequest
from feedback.grievances import grievance_in
from feedback.intake import MOST_CHARACTERS
from feedback.receipt import parse_receipt, written
from feedback.words import Word
from web import ledger, photos
from web.errors import status_of, wants_json
from web.limiting import ASKING, LOOKING_UP
from web.qr import qr_code
from web.residents.pages import Pages, Reception
from web.templating import root_of


class Receipts:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/receipt", self.look_up, methods=["GET"]),
            Route("/receipt/{code}", self.receipt, methods=["GET"]),
            Route("/receipt/{code}/mark.svg", self.mark_code, methods=["GET"]),
            Route("/receipt/{code}/say", self.say, methods=["POST"]),
        ]

    async def look_up(self, request: Request) -> Response:
        """From the form, where the code is in the query, to the address to keep."""
        reception = await self._pages.reception(request)
        typed = request.query_params.get("code", "").strip()
        if not typed:
            return self._pages.page(request, reception, "receipt.html", question=None, problem=None)
        code = parse_receipt(typed)
        if code is None:
            return await self._unknown(request, reception)
        return RedirectResponse(f"{root_of(request)}/receipt/{code}", status_code=303)

    async def receipt(self, request: Request) -> Response:
        """The state of a question and what was answered."""
        reception = await self._pages.reception(request)
        code = parse_receipt(request.path_params["code"])
        if code not in self._pages.own_receipts(request):
            try:
                await reception.limits.check(LOOKING_UP, request)
            except Refused as refused:
                return self._not_shown(request, reception, refused.cause)
        if code is None:
            return await self._unknown(request, reception)
        try:
            found = await _found(reception, code)
        except Refused as refused:
            return self._not_shown(request, reception, refused.cause)
        if found is None:
            return await self._unknown(request, reception)
        if wants_json(request):
            question = found.question
            told = question.mark and ledger.told_mark(
                question.mark, reception.ledger_of(question.mark)
            )
            base = f"{root_of(request)}/receipt/{code}/photos"
            shown = photos.told(found.attached, base)
            return JSONResponse(_told(question) | {"ledger": told, "photos": shown})
        return self._receipt(request, reception, found)

    async def mark_code(self, request: Request) -> Response:
        """The QR code with the ledger's address and the question's mark. Only whoever opens it
        needs it, and it takes longer to draw than all of the receipt's page."""
        reception = await self._pages.reception(request)
        code = parse_receipt(request.path_params["code"])
        if code not in self._pages.own_receipts(request):
            await reception.limits.check(LOOKING_UP, request)
        question = await reception.desk.find_receipt(code) if code else None
        if question is None or question.mark is None:
            await reception.limits.count(LOOKING_UP, request)
            raise HTTPException(404)
        link = ledger.mark_link(question.mark, reception.ledger_of(question.mark))
        drawn = qr_code(link, alone=True)
        return Response(drawn, media_type="image/svg+xml")

    async def say(self, request: Request) -> Response:
        """Open a case again, or rate its answer; the same twice is once. What is at home elsewhere
        hears of it a little later."""
        reception = await self._pages.reception(request)
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
            found = await _found(reception, code)
            if found is None:
                return await self._unknown(request, reception)
            if wants_json(request):
                raise
            return self._receipt(request, reception, found, refused.cause, said=text)
        url = f"{root_of(request)}/receipt/{code}"
        if wants_json(request):
            return JSONResponse({"receipt": written(code), "url": url}, 202)
        return RedirectResponse(f"{url}?said={word.what}", status_code=303)

    def _receipt(
        self,
        request: Request,
        reception: Reception,
        found: "_Found",
        problem: Cause | None = None,
        *,
        said: str = "",
    ) -> Response:
        question = found.question
        mark = question.mark
        return self._pages.page(
            request,
            reception,
            "receipt.html",
            status_code=status_of(problem) if problem else 200,
            question=question,
            problem=problem,
            # Not everybody was told when he sent it: the line was lost, or somebody entered it.
            grievance=None if question.erased_at else grievance_in(question.text),
            citizens=reception.citizens,
            asked=found.asked,
            mark=mark,
            mark_link=mark and ledger.mark_link(mark, reception.ledger_of(mark)),
            short=ledger.short,
            sent_before=request.query_params.get("sent") == "before",
            fresh=question.code in map(written, self._pages.own_receipts(request)),
            said=said,
            heard=request.query_params.get("said", ""),
            most_text=MOST_CHARACTERS,
            most_reopened=MOST_REOPENED,
            attached=found.attached,
            photo_note=photos.note(request),
            most_photos=MOST,
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
        return self._pages.page(
            request,
            reception,
            "receipt.html",
            status_code=status_of(problem),
            question=None,
            problem=problem,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    question: ReceiptView
    attached: tuple[Attachment, ...]
    asked: tuple[DataRequest, ...]
    """What he asked about his own data."""


async def _found(reception: Reception, code: str) -> _Found | None:
    """All asked for at the same moment, so that it is read together. Raises Refused: those of
    `Desk.find_receipt`."""
    question, attached, asked = await asyncio.gather(
        reception.desk.find_receipt(code),
        reception.album.of_receipt(code),
        reception.own_data.asked(code),
    )
    return None if question is None else _Found(question, attached, asked)


def _told(question: ReceiptView) -> dict[str, str | int | None]:
    consent = question.consent
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
        "consent": consent.version if consent else None,
        "consented_at": consent.at.isoformat() if consent else None,
        "name_hidden": question.name_hidden,
        "erased_at": question.erased_at.isoformat() if question.erased_at else None,
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
