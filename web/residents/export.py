"""The public board to be taken away: by people into a spreadsheet, by programs as JSON.

    GET /board.csv?words=…&topic=…&state=…             all that is found, in the reader's words
    GET /api/board?words=…&topic=…&state=…&limit=100   a part; `next` is where the next one is

What is public, and in which words, is the board's to say (`feedback.board`). Neither ever holds
more than a part of it in memory.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.board import Position, PublicCase, Search, Which, position_of
from web.limiting import DOWNLOADING
from web.residents.pages import Desk, Pages
from web.residents.searching import count, query_of, search_of, told
from web.sentences import Language, say
from web.spreadsheet import Cell, table
from web.templating import root_of

MOST: Final = 200
USUAL: Final = 100
_AT_ONCE: Final = 500
_COLUMNS: Final = (
    *("id", "number", "topic", "state", "text", "asked_at", "owner", "due_at", "answer"),
    *("answered_at", "answered_by", "office", "done_on", "in_time"),
)


class Export:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/board.csv", self.csv, methods=["GET"]),
            Route("/api/board", self.api, methods=["GET"]),
        ]

    async def csv(self, request: Request) -> Response:
        """The public board for a spreadsheet, headed and worded in the reader's language."""
        reception = await self._pages.reception(request)
        await reception.limits.count(DOWNLOADING, request)
        search = search_of(request.query_params)
        language = self._pages.templates.language_of(request)
        header = [[say(Cause(f"column.{name}"), language) for name in _COLUMNS]]
        return await table("bang-cong-khai.csv", header, _rows(reception.desk, search, language))

    async def api(self, request: Request) -> Response:
        """The public board in parts: what waits in a meeting, then the newest answers; `next` is
        the address of the following part, or null."""
        query = request.query_params
        search, after = search_of(query), _position(query.get("after"))
        most = _most(query.get("limit"))
        reception = await self._pages.reception(request)
        await count(request, reception, search)
        waiting: Sequence[PublicCase] = ()
        if after is None and search.which is not Which.ANSWERED:
            waiting = await reception.desk.open(search)
        answered: Sequence[PublicCase] = ()
        if search.which is not Which.OPEN:
            answered = await reception.desk.answered(most + 1, search, before=after)
        shown = answered[:most]
        following = None
        if len(answered) > most:
            at, case_id = position_of(shown[-1])
            fields = {"limit": most, "after": f"{at.isoformat()}~{case_id}"}
            parts = [part for part in (query_of(search), urlencode(fields)) if part]
            following = f"{root_of(request)}/api/board?{'&'.join(parts)}"
        cases = [told(case) for case in (*waiting, *shown)]
        return JSONResponse({"cases": cases, "next": following})


async def _rows(
    desk: Desk, search: Search, language: Language
) -> AsyncIterator[Iterable[Sequence[Cell]]]:
    if search.which is not Which.ANSWERED:
        yield [_row(case, language) for case in await desk.open(search)]
    if search.which is Which.OPEN:
        return
    before: Position | None = None
    while found := await desk.answered(_AT_ONCE, search, before=before):
        yield [_row(case, language) for case in found]
        before = position_of(found[-1])
        if len(found) < _AT_ONCE:
            return


def _row(case: PublicCase, language: Language) -> Sequence[Cell]:
    in_time = case.in_time
    words: dict[str, Cell] = {
        "topic": case.topic and say(Cause(f"topic.{case.topic}"), language),
        "state": say(Cause(f"state.{case.state}"), language),
        "in_time": in_time if in_time is None else say(_CELL[in_time], language),
    }
    return [words[name] if name in words else getattr(case, name) for name in _COLUMNS]


_CELL: Final = {True: Cause("cell.yes"), False: Cause("cell.no")}


def _position(typed: str | None) -> Position | None:
    """Raises Refused `web.bad_request`."""
    if typed is None:
        return None
    at, _, case_id = typed.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise Refused("web.bad_request") from None
    if moment.tzinfo is None or not re.fullmatch(r"[0-9a-f]{1,32}", case_id):
        raise Refused("web.bad_request")
    return moment, case_id


def _most(typed: str | None) -> int:
    """Raises Refused `web.bad_request`."""
    if typed is None:
        return USUAL
    if not re.fullmatch(r"[1-9][0-9]{0,3}", typed):
        raise Refused("web.bad_request")
    return min(int(typed), MOST)
