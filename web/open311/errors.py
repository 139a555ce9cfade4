"""Errors as Open311 clients read them (GeoReport v2, Errors), whoever refuses: the endpoint itself,
or what every request passes before it (`web/security.py`)."""

import re
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from base.cause import Cause
from web.errors import status_of
from web.open311.answers import Answer, Data, Format
from web.sentences import Language, say

BELOW: Final = re.compile(r"(/h/[^/]+)?/open311(/.*)?", re.DOTALL)
"""The paths of the endpoints."""

_STATUS: Final = {
    "georeport.key": 403,
    "georeport.unknown_jurisdiction": 404,
    "georeport.unknown_service": 404,
    "georeport.unknown_request": 404,
    "georeport.unknown_token": 404,
    "georeport.no_such_address": 404,
    "web.foreign_origin": 400,  # 403 is for keys
}


def error(cause: Cause, language: Language, form: Format) -> Response:
    """403 for a wrong key, 404 for what is not there, 400 for whatever else is wrong with the
    request; 429 and 503 where it may be sent again later, 500 where the fault is here."""
    status = _STATUS.get(cause.code, status_of(cause))
    if status not in (403, 404, 429, 500, 503):
        status = 400
    headers = {"Retry-After": str(60 * int(cause.params["minutes"]))} if status == 429 else {}
    told: Data = {"code": int(status), "description": say(cause, language)}
    return Answer("errors", [told], status).response(form, headers)


def form_of(request: Request) -> Format:
    """By the path; XML where it says nothing, for that one is mandatory."""
    return "json" if request.url.path.endswith(".json") else "xml"


def below(
    language_of: Callable[[Request], Language],
) -> Callable[[Request, Cause], Response | None]:
    """The error of a request to one of the endpoints; None of any other."""

    def respond(request: Request, cause: Cause) -> Response | None:
        if not BELOW.fullmatch(request.url.path):
            return None
        return error(cause, language_of(request), form_of(request))

    return respond
