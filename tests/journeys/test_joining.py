"""Ways of joining that are not the straight one."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import expect

pytestmark = pytest.mark.journey

NO_CAMERA = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    if (wishes.video) throw new DOMException("none", "NotFoundError");
    return open(wishes);
  };
}"""


async def test_two_taps_on_a_slow_line_are_one_guest(hall: Any, journey: Any) -> None:
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    official = await hall.page()

    held: list[Any] = []
    tapped = asyncio.Event()

    async def slow(page_side: Any) -> None:
        """What the house says arrives after the second tap."""
        house_side = page_side.connect_to_server()

        def later(message: Any) -> None:
            if tapped.is_set():
                page_side.send(message)
            else:
                held.append(lambda: page_side.send(message))

        house_side.on_message(later)

    await official.route_web_socket("**/ws/call", slow)
    await official.goto(link)
    await official.fill("#name", "Ông Nam")
    await official.click("[data-action=join]")
    await journey.until(lambda: held, what="the house's answer to the first tap")
    await official.click("[data-action=join]")
    await asyncio.sleep(0.5)
    tapped.set()
    for send in held:
        send()
    await official.wait_for_selector("[data-call][data-at=call]")
    await asyncio.sleep(1.5)
    await expect(panel.locator("[data-value=guests]")).to_have_text("1")
    await panel.goto(f"{hall.url}/panel/guests")
    assert (await panel.inner_text("main")).count("Ông Nam") == 1


async def test_whoever_has_no_camera_leaves_the_floor_to_who_has_one(
    hall: Any, journey: Any
) -> None:
    panel = await hall.paired("leader")
    stage = await hall.paired("stage")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    first = await hall.page()
    await first.add_init_script(f"({NO_CAMERA})()")
    await first.goto(link)
    await first.fill("#name", "Ông Nam")
    await first.click("[data-action=join]")
    await first.wait_for_selector("[data-call][data-status=connected]")
    for action, pressed in (("toggle-camera", "false"), ("toggle-microphone", "true")):
        button = first.locator(f"[data-action={action}]")
        await expect(button).to_have_attribute("aria-pressed", pressed)
    await expect(stage.locator("[data-call]")).to_have_attribute("data-floor", "hall")
    await hall.official(link, "Bà Hoa")
    await journey.picture_moves(stage, "floor-video", 15)
