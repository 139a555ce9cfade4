"""What every request must satisfy, and what every answer carries.

Host and Origin are checked before anything else runs; forms are small and must arrive in time;
pages load nothing from elsewhere, run no inline script and are not kept by the browser.
"""

import asyncio
import logging
import re
from collections.abc import Mapping, Set
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from base.cause import Cause
from rooms.view import Role
from web import photos
from web.access import cookie_name
from web.address import Addresses
from web.errors import Errors

logger = logging.getLogger(__name__)

MOST_BODY_BYTES: Final = 64 * 1024
BODY_SECONDS: Final = 15.0
MOST_UPLOAD_BYTES: Final = 40 * 1000 * 1000
"""Three photos as a telephone takes them, where no script of ours has made them smaller."""
UPLOAD_SECONDS: Final = 240.0
MOST_UPLOADS: Final = 16
"""At the same time; they lie on the disk until they are complete."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
ROLE_COOKIES: Final = frozenset(cookie_name(role) for role in Role)
_DRAIN_SECONDS: Final = 1.0

CALL_PERMISSIONS: Final = "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
"""`Permissions-Policy` of the one page that asks for them."""
_NO_PERMISSIONS: Final = "camera=(), microphone=(), display-capture=(), geolocation=()"


def security_headers(origin: str) -> Mapping[str, str]:
    """For a page at this origin. Older Safari does not count a WebSocket as 'self'."""
    live = origin.replace("http", "ws", 1)
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
            "img-src 'self' data: blob:; media-src 'self' blob: mediastream:; "
            f"connect-src 'self' {live}; form-action 'self'; frame-ancestors 'none'; "
            "manifest-src 'self'; base-uri 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": _NO_PERMISSIONS,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def came_from_us(connection: HTTPConnection, origin: str, acting: Set[str] = ROLE_COOKIES) -> bool:
    """Whether a request that changes something was made by one of our own pages.

    Browsers say so in Origin. Old ones leave it out and send Referer. Who sends neither, and none
    of the cookies `acting`, acts for nobody: there is nothing that another site could make him do.
    """
    headers = connection.headers
    if (stated := headers.get("origin")) is not None:
        return stated.lower() == origin
    if connection.scope["type"] == "websocket":
        return False
    if (site := headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    if (referer := headers.get("referer")) is not None:
        parts = urlsplit(referer)
        return f"{parts.scheme}://{parts.netloc}".lower() == origin
    return connection.cookies.keys().isdisjoint(acting)


class Guard:
    """Refuses what is not for us or not from us, and puts the headers on every answer.

    `acting` are the cookies that let somebody act, `programs` the paths of WebSockets that no
    browser opens: a browser always says its Origin there (RFC 6455, 10.2), a program does not.
    Below `by_token` nobody acts by a cookie, so any page may ask.
    """

    def __init__(
        self,
        app: ASGIApp,
        addresses: Addresses,
        errors: Errors,
        *,
        acting: Set[str] = ROLE_COOKIES,
        programs: Set[str] = frozenset(),
        by_token: re.Pattern[str] | None = None,
    ) -> None:
        self._app = app
        self._by_token = by_token
        self._acting = acting
        self._programs = programs
        self._addresses = addresses
        self._errors = errors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        ours = self._addresses.is_ours(connection)
        origin = self._addresses.origin(connection) if ours else ""
        send = _with_headers(send, security_headers(origin))
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        cause = None
        if not ours:
            cause = Cause("web.unknown_host")
        elif changes and not self._from_us(connection, origin):
            cause = Cause("web.foreign_origin")
        if cause is None and scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif cause is None:
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(Response(status_code=403))
        else:
            await self._errors.respond(Request(scope), cause)(scope, receive, send)

    def _from_us(self, connection: HTTPConnection, origin: str) -> bool:
        if connection.scope["path"] in self._programs and "origin" not in connection.headers:
            return True
        if self._by_token is not None and self._by_token.fullmatch(connection.scope["path"]):
            return bool(connection.scope["type"] == "http")
        return came_from_us(connection, origin, self._acting)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; what it did not foresee is logged, and told in words too."""
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            logger.info("a browser gave up before it had sent everything")
        except Exception:
            logger.exception("a request could not be answered")
            if started:
                raise
            await self._errors.respond(Request(scope), Cause("web.failed"))(scope, receive, send)


class SmallBodies:
    """Bodies of at most 64 KiB, complete within 15 seconds (uvicorn has no such deadline); more and
    longer for the forms that bring photos, a few at a time."""

    def __init__(self, app: ASGIApp, errors: Errors, *, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._errors = errors
        self._seconds = seconds
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = HTTPConnection(scope).headers
        announced = headers.get("content-length", "0")
        size = int(announced) if announced.isdecimal() else MOST_UPLOAD_BYTES + 1
        if size <= MOST_BODY_BYTES:
            body = _Body(receive, send, MOST_BODY_BYTES, self._seconds)
            await self._app(scope, body.receive, body.send)
            return
        body = _Body(receive, send, MOST_UPLOAD_BYTES, UPLOAD_SECONDS)
        with_files = headers.get("content-type", "").startswith("multipart/form-data")
        may_be_large = with_files and photos.TAKES.fullmatch(scope["path"])
        if not may_be_large or size > MOST_UPLOAD_BYTES:
            await self._refuse(scope, body, Cause("web.too_large"))
        elif self._uploads >= MOST_UPLOADS:
            await self._refuse(scope, body, Cause("web.too_many_uploads"))
        else:
            self._uploads += 1
            try:
                await self._app(scope, body.receive, body.send)
            finally:
                self._uploads -= 1

    async def _refuse(self, scope: Scope, body: "_Body", cause: Cause) -> None:
        body.refused = True
        response = self._errors.respond(Request(scope), cause)
        await response(scope, body.receive, body.send)


class _Body:
    """One request's body, counted and timed, and the answer to it."""

    def __init__(self, receive: Receive, send: Send, most: int, seconds: float) -> None:
        self.refused = False
        """It is not read to its end, so the connection closes after the answer."""
        self._receive = receive
        self._send = send
        self._most = most
        self._until = asyncio.get_running_loop().time() + seconds
        self._bytes = 0
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            self.refused = True
            raise HTTPException(408) from None
        self._bytes += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._bytes > self._most:
            self.refused = True
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        if not self.refused:
            await self._send(message)
        elif message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
            await self._send(message)
        elif message.get("more_body", False):
            await self._send(message)
        else:
            await self._send({**message, "more_body": True})
            await self._drain()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _drain(self) -> None:
        """Throw away what still arrives for a moment: closing at once would reset the connection
        before the answer is read (RFC 9112, section 9.6)."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._complete:
                    message = await self._receive()
                    self._complete = not message.get("more_body", False)


def _with_headers(send: Send, extra: Mapping[str, str]) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start"}:
            headers = MutableHeaders(scope=message)
            for name, value in extra.items():
                headers.setdefault(name, value)
        await send(message)

    return with_headers
