"""A hub whose web server runs on a free port of loopback, and real houses that dial it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from config.media_server import MediaServerSection
from config.open311 import Open311Section
from config.ward import HubWebSection, WardSection, WardSettings
from feedback.handoff import Handoff, Standing
from feedback.handover import Copy, Question
from feedback.ledger_book import HEAD, Book, store_head
from feedback.ledger_lines import Signer
from feedback.outbox import Outbox
from rooms.invitations import ACCOUNT_OUT
from rooms.media.bridge import Bridge
from rooms.view import Connection
from storage.engine import Database
from ward.accounts import AccountRole
from ward.houses import House
from ward.passwords import Passwords
from web import call
from web.app import create_app
from web.hub.access import COOKIE
from web.hub.app import create_hub_app
from web.hub.peers import create_peer_app
from web.hub.site import HubSite
from web.link.authority import Authority
from web.link.house import HouseLink, Hub
from web.link.parcels import Parcels
from web.server import WebServer
from web.tokens import Tokens
from web.whep import Players

PASSWORD = "chín con voi đi chợ"
KEY = b"k" * 32
PEER_KEY = "k" * 40


NO_KEYS = Open311Section()


@dataclass
class RunningHub:
    site: HubSite
    database: Database
    url: str
    inside: str
    """Where the hub's other processes reach this one."""
    clients: list[httpx.AsyncClient] = field(default_factory=list)

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

    async def secret_of(self, role: AccountRole, name: str = "Trần Thị Hoa") -> str:
        """A session's token for a new account."""
        login = f"{role.value}@phuong.example"
        account, code = await self.site.accounts.create(login, name, role)
        await self.site.accounts.set_password(code, PASSWORD)
        return (await self.site.access.sessions.open(account)).secret

    async def client_as(self, role: AccountRole, name: str = "Trần Thị Hoa") -> httpx.AsyncClient:
        return self.client(**{COOKIE: await self.secret_of(role, name)})

    async def until(self, house_id: str, state: Callable[[House], bool]) -> House:
        """The house, once the board shows it like this."""
        async with asyncio.timeout(40):
            async for houses in self.site.board.houses.changes():
                for house in houses:
                    if house.id == house_id and state(house):
                        return house
        raise AssertionError


StartHub = Callable[..., Awaitable[RunningHub]]


@pytest.fixture
async def start_hub(
    tmp_path: Path, cheap_hasher: PasswordHasher, migrated: Path
) -> AsyncIterator[StartHub]:
    """Starts processes of a hub. Those that are given a database share it."""
    async with AsyncExitStack() as stack:

        async def start(
            *,
            database: Database | None = None,
            where: Path | str = tmp_path / "ward.db",
            open311: Open311Section = NO_KEYS,
            media_server: MediaServerSection | None = None,
        ) -> RunningHub:
            settings = WardSettings(
                ward=WardSection(name="Phường Mẫu"),
                web=HubWebSection(),
                data=tmp_path,
                open311=open311,
                media_server=media_server,
            )
            if database is None:
                if isinstance(where, Path) and not where.exists():
                    shutil.copy(migrated, where)
                database = await Database.open(where)
                stack.push_async_callback(database.aclose)

            def deliveries(house_id: str) -> Parcels:
                desk = site.desk(house_id)
                take_in = {
                    Copy.kind: desk.keep_copy,
                    Handoff.kind: desk.take_up,
                    HEAD: partial(store_head, database, house_id),
                }
                return Parcels(desk.outbox(), take_in, site.album(house_id))

            passwords = Passwords(cheap_hasher)
            book = Book(database, Signer(KEY, settings.ward.name))
            site = HubSite.of(
                settings, database, deliveries, Tokens(KEY), book, passwords=passwords
            )
            server = WebServer(create_hub_app(site), settings.web)
            _, port = server.bind(0)
            inner = WebServer(create_peer_app(site.links.sessions, PEER_KEY), settings.web)
            _, inner_port = inner.bind(0)
            known = site.peers.stay_known(f"http://127.0.0.1:{inner_port}", PEER_KEY)
            for job in (known, inner.run(), site.board.run(), server.run()):
                stack.push_async_callback(_stop, asyncio.create_task(job))
            await asyncio.wait_for(server.started.wait(), 30)
            inside = f"http://127.0.0.1:{inner_port}"
            hub = RunningHub(site, database, f"http://127.0.0.1:{port}", inside)
            stack.push_async_callback(_close, hub.clients)
            return hub

        yield start


@pytest.fixture
async def hub(start_hub: StartHub) -> RunningHub:
    return await start_hub()


@pytest.fixture
async def admin(hub: RunningHub) -> httpx.AsyncClient:
    return await hub.client_as(AccountRole.ADMIN)


@dataclass
class LinkedHouse:
    id: str
    key: str
    house: Any
    """As `start_house` of the house's tests makes it."""
    link: HouseLink
    dialling: "asyncio.Task[None] | None" = None

    async def dial(self) -> None:
        self.dialling = asyncio.create_task(self.link.run())

    async def hang_up(self) -> None:
        if self.dialling is not None:
            await _stop(self.dialling)


@pytest.fixture
async def link_house(
    start_house: Callable[..., Awaitable[Any]],
) -> AsyncIterator[Callable[..., Awaitable[LinkedHouse]]]:
    """Enrols a real house at a hub and lets it dial; returns once it is linked."""
    async with AsyncExitStack() as stack:

        async def link(hub: RunningHub, house_id: str = "to-5", **more: Any) -> LinkedHouse:
            house = await start_house(ward=True)
            code = await hub.site.houses.invite(house_id, "Nhà văn hóa Tổ dân phố 5")
            _, key = await hub.site.houses.enrol(code)
            url = re.sub("^http", "ws", hub.url) + "/link"
            bridge = Bridge((), None)
            calls = [*call.routes(house.site, bridge), *Players(house.site, bridge).routes()]
            app = create_app(house.site, preview=_no_preview, more=calls)
            parcels = Parcels(
                Outbox(house.database, "ward"),
                {
                    Question.kind: house.room.take_over,
                    Standing.kind: house.room.follow_ward,
                    ACCOUNT_OUT: house.room.account_out,
                },
                house.room.album,
            )
            dialling = HouseLink(
                Hub(url, house_id, key),
                app,
                house.room.view,
                parcels,
                state=house.equipment.link,
                answer=Authority(house.room, house.access).answer,
                **more,
            )
            linked = LinkedHouse(house_id, key, house, dialling)
            stack.push_async_callback(linked.hang_up)
            await linked.dial()
            await hub.until(house_id, lambda known: known.summary is not None)
            async with asyncio.timeout(40):  # what a test sets in its view stays there
                async for view in house.room.view.changes():
                    if view.link.connection is Connection.LINKED:
                        break
            return linked

        yield link


async def _no_preview(camera_id: str) -> bytes | None:
    return None


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _close(clients: list[httpx.AsyncClient]) -> None:
    for client in clients:
        await client.aclose()
