"""The hub's end: a session for each house that has dialled in, and browsers passed on through it.

    credentials = read_credentials(websocket)
    if credentials is None or not await fits(*credentials):
        return await refuse_key(websocket)
    await sessions.serve(HouseSession(websocket, house_id, public_url=…, deliveries=…))

    await sessions.relay_websocket("to-5", websocket, "/ws/call")      # a browser's
    response = await sessions.relay_http("to-5", request, "/join/…")

Who may ask is the hub's to say before: it has checked the browser's Host and Origin. The link ends
at one process; what is told to a browser when its house is away stands in `sentences/link.py`.
"""

import asyncio
import logging
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.cause import Refused
from base.latest import Latest
from web.link.channel import (
    Channel,
)
from web.link.courier import Courier, Deliveries
from web.link.line import REFUSED, REPLACED, Line, LineLostError
from web.link.messages import (
    VERSION,
    Ack,
    Ask,
    Deliver,
    Hello,
    Message,
    ProtocolError,
    Refuse,
    Reply,
    Summary,
    Turn,
    Welcome,
    decode,
    encode,
)
from web.link.relay import ANSWER_SECONDS, refuse_websocket, relay_http, relay_websocket
from web.link.ward_meeting import TellWardMeeting

HELLO_SECONDS: Final = 5.0
MOST_CHANNELS: Final = 200
"""Through one house; as many as the house takes."""
_LAST_WORDS_SECONDS: Final = 0.5
_GOING_AWAY: Final = 1001
_CLOSE_CODES: Final = {
    "link.house_outdated": REFUSED,
    "link.hub_outdated": REFUSED,
    "link.replaced": REPLACED,
    "link.protocol": 1002,
}
"""Of a house's connection, by the cause of its end."""

logger = logging.getLogger(__name__)


def read_credentials(connection: HTTPConnection) -> tuple[str, str] | None:
    """The house's id and its key, as it says (RFC 7617); None where it says nothing of the kind."""
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        house_id, colon, key = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (house_id, key) if colon else None


async def refuse_key(websocket: WebSocket) -> None:
    """Before accepting. The house tells its technician in words."""
    headers = {"WWW-Authenticate": 'Basic realm="link"'}
    await websocket.send_denial_response(Response(status_code=401, headers=headers))


class HouseSession:
    """One connection of one house, from its hello to its loss."""

    def __init__(
        self,
        websocket: WebSocket,
        house_id: str,
        *,
        public_url: str,
        ask_url: str = "",
        deliveries: Deliveries,
        turn: Callable[[], Turn] | None = None,
        ward_meeting: Latest[TellWardMeeting | None] | None = None,
    ) -> None:
        """The key was checked; `public_url` is where this hub shows the house, without a slash at
        the end, and `ask_url` where it takes questions for it. `turn` mints what the house needs
        for the relay; None where there is none. `ward_meeting` is the one that it is wanted in,
        nothing while that is not known."""
        self.house_id = house_id
        self.summary: Latest[Summary | None] = Latest(None)
        self.software = ""
        """The version that the house runs, as it says."""
        self._websocket = websocket
        self._welcome = Welcome(public_url, ask_url, takes=tuple(deliveries.takes))
        self._turn = turn
        self._ward_meeting = ward_meeting
        self._wire = _Wire(websocket)
        self._line = Line(self._wire, self._take)
        self._courier = Courier(self._line, deliveries)
        self._last_channel = 0
        self._last_ask = 0
        self._asked: dict[int, asyncio.Future[Reply]] = {}
        self._let_go: Latest[str] = Latest("")

    @property
    def round_trip(self) -> float | None:
        """To the house and back, in seconds; None while that is not known."""
        return self._line.round_trip

    @property
    def open_channels(self) -> int:
        """How many browsers' connections pass through now."""
        return self._line.open_channels

    async def serve(self, linked: Callable[[], None] = lambda: None) -> None:
        """From the handshake until the link is lost or replaced; `linked` is called between.

        What was passing through has ended when this returns.
        """
        try:
            await self._greet()
            linked()
            jobs = [self._courier.hand_over(), self._courier.take_in(), self._until_let_go()]
            if self._turn is not None:
                jobs.append(self._tell_turn(self._turn))
            if self._ward_meeting is not None:
                jobs.append(self._tell_ward_meeting(self._ward_meeting))
            await self._line.run(*jobs)
        except LineLostError as lost:
            logger.warning("house %s: %s", self.house_id, lost.cause)
            await self._close(_CLOSE_CODES.get(lost.cause.code, _GOING_AWAY))
        finally:
            self._line.end()
            for waiting in self._asked.values():
                waiting.cancel()

    def replace(self) -> None:
        """A newer connection of the same house has come: end this one."""
        self._let_go.set("link.replaced")

    def hang_up(self) -> None:
        """End this one, whether or not the house may come again."""
        self._let_go.set("link.closed")

    async def relay_websocket(self, browser: WebSocket, path: str, query: str = "") -> None:
        """Answer a browser's WebSocket from the house, until either has enough.

        The browser's is closed with 1012 where the link is lost meanwhile, and with 4503 and
        words where the house cannot answer at all.
        """
        try:
            channel = self._channel()
        except Refused as refused:
            await refuse_websocket(browser, refused.cause)
            return
        try:
            await relay_websocket(channel, browser, path, query)
        finally:
            channel.end()
            self._line.forget(channel)

    async def relay_http(self, request: Request, path: str, query: str = "") -> Response:
        """The house's answer to a browser. Raises Refused: `link.house_away`, `link.house_busy`,
        `link.house_slow`, `link.house_failed`; HTTPException 404 for what cannot be reached."""
        channel = self._channel()
        try:
            return await relay_http(channel, request, path, query)
        finally:
            channel.end()
            self._line.forget(channel)

    async def ask(self, asked: Ask) -> Reply:
        """What an official of this hub asks of the house; the number is the link's own to give.

        Raises Refused with the house's own cause, and as `relay_http`.
        """
        if self._line.lost:
            raise Refused("link.house_away")
        self._last_ask += 1
        number = self._last_ask
        answered = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._line.send(replace(asked, number=number))
                await asyncio.wait({answered})
        except TimeoutError:
            raise Refused("link.house_slow") from None
        except LineLostError:
            raise Refused("link.house_away") from None
        finally:
            del self._asked[number]
        if answered.cancelled():
            raise Refused("link.house_away")
        reply: Reply = answered.result()
        if reply.code is not None:
            raise Refused(reply.code, **reply.params)
        return reply

    async def _greet(self) -> None:
        """Accept, and agree on the version. Raises LineLostError where that is not to be."""
        await self._websocket.accept()
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = decode(await self._wire.receive())
        except TimeoutError:
            raise LineLostError("link.silent") from None
        except ProtocolError as error:
            raise LineLostError("link.protocol", detail=str(error)) from error
        if not isinstance(hello, Hello):
            raise LineLostError("link.protocol", detail="no hello")
        if hello.version != VERSION:
            versions: dict[str, int | str] = {"house": hello.version, "hub": VERSION}
            code = "link.house_outdated" if hello.version < VERSION else "link.hub_outdated"
            await self._wire.send(encode(Refuse(code, versions)))
            raise LineLostError(code, **versions)
        self.software = hello.software
        self._courier.takes = hello.takes
        await self._wire.send(encode(self._welcome))

    async def _tell_turn(self, mint: Callable[[], Turn]) -> None:
        """Until cancelled, each time well before the last one runs out. Raises LineLostError."""
        while True:
            turn = mint()
            await self._line.send(turn)
            await asyncio.sleep(turn.seconds / 2)

    async def _tell_ward_meeting(self, told: Latest[TellWardMeeting | None]) -> None:
        """Until cancelled: at once, and each time it changes. Raises LineLostError."""
        async for now in told.changes():
            if now is not None:
                await self._line.send(now)

    def _channel(self) -> Channel:
        if self._line.lost:
            raise Refused("link.house_away")
        if self._line.open_channels >= MOST_CHANNELS:
            raise Refused("link.house_busy")
        self._last_channel += 1
        return self._line.channel(self._last_channel)

    def _take(self, message: Message) -> None:
        match message:
            case Summary():
                self.summary.set(message)
            case Deliver() | Ack():
                self._courier.take(message)
            case Reply():
                if (waiting := self._asked.get(message.number)) and not waiting.done():
                    waiting.set_result(message)
            case _:
                raise ProtocolError(f"a {type(message).__name__} from the house")

    async def _until_let_go(self) -> None:
        async for code in self._let_go.changes():
            if code:
                raise LineLostError(code)

    async def _close(self, code: int) -> None:
        """Say good-bye, where there is still somebody to hear it."""
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                await self._websocket.close(code)


