"""The public board: what was asked and answered, newest first."""

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from web import ledger
from web.errors import wants_json
from web.residents.pages import Pages

ON_A_PAGE: Final = 20


class Board:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [Route("/board", self.board, methods=["GET"])]

    async def board(self, request: Request) -> Response:
        """What was asked and answered in public, newest first."""
        typed = request.query_params.get("page", "1")
        number = int(typed) if re.fullmatch(r"[1-9][0-9]{0,2}", typed) else 1
        reception = await self._pages.reception(request)
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
        return self._pages.page(
            request,
            reception,
            "board.html",
            questions=shown,
            number=number,
            more=more,
            ledgers=ledgers,
            short=ledger.short,
        )
