"""A hub as small as one can be, houses that dial it, and a line between them that can fail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from base.cause import Refused
from base.latest import Latest
from config.settings import WebSection
from rooms.shown import Floor
from rooms.view import Connection, Phase, RoomView, SoundView
from web.errors import status_of
from web.link.courier import Deliveries, Delivery
from web.link.house import HouseLink, Hub
from web.link.hub import HouseSession, Sessions, read_credentials, refuse_key
from web.link.messages import Turn
from web.link.ward_meeting import TellWardMeeting
from web.sentences import say
from web.server import WebServer

KEY = "một khóa: rất dài"


class Kept:
    """Deliveries in memory, with everything that was ever received, in order."""

    takes = ("question", "case")

    def __init__(self, *waiting: Delivery) -> None:
        self.waiting = list(waiting)
        self.received: list[tuple[str, str, dict[str, Any]]] = []
        self.times_received = 0
        self._changed = asyncio.Event()

    def add(self, delivery: Delivery) -> None:
        self.waiting.append(delivery)
        self._changed.set()

    async def pending(self, most: int, takes: Collection[str] = ()) -> Sequence[Delivery]:
        while not self.waiting:
            self._changed.clear()
            await self._changed.wait()
        return self.waiting[:most]

    async def delivered(self, delivery_id: str) -> None:
        self.waiting = [delivery for delivery in self.waiting if delivery.id != delivery_id]

    async def receive(self, delivery_id: str, kind: str, body: Mapping[str, Any]) -> None:
        self.times_received += 1
        if delivery_id not in {known for known, _, _ in self.received}:
            self.received.append((delivery_id, kind, dict(body)))


@dataclass
class RunningHub:
    port: int
    sessions: Sessions
    deliveries: dict[str, Deliveries]
    stop: Callable[[], Awaitable[None]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def link_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/link"

    def browse(self, path: str, house: str = "to-5", **options: Any) -> Any:
        """A browser's WebSocket to a house's page."""
        url = f"ws://127.0.0.1:{self.port}/h/{house}{path}"
        return websockets.connect(url, origin=self.url, proxy=None, **options)

    async def until(self, house: str, *, linked: bool) -> None:
        async with asyncio.timeout(40):
            async for houses in self.sessions.linked.changes():
                if (house in houses) is linked:
                    return

    async def told(self, house: str, **fields: Any) -> Any:
        """Its summary, once it says this."""
        async with asyncio.timeout(40):
            async for summary in self.sessions.of(house).summary.changes():
                if summary and all(getattr(summary, k) == v for k, v in fields.items()):
                    return summary
        raise AssertionError


def hub_app(
    sessions: Sessions,
    deliveries: Mapping[str, Deliveries],
    turn: Callable[[], Turn] | None,
    ward_meeting: Latest[TellWardMeeting | None] | None,
) -> Starlette:
    async def link(websocket: WebSocket) -> None:
        match read_credentials(websocket):
            case (house_id, key) if key == KEY:
                url = f"http://{websocket.url.netloc}/h/{house_id}"
                kept = deliveries.get(house_id) or Kept()
                session = HouseSession(
                    websocket,
                    house_id,
                    public_url=url,
                    ask_url=f"http://{websocket.url.netloc}/{house_id}",
                    deliveries=kept,
                    turn=turn,
                    ward_meeting=ward_meeting,
                )
                await sessions.serve(session)
            case _:
                await refuse_key(websocket)

    async def websocket(websocket: WebSocket) -> None:
        house_id, path = websocket.path_params["house"], "/" + websocket.path_params["path"]
        await sessions.relay_websocket(house_id, websocket, path, websocket.url.query)

    async def http(request: Request) -> Response:
        house_id, path = request.path_params["house"], "/" + request.path_params["path"]
        return await sessions.relay_http(house_id, request, path, request.url.query)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        words = {"code": error.cause.code, "message": say(error.cause, "vi")}
        return JSONResponse(words, status_of(error.cause))

    return Starlette(
        routes=[
            WebSocketRoute("/link", link),
            WebSocketRoute("/h/{house}/{path:path}", websocket),
            Route("/h/{house}/{path:path}", http, methods=["GET", "HEAD", "POST"]),
        ],
        exception_handlers={Refused: refused},
    )


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def kept() -> type[Kept]:
    return Kept


@pytest.fixture
async def start_hub() -> AsyncIterator[Callable[..., Awaitable[RunningHub]]]:
    async with AsyncExitStack() as stack:

        async def start(
            port: int = 0,
            turn: Callable[[], Turn] | None = None,
            ward_meeting: Latest[TellWardMeeting | None] | None = None,
            **deliveries: Deliveries,
        ) -> RunningHub:
            by_house = {name.replace("_", "-"): kept for name, kept in deliveries.items()}
            sessions = Sessions()
            server = WebServer(hub_app(sessions, by_house, turn, ward_meeting), WebSection())
            _, port = server.bind(port)
            serving = asyncio.create_task(server.run())
            stack.push_async_callback(_stop, serving)
            await asyncio.wait_for(server.started.wait(), 30)
            return RunningHub(port, sessions, by_house, lambda: _stop(serving))

        yield start


@pytest.fixture
async def hub(start_hub: Callable[..., Awaitable[RunningHub]]) -> RunningHub:
    return await start_hub()


@pytest.fixture
def view() -> Latest[RoomView]:
    """Of a house where nothing is going on."""
    return Latest(
        RoomView(
            house="Nhà văn hóa Tổ dân phố 5",
            ward="Phường Mẫu",
            phase=Phase.IDLE,
            meeting_id="m1",
            title="",
            started_at=None,
            devices=(),
            sound=SoundView(microphone_open=False, muted=False, volume=70),
            guests=(),
            floor=Floor(),
            floor_follows_speaker=True,
            questions=(),
        )
    )


@pytest.fixture
async def dial(
    view: Latest[RoomView],
) -> AsyncIterator[Callable[..., HouseLink]]:
    """Houses that dial a hub, until the test ends."""
    async with AsyncExitStack() as stack:

        def dial(
            url: str,
            app: ASGIApp,
            *,
            house: str = "to-5",
            secret: str = KEY,
            room_view: Latest[RoomView] | None = None,
            deliveries: Deliveries | None = None,
            **more: Any,
        ) -> HouseLink:
            hub = Hub(url, house, secret)
            link = HouseLink(hub, app, room_view or view, deliveries or Kept(), **more)
            stack.push_async_callback(_stop, asyncio.create_task(link.run()))
            return link

        yield dial


@pytest.fixture
def until_state() -> Callable[..., Awaitable[Any]]:
    async def until(link: HouseLink, connection: Connection, code: str = "") -> Any:
        async with asyncio.timeout(40):
            async for state in link.state.changes():
                known = state.cause.code if state.cause else ""
                if state.connection is connection and code in {"", known}:
                    return state
        raise AssertionError

    return until


@dataclass
class Weak:
    """A line that can fall silent without being closed, as a radio does."""

    port: int
    passing: asyncio.Event
    connections: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def link_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/link"

    def stall(self) -> None:
        self.passing.clear()

    def cut(self) -> None:
        """Drop what there is, and let new connections through again."""
        for writer in self.connections:
            writer.transport.abort()
        self.connections.clear()
        self.passing.set()


@pytest.fixture
async def weak_line() -> AsyncIterator[Callable[[int], Awaitable[Weak]]]:
    async with AsyncExitStack() as stack:

        async def open_line(to: int) -> Weak:
            weak = Weak(0, asyncio.Event())
            weak.passing.set()

            async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with suppress(OSError):
                    while data := await reader.read(1 << 16):
                        await weak.passing.wait()
                        writer.write(data)
                        await writer.drain()
                writer.close()

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                onward_reader, onward = await asyncio.open_connection("127.0.0.1", to)
                weak.connections += [writer, onward]
                await asyncio.gather(carry(reader, onward), carry(onward_reader, writer))

            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            weak.port = server.sockets[0].getsockname()[1]
            stack.callback(server.close)
            stack.callback(weak.cut)
            return weak

        yield open_line


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
