"""An official presides over a meeting of the whole ward in a real browser: on air as soon as it is
open, a house heard and seen once it has the floor, axe finds nothing."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from config.media_server import MediaServerSection
from config.settings import WebSection
from tests.web.hub.stand_in import StandIn
from tests.web.hub.test_browser import SIZES, look
from ward.accounts import AccountRole
from web.hub.access import COOKIE
from web.link.messages import Summary, encode
from web.link.ward_meeting import WardMeetingSummary
from web.server import WebServer

pytestmark = pytest.mark.peer

PLAYS = """(kind) => {
  const video = document.getElementById("floor-video");
  const track = video.srcObject?.getTracks().find((one) => one.kind === kind);
  return Boolean(track && track.readyState === "live" && !track.muted && video.currentTime > 0);
}"""


@pytest.fixture
async def media():
    media = StandIn()
    server = WebServer(media.app(), WebSection())
    _, port = server.bind(0)
    serving = asyncio.create_task(server.run())
    await asyncio.wait_for(server.started.wait(), 30)
    media.url = f"http://127.0.0.1:{port}"
    yield media
    await media.close()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving


@pytest.fixture
async def hub(start_hub, media):
    urls = {f"{door}_url": f"{media.url}/{door}/{{stream}}" for door in ("whip", "whep")}
    return await start_hub(media_server=MediaServerSection(**urls))


async def until(holds):
    async with asyncio.timeout(40):
        while not holds():
            await asyncio.sleep(0.05)


async def test_an_official_is_on_air_and_hears_the_house_that_has_the_floor(hub, browser, media):
    houses = hub.site.houses
    for number in (3, 5):
        code = await houses.invite(f"to-{number}", f"Nhà văn hóa Tổ dân phố {number}")
        await houses.enrol(code)
        await houses.linked(f"to-{number}", "here")
    secret = await hub.secret_of(AccountRole.OFFICIAL, "Trần Thị Hoa")
    account = (await hub.site.access.sessions.identify(secret)).account
    starts = datetime.now(UTC) + timedelta(minutes=20)
    meeting = await hub.site.planning.plan(
        "Họp toàn phường về thoát nước", starts, 90, ["to-3", "to-5"], by=account
    )
    context = await browser.new_context(
        locale="vi-VN",
        viewport={"width": 1280, "height": 800},
        permissions=["camera", "microphone"],
    )
    await context.add_cookies([{"name": COOKIE, "value": secret, "url": hub.url}])
    page = await context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{hub.url}/meetings/{meeting}")
    await page.click("[data-action=open-ward-meeting]")
    status = page.locator("[data-value=meeting-status]")
    await expect(status).to_have_attribute("data-code", "speaking-connected", timeout=30_000)
    await until(lambda: media.heard.get(f"{meeting}-ward") == {"audio", "video"})

    part = WardMeetingSummary(meeting, joined=True, hand=True, condition="working")
    summary = str(encode(Summary("live", "Họp tổ", 0, 0, ward_meeting=part)))
    await houses.seen("to-3", "here", summary)
    await hub.site.meetings.heard("to-3", meeting, joined=True, hand=True)
    row = page.locator("#house-to-3")
    await expect(row.locator("[data-value=house-state]")).to_have_attribute("data-code", "hand")
    await row.locator("[data-action=give-floor]").click()
    media.shows.add(f"{meeting}-to-3")
    await page.wait_for_function(PLAYS, arg="video", timeout=30_000)
    await page.wait_for_function(PLAYS, arg="audio", timeout=30_000)
    assert f"whep/{meeting}-to-3" in media.sessions
    await look(page, "presiding", SIZES[1])

    await row.locator("[data-action=take-floor-back]").click()
    await until(lambda: f"whep/{meeting}-to-3" not in media.sessions)
    await page.click("[data-action=toggle-microphone]")
    assert await page.get_attribute("[data-action=toggle-microphone]", "aria-pressed") == "false"
    await page.click("[data-action=end-ward-meeting]")
    await expect(page.locator("[data-value=meeting-state]")).to_have_attribute("data-code", "over")
    await until(lambda: not media.sessions)
    assert [words for words in said if "404" not in words] == []
    await context.close()
