"""A house and its ward, each as its daemon is: what one offers is reached through the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from avcontrol.house import House, open_house
from avcontrol.ward import Ward, open_ward
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from config.ward import HubWebSection, WardSection, WardSettings
from rooms.meeting import Actor
from rooms.view import Connection, Role
from tests.ports import free_port


def ward_settings(folder: Path, port: int) -> WardSettings:
    return WardSettings(
        ward=WardSection(name="Phường Mẫu"), web=HubWebSection(port=port), data=folder / "ward"
    )


@asynccontextmanager
async def enrolled_house(folder: Path, ward: Ward) -> AsyncIterator[House]:
    _, key = await ward.site.houses.enrol(await ward.site.houses.invite("to-5", "Tổ 5"))
    key_file = folder / "link.key"
    key_file.write_text(f"{key}\n")
    settings = HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=folder / "house",
        link=LinkSection(url=ward.url, house="to-5", key_file=key_file),
    )
    async with open_house(settings) as house:
        yield house


async def until(house: House, connection: Connection) -> str:
    async with asyncio.timeout(30):
        async for view in house.room.view.changes():
            if view.link.connection is connection:
                return view.link.public_url
    raise AssertionError


async def invitation(house: House) -> str:
    made = await house.room.create_invitation(
        Actor(Role.LEADER, "Bác Lan"),
        Role.OFFICIAL,
        "Bà Hoa",
        expires=datetime.now(UTC) + timedelta(hours=1),
        lobby=True,
    )
    return house.access.invitation_link(made.id)


async def test_an_official_finds_the_house_at_its_ward(tmp_path: Path) -> None:
    async with (
        open_ward(ward_settings(tmp_path, free_port())) as ward,
        enrolled_house(tmp_path, ward) as house,
        httpx.AsyncClient(trust_env=False, timeout=30) as browser,
    ):
        outside = await until(house, Connection.LINKED)
        assert outside == f"{ward.url}/h/to-5"
        page = await browser.get(outside + await invitation(house))
        assert page.status_code == 200
        assert "Bà Hoa" in page.text
        assert (await browser.get(f"{outside}/panel")).status_code == 404


async def test_a_house_goes_on_without_its_ward_and_finds_it_again(tmp_path: Path) -> None:
    port = free_port()
    async with open_ward(ward_settings(tmp_path, port)) as ward:
        gone = asyncio.Event()
        linked = asyncio.Event()

        async def life() -> None:
            async with enrolled_house(tmp_path, ward) as house:
                await until(house, Connection.LINKED)
                linked.set()
                await until(house, Connection.AWAY)
                await house.room.start_meeting(Actor(Role.LEADER, "Bác Lan"))
                gone.set()
                await until(house, Connection.LINKED)

        living = asyncio.create_task(life())
        await asyncio.wait_for(linked.wait(), 30)
    await asyncio.wait_for(gone.wait(), 30)
    async with open_ward(ward_settings(tmp_path, port)):
        await asyncio.wait_for(living, 60)
