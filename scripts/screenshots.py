"""Takes the pictures of every page that README shows, from the running demo.

.venv/bin/python scripts/screenshots.py docs/screenshots
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

TABLET, PHONE, STAGE = (1280, 800), (360, 740), (1920, 1080)
PORT, WARD_PORT = 18_080, 18_090
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
QUESTIONS = [
    ("Ngõ 5 ngập nước mỗi khi mưa to, bao giờ phường cho sửa cống?", "Nguyễn Văn Bình"),
    ("Đèn đường đầu hẻm 12 hỏng hai tuần nay, các cháu đi học về tối rất sợ.", ""),
    ("Thủ tục làm thẻ căn cước cho cụ ngoài 80 tuổi có phải lên phường không?", "Lê Thị Mai"),
    ("Xe rác mấy hôm nay đến muộn, rác để trước cổng bốc mùi.", ""),
]


class Demo:
    def __init__(self, browser: Browser, addresses: dict[str, str], folder: Path) -> None:
        self._browser = browser
        self.addresses = addresses
        self._folder = folder

    async def page(self, size: tuple[int, int], address: str = "") -> Page:
        context = await self._browser.new_context(
            locale="vi-VN", viewport={"width": size[0], "height": size[1]}
        )
        page = await context.new_page()
        if address:
            await page.goto(address)
        return page

    async def take(self, page: Page, name: str, *, wait: float = 0.6) -> None:
        await asyncio.sleep(wait)
        await page.screenshot(path=self._folder / f"{name}.png")


async def tour(demo: Demo) -> None:
    """A meeting, with a picture at every turn."""
    panel = await demo.page(TABLET, demo.addresses["panel"])
    stage = await demo.page(STAGE, demo.addresses["stage"])
    house = panel.url.removesuffix("/panel")
    await demo.take(panel, "panel-idle")
    await demo.take(stage, "stage-idle")
    await ways_in(demo, house)
    await invite(demo, panel, house)

    phone = await demo.page(PHONE, demo.addresses["ask"])
    await demo.take(phone, "ask")
    for text, name in QUESTIONS:
        await phone.goto(demo.addresses["ask"])
        await phone.fill("textarea", text)
        if name:
            await phone.click("[data-action=open-naming]")
            await phone.fill("input[name=name]", name)
            await phone.check("[data-action=consent]")
        await phone.click("[data-action=send-question]")
        await phone.wait_for_selector("[data-value=receipt]")
    await demo.take(phone, "receipt")

    await panel.click("[data-action=start-meeting]")
    await panel.wait_for_selector("[data-code=live]", state="attached")
    official = await demo.page(TABLET, demo.addresses["official"])
    await demo.take(official, "official-check", wait=2)
    await official.fill("#name", "Bà Trần Thị Hoa, Phó Chủ tịch phường")
    await official.click("[data-action=join]")
    await panel.click("[data-action=approve-question]")
    await panel.click("[data-action=show-question]")
    await asyncio.sleep(6)
    await demo.take(panel, "panel-live")
    await demo.take(stage, "stage-live")
    await demo.take(official, "official-call")
    await ward_pages(demo)
    for page in ("questions", "guests", "picture", "equipment"):
        await panel.goto(f"{house}/panel/{page}")
        await demo.take(panel, f"panel-{page}", wait=2.5)
    secretary = await demo.page(TABLET, demo.addresses["secretary"])
    await demo.take(secretary, "secretary")

    await panel.goto(demo.addresses["panel"])
    await panel.click("[data-action=answer-question]")
    board = await demo.page(PHONE, demo.addresses["board"])
    await demo.take(board, "board")
    await panel.click("[data-action=end-meeting]")  # leads to what is still open
    await panel.wait_for_url("**/panel/end")
    await demo.take(panel, "panel-end")
    await panel.click("[data-action=end-meeting]")
    await panel.wait_for_selector("[data-code=closing]", state="attached")
    await panel.goto(f"{house}/panel")
    await demo.take(panel, "panel-closing", wait=1)


async def invite(demo: Demo, panel: Page, house: str) -> None:
    """What is planned, a link for a guest, and the guest at the door."""
    await panel.goto(f"{house}/panel/schedule")
    await demo.take(panel, "panel-schedule")
    await panel.goto(f"{house}/panel/guests")
    await panel.click("#invite > summary")
    await panel.click("[data-action=create-invitation]")
    await demo.take(panel, "invitation")
    lobby = await demo.page(PHONE, await panel.input_value("[data-value=invitation-link]"))
    await lobby.fill("#name", "Ông Lê Văn Nam")
    await lobby.click("[data-action=join]")
    await lobby.wait_for_selector("[data-step=lobby]:not([hidden])")
    await demo.take(lobby, "lobby")
    await lobby.context.close()
    await panel.goto(f"{house}/panel")


async def ways_in(demo: Demo, house: str) -> None:
    """How a tablet is paired, and what the technician sees."""
    tablet = await demo.page(TABLET)
    for page in ("pair", "login"):
        await tablet.goto(f"{house}/{page}")
        await demo.take(tablet, page)
    technician = await demo.page(TABLET, demo.addresses["technician"])
    await demo.take(technician, "technician")
    await technician.click("#pair > summary")
    await technician.fill("#pair-name", "Máy tính bảng bác Lan")
    await technician.click("[data-action=create-pairing]")
    await demo.take(technician, "pairing-code")
    await technician.goto(f"{house}/password")
    await demo.take(technician, "password")


async def ward_pages(demo: Demo) -> None:
    """What the ward sees of a house, and how its officials invite somebody to it."""
    ward = await demo.page(TABLET, demo.addresses["ward"])
    await demo.take(ward, "ward")
    await ward.click("[data-action=open-house]")
    await demo.take(ward, "ward-house")
    await ward.click("[data-action=invitations]")
    await ward.fill("#invite-name", "Ông Lê Văn Nam, Địa chính")
    await ward.click("[data-action=create-invitation]")
    await ward.wait_for_selector("[data-value=invitation-link]")
    await ward.click("[data-action=back]")
    await demo.take(ward, "ward-invitations")
    await ward.click("[data-action=watch]")
    await demo.take(ward, "ward-watch")


async def take_pictures(addresses: dict[str, str], folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS
        )
        await tour(Demo(browser, addresses, folder))
        await browser.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        ports = ["--house-port", str(PORT), "--ward-port", str(WARD_PORT)]
        command = ["avcontrol", "demo", *ports, "--data", data]
        daemon = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.DEVNULL)
        try:
            announcement = Path(data) / "demo.json"
            while not announcement.exists():
                if daemon.poll() is not None:
                    sys.exit("the demo did not start; its message stands above")
                time.sleep(0.2)
            asyncio.run(take_pictures(json.loads(announcement.read_text()), folder))
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
