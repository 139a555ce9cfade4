"""What goes wrong, told to whoever asked: a page in words, or JSON with the same words.

Handlers raise `Refused` with a code, or Starlette's HTTPException; the table here knows the status.
JSON is `{"code": "web.not_found", "message": "…"}`, for scripts and for pages that post by fetch.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ExceptionHandler

from base.cause import Cause, Refused
from rooms.view import Role
from web.access import NotAllowed
from web.language import local_path
from web.sentences import say
from web.templating import Templates

logger = logging.getLogger(__name__)

_STATUS: Final = {
    "access.pair_first": HTTPStatus.UNAUTHORIZED,
    "access.log_in_first": HTTPStatus.UNAUTHORIZED,
    "access.wrong_code": HTTPStatus.FORBIDDEN,
    "access.wrong_password": HTTPStatus.FORBIDDEN,
    "access.link_broken": HTTPStatus.NOT_FOUND,
    "access.link_expired": HTTPStatus.GONE,
    "invitation.cancelled": HTTPStatus.GONE,
    "access.password_too_short": HTTPStatus.UNPROCESSABLE_ENTITY,
    "invitation.unknown": HTTPStatus.NOT_FOUND,
    "invitation.house_away": HTTPStatus.SERVICE_UNAVAILABLE,
    "invitation.expired": HTTPStatus.GONE,
    "invitation.revoked": HTTPStatus.GONE,
    "room.only_the_hall_admits": HTTPStatus.FORBIDDEN,
    "invitation.other_meeting": HTTPStatus.GONE,
    "invitation.somebody_elses": HTTPStatus.FORBIDDEN,
    "room.not_your_part": HTTPStatus.FORBIDDEN,
    "web.bad_request": HTTPStatus.BAD_REQUEST,
    "web.foreign_origin": HTTPStatus.FORBIDDEN,
    "web.unknown_host": HTTPStatus.MISDIRECTED_REQUEST,
    "web.not_found": HTTPStatus.NOT_FOUND,
    "web.wrong_method": HTTPStatus.METHOD_NOT_ALLOWED,
    "web.too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "web.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "web.too_many_uploads": HTTPStatus.SERVICE_UNAVAILABLE,
    "web.slow_down": HTTPStatus.TOO_MANY_REQUESTS,
    "web.failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "feedback.empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "feedback.too_short": HTTPStatus.UNPROCESSABLE_ENTITY,
    "feedback.too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "feedback.name_too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "consent.missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "picture.busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "receipt.not_found": HTTPStatus.NOT_FOUND,
    "privacy.unknown": HTTPStatus.NOT_FOUND,
    "privacy.name_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.unknown": HTTPStatus.NOT_FOUND,
    "case.not_yours": HTTPStatus.FORBIDDEN,
    "case.no_authority": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.office_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.date_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.date_to_come": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.marks_open": HTTPStatus.UNPROCESSABLE_ENTITY,
    "question.marks_open": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.next_holder_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.next_holder_too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "case.stars": HTTPStatus.UNPROCESSABLE_ENTITY,
    "minutes.unknown": HTTPStatus.NOT_FOUND,
    "film.unknown": HTTPStatus.NOT_FOUND,
    "receipt.not_entered": HTTPStatus.NOT_FOUND,
    "slip.no_sheet": HTTPStatus.NOT_FOUND,
    "slip.unknown": HTTPStatus.NOT_FOUND,
    "slip.pages": HTTPStatus.UNPROCESSABLE_ENTITY,
    **dict.fromkeys(
        (
            "setup.address_missing",
            "setup.address_with_password",
            "setup.camera_address",
            "setup.choose_sound",
            "setup.house_missing",
            "setup.name_missing",
            "setup.projector_address",
            "setup.same_name",
            "setup.too_many_cameras",
            "setup.user_missing",
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
    "ward.log_in_first": HTTPStatus.UNAUTHORIZED,
    "ward.wrong_code": HTTPStatus.FORBIDDEN,
    "ward.wrong_login": HTTPStatus.FORBIDDEN,
    "ward.not_your_part": HTTPStatus.FORBIDDEN,
    "ward.too_many_attempts": HTTPStatus.TOO_MANY_REQUESTS,
    "ward.house_unknown": HTTPStatus.NOT_FOUND,
    "ward.house_not_enrolled": HTTPStatus.CONFLICT,
    "ledger.damaged": HTTPStatus.SERVICE_UNAVAILABLE,
    "ward.account_unknown": HTTPStatus.NOT_FOUND,
    "gathering.unknown": HTTPStatus.NOT_FOUND,
    "gathering.not_speaker": HTTPStatus.FORBIDDEN,
    "gathering.no_house": HTTPStatus.UNPROCESSABLE_ENTITY,
    "mediaserver.nobody": HTTPStatus.NOT_FOUND,
    "mediaserver.rejected": HTTPStatus.BAD_GATEWAY,
    "mediaserver.refused": HTTPStatus.BAD_GATEWAY,
    "mediaserver.no_answer": HTTPStatus.GATEWAY_TIMEOUT,
    "mediaserver.certificate": HTTPStatus.BAD_GATEWAY,
    "ward.house_id_form": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ward.login_form": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ward.name_form": HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Everything else that is refused is a conflict with how the room stands at present."""

