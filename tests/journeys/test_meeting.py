"""A meeting from the first tap to the last: pictures and sound, both ways, in real browsers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from devices.device import Power
from devices.virtual.sound import tone, write_wav
from tests.rooms.films.coded import probe

pytestmark = pytest.mark.journey

SHARED_SCREEN = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = 800; canvas.height = 600;
  const paint = canvas.getContext("2d");
  let turn = 0;
  setInterval(() => {
    paint.fillStyle = `hsl(${turn++ * 7}, 80%, 50%)`;
    paint.fillRect(0, 0, 800, 600);
  }, 40);
  navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(25);
}"""


async def test_the_official_sees_the_hall_and_the_hall_sees_him(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    stage = await hall.paired("stage", viewport={"width": 1920, "height": 1080})
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Bà Trần Thị Hoa, Phó Chủ tịch phường")

    await journey.picture_moves(official, "hall-video", 275, seconds=60)

    # recorded from the tap on, which everybody reads
    await panel.goto(f"{hall.url}/panel/picture")
    await panel.click("[data-action=begin-film]")
    await panel.wait_for_selector("[data-value=film][data-code=running]")
    await stage.wait_for_selector("[data-value=filmed][data-code=yes]")
    await official.wait_for_selector("[data-value=filmed]", state="attached")
    await panel.goto(f"{hall.url}/panel")

    await panel.wait_for_selector("text=Bà Trần Thị Hoa")
    await journey.picture_moves(stage, "floor-video", 25)
    await journey.picture_moves(stage, "hall-video", 25)
    await stage.wait_for_selector("text=Bà Trần Thị Hoa")
    await expect(panel.locator("[data-value=guests]")).to_have_text("1")

    # a shared screen takes the floor, and gives it back
    await official.evaluate(SHARED_SCREEN)
    await official.click("[data-action=share-screen]")
    await journey.until(
        lambda: stage.evaluate("document.getElementById('floor-video').videoWidth === 800"),
        what="the shared screen on the stage",
    )
    await journey.picture_moves(stage, "floor-video", 15)
    await official.click("[data-action=share-screen]")
    await journey.until(
        lambda: stage.evaluate("document.getElementById('floor-video').videoWidth !== 800"),
        what="the camera on the stage again",
    )

    await panel.goto(f"{hall.url}/panel/picture")
    await panel.click("[data-action=end-film]")
    await panel.wait_for_selector("[data-value=film][data-code=off]")
    await stage.wait_for_selector("[data-value=filmed]", state="detached")
    (film,) = (hall.folder / "data" / "films").iterdir()
    await journey.until(lambda: probe(film)["seconds"] > 1, what="the film")
    found = probe(film)
    assert found["errors"] == ""
    assert (found["video"]["codec_name"], found["audio"]["codec_name"]) == ("h264", "aac")
    await panel.goto(f"{hall.url}/panel")

    # he goes and comes back with what he had set
    await official.click("[data-action=toggle-camera]")
    await official.reload()
    await official.fill("#name", "Bà Hoa")
    await official.click("[data-action=join]")
    await official.wait_for_selector("[data-action=toggle-camera][aria-pressed=false]")
    await journey.picture_moves(official, "hall-video", 25)


UNPLUG = """() => {
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith("settings "))) {
    const kept = JSON.parse(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify({ ...kept, microphoneId: "one that is gone" }));
  }
}"""
HAS_SOME = "document.getElementById('microphone-choice').value !== ''"
HAS_CHOSEN = "(id) => document.getElementById('microphone-choice').value === id"

SLOW_CAMERA = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wishes) => {
    await new Promise((done) => setTimeout(done, 2500));
    return open(wishes);
  };
}"""


async def test_whoever_is_quicker_than_his_camera_is_seen_all_the_same(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    stage = await hall.paired("stage")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.page()
    await official.add_init_script(f"({SLOW_CAMERA})()")
    await official.goto(link)
    await official.fill("#name", "Ông Nam")
    await official.click("[data-action=join]")
    await journey.picture_moves(stage, "floor-video", 15)


async def test_whoever_leaves_and_returns_is_as_he_was(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.page()
    broken: list[str] = []
    official.on("pageerror", lambda error: broken.append(str(error)))
    await official.goto(link)
    await official.wait_for_selector("#microphone-choice option:nth-child(3)", state="attached")
    chosen = (await official.select_option("#microphone-choice", index=2))[0]
    await official.fill("#name", "Bà Hoa")
    await official.click("[data-action=join]")
    await journey.picture_moves(official, "hall-video")
    for action in ("toggle-microphone", "toggle-camera", "raise-hand"):
        await official.click(f"[data-action={action}]")
    opened: list[str] = []
    official.on("websocket", lambda socket: opened.append(socket.url))
    await official.click("[data-action=leave]")
    await official.wait_for_selector("[data-step=left] [data-left=left]")
    assert await official.is_hidden("[data-left=revoked]")
    await asyncio.sleep(3)  # longer than a line takes to say that it was lost
    assert await official.is_hidden("#line-lost"), "who has left has lost nothing"
    assert opened == [], "and asks for nothing"
    await official.click("[data-step=left] [data-action=rejoin]")
    await journey.until(
        lambda: official.evaluate(HAS_CHOSEN, chosen), what="the microphone that he had chosen"
    )
    await official.click("[data-action=join]")
    await journey.picture_moves(official, "hall-video")
    assert await official.is_hidden("nav.language"), "a slip of the finger ends no call"

    # raise-hand: he asked to speak before he went
    for action in ("toggle-microphone", "toggle-camera", "raise-hand"):
        button = official.locator(f"[data-action={action}]")
        await expect(button).to_have_attribute("aria-pressed", "false")
    assert await official.inner_text("#call-problem") == ""
    assert broken == []

    await official.reload()
    await expect(official.locator("#name")).to_have_value("Bà Hoa")
    await journey.until(
        lambda: official.evaluate(HAS_CHOSEN, chosen), what="the same microphone after a reload"
    )
    await official.evaluate(UNPLUG)
    await official.reload()
    await journey.until(lambda: official.evaluate(HAS_SOME), what="another microphone")
    assert await official.inner_text("#call-problem") == ""
    await panel.goto(f"{hall.url}/panel/guests")
    await expect(panel.locator("#guests li:has-text('Bà Hoa')")).to_have_count(1)


async def test_a_voice_goes_both_ways(hall, journey, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Ông Nam")
    await journey.picture_moves(official, "hall-video")

    # into the hall's microphone, out of the official's browser
    sound = tmp_path / "tone.wav"
    write_wav(sound, tone(880, 120))
    async with played(hall, sound):
        await journey.tone_is_heard(official, 880)

    # out of Chromium's fake microphone, which beeps every second, into the loudspeaker
    async def sounds() -> bool:
        return journey.loudness(await hall.sound.record_loudspeaker(1.5)) > 100

    await journey.until(sounds, what="the official at the loudspeaker")

    await two_officials_hear_each_other(hall, journey, panel, official, link)

    # the hall mutes him, and only the hall can undo it
    await panel.goto(f"{hall.url}/panel/guests")
    await panel.click("li:has-text('Ông Nam') [data-action=silence-guest]")
    await official.wait_for_selector("#call[data-status=muted-by-hall]")

    async def silent() -> bool:
        return journey.loudness(await hall.sound.record_loudspeaker(2)) < 20

    await journey.until(silent, what="the loudspeaker silent")

    # the hall mutes itself: nothing of it is heard any more
    await panel.goto(f"{hall.url}/panel")
    async with played(hall, sound) as playing:
        await journey.tone_is_heard(official, 880)
        await panel.click("[data-action=mute-hall]")

        async def nothing_is_heard() -> bool:
            return (await journey.pitch(official))[1] < -90

        await journey.until(nothing_is_heard, what="the hall silent")
        assert not playing.done(), "and not because the tone was over"


@asynccontextmanager
async def played(hall, sound: Path) -> AsyncIterator[asyncio.Task[None]]:  # type: ignore[no-untyped-def]
    """In the air of the hall, until it was heard."""
    playing = asyncio.create_task(hall.sound.play_into_microphone(sound))
    yield playing
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)


LOUDEST = """async () => {
  const context = new AudioContext({sampleRate: 48000});
  await context.resume();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(document.getElementById("hall-audio").srcObject).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  let loudest = -200;
  for (let look = 0; look < 60; look++) {
    await new Promise((done) => setTimeout(done, 50));
    analyser.getFloatFrequencyData(bins);
    loudest = Math.max(loudest, ...bins);
  }
  await context.close();
  return loudest;
}"""
"""What a page plays within three seconds, in dBFS; the fake microphones beep every second."""


async def two_officials_hear_each_other(hall, journey, panel, one, link) -> None:  # type: ignore[no-untyped-def]
    """And not themselves. The hall is silent meanwhile, for its air would carry their voices back
    from the loudspeaker."""
    other = await hall.official(link, "Bà Hoa")
    await journey.picture_moves(other, "hall-video")
    await panel.click("[data-action=mute-hall]")
    for silent, speaks in ((other, one), (one, other)):
        await silent.click("[data-action=toggle-microphone]")
        await silent.wait_for_selector("[data-action=toggle-microphone][aria-pressed=false]")

        async def only_the_other_hears_him(silent=silent, speaks=speaks) -> bool:  # type: ignore[no-untyped-def]
            heard, own = await asyncio.gather(silent.evaluate(LOUDEST), speaks.evaluate(LOUDEST))
            return heard > -60 and own < -90

        # what the silent one said before is still on its way at first
        await journey.until(only_the_other_hears_him, 40, "heard by the other and not by himself")
        await silent.click("[data-action=toggle-microphone]")
        await silent.wait_for_selector("[data-action=toggle-microphone][aria-pressed=true]")
    await other.context.close()
    await panel.click("[data-action=mute-hall]")


async def test_start_and_end_move_the_equipment(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    assert await journey.phase(panel) == "idle"
    assert not await hall.sound.recorders(), "no microphone is open before the meeting"
    link = await hall.invitation(panel)
    await the_technician_tests_the_sound(hall, panel)
    assert not await hall.sound.recorders(), "it is closed again"
    await journey.start_meeting(panel)
    await journey.until(lambda: hall.projector.power is Power.ON, what="the projector on")
    await journey.until(lambda: hall.projector.input == "31", what="its input chosen")
    await journey.until(hall.sound.recorders, what="the microphone open")

    # an accidental end is taken back
    await panel.click("[data-action=end-meeting]")
    await panel.wait_for_selector("[data-value=phase][data-code=closing]", state="attached")
    await panel.click("[data-action=undo-end]")
    await panel.wait_for_selector("[data-value=phase][data-code=live]", state="attached")
    assert hall.projector.power is Power.ON

    await panel.click("[data-action=end-meeting]")
    await panel.wait_for_selector(
        "[data-value=phase][data-code=idle]", state="attached", timeout=40_000
    )
    await journey.until(lambda: hall.projector.power is Power.OFF, 40, "the projector cooled")
    await panel.wait_for_selector("[data-value=safe-to-switch-off]", timeout=40_000)

    async def closed() -> bool:
        return not await hall.sound.recorders()

    await journey.until(closed, what="the microphone closed")

    # the invitation was for that meeting alone
    assert await hall.refused_link(link) == "invitation.other_meeting"
    assert hall.stored("SELECT count(*) FROM guests") == [(0,)]


async def the_technician_tests_the_sound(hall, panel) -> None:  # type: ignore[no-untyped-def]
    """Asked from afar, agreed to in the hall, shown on the stage; the tone is heard."""
    technician, stage = [await hall.paired(role) for role in ("technician", "stage")]
    await technician.click("[data-action=test-sound]")
    await technician.wait_for_selector("[data-value=sound-test][data-code=asked]")
    await panel.click("[data-action=allow-hall]")
    await stage.wait_for_selector(".stage-flag:has-text('đang thử loa và micro')")
    await technician.wait_for_selector("[data-value=sound-test][data-code='sound.test_heard']")
    await stage.wait_for_selector(".stage-flag", state="detached")
    await stage.context.close()


async def test_whoever_waits_in_the_lobby_sees_nothing_until_he_is_admitted(hall, journey) -> None:  # type: ignore[no-untyped-def]
    panel = await hall.paired("leader")
    link = await hall.invitation(panel, lobby=True)
    await journey.start_meeting(panel)
    official = await hall.official(link, "Ông Lê Văn Nam")
    await official.wait_for_selector("[data-step=lobby]:not([hidden])")
    await asyncio.sleep(1)
    assert await journey.frames(official, "hall-video") == 0
    await panel.click("[data-action=admit]")
    await journey.picture_moves(official, "hall-video")


async def test_the_stage_is_for_paired_screens_alone(hall, journey) -> None:  # type: ignore[no-untyped-def]
    page: Page = await hall.page()
    await page.goto(f"{hall.url}/stage")
    assert "/pair" in page.url
    answer = await page.request.get(f"{hall.url}/panel", max_redirects=0)
    assert answer.status in {302, 303, 307, 401, 403}
