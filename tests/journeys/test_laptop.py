"""A laptop in the hall shows its screen: by its browser, neither heard nor played; by a cable."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from devices.virtual.sound import tone, write_wav

pytestmark = pytest.mark.journey


async def test_a_laptop_in_the_hall_takes_the_floor_by_its_browser_and_by_a_cable(
    hall_with_laptop: Any, journey: Any, tmp_path: Path
) -> None:
    hall = hall_with_laptop
    panel = await hall.paired("leader")
    stage = await hall.paired("stage")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)

    laptop = await hall.page()
    await laptop.goto(link)
    await laptop.click("[data-action=open-in-hall]")
    await laptop.check("[data-action=in-hall]")
    await laptop.fill("#name", "Máy tính của tổ")
    await laptop.click("[data-action=join]")
    await laptop.wait_for_selector("[data-call][data-status=connected]")
    await expect(laptop.locator("[data-action=toggle-microphone]")).to_be_hidden()
    assert await laptop.evaluate("document.getElementById('hall-audio').muted")

    await laptop.click("[data-action=share-screen]")  # the browser's own, nothing put in its place
    await stage.wait_for_selector("text=Màn hình của Máy tính của tổ")
    await expect(stage.locator("[data-call]")).to_have_attribute("data-floor", "guest")
    await journey.picture_moves(stage, "floor-video", 3)
    late = await hall.official(link, "Bà Hoa")  # also who comes while nothing moves on it
    await journey.picture_moves(late, "floor-video", 1)

    await laptop.click("[data-action=share-screen]")
    await stage.wait_for_selector("text=Màn hình của Máy tính của tổ", state="detached")

    await _takes_it_by_the_cable(hall, journey, panel, stage, late, tmp_path / "film.wav")


async def _takes_it_by_the_cable(
    hall: Any, journey: Any, panel: Page, stage: Page, official: Page, film: Path
) -> None:
    """Seen and heard with one tap, and gone with one."""
    write_wav(film, tone(700, 20))
    playing = asyncio.create_task(hall.sound.play_on_laptop(film, again=True))
    try:
        await panel.click("[data-action=show-hdmi]")
        floor = stage.locator("[data-value=floor]")
        await expect(floor).to_have_attribute("data-code", "hdmi")
        await journey.picture_moves(stage, "floor-video", 5)
        whole = "getComputedStyle(document.getElementById('floor-video')).objectFit"
        assert await stage.evaluate(whole) == "contain"
        await journey.picture_moves(official, "floor-video", 1)
        await journey.tone_is_heard(official, 700)
        await panel.click("[data-action=hide-hdmi]")
        await expect(floor).not_to_have_attribute("data-code", "hdmi")
        await panel.wait_for_selector("[data-action=show-hdmi]")
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
