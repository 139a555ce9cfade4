"""Who watches from home is shown the way to the media server while the house's line is full."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from config.publish import PublishSection
from devices.device import Condition, Health
from rooms.media.bridge import Bridge
from rooms.meeting import Actor
from rooms.shown import Layer, LineState
from rooms.view import Phase, Role
from web import call
from web.app import create_app

pytestmark = pytest.mark.peer

LEADER = Actor(Role.LEADER, "Bác Lan")
CEILING = 40_000
FULL = LineState(Layer.SMALL, house=True)


@pytest.fixture
async def address(house, serve):
    bridge = Bridge([], None)
    running = asyncio.create_task(bridge.run())
    settings = house.site.settings.model_copy(
        update={
            "publish": PublishSection(
                url="https://media.example/whip/to-5", watch_url="http://127.0.0.1:9/watch"
            )
        }
    )

    async def preview(camera_id):
        return None

    site = replace(house.site, settings=settings)
    app = create_app(site, preview=preview, more=call.routes(site, bridge))
    yield f"http://127.0.0.1:{await serve(app)}"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def join(house, address, browser):
    """A page of somebody who is let in at once."""

    async def join(role):
        expires = datetime.now(UTC) + timedelta(days=1)
        invitation = await house.room.create_invitation(
            LEADER, role, "Bà Hoa", expires=expires, lobby=False
        )
        page = await browser.new_page()
        await page.goto(address + house.access.invitation_link(invitation.id))
        await page.click("[data-action=join]")
        at = page.locator("[data-call]")
        await expect(at).to_have_attribute("data-at", "call", timeout=CEILING)
        return page

    return join


def gets_less(house, line=FULL, condition=Condition.WORKING):
    (guest,) = house.room.view.value.guests
    house.shows(phase=Phase.LIVE, guests=(replace(guest, line=line),), publish=Health(condition))


async def test_he_goes_there_with_a_tap_and_his_place_is_free(house, join):
    page = await join(Role.VIEWER)
    way = page.locator("[data-action=watch-elsewhere]")
    await expect(way).to_be_hidden()
    gets_less(house, condition=Condition.FAILED)
    await expect(way).to_be_hidden()
    gets_less(house, line=LineState(Layer.SMALL))
    await expect(way).to_be_hidden()
    gets_less(house)
    await expect(way).to_be_visible(timeout=CEILING)
    went = asyncio.create_task(page.wait_for_event("requestfailed", timeout=CEILING))
    await way.click()
    assert (await went).url == "http://127.0.0.1:9/watch"
    house.shows_what_is()
    async with asyncio.timeout(CEILING / 1000):
        async for view in house.room.view.changes():
            if not view.guests:
                break


async def test_whom_the_hall_waits_for_is_not_sent_away(house, join):
    page = await join(Role.OFFICIAL)
    gets_less(house)
    await expect(page.locator("#call-status")).to_have_attribute(
        "data-code", "line-house-small", timeout=CEILING
    )
    await expect(page.locator("[data-action=watch-elsewhere]")).to_be_hidden()
