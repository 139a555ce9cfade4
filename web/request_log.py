"""One line a request in the log, with nothing in it that lets anybody in.

Links that carry a secret (`/join/…`, `/open/…`, `/pair/…`, `/receipt/…`, `/welcome/…`,
`/calendar/…`, `/whep/…`, `/whip/…`, at the hub `/h/to-5/join/…`) are logged without it, and no
query string is logged at all. The counts of answers are here too, for `/metrics`.
"""

import logging
import re
import time
from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

_SECRET: Final = re.compile(
    r"^((?:/h/[^/]+)?/(?:calendar|join|open|pair|receipt|welcome|whep|whip))/.+", re.DOTALL
)
_MOST: Final = 200
_GONE: Final = 499
"""As nginx writes it: the browser went before there was an answer."""


def masked(path: str) -> str:
    """The path as it may be logged."""
    hidden = _SECRET.sub(r"\1/…", path)
    return "".join(c if c.isprintable() else "?" for c in hidden)[:_MOST]


class RequestLog:
    def __init__(self, app: ASGIApp, answers: Counter[int]) -> None:
        self._app = app
        self._answers = answers
        """How many requests were answered with each status; shared with whoever shows it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        path = masked(
            scope["path"].removeprefix(scope.get("root_path", ""))
        )  # a Mount changes both
        status = _GONE

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            status = 500
            raise
        finally:
            self._answers[status] += 1
            method = scope.get("method", "WS")
            milliseconds = (time.monotonic() - began) * 1000
            level = logging.DEBUG if scope["path"].startswith("/static/") else logging.INFO
            client = (scope.get("client") or ("?", 0))[0]
            logger.log(level, "%s %s %s %d %.0f ms", client, method, path, status, milliseconds)
