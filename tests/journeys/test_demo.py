"""The demo: one command, a house and its ward, and an official who comes in through the ward."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

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
        await journey.until(announcement.exists, 60, "demo.json")
        addresses = json.loads(announcement.read_text())
        open_to_others = [f.name for f in tmp_path.glob("*.*") if f.stat().st_mode & 0o077]
        assert not open_to_others
        context = await browser.new_context(locale="vi-VN", permissions=["camera", "microphone"])
        panel, official, ward = [await context.new_page() for _ in range(3)]
        await panel.goto(addresses["panel"])
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
        await context.close()
    finally:
        demo.terminate()
        await asyncio.wait_for(demo.wait(), 15)
