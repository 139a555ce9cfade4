"""A link for one person in real browsers, one of which is killed."""

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from playwright.async_api import async_playwright, expect

from rooms.media.bridge import Bridge
from rooms.meeting import Actor
from rooms.view import Presence, Role
from web import call
from web.app import create_app

pytestmark = pytest.mark.peer

LEADER = Actor(Role.LEADER, "Bác Lan")
CEILING = 40_000


class Browser:
    """One whose memory is in a folder of its own, and which can be killed."""

    def __init__(self, playwright, folder, options):
        self._playwright = playwright
        self._folder = folder
        self._options = options
        self._context = None

    async def open(self, url):
        self._context = await self._playwright.chromium.launch_persistent_context(
            self._folder, **self._options
        )
        page = self._context.pages[0]
        await page.goto(url)
        return page

    async def kill(self):
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # one that ends by itself meanwhile
                command = process.cmdline()
                ours = f"--user-data-dir={self._folder}" in command
                if ours and "--type" not in " ".join(command):
                    process.kill()

    async def has_stored(self, words):
        """Chromium writes what pages keep a few seconds later."""
        stored = self._folder / "Default" / "Local Storage" / "leveldb"
        async with asyncio.timeout(CEILING / 1000):
            while not any(words in file.read_bytes() for file in stored.glob("*.log")):
                await asyncio.sleep(0.1)

    async def close(self):
        if self._context:
            await self._context.close()


@pytest.fixture
async def browsers(tmp_path):
    """Opens browsers that share nothing."""
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # fmt: skip
    options = {"executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"), "args": flags}
    async with async_playwright() as playwright:
        made = [Browser(playwright, tmp_path / name, options) for name in ("a", "b")]
        yield made
        for browser in made:
            await browser.close()


@pytest.fixture
async def address(house, serve):
    bridge = Bridge([], None)
    running = asyncio.create_task(bridge.run())

    async def preview(camera_id):
        return None

    app = create_app(house.site, preview=preview, more=call.routes(house.site, bridge))
    yield f"http://127.0.0.1:{await serve(app)}"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def becomes(house, wanted):
    async with asyncio.timeout(CEILING / 1000):
        async for view in house.room.view.changes():
            if wanted(view):
                return


async def presences(house, expected):
    await becomes(house, lambda view: [guest.presence for guest in view.guests] == expected)


async def test_a_personal_link_from_its_first_use_to_its_end(house, address, browsers):
    first, other = browsers
    invitation = await house.room.create_invitation(
        LEADER,
        Role.OFFICIAL,
        "Bà Hoa",
        expires=datetime.now(UTC) + timedelta(days=1),
        lobby=True,
        personal=True,
    )
    link = address + house.access.invitation_link(invitation.id)

    page = await first.open(link)
    await page.click("[data-action=join]")
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "lobby", timeout=CEILING)
    (guest,) = house.room.view.value.guests
    await house.room.admit(LEADER, guest.id)
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "call", timeout=CEILING)

    strange = await other.open(link)
    await strange.click("[data-action=join]")
    await expect(strange.locator("#call-problem")).to_contain_text("máy hoặc trình duyệt khác")
    await expect(strange.locator("[data-step=check]")).to_be_visible()

    await first.kill()
    await presences(house, [Presence.AWAY])
    page = await first.open(link)
    await page.click("[data-action=join]")
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "call", timeout=CEILING)
    (again,) = house.room.view.value.guests
    assert again.id == guest.id

    await house.room.revoke_invitation(LEADER, invitation.id)
    await expect(page.locator("[data-call]")).to_have_attribute("data-status", "revoked")
    await expect(page.locator("[data-step=left]")).to_be_visible()
    await expect(page.locator("#call-status")).to_contain_text("đã ra khỏi cuộc họp")
    assert house.room.view.value.guests == ()
    await expect(page.locator("[data-action=rejoin]")).to_be_hidden()
    await page.reload()
    await expect(page.locator("[data-value=error]")).to_contain_text("đã bị thu hồi")


async def test_a_crashed_browser_is_the_same_guest_by_a_link_for_everybody(
    house, address, browsers
):
    """His place in the meeting, without the lobby, and his raised hand."""
    invitation = await house.room.create_invitation(
        LEADER, Role.OFFICIAL, "", expires=datetime.now(UTC) + timedelta(days=1), lobby=True
    )
    link = address + house.access.invitation_link(invitation.id)
    page = await browsers[0].open(link)
    await page.fill("#name", "Bà Hoa")
    await page.click("[data-action=join]")
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "lobby", timeout=CEILING)
    (guest,) = house.room.view.value.guests
    await house.room.admit(LEADER, guest.id)
    await page.click("[data-action=raise-hand]")
    await becomes(house, lambda view: view.guests[0].hand_raised)
    await browsers[0].has_stored(b"resume ")

    await browsers[0].kill()
    await presences(house, [Presence.AWAY])
    page = await browsers[0].open(link)
    await expect(page.locator("#name")).to_have_value("Bà Hoa")
    await page.click("[data-action=join]")
    await expect(page.locator("[data-call]")).to_have_attribute("data-at", "call", timeout=CEILING)
    (again,) = house.room.view.value.guests
    assert (again.id, again.hand_raised) == (guest.id, True)
    raised = page.locator("[data-action=raise-hand]")
    await expect(raised).to_have_attribute("aria-pressed", "true", timeout=CEILING)
