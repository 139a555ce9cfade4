"""The ways in: log-in, and the code with which somebody chooses his password.

What was wrong is said above the form, which keeps what was typed except the password.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from ward.accounts import LONGEST_NAME, AccountRole
from ward.passwords import LEAST_PASSWORD, LONGEST_PASSWORD
from ward.sessions import Opened
from web.errors import status_of, wants_json
from web.hub.access import COOKIE
from web.hub.site import HubSite
from web.language import local_path
from web.limiting import PAIRING, PASSWORD

HOME: Final = "/houses"
WORK: Final = "/work"
"""Where handlers begin their day."""
OPEN: Final = "open"
"""What such a token is for."""


def routes(site: HubSite) -> list[BaseRoute]:
    entry = _Entry(site)
    return [
        Route("/", entry.first_page, methods=["GET"]),
        Route("/login", entry.login_page, methods=["GET"]),
        Route("/login", entry.log_in, methods=["POST"]),
        Route("/logout", entry.log_out, methods=["POST"]),
        Route("/welcome", entry.welcome_page, methods=["GET"]),
        Route("/welcome", entry.welcome, methods=["POST"]),
        Route("/welcome/{code}", entry.welcome_page, methods=["GET"]),
        Route("/open/{token}", entry.open, methods=["GET"]),
    ]


class _Entry:
    def __init__(self, site: HubSite) -> None:
        self._accounts = site.accounts
        self._houses = site.houses
        self._access = site.access
        self._tokens = site.tokens
        self._templates = site.templates
        self._limits = site.limits

    async def first_page(self, request: Request) -> Response:
        """Staff to their work; residents choose their house."""
        if await self._access.identify(request) is not None:
            return RedirectResponse(HOME, status_code=303)
        houses = [house for house in await self._houses.all() if house.was_enrolled]
        return self._templates.page(request, "hub/first.html", houses=houses)

    # Log-in

    async def login_page(self, request: Request) -> Response:
        if await self._accounts.is_empty():
            return RedirectResponse("/welcome", status_code=303)
        return self._login_form(request, "", None)

    async def log_in(self, request: Request) -> Response:
        """Check login and password, and open a session of twelve hours."""
        login, password, back = await _fields(request, "login", "password", "next")
        try:
            await self._limits.check(PASSWORD, request)
            try:
                opened = await self._access.sessions.log_in(login, password)
            except Refused:
                await self._limits.count(PASSWORD, request)
                raise
        except Refused as refused:
            if wants_json(request):
                raise
            return self._login_form(request, login, refused.cause)
        return self._let_in(request, opened, back)

    async def log_out(self, request: Request) -> Response:
        """End this session, in the browser and in the database."""
        session = await self._access.identify(request)
        if session is not None:
            await self._access.sessions.end(session.id)
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    # The first password

    async def welcome_page(self, request: Request) -> Response:
        return await self._welcome_form(request, request.path_params.get("code", ""), "", "", None)

    async def welcome(self, request: Request) -> Response:
        """Set a password with a one-time code; the very first one also makes the account."""
        code, login, name, password = await _fields(request, "code", "login", "name", "password")
        try:
            await self._limits.check(PAIRING, request)
            try:
                if await self._accounts.is_empty():
                    account = await self._accounts.create_first(code, login, name, password)
                else:
                    account = await self._accounts.set_password(code, password)
            except Refused as refused:
                if refused.cause.code == "ward.wrong_code":
                    await self._limits.count(PAIRING, request)
                raise
        except Refused as refused:
            if wants_json(request):
                raise
            return await self._welcome_form(request, code, login, name, refused.cause)
        return self._let_in(request, await self._access.sessions.open(account), "")

    # A link that the machine's own command line signed

    async def open(self, request: Request) -> Response:
        """Let this browser in as the ward's first admin: he has forgotten his password, or this is
        the demo. Raises Refused: `access.link_broken`, `access.link_expired`."""
        if self._tokens.read(OPEN, request.path_params["token"]) != AccountRole.ADMIN.value:
            raise Refused("access.link_broken")
        admin = await self._accounts.first_admin()
        if admin is None:
            return RedirectResponse("/welcome", status_code=303)
        return self._let_in(request, await self._access.sessions.open(admin), "")

    def _let_in(self, request: Request, opened: Opened, back: str) -> Response:
        wanted = local_path(back)
        home = WORK if opened.session.account.role is AccountRole.HANDLER else HOME
        response = RedirectResponse(home if wanted == "/" else wanted, status_code=303)
        return self._access.welcome(request, opened, response)

    def _login_form(self, request: Request, login: str, problem: Cause | None) -> Response:
        return self._templates.page(
            request,
            "hub/login.html",
            status_code=status_of(problem) if problem else 200,
            login=login[:200],
            next=local_path(request.query_params.get("next")),
            problem=problem,
        )

    async def _welcome_form(
        self, request: Request, code: str, login: str, name: str, problem: Cause | None
    ) -> Response:
        return self._templates.page(
            request,
            "hub/welcome.html",
            status_code=status_of(problem) if problem else 200,
            first=await self._accounts.is_empty(),
            code=code[:40],
            login=login[:200],
            name=name[:LONGEST_NAME],
            least=LEAST_PASSWORD,
            most_password=LONGEST_PASSWORD,
            most=LONGEST_NAME,
            problem=problem,
        )


async def _fields(request: Request, *names: str) -> tuple[str, ...]:
    async with request.form(max_files=0) as form:
        return tuple(str(form.get(name, "")) for name in names)
