"""The house's name in its own network: another program with zeroconf looks for it on loopback."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from ipaddress import IPv4Address

import pytest
from zeroconf import AddressResolverIPv4, IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from config.settings import HouseSection, HouseSettings, NetworkSection, WebSection
from rooms.view import Role
from web.local_name import TYPE, LocalName, reachable


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.local_name.PROBE_SECONDS", 0.7)


FIRST, SECOND = ("127.0.0.71",), ("127.0.0.72",)


def a_name() -> str:
    """Nobody else's on this machine."""
    return f"house-{uuid.uuid4().hex[:10]}"


def web(name: str) -> WebSection:
    return WebSection(host="0.0.0.0", port=8080, local_name=name)


@contextlib.asynccontextmanager
async def announced(*names: LocalName) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(name.run()) for name in names]
    try:
        await until(lambda: all(name.taken for name in names), tasks)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(fits: Callable[[], bool], tasks: list[asyncio.Task[None]] | None = None) -> None:
    async with asyncio.timeout(60):
        while not fits():
            for task in tasks or ():
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def a_phone() -> AsyncIterator[AsyncZeroconf]:
    phone = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        yield phone
    finally:
        await phone.async_close()


async def resolved(name: str, seconds: float = 10) -> list[str]:
    async with a_phone() as phone:
        asking = AddressResolverIPv4(f"{name}.local.")
        await asking.async_request(phone.zeroconf, seconds * 1000)
        return asking.parsed_addresses()


async def test_the_house_is_found_by_its_name_and_the_second_one_by_another():
    wanted = a_name()
    house = f"Nhà văn hóa Tổ dân phố 5 {wanted}"
    name = LocalName(web(wanted), house, lambda: FIRST)
    assert name.address() == ""
    async with announced(name), a_phone() as phone:
        assert name.address() == f"http://{wanted}.local:8080"
        assert not name.is_another
        asking = AddressResolverIPv4(f"{wanted}.local.")
        assert await asking.async_request(phone.zeroconf, 10_000)
        assert asking.parsed_addresses() == ["127.0.0.71"]
        page = AsyncServiceInfo(TYPE, f"{house.encode()[:50].decode(errors='ignore')}.{TYPE}")
        assert await page.async_request(phone.zeroconf, 10_000)
        assert (page.server, page.port) == (f"{wanted}.local.", 8080)
        second = LocalName(web(wanted), f"Hai {wanted}", lambda: SECOND)
        async with announced(second):
            assert (name.taken, second.taken) == (f"{wanted}.local", f"{wanted}-2.local")
            assert (name.is_another, second.is_another) == (False, True)
            assert await resolved(f"{wanted}-2") == ["127.0.0.72"]
    assert name.address() == ""
    assert await resolved(wanted, 1) == [], "who goes says so"


async def test_two_that_begin_at_once_settle_it():
    """As after a power cut in the whole street."""
    wanted = a_name()
    both = [LocalName(web(wanted), f"{n} {wanted}", lambda n=n: n) for n in (FIRST, SECOND)]
    async with announced(*both):
        await until(lambda: both[0].taken == f"{wanted}-2.local")
        assert both[1].taken == f"{wanted}.local", "the greater address keeps it"


async def test_a_network_that_comes_late_is_found():
    wanted, there = a_name(), [()]
    name = LocalName(web(wanted), wanted, lambda: there[0], look_again=0.1)
    task = asyncio.create_task(name.run())
    try:
        await asyncio.sleep(0.3)
        assert not name.taken
        there[0] = FIRST
        await until(lambda: bool(name.taken), [task])
        there[0] = SECOND
        await until(lambda: not name.taken, [task])
        await until(lambda: bool(name.taken), [task])
        assert await resolved(wanted) == ["127.0.0.72"]
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def settings(host: str, *addresses: str) -> HouseSettings:
    return HouseSettings(
        house=HouseSection(name="Nhà văn hóa", ward="Phường"),
        web=WebSection(host=host),
        network=NetworkSection(addresses=tuple(IPv4Address(one) for one in addresses)),
    )


def test_only_addresses_at_which_others_reach_its_pages_are_announced():
    assert reachable(settings("127.0.0.1")) == ()
    assert reachable(settings("0.0.0.0", "127.0.0.5", "127.0.0.6")) == ("127.0.0.5", "127.0.0.6")
    assert reachable(settings("127.0.0.6", "127.0.0.5", "127.0.0.6")) == ("127.0.0.6",)


async def test_the_pages_say_the_name_and_answer_to_it(start_house):
    name = LocalName(web("nhavanhoa"), "Nhà văn hóa", lambda: FIRST)
    house = await start_house(local_name=name)
    technician = await house.client_as(Role.TECHNICIAN)
    for path in ("/technician", "/technician/sheet"):
        assert "nhavanhoa.local" not in (await technician.get(path)).text
    name.taken = "nhavanhoa-2.local"
    sheet = (await technician.get("/technician/sheet")).text
    assert "http://nhavanhoa-2.local:8080" in sheet
    assert 'data-code="nhavanhoa-2.local"' in sheet, "it is not the name that was wanted"
    assert "http://nhavanhoa-2.local:8080" in (await technician.get("/technician")).text
    for host, status in (
        ("nhavanhoa.local", 200),
        ("nhavanhoa-2.local", 200),
        ("khac.local", 421),
        ("nhavanhoa-evil.local", 421),
        ("nhavanhoa.local.evil.example", 421),
    ):
        told = await house.client().get("/ask", headers={"Host": f"{host}:{house.port}"})
        assert told.status_code == status, host