class Sessions:
    """The houses that are linked to this process, each by its newest connection."""

    def __init__(self) -> None:
        self._by_house: dict[str, HouseSession] = {}
        self.linked: Latest[frozenset[str]] = Latest(frozenset())
        """Ids of the houses."""

    def all(self) -> tuple[HouseSession, ...]:
        return tuple(self._by_house.values())

    def has(self, house_id: str) -> bool:
        return house_id in self._by_house

    def of(self, house_id: str) -> HouseSession:
        """Raises Refused `link.house_away`."""
        session = self._by_house.get(house_id)
        if session is None:
            raise Refused("link.house_away")
        return session

    async def serve(self, session: HouseSession) -> None:
        """Until it is lost or replaced."""
        try:
            await session.serve(lambda: self._linked(session))
        finally:
            if self._by_house.get(session.house_id) is session:
                del self._by_house[session.house_id]
                self.linked.set(frozenset(self._by_house))

    def _linked(self, session: HouseSession) -> None:
        older = self._by_house.get(session.house_id)
        self._by_house[session.house_id] = session
        self.linked.set(frozenset(self._by_house))
        logger.info("house %s is linked, version %s", session.house_id, session.software)
        if older is not None:
            older.replace()

    async def relay_websocket(
        self, house_id: str, browser: WebSocket, path: str, query: str = ""
    ) -> None:
        """The same as of its session; closed with 4503 and words where the house is away."""
        try:
            session = self.of(house_id)
        except Refused as refused:
            await refuse_websocket(browser, refused.cause)
        else:
            await session.relay_websocket(browser, path, query)

    async def relay_http(
        self, house_id: str, request: Request, path: str, query: str = ""
    ) -> Response:
        """The same as of its session."""
        return await self.of(house_id).relay_http(request, path, query)


class _Wire:
    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def send(self, frame: str | bytes) -> None:
        try:
            if isinstance(frame, str):
                await self._websocket.send_text(frame)
            else:
                await self._websocket.send_bytes(frame)
        except (RuntimeError, WebSocketDisconnect) as error:
            raise LineLostError("link.closed") from error

    async def receive(self) -> str | bytes:
        try:
            message = await self._websocket.receive()
        except RuntimeError as error:
            raise LineLostError("link.closed") from error
        if message["type"] == "websocket.disconnect":
            raise LineLostError("link.closed")
        text = message.get("text")
        return text if text is not None else message.get("bytes") or b""
