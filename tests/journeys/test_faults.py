"""What breaks in the middle of a meeting is said in words, and comes back by itself."""

import asyncio
import signal

import pytest

from devices.device import Power

pytestmark = pytest.mark.journey

MARK_CONNECTION = """() => {
  window.failures = 0;
  const video = document.getElementById("hall-video");
  window.firstStream = video.srcObject;
}"""
SAME_CONNECTION = "document.getElementById('hall-video').srcObject === window.firstStream"


async def test_the_camera_dies_and_comes_back_in_the_same_connection(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Ông Nam")
    await journey.picture_moves(official, "hall-video")
    await official.evaluate(MARK_CONNECTION)

    await hall.camera.end(signal.SIGKILL)
    await panel.wait_for_selector(".notice:has-text('Camera hội trường')", timeout=30_000)
    assert await journey.phase(panel) == "live"
    await hall.camera.start()
    await journey.picture_moves(official, "hall-video", seconds=40)
    assert await official.evaluate(SAME_CONNECTION)
    await panel.wait_for_selector(
        ".notice:has-text('Camera hội trường')", state="detached", timeout=30_000
    )
    technician = await hall.paired("technician")
    await technician.wait_for_selector("[data-value=last-fault-camera]:has-text('Lỗi gần nhất')")


async def test_the_meeting_goes_on_without_the_projector(hall, journey) -> None:  # type: ignore[no-untyped-def]
    await hall.projector.unplug()
    panel = await hall.paired("leader")
    await journey.start_meeting(panel)
    await panel.wait_for_selector(".notice:has-text('Máy chiếu')", timeout=30_000)
    await hall.projector.plug_in()
    # the wish was held, and is applied once the projector is there
    await journey.until(lambda: hall.projector.power.value in {"warming", "on"}, 60)
    assert await journey.phase(panel) == "live"


STUBBORN_SCREEN = """
[screen]
command = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]
"""


async def test_a_house_that_is_stopped_says_so_and_leaves_the_hall_as_it_is(hall, journey) -> None:  # type: ignore[no-untyped-def]
    hall.config.write_text(hall.config.read_text() + STUBBORN_SCREEN)
    await hall.daemon.end()
    await hall.daemon.start()
    panel = await hall.paired("leader")
    stage = await hall.paired("stage")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Bà Hoa")
    await journey.picture_moves(official, "hall-video")
    await journey.picture_moves(stage, "floor-video")
    await journey.until(lambda: hall.projector.input == "31", what="the projector on")
    told = list(hall.projector.commands)

    daemon = hall.daemon.running
    daemon.terminate()
    assert await asyncio.wait_for(daemon.wait(), 5) == 0
    await official.wait_for_selector("#call-status:has-text('đang khởi động lại')")
    await stage.wait_for_selector("#call-problem:has-text('đang khởi động lại')")

    await hall.daemon.start()
    for page in (official, stage):
        await page.wait_for_selector("[data-call][data-status=connected]")
        await journey.picture_moves(page, "hall-video")
    assert await stage.inner_text("#call-problem") == ""
    assert await journey.phase(panel) == "live"
    assert hall.projector.power is Power.ON
    assert hall.projector.commands == told


async def test_the_sound_server_dies_and_comes_back(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    await journey.start_meeting(panel)
    await journey.until(hall.sound.recorders, what="the microphone open")
    await hall.sound.kill()
    await panel.wait_for_selector(".notice:has-text('micro')", timeout=30_000)
    assert await journey.phase(panel) == "live"
    await hall.sound.start()
    await journey.until(hall.sound.recorders, 30, "the microphone open again")
    await panel.wait_for_selector(".notice:has-text('micro')", state="detached", timeout=30_000)


async def test_a_killed_daemon_comes_back_into_the_same_meeting(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    links = [await hall.invitation(panel) for _ in range(2)]
    await journey.start_meeting(panel)
    officials = [
        await hall.official(link, name) for link, name in zip(links, ("Ông A", "Bà B"), strict=True)
    ]
    for official in officials:
        await journey.picture_moves(official, "hall-video")
    receipts: list[str] = []
    asking = asyncio.create_task(ask_many(hall, 50, receipts))
    await journey.until(lambda: len(receipts) >= 20, 30, "twenty receipts")
    await hall.daemon.end(signal.SIGKILL)
    await asyncio.sleep(1)
    await hall.daemon.start()
    await asking
    for official in officials:
        await journey.picture_moves(official, "hall-video", seconds=40)
    assert await journey.phase(panel) == "live"
    assert len(receipts) == len(set(receipts)) == 50

    page = await hall.page()
    for receipt in receipts:
        answer = await page.request.get(f"{hall.url}/receipt/{receipt}")
        assert answer.status == 200, receipt
    await panel.goto(f"{hall.url}/panel/questions")
    texts = await panel.locator(".question-text").all_inner_texts()
    for number in range(50):
        assert sum(f"Câu hỏi thứ {number}." in text for text in texts) == 1


async def ask_many(hall, count: int, receipts: list[str]) -> None:  # type: ignore[no-untyped-def]
    """Ask like so many phones, each trying again with its own key until it has its receipt."""
    page = await hall.page()
    for number in range(count):
        while True:
            try:
                answer = await page.request.post(
                    f"{hall.url}/ask",
                    form={
                        "text": f"Câu hỏi thứ {number}.",
                        "name": "",
                        "key": f"phone-{number:08}",
                    },
                    headers={"Origin": hall.url},
                    max_redirects=0,
                )
            except Exception:  # the daemon is being killed under us: that is the test
                await asyncio.sleep(0.2)
                continue
            assert answer.status == 303, await answer.text()
            receipts.append(answer.headers["location"].rpartition("/")[2])
            break
