"""Ways of joining that are not the straight one."""

import asyncio
from typing import Any

import pytest

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

    async def slow(page_side: Any) -> None:
        house_side = page_side.connect_to_server()

        def later(message: Any) -> None:
            asyncio.get_running_loop().call_later(1.0, page_side.send, message)

        house_side.on_message(later)

    await official.route_web_socket("**/ws/call", slow)
    await official.goto(link)
    await official.fill("#name", "Ông Nam")
    await official.click("[data-action=join]")
    await asyncio.sleep(0.5)
    await official.click("[data-action=join]")
    await official.wait_for_selector("[data-call][data-at=call]")
    await asyncio.sleep(1.5)
    assert await panel.inner_text("[data-value=guests]") == "1"
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
    assert await first.get_attribute("[data-action=toggle-camera]", "aria-pressed") == "false"
    assert await first.get_attribute("[data-action=toggle-microphone]", "aria-pressed") == "true"
    assert await stage.get_attribute("[data-call]", "data-floor") == "hall"
    await hall.official(link, "Bà Hoa")
    await journey.picture_moves(stage, "floor-video", 15)
