"""A house whose web server runs on a free port of loopback, with a real room and database."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from base.latest import Latest
from config.open311 import Open311Section
from config.settings import HouseSection, HouseSettings, WebSection
from devices.screen import KioskScreen
from feedback.ledger_book import Book
from feedback.ledger_lines import Signer
from feedback.out_tray import OutTray
from feedback.outbox import Outbox
from rooms.access_store import AccessStore
from rooms.equipment import Equipment
from rooms.media_port import Media
from rooms.room import Room
from rooms.shown import Floor, LineState
from rooms.view import LinkState, Role, RoomView
from storage.engine import Database
from web.access import Access, cookie_name
from web.app import create_app
from web.limiting import Limits
from web.local_name import LocalName
from web.server import DeadlineProtocol, WebServer
from web.setup.workshop import Workshop
from web.site import Site
from web.templating import Templates
from web.tokens import Tokens, load_key

NO_KEYS = Open311Section()


class NoMedia:
    """A room without pictures and sound: these tests are about pages."""

    def __init__(self) -> None:
        self.connected: Latest[frozenset[str]] = Latest(frozenset())
        self.speaking: Latest[tuple[str, ...]] = Latest(())
        self.returning: Latest[frozenset[str]] = Latest(frozenset())
        self.lines: Latest[Mapping[str, LineState]] = Latest({})

    def set_live(self, live: bool) -> None: ...
    def set_floor(self, floor: Floor) -> None: ...
    def set_heard(self, guest_id: str, heard: bool) -> None: ...
    def drop(self, guest_id: str) -> None: ...


@dataclass
class House:
    site: Site
    database: Database
    equipment: Equipment
    url: str
    port: int
    serving: "asyncio.Task[None]"
    stop: Callable[[], Awaitable[None]]
    """All of it; may be called before the test ends."""
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def room(self) -> Room:
        return self.site.room

    @property
    def access(self) -> Access:
        return self.site.access

    def link_is(self, link: LinkState) -> None:
        """So it stands, whenever the room draws its view again."""
        self.equipment.link.set(link)
        self.shows(link=link)

    def shows(self, view: RoomView | None = None, **fields: Any) -> None:
        """From now on the room's view is this one, or says this, however often the room draws."""
        room, drawn = self.room, type(self.room)._drawn
        room._drawn = lambda: view or replace(drawn(room), **fields)  # type: ignore[method-assign]
        room.view.set(room._drawn())

    def shows_what_is(self) -> None:
        """From now on nothing is made up any more."""
        del self.room._drawn  # type: ignore[method-assign]
        self.room.view.set(self.room._drawn())

    def ends_at_once(self) -> None:
        """From now on an end is not to be taken back: nobody waits whether it is."""
        settings = self.room._settings
        meeting = settings.meeting.model_copy(update={"undo_end_seconds": 0})
        self.room._settings = settings.model_copy(update={"meeting": meeting})

    def client(self, **cookies: str) -> httpx.AsyncClient:
        """A browser's way of asking: Origin, pages, no redirects followed by themselves."""
        client = httpx.AsyncClient(
            base_url=self.url,
            headers={"Origin": self.url, "Accept": "text/html"},
            cookies=cookies,
            trust_env=False,
            verify=False,  # plain HTTP: the authorities' certificates would take longer to read
            timeout=30,
        )
        self.clients.append(client)
        return client

    async def client_as(self, role: Role, name: str = "Bác Lan") -> httpx.AsyncClient:
        let_in = await self.access.let_in(role, name)
        return self.client(**{cookie_name(role): let_in.secret})

    def open_link(self, role: Role) -> str:
        until = datetime.now(UTC) + timedelta(hours=1)
        return self.url + self.access.open_link(role, "Bác Lan", until=until)


StartHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def start_house(
    tmp_path: Path, cheap_hasher: PasswordHasher, migrated: Path
) -> AsyncIterator[StartHouse]:
    """Starts houses; each has a folder of its own, or the one it is given."""
    async with AsyncExitStack() as stack:
        started = 0

        async def start(
            *,
            folder: Path | None = None,
            public_url: str = "",
            behind_proxy: bool = False,
            ward: bool = False,
            open311: Open311Section = NO_KEYS,
            protocol: type[DeadlineProtocol] = DeadlineProtocol,
            workshop: Callable[[HouseSettings, Room], Workshop] | None = None,
            media: Media | None = None,
            more: Callable[[Site], Sequence[BaseRoute]] = lambda _: (),
            local_name: LocalName | None = None,
            screen: KioskScreen | None = None,
        ) -> House:
            nonlocal started
            started += 1
            parts = AsyncExitStack()
            stack.push_async_callback(parts.aclose)
            folder = folder or tmp_path / f"house-{started}"
            folder.mkdir(exist_ok=True)
            settings = HouseSettings(
                house=HouseSection(name="Nhà văn hóa Tổ dân phố 5", ward="Phường Mẫu"),
                web=WebSection(public_url=public_url, behind_proxy=behind_proxy),
                data=folder,
                open311=open311,
            )
            if not (folder / "house.db").exists():
                shutil.copy(migrated, folder / "house.db")
            database = await Database.open(folder / "house.db")
            parts.push_async_callback(database.aclose)
            outbox = Outbox(database, "ward") if ward else None
            equipment = Equipment()
            room = Room(settings, database, equipment, media or NoMedia(), outbox=outbox)
            await _start(parts, room.run())
            await _until_ready(room)
            tokens = Tokens(load_key(folder / "key"))
            access = await Access.load(AccessStore(database), tokens, cheap_hasher)
            tray = OutTray(database, [])
            book = Book(database, Signer(b"k" * 32, settings.house.name), outbox)
            site = Site(room, settings, access, Templates(settings.house), Limits(), book, tray)
            site = replace(site, local_name=local_name, screen=screen)
            if workshop is not None:
                site = replace(site, workshop=workshop(settings, room))
            app = create_app(site, preview=_no_preview, more=more(site))
            server = WebServer(app, settings.web, protocol=protocol)
            _, port = server.bind(0)
            serving = await _start(parts, server.run())
            await asyncio.wait_for(server.started.wait(), 30)
            url = f"http://127.0.0.1:{port}"
            house = House(site, database, equipment, url, port, serving, parts.aclose)
            parts.push_async_callback(_close, house.clients)
            return house

        yield start


@pytest.fixture
async def house(start_house: StartHouse) -> House:
    return await start_house()


@pytest.fixture
async def serve_until() -> AsyncIterator[Callable[..., Awaitable[tuple[int, asyncio.Task[None]]]]]:
    """Serves any application; its port, and the task to cancel."""
    async with AsyncExitStack() as stack:

        async def serve(
            app: ASGIApp, protocol: type[DeadlineProtocol] = DeadlineProtocol
        ) -> tuple[int, asyncio.Task[None]]:
            server = WebServer(app, WebSection(), protocol=protocol)
            _, port = server.bind(0)
            serving = await _start(stack, server.run())
            await asyncio.wait_for(server.started.wait(), 30)
            return port, serving

        yield serve


@pytest.fixture
async def serve(
    serve_until: Callable[..., Awaitable[tuple[int, asyncio.Task[None]]]],
) -> Callable[..., Awaitable[int]]:
    """Serves any application until the test ends; its port."""

    async def serve(app: ASGIApp, protocol: type[DeadlineProtocol] = DeadlineProtocol) -> int:
        port, _ = await serve_until(app, protocol)
        return port

    return serve


@pytest.fixture
async def client(house: House) -> httpx.AsyncClient:
    """Somebody who is nobody in particular."""
    return house.client()


async def _no_preview(camera_id: str) -> bytes | None:
    return None


async def _start(stack: AsyncExitStack, job: Awaitable[None]) -> "asyncio.Task[None]":
    task = asyncio.ensure_future(job)
    stack.push_async_callback(_stop, task)
    return task


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _until_ready(room: Room) -> None:
    async with asyncio.timeout(30):
        await room.ready.wait()


async def _close(clients: list[httpx.AsyncClient]) -> None:
    for client in clients:
        await client.aclose()
