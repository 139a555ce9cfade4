"""The ways in: a pairing code, a link of the daemon's own, the technician's password.

What was wrong is said above the form, which keeps what was typed except the password.
"""

from datetime import UTC, datetime
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from rooms.view import Role
from web.access import LEAST_PASSWORD, LetIn, cookie_name
from web.errors import status_of, wants_json
from web.language import local_path
from web.limiting import PAIRING, PASSWORD
from web.site import Site

HOME: Final = {
    Role.LEADER: "/panel",
    Role.SECRETARY: "/secretary",
    Role.STAGE: "/stage",
    Role.TECHNICIAN: "/technician",
}
"""Where each role works."""

_LONGEST_COOKIE: Final = 400 * 24 * 3600
"""Browsers keep none for longer (RFC 6265bis, section 5.5)."""


def routes(site: Site) -> list[BaseRoute]:
    entry = _Entry(site)
    return [
        Route("/pair", entry.pair_page, methods=["GET"]),
        Route("/pair", entry.pair, methods=["POST"]),
        Route("/pair/{code}", entry.pair_page, methods=["GET"]),
        Route("/open/{token}", entry.open, methods=["GET"]),
        Route("/login", entry.login_page, methods=["GET"]),
        Route("/login", entry.log_in, methods=["POST"]),
        Route("/logout", entry.log_out, methods=["POST"]),
        Route("/password", entry.password_page, methods=["GET"]),
        Route("/password", entry.set_password, methods=["POST"]),
    ]


class _Entry:
    def __init__(self, site: Site) -> None:
        self._access = site.access
        self._templates = site.templates
        self._limits = site.limits

    # Pairing

    async def pair_page(self, request: Request) -> Response:
        code = request.path_params.get("code") or request.query_params.get("code", "")
        return self._pair_form(request, code, None)

    async def pair(self, request: Request) -> Response:
        """Turn a pairing code into a cookie for this browser, and go to where it works."""
        code = await _field(request, "code")
        try:
            async with self._limits.guess(PAIRING, request):
                let_in = await self._access.pair(code)
        except Refused as refused:
            if wants_json(request):
                raise
            return self._pair_form(request, code, refused.cause)
        return _welcome(request, let_in, await _field(request, "next"))

    async def open(self, request: Request) -> Response:
        """Let this browser in by a link that the daemon signed."""
        role, name = self._access.read_open_link(request.path_params["token"])
        if self._access.identify(request, role) is not None:
            return RedirectResponse(HOME[role], status_code=303)
        return _welcome(request, await self._access.let_in(role, name), "")

    def _pair_form(self, request: Request, code: str, problem: Cause | None) -> Response:
        return self._templates.page(
            request,
            "pair.html",
            status_code=status_of(problem) if problem else 200,
            code=code[:20],
            scanned=bool(code) and problem is None,
            next=local_path(request.query_params.get("next")),
            problem=problem,
        )

    # The technician

    async def login_page(self, request: Request) -> Response:
        problem = None if await self._access.has_password() else Cause("access.no_password")
        return self._login_form(request, problem, 200)

    async def log_in(self, request: Request) -> Response:
        """Check the technician's password and open a session of twelve hours."""
        password = await _field(request, "password")
        try:
            async with self._limits.guess(PASSWORD, request):
                let_in = await self._access.log_in(password)
        except Refused as refused:
            if wants_json(request):
                raise
            return self._login_form(request, refused.cause, status_of(refused.cause))
        return _welcome(request, let_in, await _field(request, "next"))

    async def log_out(self, request: Request) -> Response:
        """End the technician's session in this browser and on the server."""
        identity = self._access.identify(request, Role.TECHNICIAN)
        if identity is not None:
            await self._access.revoke_device(identity.device_id)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(cookie_name(Role.TECHNICIAN), path="/")
        return response

    async def password_page(self, request: Request) -> Response:
        self._access.require(request, Role.TECHNICIAN)
        return self._password_form(request, None)

    async def set_password(self, request: Request) -> Response:
        """Replace the technician's password; every session ends, this one begins anew."""
        self._access.require(request, Role.TECHNICIAN)
        password = await _field(request, "password")
        try:
            await self._access.set_password(password)
        except Refused as refused:
            if wants_json(request):
                raise
            return self._password_form(request, refused.cause)
        return _welcome(request, await self._access.log_in(password), "")

    def _password_form(self, request: Request, problem: Cause | None) -> Response:
        return self._templates.page(
            request,
            "password.html",
            status_code=status_of(problem) if problem else 200,
            least=LEAST_PASSWORD,
            problem=problem,
        )

    def _login_form(self, request: Request, problem: Cause | None, status: int) -> Response:
        return self._templates.page(
            request,
            "login.html",
            status_code=status,
            next=local_path(request.query_params.get("next")),
            problem=problem,
        )


async def _field(request: Request, name: str) -> str:
    value = (await request.form(max_files=0)).get(name, "")
    return value if isinstance(value, str) else ""


def _welcome(request: HTTPConnection, let_in: LetIn, next_page: str) -> Response:
    """To where he wanted to go, else to where his role works, with the cookie."""
    role = let_in.identity.role
    wanted = local_path(next_page)
    response = RedirectResponse(HOME[role] if wanted == "/" else wanted, status_code=303)
    lasts = _LONGEST_COOKIE
    if let_in.expires_at is not None:
        lasts = int((let_in.expires_at - datetime.now(UTC)).total_seconds())
    response.set_cookie(
        cookie_name(role),
        let_in.secret,
        max_age=lasts,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        # Links in chats lead to the leader's and the stage's pages; the technician types.
        samesite="strict" if role is Role.TECHNICIAN else "lax",
    )
    return response
