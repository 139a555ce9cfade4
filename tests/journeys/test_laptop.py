"""A laptop in the hall shows its screen by its browser, and is neither heard nor played."""

from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.journey


async def test_a_laptop_in_the_hall_takes_the_floor_with_its_screen(
    hall: Any, journey: Any
) -> None:
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
