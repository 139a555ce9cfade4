"""What breaks in the middle of a meeting is said in words, and comes back by itself."""

import asyncio
import secrets
import signal
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from playwright.async_api import Page, expect

from devices.device import Power
from devices.virtual.sound import tone, write_wav

pytestmark = pytest.mark.journey

MARK_CONNECTION = """() => {
  window.failures = 0;
  const video = document.getElementById("hall-video");
  window.firstStream = video.srcObject;
}"""
SAME_CONNECTION = "document.getElementById('hall-video').srcObject === window.firstStream"


CORNER = """() => {
  const video = document.getElementById("hall-video");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [64, 36];
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return [...context.getImageData(2, 2, 1, 1).data];
}"""
"""A pixel near the left upper corner: dark behind the sentence, bright in the test picture."""


async def shows_sentence(page: Page) -> bool:
    red, green, blue, _ = await page.evaluate(CORNER)
    return bool(max(red, green, blue) < 60)


async def shows_hall(page: Page) -> bool:
    return not await shows_sentence(page)


async def test_the_camera_dies_and_comes_back_in_the_same_connection(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Ông Nam")
    await journey.picture_moves(official, "hall-video")
    await official.evaluate(MARK_CONNECTION)

    await hall.camera.end(signal.SIGKILL)
    await panel.wait_for_selector(".notice:has-text('Camera hội trường')", timeout=40_000)
    await journey.until(lambda: shows_sentence(official), what="the sentence in the picture")
    await journey.picture_moves(official, "hall-video", by=5)
    assert await journey.phase(panel) == "live"
    await hall.camera.start()
    await journey.until(lambda: shows_hall(official), what="the hall in the picture")
    assert await official.evaluate(SAME_CONNECTION)
    await panel.wait_for_selector(
        ".notice:has-text('Camera hội trường')", state="detached", timeout=40_000
    )
    technician = await hall.paired("technician")
    await technician.wait_for_selector("[data-value=last-fault-camera]:has-text('Lỗi gần nhất')")


async def test_the_meeting_goes_on_without_the_projector(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    await journey.start_meeting(panel)
    await journey.until(lambda: hall.projector.power is not Power.OFF, what="the projector warming")
    await hall.projector.unplug()
    lost = "[data-value=notice][data-code^='projector.']"
    await panel.wait_for_selector(f"{lost}:has-text('Máy chiếu')", timeout=40_000)
    assert await journey.phase(panel) == "live"
    await hall.projector.plug_in()
    await panel.wait_for_selector(lost, state="detached", timeout=40_000)
    # the wish was held, and is applied once the projector is there
    await journey.until(lambda: hall.projector.power is Power.ON, 60)
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
    assert await asyncio.wait_for(daemon.wait(), 20) == 0
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


async def test_the_sound_server_dies_and_comes_back(hall, journey, tmp_path) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Bà Hoa")
    await journey.picture_moves(official, "hall-video")
    await official.evaluate(MARK_CONNECTION)
    await journey.until(hall.sound.recorders, what="the microphone open")
    await hall.sound.kill()
    await panel.wait_for_selector(".notice:has-text('micro')", timeout=40_000)
    assert await journey.phase(panel) == "live"
    await hall.sound.start()
    await journey.until(hall.sound.recorders, 30, "the microphone open again")
    await panel.wait_for_selector(".notice:has-text('micro')", state="detached", timeout=40_000)
    await voices_go_both_ways(hall, journey, tmp_path, [official])
    assert await official.evaluate(SAME_CONNECTION)


async def voices_go_both_ways(hall, journey, folder, officials, seconds=40) -> None:  # type: ignore[no-untyped-def]
    """A tone from the hall is heard by each official, and Chromium's fake microphones, which beep
    every second, by the hall."""
    # With pauses: what sounds on and on is noise after some seconds, and filtered out.
    blow = np.concatenate([tone(880, 1.5), tone(880, 0.75) * 0])
    write_wav(folder / "tone.wav", np.tile(blow, seconds))
    playing = asyncio.create_task(hall.sound.play_into_microphone(folder / "tone.wav"))

    async def loudspeaker_sounds() -> bool:
        return journey.loudness(await hall.sound.record_loudspeaker(1.5)) > 100

    await asyncio.gather(
        *(journey.tone_is_heard(official, 880, seconds) for official in officials),
        journey.until(loudspeaker_sounds, seconds, "an official at the loudspeaker"),
    )
    playing.cancel()


RECEIPTS_BEFORE_THE_KILL = 10
BACK_SECONDS = 40
"""Until pictures and sound of all are back, once the house answers again, on a busy machine."""


async def test_a_killed_daemon_comes_back_into_the_same_meeting(hall, journey, tmp_path) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    links = [await hall.invitation(panel) for _ in range(2)]
    await journey.start_meeting(panel)
    officials = [
        await hall.official(link, name) for link, name in zip(links, ("Ông A", "Bà B"), strict=True)
    ]
    for official in officials:
        await journey.picture_moves(official, "hall-video")
    first, second = officials
    # Whoever came first has the floor by himself; here the leader gives it.
    await panel.goto(f"{hall.url}/panel/guests")
    await panel.click("li:has-text('Bà B') [data-action=give-floor]")
    await panel.click("li:has-text('Ông A') [data-action=give-floor]")
    await journey.picture_moves(second, "floor-video")

    phones = Phones(hall.url)
    await phones.ask("Câu hỏi đang trên màn hình lớn?")
    await panel.goto(f"{hall.url}/panel")
    for action in ("approve-question", "show-question"):
        await panel.click(f"[data-action={action}]")
    await panel.wait_for_selector("[data-action=answer-question]")
    before = in_the_house(hall)
    assert len(before["guests"]) == 2
    assert len(before["shown"]) == 1

    phones.receipts.clear()
    phones.after[RECEIPTS_BEFORE_THE_KILL] = hall.daemon.running.kill
    asking = asyncio.gather(*(phones.ask(f"Câu hỏi thứ {number}.") for number in range(50)))
    await hall.daemon.running.wait()
    assert len(phones.receipts) < 50, "the others are under way"
    await hall.daemon.start()
    await asyncio.gather(
        voices_go_both_ways(hall, journey, tmp_path, officials, BACK_SECONDS),
        *(journey.picture_moves(page, "hall-video", seconds=BACK_SECONDS) for page in officials),
        journey.picture_moves(second, "floor-video", seconds=BACK_SECONDS),
    )
    await asking
    assert await journey.phase(panel) == "live"
    assert in_the_house(hall) == before
    await expect(first.locator("[data-call]")).to_have_attribute("data-floor", "self")
    assert len(phones.receipts) == len(set(phones.receipts)) == 50

    for receipt in phones.receipts:
        assert await phones.finds(receipt), receipt
    await panel.goto(f"{hall.url}/panel/questions")
    texts = await panel.locator(".question-text").all_inner_texts()
    for number in range(50):
        assert sum(f"Câu hỏi thứ {number}." in text for text in texts) == 1
    await phones.client.aclose()


def in_the_house(hall) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "meeting": hall.stored("SELECT id FROM meetings WHERE NOT over"),
        "guests": hall.stored("SELECT id FROM guests WHERE gone IS NULL ORDER BY seq"),
        "shown": hall.stored("SELECT case_id FROM questions WHERE state = 'on_stage'"),
    }


class Phones:
    """Each asks, and tries again with its own key until it has its receipt."""

    def __init__(self, url: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=20)
        self.receipts: list[str] = []
        self.after: dict[int, Callable[[], None]] = {}
        """What is done at once when so many receipts are there."""

    async def ask(self, text: str) -> None:
        form = {"text": text, "name": "", "key": secrets.token_hex(16)}
        headers = {"Origin": str(self.client.base_url).rstrip("/"), "Accept": "text/html"}
        while True:
            try:
                answer = await self.client.post("/ask", data=form, headers=headers)
            except httpx.HTTPError:  # the daemon is being killed under us: that is the test
                await asyncio.sleep(0.2)
                continue
            assert answer.status_code == 303, answer.text
            self.receipts.append(answer.headers["location"].rpartition("/")[2])
            self.after.pop(len(self.receipts), lambda: None)()
            return

    async def finds(self, receipt: str) -> bool:
        return (await self.client.get(f"/receipt/{receipt}")).status_code == 200
