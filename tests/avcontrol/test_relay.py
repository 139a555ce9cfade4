"""From the ward's secret to a guest's browser: a hub, a house, a call, and coturn believes them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from aioice.turn import create_turn_endpoint

from avcontrol import doctor
from avcontrol.doctor import Verdict
from avcontrol.house import House, open_house
from avcontrol.ward import open_ward
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from config.turn import TurnAddress
from config.ward import HubWebSection, TurnSection, WardSection, WardSettings
from rooms.meeting import Actor
from rooms.relay import RelayCondition
from rooms.view import Connection, Presence, Role
from tests.ports import free_port

LEADER = Actor(Role.LEADER, "Bác Lan")
CEILING_SECONDS = 30


@dataclass
class Meeting:
    house: House
    outside: str
    """Where the ward shows the house."""

    async def invited(self, *, lobby: bool = False) -> str:
        made = await self.house.room.create_invitation(
            LEADER,
            Role.OFFICIAL,
            "Bà Hoa",
            expires=datetime.now(UTC) + timedelta(hours=1),
            lobby=lobby,
        )
        return self.house.access.invitation_link(made.id).rpartition("/")[2]


@pytest.fixture
async def meeting(tmp_path: Path, start_coturn: Callable[..., Any]) -> AsyncIterator[Meeting]:
    relay = start_coturn(allow_loopback_peers=True, denied_peer_ip=False)
    secret_file, key_file = tmp_path / "turn.secret", tmp_path / "link.key"
    secret_file.write_text(relay.SECRET + "\n")
    ward_settings = WardSettings(
        ward=WardSection(name="Phường Mẫu"),
        web=HubWebSection(port=free_port()),
        data=tmp_path / "ward",
        turn=TurnSection(urls=(f"turn:127.0.0.1:{relay.port}",), secret_file=secret_file),
    )
    async with open_ward(ward_settings) as ward:
        _, key = await ward.site.houses.enrol(await ward.site.houses.invite("to-5", "Tổ 5"))
        key_file.write_text(f"{key}\n")
        settings = HouseSettings(
            house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
            web=WebSection(port=free_port()),
            data=tmp_path / "house",
            link=LinkSection(url=ward.url, house="to-5", key_file=key_file),
        )
        async with open_house(settings) as house:
            async with asyncio.timeout(CEILING_SECONDS):
                async for view in house.room.view.changes():
                    if view.link.connection is Connection.LINKED:
                        break
            yield Meeting(house, view.link.public_url)


class Page:
    """A guest's page, as far as words go."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket

    async def say(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def told(self, kind: str, **fields: Any) -> tuple[list[str], dict[str, Any]]:
        """The next message of this type, and the types of those before it."""
        before: list[str] = []
        async with asyncio.timeout(CEILING_SECONDS):
            while True:
                message: dict[str, Any] = json.loads(await self._socket.recv())
                if message["type"] == kind and message.items() >= fields.items():
                    return before, message
                before.append(message["type"])

    async def breathe(self) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await self.say(type="ping")
                await asyncio.sleep(0.5)


@asynccontextmanager
async def page_of(meeting: Meeting) -> AsyncIterator[Page]:
    address = f"{meeting.outside.replace('http', 'ws', 1)}/ws/call"
    origin = meeting.outside.partition("/h/")[0]
    async with websockets.connect(address, origin=origin, proxy=None) as socket:
        page = Page(socket)
        breathing = asyncio.create_task(page.breathe())
        yield page
        breathing.cancel()


async def test_a_guest_is_told_of_a_relay_that_takes_him(meeting: Meeting) -> None:
    async with page_of(meeting) as page:
        await page.say(type="join", token=await meeting.invited(), name="Ông Nam")
        before, ice = await page.told("ice")
        assert "state" not in before
        [server] = ice["servers"]
        expires, _, name = server["username"].partition(":")
        assert name == "to-5.guests"
        assert 0 < int(expires) - datetime.now(UTC).timestamp() <= 3600
        address = TurnAddress.read(server["urls"][0])
        transport, _ = await create_turn_endpoint(
            asyncio.DatagramProtocol,
            (address.host, address.port),
            server["username"],
            server["credential"],
        )
        transport.close()


async def test_nobody_at_the_door_gets_the_relay(meeting: Meeting) -> None:
    async with page_of(meeting) as page:
        await page.say(type="join", token=await meeting.invited(lobby=True), name="Ông Nam")
        before, _ = await page.told("state", presence=Presence.LOBBY)
        assert "ice" not in before
        await meeting.house.room.admit(LEADER, meeting.house.room.view.value.guests[0].id)
        before, _ = await page.told("state", presence=Presence.ADMITTED)
        assert before[-1] == "ice"


async def test_the_doctor_says_what_the_running_house_has_found(meeting: Meeting) -> None:
    settings = meeting.house.settings
    async with asyncio.timeout(CEILING_SECONDS):
        async for view in meeting.house.room.view.changes():
            if view.relay.condition is RelayCondition.WORKING:
                break

    async def said(settings: HouseSettings) -> list[tuple[Verdict, str]]:
        findings = await asyncio.to_thread(list, doctor.relay(settings))
        return [(finding.verdict, finding.cause.code) for finding in findings]

    assert await said(settings) == [(Verdict.GOOD, "relay.works")]
    stopped = settings.model_copy(update={"web": WebSection(port=free_port())})
    assert await said(stopped) == [(Verdict.UNMEASURED, "doctor.relay_not_running")]
    alone = settings.model_copy(update={"link": None})
    assert await said(alone) == []
