"""The other processes of this hub: what a browser asks of a house that is linked to one of them.

    browser ──▶ this process ──HTTP or WebSocket──▶ the process that holds the link ──▶ house

Each process answers the others at an address of its own, apart from the one that browsers and
houses reach, and writes it into the database with a key (`ward/processes.py`). Who is asked there
answers from its own links alone and asks nobody else: one hop, never a loop.

    GET /h/to-5/join/…?…                         as the browser asked, with the same few headers
    Authorization: Bearer <key of the process>
    Avcontrol-Client: 203.0.113.7                the browser's address

Status, headers and body are the house's; `Avcontrol-Refused: link.house_away` says instead why
there is no answer.

    POST /ask/to-5      an `ask` as on the link (`web/link/PROTOCOL.md`)
    200                 the house's `reply`, or one with why there is none
"""

import asyncio
import hmac
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, TypeVar

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from base.cause import Refused
from ward.processes import Process, Processes, new_process_id
from web.link.channel import MOST_MESSAGE_BYTES
from web.link.hub import Sessions
from web.link.line import first_to_end
from web.link.messages import Ask, Open, ProtocolError, Reply, decode, encode, refusal
from web.link.reach import headers_inward, headers_outward
from web.link.relay import ANSWER_SECONDS, UNREAD_SECONDS, can_be_asked, close_browser

RENEW_SECONDS: Final = 5.0
CONNECT_SECONDS: Final = 3.0

