"""Who somebody is at the hub: the cookie `av_ward` holds the token of a session.

A second cookie, `av_known`, stays after the log-out. It lets nobody in; it says, signed, that this
login was in use at this browser, whose guesses are therefore counted by themselves (`Source`).

The database is asked at every request, and every second for an open WebSocket, so that a session
that another process of the hub has ended is over here too.
"""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from base.cause import Refused
from ward.accounts import AccountRole, normal_login
from ward.sessions import Opened, Session, Sessions, Source
from web.limiting import network_of
from web.tokens import Tokens

COOKIE: Final = "av_ward"
KNOWN_COOKIE: Final = "av_known"
KNOWN_LASTS: Final = timedelta(days=180)
LOOK_SECONDS: Final = 1.0

_KNOWN: Final = "known-browser"


class NotLoggedIn(Exception):  # noqa: N818 - it is no error of the program
    """Nobody is logged in at this browser."""


class HubAccess:
    def __init__(self, sessions: Sessions, tokens: Tokens) -> None:
        self.sessions = sessions
        self._tokens = tokens

    async def identify(self, connection: HTTPConnection) -> Session | None:
        secret = connection.cookies.get(COOKIE)
        return await self.sessions.identify(secret) if secret else None

    async def require(self, connection: HTTPConnection, *roles: AccountRole) -> Session:
        """The session, of an account with one of these roles; an admin may everything.

        Raises NotLoggedIn, which sends a person on to the log-in, and Refused
        `ward.not_your_part`.
        """
        session = await self.identify(connection)
        if session is None:
            raise NotLoggedIn
        if roles and session.account.role not in {AccountRole.ADMIN, *roles}:
            raise Refused("ward.not_your_part")
        return session

    def source(self, connection: HTTPConnection, typed: str) -> Source:
        """Where this login is tried: at a browser that knows it already, or in some network."""
        try:
            known = self._tokens.read(_KNOWN, connection.cookies.get(KNOWN_COOKIE, ""))
            match known:
                case [str(login), str(name)] if login == normal_login(typed):
                    return Source(name, known=True)
        except Refused:
            pass
        return Source(network_of(connection))

    async def until_ended(self, connection: HTTPConnection) -> None:
        """Return once this browser's session has ended. Live sockets wait for it."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if await self.identify(connection) is None:
                    return
            except Refused:
                continue  # the database does not answer; it has not said no

    def welcome(self, connection: HTTPConnection, opened: Opened, response: Response) -> Response:
        """The response, with the cookie of this session, and with the one by which the browser is
        known from now on."""
        now = datetime.now(UTC)
        login = opened.session.account.login
        known = [login, secrets.token_hex(8)]
        token = self._tokens.sign(_KNOWN, known, until=now + KNOWN_LASTS)
        for name, value, lasts, path in (
            (COOKIE, opened.secret, opened.session.expires_at - now, "/"),
            (KNOWN_COOKIE, token, KNOWN_LASTS, "/login"),
        ):
            response.set_cookie(
                name,
                value,
                max_age=int(lasts.total_seconds()),
                path=path,
                secure=connection.url.scheme == "https",
                httponly=True,
                samesite="lax",
            )
        return response
