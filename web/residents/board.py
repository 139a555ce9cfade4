"""The public board: what was asked and answered, newest first, and what somebody looks for in it.

GET /board                                              what was answered
GET /board?words=duong+ngo+5&topic=…&state=…&page=2     found among all that is public
"""

import re
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from feedback.board import MOST_SOUGHT, Search, Which
from feedback.receipt import parse_receipt
from feedback.topics import Topic
from web import ledger, photos
from web.errors import wants_json
from web.residents.pages import Pages
from web.residents.searching import count, find, query_of, search_of, told
from web.templating import root_of

ON_A_PAGE: Final = 20


class Board:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [Route("/board", self.board, methods=["GET"])]

    async def board(self, request: Request) -> Response:
        """What was asked and answered in public, newest first, or what of it is looked for."""
        typed = request.query_params.get("page", "1")
        number = int(typed) if re.fullmatch(r"[1-9][0-9]{0,2}", typed) else 1
        search = search_of(request.query_params)
        reception = await self._pages.reception(request)
        await count(request, reception, search)
        looks = search != Search()
        found = await find(
            reception.desk,
            search if looks else replace(search, which=Which.ANSWERED),
            skip=(number - 1) * ON_A_PAGE,
            most=ON_A_PAGE + 1,
        )
        shown, more = found[:ON_A_PAGE], len(found) > ON_A_PAGE
        ledgers = [] if looks else await reception.ledgers()
        attached = await reception.album.public_of([one.id for one in shown])
        base = f"{root_of(request)}/board/photos"
        if wants_json(request):
            questions = [
                told(one) | {"photos": photos.told(attached.get(one.id, ()), base)} for one in shown
            ]
            answer = {"page": number, "more": more, "questions": questions}
            return JSONResponse(answer | {"ledgers": [one.told() for one in ledgers]})
        return self._pages.page(
            request,
            reception,
            "board.html",
            questions=shown,
            attached=attached,
            photos_base=base,
            number=number,
            more=more,
            search=search,
            looks=looks,
            query=query_of(search),
            topics=tuple(Topic),
            is_receipt=parse_receipt(search.words) is not None,
            most=MOST_SOUGHT,
            ledgers=ledgers,
            short=ledger.short,
        )
