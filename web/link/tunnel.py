"""The house's end of a channel: its own ASGI application, run in memory.

The application sees a browser at `localhost` that shows the language cookie and no other, under
the `root_path` at which the hub shows this house. The hub has compared the browser's Origin with
its own; what the house's guard sees here is the house's.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from starlette.types import ASGIApp, Message, Scope

from web.link.bounds import Headers
from web.link.channel import FAILED, Channel, ChannelEndedError
from web.link.messages import Accept, Answer, Open
from web.link.reach import headers_inward, headers_outward, reachable

MOST_BODY_BYTES: Final = 64 * 1024
GRACE_SECONDS: Final = 5.0
"""So long may the application tidy up after a channel has ended."""

_HOST: Final = "localhost"
_NOT_FOUND: Final = 404
_FORBIDDEN: Final = 403

logger = logging.getLogger(__name__)


class Tunnel:
    """Answers channels from one application."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def serve(self, channel: Channel, request: Open) -> None:
        """Until the application has returned. Raises nothing."""
        with suppress(ChannelEndedError):
            if reachable(request):
                await self._run(channel, request)
            else:
                logger.warning("the hub asked for what is not for guests: %s", request.kind)
                await channel.tell(Answer(channel.number, _NOT_FOUND))
                await channel.send(b"")

    async def _run(self, channel: Channel, request: Open) -> None:
        speaks = (_WebSocket if request.kind == "websocket" else _Http)(channel)
        scope = _scope(request, self._root_path)
        app = asyncio.ensure_future(self._app(scope, speaks.receive, speaks.send))
        ended = asyncio.create_task(channel.ended.wait())
        try:
            await asyncio.wait({app, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not app.done():
                await asyncio.wait({app}, timeout=GRACE_SECONDS)
            if not app.done():
                logger.error("the application does not let go of a channel that has ended")
            elif error := app.exception():
                logger.error("a channel could not be answered", exc_info=error)
                channel.end(FAILED)
            else:
                await speaks.finish()
        finally:
            ended.cancel()
            app.cancel()
            await asyncio.gather(app, ended, return_exceptions=True)


class _Http:
    """One request and its response, as ASGI has them."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._complete = False
        self._received = 0

    async def receive(self) -> Message:
        gone: Message = {"type": "http.disconnect"}
        try:
            if self._complete:
                await self._channel.ended.wait()
                return gone
            piece = await self._channel.receive()
        except ChannelEndedError:
            return gone
        self._received += len(piece.payload)
        if self._received > MOST_BODY_BYTES:
            self._channel.end(FAILED)
            return gone
        self._complete = not piece.more
        return {"type": "http.request", "body": piece.payload, "more_body": piece.more}

    async def send(self, message: Message) -> None:
        """Raises OSError where nobody listens any more (ASGI, "disconnected client")."""
        await _send_response(self._channel, message)

    async def finish(self) -> None:
        """Nothing: the last piece of the body was the end."""


class _WebSocket:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._connected = False
        self._accepted = False
        self._answered = False

    async def receive(self) -> Message:
        if not self._connected:
            self._connected = True
            return {"type": "websocket.connect"}
        try:
            message = await self._channel.receive_message(MOST_BODY_BYTES)
        except ChannelEndedError as ended:
            return {"type": "websocket.disconnect", "code": ended.code, "reason": ended.reason}
        if isinstance(message, str):
            return {"type": "websocket.receive", "text": message}
        return {"type": "websocket.receive", "bytes": message}

    async def send(self, message: Message) -> None:
        """Raises OSError where nobody listens any more."""
        try:
            match message["type"]:
                case "websocket.accept":
                    self._accepted = True
                    await self._channel.tell(Accept(self._channel.number))
                case "websocket.send":
                    text = message.get("text")
                    data = message.get("bytes") or b"" if text is None else text.encode()
                    await self._channel.send(data, text=text is not None)
                case "websocket.close" if self._accepted:
                    reason = message.get("reason") or ""
                    self._channel.end(message.get("code", 1000), reason)
                case "websocket.close":
                    await self._refuse()
                case _:
                    self._answered = True
                    await _send_response(self._channel, message)
        except ChannelEndedError as error:
            raise OSError("the channel has ended") from error

    async def finish(self) -> None:
        """Where the application returned without a word, say the last one."""
        if self._accepted:
            self._channel.end()
        elif not self._answered:
            await self._refuse()

    async def _refuse(self) -> None:
        self._answered = True
        await self._channel.tell(Answer(self._channel.number, _FORBIDDEN))
        await self._channel.send(b"")


async def _send_response(channel: Channel, message: Message) -> None:
    try:
        if message["type"].endswith("http.response.start"):
            headers = headers_outward(_decoded(message.get("headers", ())))
            await channel.tell(Answer(channel.number, message["status"], headers))
        elif message["type"].endswith("http.response.body"):
            await channel.send(message.get("body", b""), more=message.get("more_body", False))
    except ChannelEndedError as error:
        raise OSError("the channel has ended") from error


def _scope(request: Open, root_path: str) -> Scope:
    path = root_path + request.path
    headers = headers_inward(request.headers, request.path)
    scope: dict[str, Any] = {
        "type": request.kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "path": path,
        "raw_path": path.encode("ascii"),
        "root_path": root_path,
        "query_string": request.query.encode("ascii"),
        "client": (request.client, 0),
        "server": (_HOST, 80),
        "state": {},
    }
    own = (("host", _HOST), ("origin", f"http://{_HOST}"))
    if request.kind == "websocket":
        scope |= {"scheme": "ws", "subprotocols": [], "extensions": {"websocket.http.response": {}}}
    else:
        scope |= {"scheme": "http", "method": request.method, "extensions": {}}
    scope["headers"] = _encoded((*own, *headers))
    return scope


def _encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def _decoded(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
