"""Who somebody is at the hub: the cookie `av_ward` holds the token of a session.

The database is asked at every request, and every second for an open WebSocket, so that a session
that another process of the hub has ended is over here too.
"""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from base.cause import Refused
from ward.accounts import AccountRole
from ward.sessions import Opened, Session, Sessions

COOKIE: Final = "av_ward"
LOOK_SECONDS: Final = 1.0


class NotLoggedIn(Exception):  # noqa: N818 - it is no error of the program
    """Nobody is logged in at this browser."""


class HubAccess:
    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

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
        """The response, with the cookie of this session."""
        lasts = int((opened.session.expires_at - datetime.now(UTC)).total_seconds())
        response.set_cookie(
            COOKIE,
            opened.secret,
            max_age=lasts,
            path="/",
            secure=connection.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response
