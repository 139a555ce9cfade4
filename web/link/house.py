"""The house's end: dials the hub, serves what comes through, and dials again when it is lost.

    link = HouseLink(Hub("wss://ward.example/link", "to-5", key), app, room.view, deliveries)
    group.create_task(link.run())
    link.state.value        # LinkState(connection="linked", public_url="https://ward.example/h/to-5")

The room knows nothing of it: a house without its ward goes on by itself.
"""

import asyncio
import logging
import random
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.datastructures import Headers, MultipleValuesError
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
    ProxyError,
)

from base.cause import Cause
from base.latest import Latest
from rooms.relay import Relay, RelayAccount
from rooms.view import Connection, LinkState, Outside, RoomView
from web.link.channel import TRY_AGAIN_LATER
from web.link.courier import Courier, Deliveries
from web.link.line import REPLACED, Line, LineLostError, Wire
from web.link.messages import (
    MOST_FRAME_BYTES,
    Ack,
    Ask,
    Deliver,
    End,
    Hello,
    Message,
    Open,
    ProtocolError,
    Refuse,
    Reply,
    Turn,
    TurnAccount,
    Welcome,
    decode,
    encode,
)
from web.link.summary import summary_of
from web.link.tunnel import Tunnel
from web.link.ward_meeting import TellWardMeeting, WardMeeting

FIRST_PAUSE: Final = 0.5
EAGER_PAUSE: Final = 1.5
EAGER_SECONDS: Final = 300.0
"""For so long after a loss there is somebody in the meeting who waits: the pauses stay short."""
LONGEST_PAUSE: Final = 30.0
KNOCK_SECONDS: Final = 2.5
"""While an attempt hangs, another one sets out beside it: TCP itself asks ever more rarely (RFC
6298, section 5.5), and a line that has come back is not to wait for that."""
GOOD_SPELL_SECONDS: Final = 10.0
"""After a link that lasted so long, the first new attempt comes soon."""
OPENING_SECONDS: Final = 8.0
SUMMARY_SECONDS: Final = 0.2
"""The least time between two summaries."""
MOST_CHANNELS: Final = 200
OUTSIDE_KEPT_SECONDS: Final = 90.0
"""For so long after a loss, people are still sent to the hub: two attempts to dial, or the restart
of a hub or a router. After that they are better off in the house's own network."""

NOT_YET_VALID: Final = 9
"""X509_V_ERR_CERT_NOT_YET_VALID of OpenSSL: by our clock it is from the future."""

_LAST_WORDS_SECONDS: Final = 1.0

