"""What WHEP and WHIP have in common: bearer tokens, CORS, errors in words, sessions.

Nobody acts by a cookie here, so a page of any other origin may ask (RFC 9725, section 4.1). Every
session has an address that nobody can guess, and whoever has it may end it.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from base.cause import Cause, Refused
from rooms.relay import RelayServers
from web.errors import status_of
from web.sentences import say
from web.templating import Templates

PATHS: Final = re.compile(r"(/h/[^/]+)?/wh[ei]p(/.*)?", re.DOTALL)
SDP: Final = "application/sdp"
AGAIN_SECONDS: Final = 10
"""When a player may ask again for a meeting that has not begun."""
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Link, Location, Retry-After",
}
_STATUS: Final = {
    "stream.no_token": 401,
    "stream.wrong_token": 401,
    "access.link_broken": 401,
    "access.link_expired": 401,
    "stream.other_type": 415,
    "stream.no_trickle": 405,
    "stream.gone": 404,
    "stream.unknown": 404,
    "stream.not_a_viewer": 403,
    "stream.lobby": 403,
    "stream.no_description": 400,
    "stream.lines": 422,
    "stream.direction": 422,
    "stream.no_h264": 422,
    "stream.no_opus": 422,
    "stream.not_begun": 409,
    "stream.taken": 409,
    "call.full": 503,
    "room.full": 503,
}
_BEARER: Final = re.compile(r"Bearer +([A-Za-z0-9._~+/=-]{1,1000})", re.IGNORECASE)
_SESSION_BYTES: Final = 24


class Sessions:
    """The sessions of one endpoint: each ends one thing."""

    def __init__(self) -> None:
        self._ends: dict[str, tuple[str, Callable[[], None]]] = {}

    def add(self, about: str, end: Callable[[], None]) -> str:
        """Its name in the address, not to be guessed."""
        name = secrets.token_urlsafe(_SESSION_BYTES)
        self._ends[name] = about, end
        return name

    def forget(self, about: str) -> None:
        self._ends = {name: end for name, end in self._ends.items() if end[0] != about}

    def keep(self, still_there: Callable[[str], bool]) -> None:
        self._ends = {name: end for name, end in self._ends.items() if still_there(end[0])}

    def end(self, name: str) -> None:
        """Raises Refused `stream.gone`."""
        known = self._ends.pop(name, None)
        if known is None:
            raise Refused("stream.gone")
        known[1]()


def bearer(request: Request) -> str:
    """RFC 6750, section 2.1. Raises Refused `stream.no_token`."""
    found = _BEARER.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise Refused("stream.no_token")
    return found[1]


async def description(request: Request) -> str:
    """Raises Refused: `stream.other_type`, `stream.no_description`."""
    kind = request.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    if kind != SDP:
        raise Refused("stream.other_type")
    try:
        return (await request.body()).decode()
    except UnicodeDecodeError:
        raise Refused("stream.no_description") from None


def made(answer: str, location: str, relay: RelayServers | None = None) -> Response:
    headers = {**CORS, "Location": location}
    if relay is not None:
        headers["Link"] = ", ".join(_links(relay))
    return Response(answer, 201, headers, SDP)


async def endpoint(
    request: Request, templates: Templates, take: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Where sessions begin: `take` answers an offer."""
    if request.method == "OPTIONS":
        return options("POST, OPTIONS")
    try:
        return await take(request)
    except Refused as error:
        return refused(request, error.cause, templates)


def session(request: Request, templates: Templates, sessions: Sessions) -> Response:
    """What may be asked of one that has begun: its end."""
    if request.method == "OPTIONS":
        return options("DELETE, OPTIONS")
    try:
        if request.method == "PATCH":
            raise Refused("stream.no_trickle")
        sessions.end(request.path_params["session"])
    except Refused as error:
        return refused(request, error.cause, templates)
    return Response(status_code=200, headers=CORS)


def options(methods: str) -> Response:
    """What may be asked here: CORS' preflight (the Fetch standard), and RFC 9725, section 4.2."""
    return Response(
        status_code=200,
        headers={
            **CORS,
            "Accept-Post": SDP,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
            "Access-Control-Max-Age": "86400",
            "Allow": methods,
        },
    )


def refused(request: Request, cause: Cause, templates: Templates) -> Response:
    """In words, as JSON: no page asks here."""
    status = _STATUS.get(cause.code) or status_of(cause)
    headers = dict(CORS)
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="avcontrol"'
    if status == 405:
        headers["Allow"] = "DELETE, OPTIONS"
    if status in (409, 503):
        headers["Retry-After"] = str(AGAIN_SECONDS)
    if status == 429:
        headers["Retry-After"] = str(60 * int(cause.params["minutes"]))
    words = say(cause, templates.language_of(request))
    return JSONResponse({"code": cause.code, "message": words}, status, headers)


def _links(relay: RelayServers) -> list[str]:
    """RFC 9725, section 4.6."""
    account = relay.account
    login: Mapping[str, str] = {
        "username": account.username,
        "credential": account.credential,
        "credential-type": "password",
    }
    words = "; ".join(f'{name}="{value}"' for name, value in login.items())
    return [
        f'<{url}>; rel="ice-server"' + ("" if url.startswith("stun:") else f"; {words}")
        for url in relay.urls
    ]
