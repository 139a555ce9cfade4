"""An official's line is cut in the middle of a meeting. Both ends notice, it comes back by itself,
he is who he was; and the hall does not stop for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytestmark = pytest.mark.network

BROWSERS = pytest.mark.parametrize("browser", ["chromium", "firefox"])
CEILING_SECONDS = 40
AWAY = "Mất kết nối, đang chờ trở lại"
HAND = "Xin phát biểu"


@pytest.mark.journey
@pytest.mark.parametrize(("browser", "whose"), [("firefox", "official"), ("chromium", "house")])
async def test_a_cut_line_is_noticed_and_back_by_itself(
    ward: Any, join: Any, browser: str, whose: str
) -> None:
    await cut_for(8, ward, join, browser, whose)


@pytest.mark.soak
@pytest.mark.timeout(300)
@BROWSERS
@pytest.mark.parametrize("whose", ["official", "house"])
@pytest.mark.parametrize("seconds", [1, 10, 60])
async def test_cuts_short_and_long(
    ward: Any, join: Any, browser: str, seconds: float, whose: str
) -> None:
    await cut_for(seconds, ward, join, browser, whose)


async def cut_for(seconds: float, ward: Any, join: Any, browser: str, whose: str) -> None:
    world = ward.world
    router = world.house_router if whose == "house" else world.official_router
    async with join(world.official, browser) as official:
        await official.sees(30)
        await moves(official)
        await official.page.click("[data-action=toggle-microphone]")
        await official.page.click("[data-action=raise-hand]")
        await until(lambda: ward_shows(ward, HAND))

        router.cut()
        cut = time.monotonic()
        try:
            asked = f"Cắt {whose} {seconds} giây ở {browser}: bao giờ sửa đèn?"
            noticed: list[float] = []
            if seconds > 3:
                noticed = await asyncio.gather(
                    until(lambda: is_reconnecting(official)), until(lambda: ward_shows(ward, AWAY))
                )
            await ward.in_the_hall(lambda tablet: ask(tablet, asked))
            assert await ward_shows(ward, asked, "/panel/questions")
            await hall_moves(ward)
            assert 'data-code="live"' in await ward.in_the_hall(lambda t: t.get("/panel").text)
            await asyncio.sleep(max(0.0, cut + seconds - time.monotonic()))
        finally:
            router.mend()
        mended = time.monotonic()
        await moves(official)
        back = time.monotonic() - mended
        after = [f"{moment - cut:.1f} s" for moment in noticed]
        print(
            f"{browser}, the line of the {whose} cut for {seconds} s: noticed after {after}, ",
            end="",
        )
        print(f"picture back {back:.1f} s after the end")

        async def is_who_he_was() -> bool:
            people = await ward.in_the_hall(lambda tablet: tablet.get("/panel/guests").text)
            assert people.count('id="remove-') == 1, "he is no second guest"
            return HAND in people and AWAY not in people

        await until(is_who_he_was)
        pressed = "() => document.querySelector('[data-action=toggle-microphone]').ariaPressed"
        assert await official.page.evaluate(pressed) == "false"


@pytest.mark.journey
async def test_media_that_died_alone_take_another_way(ward: Any, join: Any) -> None:
    """The telephone came into a network that lets no UDP through; the line to the house lives."""
    world = ward.world
    async with join(world.official) as official:
        await official.sees(30)
        await moves(official)
        await official.page.evaluate(COUNT_JOINS)
        world.official_router.cut("meta l4proto udp")
        try:
            began = time.monotonic()
            await until(lambda: is_reconnecting(official))
            noticed = time.monotonic() - began
            await moves(official)
            back = time.monotonic() - began
            print(f"no UDP any more: noticed after {noticed:.1f} s, back after {back:.1f} s")
            path = await official.path()
            assert (path["local"], path["by"]) == ("relay", "tcp")
            assert await official.page.evaluate("() => sockets") == 0, "the line was not lost"
        finally:
            world.official_router.mend()


COUNT_JOINS = """() => {
  window.sockets = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...parameters) { super(...parameters); window.sockets += 1; }
  };
}"""


async def until(holds: Callable[[], Awaitable[object]], ceiling: float = CEILING_SECONDS) -> float:
    """When it came to hold."""
    async with asyncio.timeout(ceiling):
        while not await holds():
            await asyncio.sleep(0.05)
    return time.monotonic()


async def is_reconnecting(official: Any) -> bool:
    return bool(await official.status() == "reconnecting")


async def moves(official: Any) -> None:
    """Until the hall's picture is seen to move."""
    before = await official.shown()

    async def on() -> bool:
        return bool(await official.shown() >= before + 5)

    await until(on)


async def hall_moves(ward: Any) -> None:
    """The camera's picture on the tablet is another one a moment later."""
    seen: set[bytes] = set()

    async def another() -> bool:
        picture = await ward.in_the_hall(lambda t: t.get("/panel/preview/camera.jpg").content)
        seen.add(picture)
        return len(seen) > 1

    await until(another)


async def ward_shows(ward: Any, words: str, page: str = "/panel/guests") -> bool:
    return words in await ward.in_the_hall(lambda tablet: tablet.get(page).text)


def ask(tablet: Any, text: str) -> None:
    answer = tablet.post("/ask", data={"text": text, "name": "", "key": f"k{abs(hash(text)):032}"})
    assert answer.status_code == 200, answer.text
