"""What is published, for hints on the telephone itself: `GET /published.json`.

Newest first, at most 300 questions and 60 kB; what waits in the meeting comes before what was
answered. The page compares what somebody types with it (`static/similar.js`): unfinished text is
sent nowhere.
"""

import hashlib
import json
import time
from typing import Final
from urllib.parse import quote_plus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from feedback.board import ALL
from web.residents.pages import Pages, Reception
from web.templating import root_of

MOST_QUESTIONS: Final = 300
MOST_BYTES: Final = 60_000
_MOST_TEXT: Final = 300
_WORDS: Final = 8
_KEPT_SECONDS: Final = 10.0
"""A thousand telephones at once read the database once."""


class Published:
    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._kept: dict[str, tuple[float, bytes]] = {}
        """By the address of a house: until when, and what."""

    def routes(self) -> list[BaseRoute]:
        return [Route("/published.json", self.published, methods=["GET"])]

    async def published(self, request: Request) -> Response:
        """What was asked in public, to be compared with on the telephone."""
        reception = await self._pages.reception(request)
        body = await self._body(reception, root_of(request))
        headers = {
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
            "Cache-Control": "private, no-cache",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            response = Response(status_code=304, headers=headers)
        else:
            response = Response(body, media_type="application/json", headers=headers)
        if self._pages.device(request) is None:
            self._pages.give_device(request, response)  # to ask along straight from a hint
        return response

    async def _body(self, reception: Reception, root: str) -> bytes:
        now = time.monotonic()
        until, body = self._kept.get(root, (0.0, b""))
        if now >= until:
            body = await _body(reception)
            self._kept[root] = now + _KEPT_SECONDS, body
        return body


async def _body(reception: Reception) -> bytes:
    waiting = await reception.desk.asked(None)
    answered = await reception.desk.answered(MOST_QUESTIONS, ALL)
    lines: list[str] = []
    room = MOST_BYTES - len('{"questions":[]}')
    published = [(one.id, one.text, True) for one in waiting]
    published += [(one.id, one.text, False) for one in answered]
    for case_id, text, is_open in published[:MOST_QUESTIONS]:
        told = {"id": case_id, "text": text[:_MOST_TEXT], "open": is_open}
        if not is_open:
            # Every word of it is in it; the board finds it on whatever page it stands.
            told["url"] = f"/board?words={quote_plus(' '.join(text.split()[:_WORDS])[:200])}"
        line = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        room -= len(line.encode()) + 1
        if room < 0:
            break
        lines.append(line)
    return f'{{"questions":[{",".join(lines)}]}}'.encode()
