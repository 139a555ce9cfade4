"""A browser's request at the hub, passed on into a channel, and what comes back.

What cannot be reached is not even asked for. Of what the house says, the browser gets the status,
the words and a few headers; cookies and policies at this address are the hub's alone.
"""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.cause import Cause, Refused
from web.language import language_of
from web.link.bounds import Headers
from web.link.channel import (
    FAILED,
    LOST,
    MOST_REASON_BYTES,
    TRY_AGAIN_LATER,
    Channel,
    ChannelEndedError,
)
from web.link.line import first_to_end
from web.link.messages import Accept, Answer, Open, ProtocolError, decode, encode
from web.link.reach import headers_inward, headers_outward, reachable
from web.sentences import say

AWAY: Final = 4503
"""Close code for a browser: its house cannot answer at present."""
ANSWER_SECONDS: Final = 15.0
UNREAD_SECONDS: Final = 30.0
"""So long may a browser leave one message unread."""
MOST_ANSWER_BYTES: Final = 1024 * 1024
_LAST_WORDS_SECONDS: Final = 0.5


async def relay_http(channel: Channel, request: Request, path: str, query: str) -> Response:
    """The house's answer. Raises Refused: `link.house_away`, `link.house_busy`,
    `link.house_slow`, `link.house_failed`; HTTPException 404 for what cannot be reached."""
    opening = Open(channel.number, "http", request.method, path, query, *_browser(request, path))
    if not can_be_asked(opening):
        raise HTTPException(404)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await channel.tell(opening)
            await channel.send(await request.body())
            return await _response(channel)
    except TimeoutError:
        raise Refused("link.house_slow") from None
    except ChannelEndedError as ended:
        raise _why(ended) from ended


async def relay_websocket(channel: Channel, browser: WebSocket, path: str, query: str) -> None:
    """Until either has enough. Raises nothing: the browser is told, in the way it can read."""
    opening = Open(channel.number, "websocket", "GET", path, query, *_browser(browser, path))
    with suppress(WebSocketDisconnect, TimeoutError):
        if not can_be_asked(opening):
            await browser.send_denial_response(Response(status_code=404))
            return
        try:
            answer = await _answer(channel, opening)
        except Refused as refused:
            await refuse_websocket(browser, refused.cause)
            return
        if isinstance(answer, Answer):
            await browser.send_denial_response(Response(status_code=answer.status))
            return
        await browser.accept()
        await first_to_end(_inward(browser, channel), _outward(channel, browser))


async def refuse_websocket(browser: WebSocket, cause: Cause) -> None:
    """Only what was accepted can be closed with a code and words that the page can read."""
    words = say(cause, language_of(browser, "vi"))
    with suppress(WebSocketDisconnect):
        await browser.accept()
        await close_browser(browser, AWAY, words)


def can_be_asked(opening: Open) -> bool:
    """A browser that sends what no frame may hold is not to cost the house its link."""
    try:
        return reachable(opening) and decode(encode(opening)) == opening
    except (ProtocolError, ValueError):
        return False


async def _answer(channel: Channel, opening: Open) -> Accept | Answer:
    """Raises Refused."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await channel.tell(opening)
            return await channel.answered()
    except TimeoutError:
        raise Refused("link.house_slow") from None
    except ChannelEndedError as ended:
        raise _why(ended) from ended


async def _response(channel: Channel) -> Response:
    answer = await channel.answered()
    if not isinstance(answer, Answer):
        raise Refused("link.house_failed")
    body = bytearray()
    while True:
        piece = await channel.receive()
        body += piece.payload
        if len(body) > MOST_ANSWER_BYTES:
            raise Refused("link.house_failed")
        if not piece.more:
            return Response(bytes(body), answer.status, dict(headers_outward(answer.headers)))


async def _inward(browser: WebSocket, channel: Channel) -> None:
    while True:
        message = await browser.receive()
        if message["type"] == "websocket.disconnect":
            channel.end(message.get("code") or 1005)
            return
        text = message.get("text")
        with suppress(ChannelEndedError):  # what had arrived by then is still on its way out
            if text is not None:
                await channel.send(text.encode(), text=True)
            else:
                await channel.send(message.get("bytes") or b"")


async def _outward(channel: Channel, browser: WebSocket) -> None:
    """Raises TimeoutError where the browser does not read."""
    try:
        while True:
            message = await channel.receive_message()
            async with asyncio.timeout(UNREAD_SECONDS):
                if isinstance(message, str):
                    await browser.send_text(message)
                else:
                    await browser.send_bytes(message)
    except ChannelEndedError as ended:
        await close_browser(browser, ended.code, ended.reason)


async def close_browser(browser: WebSocket, code: int, reason: str) -> None:
    """With this code, where one may be sent, and as much of the reason as fits."""
    sendable = code >= 3000 or 1000 <= code <= 1003 or 1007 <= code <= 1014
    words = reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore")
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            await browser.close(code if sendable else FAILED, words)


def _why(ended: ChannelEndedError) -> Refused:
    if ended.code == LOST:
        return Refused("link.house_away")
    if ended.code == TRY_AGAIN_LATER:
        return Refused("link.house_busy")
    return Refused("link.house_failed")


def _browser(connection: HTTPConnection, path: str) -> tuple[Headers, str]:
    """What the house is told of it: some headers, and its address."""
    address = connection.client.host if connection.client else ""
    return headers_inward(connection.headers.items(), path), address