_CODES: Final = {
    400: "web.bad_request",
    404: "web.not_found",
    405: "web.wrong_method",
    408: "web.too_slow",
    413: "web.too_large",
}


def status_of(cause: Cause) -> int:
    if cause.code.startswith(("storage.", "link.")):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if cause.code.startswith(("picture.", "paper.")) and cause.code not in _STATUS:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return _STATUS.get(cause.code, HTTPStatus.CONFLICT)


def cause_of(error: HTTPException) -> Cause:
    """What Starlette refused, as we say it."""
    return Cause(_CODES.get(error.status_code, "web.bad_request"))


def wants_json(request: Request) -> bool:
    """Whether a script asks: it prefers JSON and does not mention pages."""
    accept = request.headers.get("accept", "")
    return "application/json" in accept and "text/html" not in accept


Otherwise = Callable[[Request, Cause], Response | None]


def _nobody(request: Request, cause: Cause) -> None:
    return None


class Errors:
    """The exception handlers of the application."""

    def __init__(
        self, templates: Templates, page: str = "error.html", *, otherwise: Otherwise = _nobody
    ) -> None:
        """`otherwise` answers those who read neither pages nor our JSON."""
        self._templates = templates
        self._page = page
        self._otherwise = otherwise

    def handlers(self) -> dict[int | type[Exception], ExceptionHandler]:
        return {
            Refused: self._refused,
            NotAllowed: self._not_allowed,
            HTTPException: self._http,
        }

    def respond(self, request: Request, cause: Cause) -> Response:
        """The cause as JSON or as a page, with its status."""
        if (response := self._otherwise(request, cause)) is not None:
            return response
        status = status_of(cause)
        headers = {"Retry-After": str(60 * int(cause.params["minutes"]))} if status == 429 else {}
        if wants_json(request):
            message = say(cause, self._templates.language_of(request))
            return JSONResponse({"code": cause.code, "message": message}, status, headers)
        return self._templates.page(
            request,
            self._page,
            status_code=status,
            headers=headers,
            cause=cause,
            status=status,
            back=_page_before(request),
        )

    async def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return self.respond(request, error.cause)

    async def _not_allowed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, NotAllowed)
        technician = error.roles == (Role.TECHNICIAN,)
        if wants_json(request) or request.method not in {"GET", "HEAD"}:
            code = "access.log_in_first" if technician else "access.pair_first"
            return self.respond(request, Cause(code))
        page = "/login" if technician else "/pair"
        return RedirectResponse(f"{page}?next={quote(request.url.path)}", status_code=303)

    async def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = self.respond(request, cause_of(error))
        response.headers.update(error.headers or {})
        return response


def _page_before(request: Request) -> str:
    """The page of ours that he came from, else the first one."""
    referer = urlsplit(request.headers.get("referer", ""))
    if referer.netloc != request.headers.get("host") or referer.path == request.url.path:
        return "/"
    return local_path(referer.path)
