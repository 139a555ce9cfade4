"""The bridge against a real browser: pictures and sound both ways, over real ICE, DTLS and SRTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.async_api import Browser, Page

from base.cause import Refused
from base.latest import Latest
from devices.device import AccessUnit, Condition, Health, Samples
from rooms.media.bridge import Bridge
from rooms.shown import Floor, FloorKind

STATIC = Path(__file__).parents[3] / "web" / "static"
PATIENT = {
    "SILENT_AFTER = 2_500": "SILENT_AFTER = 60_000",
    "CONNECT_WITHIN = 10_000": "CONNECT_WITHIN = 60_000",
}
"""Here no page takes a busy machine for a dead line: a peer that failed is not made anew."""
PAGE = """<!doctype html><title>guest</title>
<audio id=sound autoplay></audio><video id=hall autoplay muted playsinline></video>
<video id=floor autoplay muted playsinline></video>
<script type=module>
import { Peer } from "/peer.js";
window.open_peer = async (withMedia, codec) => {
  const stream = withMedia && await navigator.mediaDevices.getUserMedia(
    {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false},
     video: {width: 640, height: 360}});
  const tracks = {audio: stream && stream.getAudioTracks()[0],
                  camera: stream && stream.getVideoTracks()[0]};
  window.failures = 0;
  window.peer = new Peer(tracks, {connected() {}, failed() { window.failures++; }});
  if (codec) for (const line of window.peer.lines.slice(1)) line.setCodecPreferences(
    RTCRtpReceiver.getCapabilities("video").codecs.filter((c) => c.mimeType === codec
      || c.mimeType === "video/rtx"));
  ["sound", "hall", "floor"].forEach((id, line) =>
    document.getElementById(id).srcObject = window.peer.streams[line]);
  return window.peer.offer();
};
window.frames = async (line) => {
  let decoded = 0;
  (await window.peer.lines[line].receiver.getStats()).forEach((s) => {
    if (s.type === "inbound-rtp") decoded = s.framesDecoded ?? 0; });
  return decoded;
};
window.width = async () => {
  let found = 0;
  (await window.peer.lines[1].sender.getStats()).forEach((s) => {
    if (s.type === "outbound-rtp") found = s.frameWidth ?? 0; });
  return found;
};
window.pitch = async () => {
  const context = new AudioContext({sampleRate: 48000});
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384; analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(document.getElementById("sound").srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 1500));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const loudest = bins.indexOf(Math.max(...bins));
  return [loudest * 48000 / 16384, bins[loudest]];
};
window.ready = true;
</script>"""


class Camera:
    """Access units of a test picture, as a driver hands them out."""

    def __init__(self) -> None:
        self.health: Latest[Health] = Latest(Health(Condition.WORKING))
        self._sinks: list[Callable[[AccessUnit], None]] = []

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    async def run(self) -> None:
        for index, (data, key) in enumerate(coded_pictures()):
            unit = AccessUnit(data, index * 3600, key, time.monotonic())
            for sink in tuple(self._sinks):
                sink(unit)
            await asyncio.sleep(0.04)


def coded_pictures() -> Iterator[tuple[bytes, bool]]:
    """25 a second at 640×360, a key frame every two seconds."""
    source = av.open("testsrc=size=640x360:rate=25", format="lavfi")
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 360, "yuv420p"
    encoder.time_base, encoder.gop_size = Fraction(1, 25), 50
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
    for picture in source.decode(video=0):
        for packet in encoder.encode(picture.reformat(format="yuv420p")):
            yield bytes(packet), packet.is_keyframe


class HallSound:
    """A hall with a tone in its microphone; keeps what its loudspeaker was given."""

    def __init__(self, hertz: float) -> None:
        self.played: list[Samples] = []
        self._sinks: list[Callable[[Samples], None]] = []
        self._hertz = hertz

    def subscribe(self, sink: Callable[[Samples], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def play(self, samples: Samples) -> None:
        self.played.append(samples)

    async def run(self) -> None:
        start = time.monotonic()
        sent = 0
        while True:
            while sent < (time.monotonic() - start) * 100:
                moment = (np.arange(480) + sent * 480) / 48_000
                tone = (8000 * np.sin(2 * np.pi * self._hertz * moment)).astype(np.int16)
                for sink in tuple(self._sinks):
                    sink(tone)
                sent += 1
            await asyncio.sleep(0.005)


@pytest.fixture
def hall_sound() -> HallSound:
    return HallSound(440)


@pytest.fixture
async def bridge(hall_sound: HallSound) -> AsyncIterator[Bridge]:
    camera = Camera()
    bridge = Bridge([camera], hall_sound)  # type: ignore[list-item, arg-type]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (bridge.run(), camera.run(), hall_sound.run())]
        yield bridge
        for task in tasks:
            task.cancel()


async def guest_page(browser: Browser) -> Page:
    context = await browser.new_context()
    page = await context.new_page()

    async def serve(route) -> None:  # type: ignore[no-untyped-def]
        name = route.request.url.rsplit("/", 1)[1]
        if name.endswith(".js"):
            script = (STATIC / name).read_text()
            for hurried, patient in PATIENT.items():
                assert name != "peer.js" or hurried in script
                script = script.replace(hurried, patient)
            await route.fulfill(body=script, content_type="text/javascript")
        else:
            await route.fulfill(body=PAGE, content_type="text/html")

    await page.route("http://localhost/**", serve)
    await page.goto("http://localhost/guest")
    await page.wait_for_function("window.ready")
    return page


async def join(
    bridge: Bridge, page: Page, guest_id: str, *, media: bool = True, codec: str = ""
) -> None:
    """`codec` is the only one that this browser has; empty leaves it all it has."""
    offer = await page.evaluate("([media, codec]) => open_peer(media, codec)", [media, codec])
    answer = await bridge.answer(guest_id, offer, hears=True)
    await page.evaluate("(sdp) => peer.answer(sdp)", answer)
    await until(lambda: guest_id in bridge.connected.value)


async def until(holds: Callable[[], object], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


async def frames_grow(page: Page, line: int, by: int, seconds: float = 40) -> None:
    before = await page.evaluate("(line) => frames(line)", line)
    async with asyncio.timeout(seconds):
        while await page.evaluate("(line) => frames(line)", line) < before + by:
            await asyncio.sleep(0.1)


async def sends(page: Page, width: int) -> None:
    """Until his camera goes out so wide."""
    async with asyncio.timeout(40):
        while await page.evaluate("width()") != width:
            await asyncio.sleep(0.1)


async def test_hall_and_official_see_and_hear_each_other(
    bridge: Bridge, hall_sound: HallSound, browser: Browser
) -> None:
    official = await guest_page(browser)
    await join(bridge, official, "a")
    bridge.set_heard("a", True)
    bridge.set_live(True)
    await frames_grow(official, 1, 25)
    async with asyncio.timeout(40):
        hertz, dbfs = 0.0, -200.0
        while hertz != pytest.approx(440, rel=0.01) or dbfs < -40:
            hertz, dbfs = await official.evaluate("pitch()")
    await until(lambda: any(np.abs(samples).max() > 500 for samples in hall_sound.played[-50:]))

    stage = await guest_page(browser)
    await join(bridge, stage, "stage", media=False)
    assert await stage.evaluate("frames(2)") == 0
    await official.evaluate("peer.show(false)")
    await sends(official, 160)  # nobody looks at it: a quarter of 640
    bridge.set_floor(Floor(FloorKind.CAMERA, "a"))
    await official.evaluate("peer.show(true)")
    await frames_grow(stage, 2, 25)
    await sends(official, 640)
    bridge.set_floor(Floor())
    async with asyncio.timeout(40):  # what was on its way may still be drawn
        stopped = -1
        while (shown := await stage.evaluate("frames(2)")) != stopped:
            stopped = shown
            await asyncio.sleep(0.7)

    bridge.drop("a")
    assert bridge.connected.value == {"stage"}


async def test_a_browser_without_h264_gets_vp8_and_its_vp8_is_seen_by_all(
    bridge: Bridge, browser: Browser
) -> None:
    bridge.set_live(True)
    official, stage, viewer = [await guest_page(browser) for _ in range(3)]
    await join(bridge, official, "vp8", codec="video/VP8")
    await join(bridge, stage, "stage", media=False)
    await join(bridge, viewer, "viewer", media=False, codec="video/VP8")
    await frames_grow(official, 1, 25)
    await frames_grow(viewer, 1, 25)
    bridge.set_floor(Floor(FloorKind.CAMERA, "vp8"))
    await frames_grow(stage, 2, 15)
    await frames_grow(viewer, 2, 15)
    encoders = [key for key in bridge._variants._made if bridge._variants._made[key].feed.viewers]
    assert len(encoders) == 2, "the hall once for all of VP8, the official once for all of H.264"


async def test_nothing_leaves_the_hall_outside_a_meeting(bridge: Bridge, browser: Browser) -> None:
    official = await guest_page(browser)
    await join(bridge, official, "a")
    await asyncio.sleep(1)
    assert await official.evaluate("frames(1)") == 0
    bridge.set_live(True)
    await frames_grow(official, 1, 10)


async def test_a_new_offer_takes_the_place_of_the_old_connection(
    bridge: Bridge, browser: Browser
) -> None:
    bridge.set_live(True)
    official = await guest_page(browser)
    await join(bridge, official, "a")
    await frames_grow(official, 1, 10)
    await official.evaluate("peer.close()")
    await join(bridge, official, "a")
    await frames_grow(official, 1, 10)
    assert bridge.connected.value == {"a"}


async def test_a_closed_browser_is_noticed(bridge: Bridge, browser: Browser) -> None:
    official = await guest_page(browser)
    await join(bridge, official, "a")
    await official.evaluate("peer.close()")
    await until(lambda: not bridge.connected.value)


@pytest.mark.parametrize("offer", ["", "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" * 3])
async def test_what_is_no_offer_is_refused(bridge: Bridge, offer: str) -> None:
    with pytest.raises(Refused) as refused:
        await bridge.answer("a", offer, hears=True)
    assert refused.value.cause.code == "call.bad_offer"
    assert bridge.connected.value == frozenset()
