"""The form to ask with, and what others asked, to ask along.

What seems to be a complaint or a denunciation comes back once, with advice about the way that the
law has for it (`feedback.grievances`); who sends it again is heard like everybody. A script is
answered at once and told the same beside its receipt, unless it says `advised=no`: it will ask.

Each form carries a key of its own, so that a question that is sent twice (a double tap, a lost
answer) is stored once.
"""

import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback import votes
from feedback.case import ReceiptView
from feedback.consent import WORDING, agreed
from feedback.grievances import Grievance, grievance_in
from feedback.intake import MOST_CHARACTERS, MOST_NAME_CHARACTERS
from feedback.text import clean_text
from web.errors import status_of, wants_json
from web.limiting import ASKING, JOINING
from web.photos import MOST_FILES
from web.qr import qr_code
from web.residents.pages import Pages, Reception
from web.residents.photos import add_photos
from web.sentences import say
from web.templating import root_of

_LONGEST_KEY: Final = 64
_SAME: Final = timedelta(minutes=10)
"""The same words from the same browser within this time are one question: somebody went back to the
page and sent again what the browser had kept, with a new key."""


class Asking:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/ask", self.ask_page, methods=["GET"]),
            Route("/ask", self.ask, methods=["POST"]),
            Route("/questions", self.questions, methods=["GET"]),
            Route("/questions/{id}/vote", self.vote, methods=["POST"]),
            Route("/qr.svg", self.qr_code, methods=["GET"]),
        ]

    async def ask_page(self, request: Request) -> Response:
        return self._form(request, await self._pages.reception(request))

    async def ask(self, request: Request) -> Response:
        """Store a question; the receipt finds its answer. The same `key` and text count once."""
        reception = await self._pages.reception(request)
        async with request.form(max_files=MOST_FILES) as form:
            return await self._ask(request, reception, form)

    async def _ask(self, request: Request, reception: Reception, form: FormData) -> Response:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        text, name, key, advised, agreed_to = (
            fields.get(field, "") for field in ("text", "name", "key", "advised", "consent")
        )
        hidden = form.get("name_hidden") == "yes"
        typed: dict[str, Any] = {"text": text, "name": name, "hidden": hidden, "key": key}
        grievance = grievance_in(text)
        try:
            consent = agreed(name, agreed_to)
            if grievance and advised == "no":
                return JSONResponse({"advice": self._advice(request, reception, grievance)})
            if grievance and advised != "yes" and not wants_json(request):
                return self._form(request, reception, **typed, grievance=grievance)
            await reception.limits.count(ASKING, request)
            before = await self._asked_before(request, reception, text)
            if before is not None:
                problem = await add_photos(request, reception, before.code, form)
                return self._sent_before(request, before, problem)
            receipt = await reception.desk.ask(
                text,
                name=name or None,
                key=key[:_LONGEST_KEY],
                name_hidden=hidden,
                consent=consent,
            )
        except Refused as refused:
            if wants_json(request):
                raise
            return self._form(request, reception, **typed, problem=refused.cause)
        problem = await add_photos(request, reception, receipt.code, form)
        url = f"{root_of(request)}/receipt/{receipt.code}"
        url += f"?photo={problem.code}" if problem else ""
        response: Response
        if wants_json(request):
            told: dict[str, Any] = {"receipt": receipt.code, "number": receipt.number, "url": url}
            if grievance:
                told["advice"] = self._advice(request, reception, grievance)
            response = JSONResponse(told, 201, {"Location": url})
        else:
            response = RedirectResponse(url, status_code=303)
        self._pages.note_own(request, response, receipt.code)
        return response

    def _advice(
        self, request: Request, reception: Reception, grievance: Grievance
    ) -> dict[str, str | None]:
        """The law sends it another way; where to."""
        language = self._pages.templates.language_of(request)
        return {
            "kind": grievance.value,
            "message": say(_advice_on(grievance), language),
            "name": reception.citizens.name,
            "address": reception.citizens.address,
            "hours": reception.citizens.hours,
            "telephone": reception.citizens.telephone,
        }

    async def _asked_before(
        self, request: Request, reception: Reception, text: str
    ) -> ReceiptView | None:
        """The same, a moment ago, by this browser."""
        same, since = clean_text(text), datetime.now(UTC) - _SAME
        for code in reversed(self._pages.own_receipts(request)):
            asked = await reception.desk.find_receipt(code)
            if asked is not None and asked.text == same and asked.asked_at >= since:
                return asked
        return None

    def _sent_before(self, request: Request, asked: ReceiptView, problem: Cause | None) -> Response:
        url = f"{root_of(request)}/receipt/{asked.code}?sent=before"
        url += f"&photo={problem.code}" if problem else ""
        if wants_json(request):
            told = {"receipt": asked.code, "number": asked.number, "url": url}
            return JSONResponse(told, 200, {"Location": url})
        return RedirectResponse(url, status_code=303)

    async def questions(self, request: Request) -> Response:
        """What was approved for the meeting and waits for its answer; without names."""
        reception = await self._pages.reception(request)
        secret = self._pages.device(request)
        asked = await reception.desk.asked(votes.device_of(secret) if secret else None)
        if wants_json(request):
            return JSONResponse({"questions": [asdict(one) for one in asked]})
        response = self._pages.page(request, reception, "questions.html", questions=asked)
        if secret is None:
            self._pages.give_device(request, response)
        return response

    async def vote(self, request: Request) -> Response:
        """Ask along: this device counts once for the question."""
        reception = await self._pages.reception(request)
        await reception.limits.count(JOINING, request)
        secret = self._pages.device(request)
        if secret is None:
            raise Refused("vote.no_cookie")
        question_id = request.path_params["id"]
        await reception.desk.vote(question_id, votes.device_of(secret))
        if wants_json(request):
            return Response(status_code=204)
        path = f"{root_of(request)}/questions#question-{question_id}"
        return RedirectResponse(path, status_code=303)

    async def qr_code(self, request: Request) -> Response:
        """The address of the ask page, for a poster or the big screen."""
        reception = await self._pages.reception(request)
        return Response(qr_code(reception.address, alone=True), media_type="image/svg+xml")

    def _form(
        self,
        request: Request,
        reception: Reception,
        *,
        text: str = "",
        name: str = "",
        hidden: bool = False,
        key: str = "",
        problem: Cause | None = None,
        grievance: Grievance | None = None,
    ) -> Response:
        return self._pages.page(
            request,
            reception,
            "ask.html",
            status_code=status_of(problem) if problem else 200,
            text=text,
            name=name,
            name_hidden=hidden,
            wording=WORDING,
            key=key or secrets.token_hex(16),
            problem=problem,
            grievance=grievance,
            advice_on=_advice_on(grievance) if grievance else None,
            citizens=reception.citizens,
            most_text=MOST_CHARACTERS,
            most_name=MOST_NAME_CHARACTERS,
        )


def _advice_on(grievance: Grievance) -> Cause:
    return Cause(f"grievance.{grievance}")