_CLIENT: Final = "avcontrol-client"
_PLAYER: Final = "avcontrol-token"
"""A player's own, where the key stands in its place."""
_REFUSED: Final = "avcontrol-refused"
_REFUSALS: Final = frozenset(
    {"link.house_away", "link.house_busy", "link.house_slow", "link.house_failed"}
)
_LOST: Final = 1012
_GRACE_SECONDS: Final = 5.0
"""The process that holds the link gives up first, and says why."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Peers:
    def __init__(self, processes: Processes) -> None:
        self.id = new_process_id()
        """Of this process."""
        self._processes = processes
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(ANSWER_SECONDS + _GRACE_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=None),
            trust_env=False,
        )

    async def stay_known(self, address: str, key: str) -> None:
        """Tell the others that this process lives, and is reached at this address with this key,
        until cancelled."""
        process = Process(self.id, address, key)
        silent = False
        try:
            while True:
                try:
                    await self._processes.renew(process)
                    silent = False
                except Refused as refused:
                    if not silent:
                        logger.warning("the other processes do not know of us: %s", refused.cause)
                    silent = True
                await asyncio.sleep(RENEW_SECONDS)
        finally:
            with suppress(Refused):
                await self._processes.leave(process)
            await self._client.aclose()

    async def relay_http(self, house_id: str, request: Request, path: str, query: str) -> Response:
        """The answer of the process that holds the house's link. Raises as
        `HouseSession.relay_http`."""
        if not can_be_asked(Open(1, "http", request.method, path, query)):
            raise HTTPException(404)
        process = await self._holder(house_id)
        try:
            answer = await self._client.request(
                request.method,
                _url(process, house_id, path, query),
                headers=_asking(process, request),
                content=await request.body(),
            )
        except httpx.TimeoutException:
            raise Refused("link.house_slow") from None
        except httpx.HTTPError as error:
            logger.warning("process %s of the hub does not answer: %s", process.id, error)
            raise Refused("link.house_away") from error
        if (code := answer.headers.get(_REFUSED)) is not None:
            raise Refused(code if code in _REFUSALS else "link.house_failed")
        if answer.status_code == 404 and "content-type" not in answer.headers:
            raise HTTPException(404)
        headers = dict(headers_outward(answer.headers.items()))
        return Response(answer.content, answer.status_code, headers)

    async def ask(self, house_id: str, asked: Ask) -> Reply:
        """What an official asks of a house. Raises as `HouseSession.ask`."""
        process = await self._holder(house_id)
        try:
            answer = await self._client.post(
                httpx.URL(process.address, path=f"/ask/{house_id}"),
                headers={"authorization": f"Bearer {process.key}"},
                content=encode(asked),
            )
        except httpx.TimeoutException:
            raise Refused("link.house_slow") from None
        except httpx.HTTPError as error:
            logger.warning("process %s of the hub does not answer: %s", process.id, error)
            raise Refused("link.house_away") from error
        reply = _read(answer.text, Reply) if answer.status_code == 200 else None
        if reply is None:
            raise Refused("link.house_failed")
        if reply.code is not None:
            raise Refused(reply.code, **reply.params)
        return reply

    async def relay_websocket(
        self, house_id: str, browser: WebSocket, path: str, query: str
    ) -> None:
        """The same for a WebSocket, until either has enough. Raises Refused `link.house_away`."""
        if not can_be_asked(Open(1, "websocket", "GET", path, query)):
            await browser.send_denial_response(Response(status_code=404))
            return
        process = await self._holder(house_id)
        url = httpx.URL(_url(process, house_id, path, query), scheme="ws")
        try:
            connection = await connect(
                str(url),
                additional_headers=_asking(process, browser),
                user_agent_header=None,
                compression=None,
                proxy=None,
                open_timeout=ANSWER_SECONDS + _GRACE_SECONDS,
                close_timeout=1,
                max_size=MOST_MESSAGE_BYTES,
            )
        except InvalidStatus as refused:
            await browser.send_denial_response(Response(status_code=refused.response.status_code))
            return
        except (InvalidHandshake, OSError, TimeoutError) as error:
            logger.warning("process %s of the hub does not answer: %s", process.id, error)
            raise Refused("link.house_away") from error
        try:
            with suppress(WebSocketDisconnect, TimeoutError):
                await browser.accept()
                await first_to_end(_inward(browser, connection), _outward(connection, browser))
        finally:
            await connection.close()

    async def _holder(self, house_id: str) -> Process:
        process = await self._processes.holder_of(house_id)
        if process is None or process.id == self.id:
            raise Refused("link.house_away")
        return process


def _read(text: str, kind: type[T]) -> T | None:
    """A message of this kind; None where it is none."""
    try:
        message = decode(text)
    except ProtocolError:
        return None
    return message if isinstance(message, kind) else None


def _url(process: Process, house_id: str, path: str, query: str) -> httpx.URL:
    return httpx.URL(process.address, path=f"/h/{house_id}{path}", query=query.encode() or None)


def _asking(process: Process, browser: HTTPConnection) -> Mapping[str, str]:
    headers = dict(headers_inward(browser.headers.items(), _path(browser)))
    return {
        **headers,
        _PLAYER: headers.get("authorization", ""),
        "authorization": f"Bearer {process.key}",
        _CLIENT: browser.client.host if browser.client else "",
    }


async def _inward(browser: WebSocket, connection: ClientConnection) -> None:
    with suppress(ConnectionClosed):  # what had arrived by then is still on its way out
        while True:
            message = await browser.receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code") or 1005
                await connection.close(code if 1000 <= code <= 1003 or code >= 3000 else 1000)
                return
            text = message.get("text")
            await connection.send(text if text is not None else message.get("bytes") or b"")
    await asyncio.Event().wait()


async def _outward(connection: ClientConnection, browser: WebSocket) -> None:
    """Raises TimeoutError where the browser does not read."""
    try:
        while True:
            message = await connection.recv()
            async with asyncio.timeout(UNREAD_SECONDS):
                if isinstance(message, str):
                    await browser.send_text(message)
                else:
                    await browser.send_bytes(message)
    except ConnectionClosed as closed:
        told = closed.rcvd
        # Without a word: the process is gone, and the house dials another one now.
        await close_browser(browser, told.code if told else _LOST, told.reason if told else "")


# For the other processes


def create_peer_app(sessions: Sessions, key: str) -> ASGIApp:
    """What this process answers the others, from its own links and for whoever knows its key."""

    async def page(request: Request) -> Response:
        try:
            return await sessions.relay_http(
                request.path_params["house"], request, _path(request), request.url.query
            )
        except Refused as refused:
            return Response(status_code=503, headers={_REFUSED: refused.cause.code})
        except HTTPException as error:
            return Response(status_code=error.status_code)

    async def socket(browser: WebSocket) -> None:
        await sessions.relay_websocket(
            browser.path_params["house"], browser, _path(browser), browser.url.query
        )

    async def ask(request: Request) -> Response:
        asked = _read((await request.body()).decode(errors="replace"), Ask)
        if asked is None:
            return Response(status_code=400)
        try:
            reply = await sessions.of(request.path_params["house"]).ask(asked)
        except Refused as refused:
            reply = refusal(asked, refused.cause)
        return Response(encode(reply), media_type="application/json")

    place = "/h/{house}/{path:path}"
    routes = [
        Route(place, page, methods=["GET", "POST", "DELETE", "PATCH", "OPTIONS"]),
        WebSocketRoute(place, socket),
        Route("/ask/{house}", ask, methods=["POST"]),
    ]
    return _KeyOnly(Starlette(routes=routes), key)


class _KeyOnly:
    """Lets in who knows the key, under the address of the browser that he asks for."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        shown = connection.headers.get("authorization", "").encode("latin-1")
        if hmac.compare_digest(shown, self._expected):
            client = (connection.headers.get(_CLIENT, ""), 0)
            token = connection.headers.get(_PLAYER, "").encode("latin-1")
            ours = (b"authorization", _PLAYER.encode())
            headers = [pair for pair in scope["headers"] if pair[0] not in ours]
            if token:
                headers.append((b"authorization", token))
            await self._app({**scope, "client": client, "headers": headers}, receive, send)
            return
        logger.warning("somebody without the key asked as another process of the hub")
        denial = Response(status_code=401)
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(denial)
        else:
            await denial(scope, receive, send)


def _path(connection: HTTPConnection) -> str:
    return f"/{connection.path_params['path']}"