Answering = Callable[[Ask], Awaitable[Reply]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hub:
    """Where the hub is, and by what it knows this house."""

    url: str
    """`wss://…`; `ws://` only on loopback and in networks of one's own."""
    house_id: str
    key: str = field(repr=False)


def authorization(hub: Hub) -> dict[str, str]:
    """The header by which the hub knows the house (RFC 7617)."""
    credentials = b64encode(f"{hub.house_id}:{hub.key}".encode()).decode()
    return {"Authorization": f"Basic {credentials}"}


class HouseLink:
    def __init__(
        self,
        hub: Hub,
        app: ASGIApp,
        view: Latest[RoomView],
        deliveries: Deliveries,
        *,
        state: Latest[LinkState] | None = None,
        relay: Latest[Relay | None] | None = None,
        ward_meeting: Callable[[WardMeeting | None], None] | None = None,
        answer: Answering | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`state` is told how the link stands, `relay` which relay the hub offers, `ward_meeting`
        in which meeting of the whole ward this house is wanted; `answer` says what becomes of
        what the hub's officials ask; `tls` is for a hub whose certificate the system does not
        know."""
        self._hub = hub
        self._app = app
        self._view = view
        self._deliveries = deliveries
        self._ward_meeting = ward_meeting
        self._answer = answer
        self._tls = tls
        self._line: Line | None = None
        self._forgetting: asyncio.TimerHandle | None = None
        self._told_time: tuple[datetime, float] | None = None
        self.state: Latest[LinkState] = state or Latest(LinkState())
        self.state.set(LinkState(Connection.CONNECTING))
        self._relay: Latest[Relay | None] = relay or Latest(None)

    def hub_time(self) -> datetime | None:
        """What time it is at the hub, to a second or two, as it said when it was last dialled; by
        our monotonic clock since then. None before it ever answered."""
        if self._told_time is None:
            return None
        said, at = self._told_time
        return said + timedelta(seconds=time.monotonic() - at)

    def _note_time(self, headers: Headers) -> None:
        """Of the answer to the dialling (RFC 9110, section 6.6.1)."""
        with suppress(ValueError, TypeError, KeyError, MultipleValuesError):
            said = parsedate_to_datetime(headers["Date"])
            self._told_time = said.astimezone(UTC), time.monotonic()

    @property
    def round_trip(self) -> float | None:
        """To the hub and back, in seconds; None while that is not known."""
        return self._line.round_trip if self._line else None

    async def run(self) -> None:
        """Keep the house linked; ends only by cancellation."""
        loop = asyncio.get_running_loop()
        pause, lost_at = FIRST_PAUSE, loop.time()
        while True:
            began = loop.time()
            try:
                await self._link()
            except LineLostError as lost:
                cause = lost.cause
            except Exception:
                logger.exception("the link failed")
                cause = Cause("link.failed")
            if loop.time() - began >= GOOD_SPELL_SECONDS:
                pause, lost_at = FIRST_PAUSE, loop.time()
            if cause.code == "link.replaced":
                pause = LONGEST_PAUSE  # or two machines with one key push each other out for ever
            self._away(cause)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))
            eager = loop.time() - lost_at < EAGER_SECONDS
            pause = min(2 * pause, EAGER_PAUSE if eager else LONGEST_PAUSE, LONGEST_PAUSE)

    def _away(self, cause: Cause) -> None:
        before = self.state.value
        state = LinkState(Connection.AWAY, cause, outside=before.outside)
        if state != before:
            logger.warning("no link to the ward: %s", cause)
            self.state.set(state)
        if before.connection is Connection.LINKED:
            loop = asyncio.get_running_loop()
            self._forgetting = loop.call_later(OUTSIDE_KEPT_SECONDS, self._forget_outside)

    def _linked(self, welcome: Welcome) -> None:
        if self._forgetting is not None:
            self._forgetting.cancel()
        url = welcome.public_url
        outside = Outside(url, welcome.ask_url)
        takes = frozenset(welcome.takes)
        state = LinkState(Connection.LINKED, public_url=url, outside=outside, takes=takes)
        self.state.set(state)
        logger.info("linked to the ward")

    def _forget_outside(self) -> None:
        self.state.set(replace(self.state.value, outside=None))

    async def _link(self) -> None:
        """One connection, from dialling to its loss. Raises LineLostError."""
        connection = await self._dial()
        wire = _Wire(connection)
        try:
            welcome = await _greet(wire, tuple(self._deliveries.takes))
            await self._serve(wire, welcome)
        finally:
            await _close(connection)

    async def _serve(self, wire: Wire, welcome: Welcome) -> None:
        tunnel = Tunnel(self._app, urlsplit(welcome.public_url).path)
        session = _Session(
            wire,
            tunnel,
            self._deliveries,
            take_turn=self._take_turn,
            ward_meeting=self._ward_meeting,
            answer=self._answer,
            takes=welcome.takes,
        )
        self._line = session.line
        self._linked(welcome)
        try:
            await session.run(self._view)
        except LineLostError as lost:
            self._away(lost.cause)
            raise
        finally:
            self._line = None
            await session.close()

    def _take_turn(self, turn: Turn) -> None:
        until = asyncio.get_running_loop().time() + turn.seconds
        self._relay.set(Relay(turn.urls, _account(turn.house), _account(turn.guests), until))

    async def _dial(self) -> ClientConnection:
        """By the first attempt that has an outcome. Raises LineLostError."""
        attempts: set[asyncio.Task[ClientConnection]] = set()
        try:
            while True:
                attempts.add(asyncio.create_task(self._knock()))
                done, _ = await asyncio.wait(
                    attempts, timeout=KNOCK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    first = done.pop()
                    attempts.discard(first)
                    return first.result()
        finally:
            for attempt in attempts:
                attempt.cancel()
            for outcome in await asyncio.gather(*attempts, return_exceptions=True):
                if isinstance(outcome, ClientConnection):
                    await _close(outcome)

    async def _knock(self) -> ClientConnection:
        host = urlsplit(self._hub.url).hostname or ""
        try:
            connection = await _Dial(
                self._hub.url,
                ssl=(self._tls or True) if self._hub.url.startswith("wss:") else None,
                additional_headers=authorization(self._hub),
                user_agent_header=None,
                compression=None,
                open_timeout=OPENING_SECONDS,
                ping_interval=None,
                close_timeout=1,
                max_size=MOST_FRAME_BYTES,
            )
            if connection.response is not None:
                self._note_time(connection.response.headers)
            return connection
        except (InvalidHandshake, InvalidURI, ProxyError, OSError, TimeoutError) as error:
            raise _no_link(error, host) from error


class _Session:
    """What one connection serves."""

    def __init__(
        self,
        wire: Wire,
        tunnel: Tunnel,
        deliveries: Deliveries,
        *,
        take_turn: Callable[[Turn], None],
        ward_meeting: Callable[[WardMeeting | None], None] | None,
        answer: Answering | None,
        takes: Collection[str],
    ) -> None:
        self.line = Line(wire, self._take)
        self._answer = answer
        self._take_turn = take_turn
        self._ward_meeting = ward_meeting
        self._courier = Courier(self.line, deliveries, takes)
        self._tunnel = tunnel
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self, view: Latest[RoomView]) -> None:
        """Raises LineLostError."""
        courier = self._courier
        await self.line.run(self._tell_summary(view), courier.hand_over(), courier.take_in())

    def _take(self, message: Message) -> None:
        match message:
            case Open():
                self._open(message)
            case Deliver() | Ack():
                self._courier.take(message)
            case Turn():
                self._take_turn(message)
            case TellWardMeeting():
                if self._ward_meeting is not None:
                    self._ward_meeting(message.meeting)
            case Ask():
                self._asked(message)
            case _:
                raise ProtocolError(f"a {type(message).__name__} from the hub")

    def _open(self, request: Open) -> None:
        if len(self._serving) >= MOST_CHANNELS:
            self.line.post(End(request.channel, TRY_AGAIN_LATER))
            return
        channel = self.line.channel(request.channel)
        task = asyncio.create_task(self._tunnel.serve(channel, request))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        task.add_done_callback(lambda _: self.line.forget(channel))

    def _asked(self, ask: Ask) -> None:
        if self._answer is None or len(self._serving) >= MOST_CHANNELS:
            self.line.post(Reply(ask.number, code="link.house_busy"))
            return
        task = asyncio.create_task(self._reply(self._answer, ask))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _reply(self, answer: Answering, ask: Ask) -> None:
        reply = Reply(ask.number, code="link.house_failed")
        try:
            reply = await answer(ask)
        except Exception:
            logger.exception("what the hub asked could not be answered")
        self.line.post(reply)

    async def _tell_summary(self, view: Latest[RoomView]) -> None:
        """Until cancelled. Raises LineLostError."""
        told = None
        async for now in view.changes():
            summary = summary_of(now)
            if summary != told:
                await self.line.send(summary)
                told = summary
                await asyncio.sleep(SUMMARY_SECONDS)

    async def close(self) -> None:
        """Every channel has ended with the line; the application gets its moment to notice."""
        if self._serving:
            _, late = await asyncio.wait(self._serving, timeout=_LAST_WORDS_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


async def _greet(wire: Wire, takes: tuple[str, ...]) -> Welcome:
    """Raises LineLostError, with the hub's own cause where it refuses us."""
    await wire.send(encode(Hello(software=version("avcontrol"), takes=takes)))
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            while (answer := decode(await wire.receive())) is None:
                pass
    except TimeoutError:
        raise LineLostError("link.silent") from None
    except ProtocolError as error:
        raise LineLostError("link.protocol", detail=str(error)) from error
    match answer:
        case Welcome():
            return answer
        case Refuse(code, params):
            raise LineLostError(code, **params)
    raise LineLostError("link.protocol", detail="no welcome")


def _account(account: TurnAccount) -> RelayAccount:
    return RelayAccount(account.username, account.credential)


class _Dial(connect):
    """Goes where it was told and nowhere else: the house's key is for one host."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _Wire:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, frame: str | bytes) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise _lost(closed) from closed

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise _lost(closed) from closed


async def _close(connection: ClientConnection) -> None:
    """Say good-bye where there is somebody to hear it; leave no socket in either case."""
    try:
        async with asyncio.timeout(_LAST_WORDS_SECONDS):
            await connection.close()
    except TimeoutError:
        connection.transport.abort()


def _lost(closed: ConnectionClosed) -> LineLostError:
    code = closed.rcvd.code if closed.rcvd else None
    return LineLostError("link.replaced" if code == REPLACED else "link.closed")


def _no_link(error: Exception, host: str) -> LineLostError:
    match error:
        case InvalidStatus(response=response) if response.status_code in {401, 403}:
            return LineLostError("link.wrong_key")
        case InvalidStatus(response=response) if response.status_code >= 500:
            return LineLostError("link.hub_down", host=host)
        case InvalidHandshake() | InvalidURI():
            return LineLostError("link.not_a_hub", host=host)
        case ssl.SSLCertVerificationError(verify_code=code):
            early = "_early" if code == NOT_YET_VALID else ""
            return LineLostError(f"link.certificate{early}", host=host)
        case socket.gaierror():
            return LineLostError("link.no_name", host=host)
    return LineLostError("link.no_answer", host=host)
