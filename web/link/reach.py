"""Which of a house's addresses can be reached through the link. Whatever is not here, cannot.

The hub asks before it opens a channel, and the house asks again: a hub that was broken into gets
no further than the pages that are for guests. Neither panel nor log-in is among them.
"""

import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from web.language import COOKIE, LANGUAGES
from web.link.bounds import Headers
from web.link.messages import Open

_REACHABLE: Final = (
    ("http", re.compile(r"GET|HEAD"), re.compile(r"/join/[A-Za-z0-9._-]{1,600}")),
    ("http", re.compile(r"GET"), re.compile(r"/ledger(-head)?\.jsonl")),
    ("http", re.compile(r"GET"), re.compile(r"/content/[0-9a-f]{32}\.jpg")),
    ("http", re.compile(r"POST|OPTIONS"), re.compile(r"/whep")),
    ("http", re.compile(r"DELETE|PATCH|OPTIONS"), re.compile(r"/whep/[A-Za-z0-9_-]{32}")),
    ("websocket", re.compile(r"GET"), re.compile(r"/ws/call")),
    ("websocket", re.compile(r"GET"), re.compile(r"/live/official")),
)
"""Kind, methods and paths, each matched as a whole. No path has anything to decode."""

_PASSED: Final = frozenset({"accept", "accept-language", "content-type"})
_BEARER: Final = re.compile(r"[Bb]earer [A-Za-z0-9._~+/=-]{1,900}")
_WHEP: Final = re.compile(r"/whep(/[A-Za-z0-9_-]{32})?")
_ANSWERED: Final = frozenset({"cache-control", "content-type", "permissions-policy", "retry-after"})
_PLAYERS: Final = frozenset(
    {"accept-post", "allow", "link", "location", "www-authenticate"}
    | {f"access-control-{name}" for name in ("allow-origin", "allow-methods", "allow-headers")}
    | {f"access-control-{name}" for name in ("expose-headers", "max-age")}
)
"""What a player is answered, and no browser's page acts by."""
_SESSION: Final = re.compile(r"/h/[a-z0-9-]{1,64}/whep/[A-Za-z0-9_-]{32}")
_TYPES: Final = re.compile(r"(text/html|text/plain|application/(json|sdp)|image/jpeg)(;.*)?")


def reachable(request: Open) -> bool:
    return any(
        kind == request.kind and method.fullmatch(request.method) and path.fullmatch(request.path)
        for kind, method, path in _REACHABLE
    )


def headers_inward(headers: Iterable[tuple[str, str]], path: str = "") -> Headers:
    """What of a browser's headers the house is told: of the cookies the language alone, and where
    players ask, whose path it is as the house knows it, their bearer token."""
    kept: dict[str, str] = {}
    for name, value in headers:
        if name in _PASSED and len(value) <= 1000:
            kept.setdefault(name, value)
        elif name == "cookie" and (language := _language(value)):
            kept["cookie"] = f"{COOKIE}={language}"
        elif name == "authorization" and _WHEP.fullmatch(path) and _BEARER.fullmatch(value):
            kept.setdefault(name, value)
    return tuple(kept.items())


def headers_outward(headers: Iterable[tuple[str, str]]) -> Headers:
    """What of the house's headers the browser gets: no cookies and no policies, which are the
    hub's, and never a type that a browser would run as a script of the hub's."""
    kept = {
        name: value
        for name, value in headers
        if name in _ANSWERED | _PLAYERS and len(value) <= 1000
    }
    if not _SESSION.fullmatch(kept.get("location", "")):
        kept.pop("location", None)  # nobody is sent anywhere else
    if not _TYPES.fullmatch(kept.get("content-type", "")):
        kept["content-type"] = "text/plain; charset=utf-8"
    return tuple(kept.items())


def _language(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value in LANGUAGES else None
