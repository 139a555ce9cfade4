"""An official and a house that cannot see each other meet at the ward's relay; where they can, they
do without. Each line is a real one: routers in network namespaces, Chromium behind one of them."""

import asyncio
from typing import Any

import pytest

pytestmark = [pytest.mark.network, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("line", "protocol"), [("open", "udp"), ("no UDP", "tcp"), ("TLS alone", "tls")]
)
async def test_two_routers_that_hide_everything_are_passed_by_the_relay(
    ward: Any, join: Any, line: str, protocol: str
) -> None:
    world = ward.world
    world.official_router.let_out(line)
    before = world.relayed_bytes()
    async with join(world.official) as official:
        first = await official.sees(1)
        await official.sees(30)
        path = await official.path()
        print(f"relay over {protocol}: first picture after {first:.2f} s, {path}")
        assert "relay" in (path["local"], path["remote"])
        if protocol != "udp":
            assert (path["local"], path["by"]) == ("relay", protocol)
        assert world.relayed_bytes() > before


async def test_a_direct_path_goes_before_the_relay(ward: Any, join: Any) -> None:
    async with join(ward.world.neighbour) as official:
        first = await official.sees(1)
        await official.sees(30)
        path = await without_the_relay(official)
        print(f"direct: first picture after {first:.2f} s, {path}")
        before = ward.world.relayed_bytes()
        await official.sees(await official.pictures() + 60)
        assert ward.world.relayed_bytes() - before < 20_000


async def without_the_relay(official: Any) -> dict[str, Any]:
    """The path, once it is a direct one: on a busy machine the relay's may come first."""
    async with asyncio.timeout(40):
        while "relay" in (path := await official.path()).values():
            await asyncio.sleep(0.1)
    found: dict[str, Any] = path
    return found


async def test_two_ordinary_routers_need_the_relay_only_to_find_each_other(
    ward: Any, join: Any
) -> None:
    """Where a direct path opens later, both ends go over to it, also the house, which only follows
    the browser."""
    house, official = ward.world.house_router, ward.world.official_router
    for router in (house, official):
        router.hide("one port")
    house.let_out("open")
    official.let_out("the ward alone")
    try:
        async with join(ward.world.official) as page:
            await page.sees(30)
            assert "relay" in (await page.path()).values()
            official.let_out("open")
            print(f"ordinary routers: {await without_the_relay(page)}")
            await page.sees(await page.pictures() + 30)
            before = ward.world.relayed_bytes()
            await page.sees(await page.pictures() + 60)
            assert ward.world.relayed_bytes() - before < 20_000
    finally:
        for router in (house, official):
            router.hide("a new port for everybody")


async def test_a_house_whose_line_gets_worse_finds_another_way(ward: Any, join: Any) -> None:
    """It learns so from the first official who gets no picture, and his page tries again."""
    ward.world.official_router.let_out("open")
    ward.world.house_router.let_out("TLS alone")
    try:
        async with join(ward.world.official) as official:
            first = await official.sees(1)
            await official.sees(30)
            print(f"house over TLS: first picture after {first:.2f} s, {await official.path()}")
            ward.house.until("way='TLS 443'")
    finally:
        ward.world.house_router.let_out("open")
