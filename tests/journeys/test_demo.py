"""The demo: one command, a house and its ward; an official comes in through the ward, and somebody
asks there with a phone that has no JavaScript."""

import asyncio
import json
import os
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

import avcontrol

pytestmark = pytest.mark.journey


async def test_the_demo_has_a_house_and_its_ward(
    tmp_path: Path, browser: Browser, journey: Any, free_ports: Any
) -> None:
    house_port, ward_port = free_ports(2)
    ports = ["--house-port", str(house_port), "--ward-port", str(ward_port)]
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "avcontrol", "demo", *ports, "--data", str(tmp_path)),
        stdout=asyncio.subprocess.DEVNULL,
    )
    announcement = tmp_path / "demo.json"
    try:
        await journey.until(announcement.exists, 90, "demo.json")
        addresses = json.loads(announcement.read_text())
        looking = asyncio.create_task(_look_for_devices(addresses["technician"]))
        open_to_others = [f.name for f in tmp_path.glob("*.*") if f.stat().st_mode & 0o077]
        assert not open_to_others
        context = await browser.new_context(locale="vi-VN", permissions=["camera", "microphone"])
        panel, official, ward = [await context.new_page() for _ in range(3)]
        await panel.goto(addresses["panel"])
        await _plan_at_the_ward(await context.new_page(), addresses["ward"], panel)
        assert await looking == {"camera", "projector"}
        await journey.start_meeting(panel)
        assert addresses["official"].startswith(f"http://127.0.0.1:{ward_port}/h/to-5/join/")
        await official.goto(addresses["official"])
        await official.fill("#name", "Bà Hoa")
        await official.click("[data-action=join]")
        await journey.picture_moves(official, "hall-video")
        await ward.goto(addresses["ward"])
        house = ward.locator("#house-to-5")
        await expect(house.locator("[data-value=link]")).to_have_attribute("data-code", "linked")
        await expect(house.locator("[data-value=phase]")).to_have_attribute("data-code", "live")
        await _ask_at_the_ward(browser, f"http://127.0.0.1:{ward_port}", panel, addresses["stage"])
        await context.close()
    finally:
        demo.terminate()
        await asyncio.wait_for(demo.wait(), 30)
    await _make_run_again(tmp_path, ports, journey)


async def _look_for_devices(technician: str) -> set[str]:
    """Kinds of those that the set-up's scan found and knows as the demo's own."""
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True, timeout=60) as client:
        home = await client.get(technician)
        client.headers["Origin"] = f"{home.url.scheme}://{home.url.netloc.decode()}"
        find = home.url.join("/technician/setup/find")
        page = (await client.post(find, data={"do": "look"})).text
    rows = re.findall(r'data-value="found" data-code="(\w+)">(.*?)</li>', page, re.DOTALL)
    return {kind for kind, row in rows if "pill tone-good" in row}


async def _make_run_again(data: Path, ports: list[str], journey: Any) -> None:
    """A second time there is nothing to set up, and the same house comes back."""
    announcement = data / "demo.json"
    assert not announcement.exists(), "the demo took it away with it"
    make = await asyncio.create_subprocess_exec(
        *("make", "run", f"ARGS={' '.join(ports)} --data {data}"),
        cwd=Path(avcontrol.__file__).parents[1],
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        await journey.until(announcement.exists, 90, "demo.json")
    finally:
        os.killpg(make.pid, signal.SIGTERM)
        words, _ = await asyncio.wait_for(make.communicate(), 30)
    assert "setup:" not in words.decode()


async def _plan_at_the_ward(ward: Page, address: str, panel: Page) -> None:
    """A meeting that an official plans at the hub is in the house's schedule, and the other way."""
    await ward.goto(address)
    await ward.click("[data-action=open-house]")
    await ward.click("[data-action=plan]")
    await ward.fill("#plan-title", "Phường báo cáo dự án")
    day = datetime.now(UTC) + timedelta(days=3)
    await ward.fill("#plan-day", f"{day:%Y-%m-%d}")
    await ward.click("[data-action=plan-meeting]")
    await expect(panel.locator("[data-value=coming]")).to_contain_text("Phường báo cáo dự án")
    await expect(ward.locator("[data-code=proposed]")).to_have_count(0)

    home = panel.url
    await panel.click("[data-action=schedule]")
    await panel.click("[data-action=open-plan]")
    await panel.click("#change summary")
    await panel.fill("#plan-title", "Phường báo cáo, tổ góp ý")
    await panel.click("[data-action=change-plan]")
    await expect(ward.locator("[data-value=planned]")).to_contain_text("Phường báo cáo, tổ góp ý")
    await panel.goto(home)


async def _ask_at_the_ward(browser: Browser, ward: str, panel: Page, stage_address: str) -> None:
    """From the address on the big screen to the answer, which is found where it was asked."""
    screen = await browser.new_context(locale="vi-VN", viewport={"width": 1920, "height": 1080})
    stage = await screen.new_page()
    await stage.goto(stage_address)
    shown = f"{ward}/to-5"
    await expect(stage.locator("[data-value=ask-address]")).to_have_attribute("data-code", shown)

    context = await browser.new_context(
        locale="vi-VN", java_script_enabled=False, viewport={"width": 360, "height": 740}
    )
    phone = await context.new_page()
    await phone.goto(shown)
    await phone.fill("textarea", "Ngõ 5 ngập nước mỗi khi mưa, bao giờ sửa cống?")
    await phone.click("[data-action=send-question]")
    await phone.wait_for_url(f"{ward}/h/to-5/receipt/*")
    receipt = phone.url

    await panel.wait_for_selector("text=Ngõ 5 ngập nước")
    await panel.click("[data-action=approve-question]")
    await panel.click("[data-action=show-question]")
    await stage.wait_for_selector("text=Ngõ 5 ngập nước")
    await panel.click("[data-action=answer-question]")
    await stage.wait_for_selector("text=Ngõ 5 ngập nước", state="detached")

    async with asyncio.timeout(40):
        while await phone.get_attribute("[data-value=state]", "data-code") != "answered":
            await phone.goto(receipt)
    await phone.goto(f"{ward}/h/to-5/board")
    assert "Ngõ 5 ngập nước" in await phone.inner_text("main")
    await context.close()
    await screen.close()
