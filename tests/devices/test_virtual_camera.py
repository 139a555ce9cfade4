"""The virtual camera, read by players that nobody here wrote, and driven by its command line."""

import asyncio
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import av.error
import pytest

from devices import h264
from devices.judging import Fault
from devices.onvif.connection import Address, Connection
from devices.virtual import hall_picture
from devices.virtual.camera import PATH, VirtualCamera, serve_camera
from devices.virtual.hall_picture import Clip, load_clip
from devices.virtual.head import Look
from devices.virtual.rtsp_server import Broadcast

GSTREAMER_PLAYER = """
import sys
import gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
pipeline = Gst.parse_launch(
    f"rtspsrc location={sys.argv[1]} {sys.argv[2]} latency=0 ! rtph264depay ! h264parse"
    " ! openh264dec ! fakesink name=sink num-buffers=30 sync=false"
)
pipeline.set_state(Gst.State.PLAYING)
kinds = Gst.MessageType.EOS | Gst.MessageType.ERROR
message = pipeline.get_bus().timed_pop_filtered(20 * Gst.SECOND, kinds)
played = message is not None and message.type == Gst.MessageType.EOS
caps = pipeline.get_by_name("sink").get_static_pad("sink").get_current_caps()
pipeline.set_state(Gst.State.NULL)
print(caps.to_string() if played else message and message.parse_error())
sys.exit(0 if played else 1)
"""


Pictures = list[tuple[int, av.VideoFrame]]


def pictures(url: str, count: int, found: Pictures | None = None) -> Pictures:
    """Timestamps and frames, as a player sees them, put into `found` as they come; errors in the
    stream are raised."""
    found = [] if found is None else found
    options = {"rtsp_transport": "tcp", "fflags": "+discardcorrupt"}
    with av.open(url, options=options, timeout=30) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        for frame in container.decode(video=0):
            found.append((frame.pts, frame))
            if len(found) == count:
                break
    return found


async def test_the_picture_is_drawn_once_and_then_read(hall_cache, hall_clip, monkeypatch):
    def draw() -> None:
        raise AssertionError("it was drawn again")

    monkeypatch.setattr(hall_picture, "_frames", draw)
    assert load_clip(hall_cache) == hall_clip
    assert not list(hall_cache.glob("*.part"))


def test_the_clip_is_what_every_browser_decodes(hall_clip, decode):
    assert len(hall_clip.units) == 300
    sps, pps = hall_clip.parameter_sets()
    assert sps[1] == 66
    assert sps[2] & 0x40
    assert pps
    keys = [n for n, u in enumerate(hall_clip.units) if h264.decodable_alone(h264.split(u))]
    assert keys == list(range(0, 300, 30))
    bits = 8 * sum(len(unit) for unit in hall_clip.units) / 10
    assert 1_000_000 < bits < 2_000_000


def test_something_moves_in_the_hall(hall_clip):
    decoder = av.CodecContext.create("h264", "r")
    frames = [f for unit in hall_clip.units[:30] for f in decoder.decode(av.Packet(unit))]
    first, last = (frame.to_ndarray(format="gray").astype(int) for frame in (frames[0], frames[-1]))
    moved = (abs(first - last) > 40).mean()
    assert 0.002 < moved < 0.2


async def test_a_player_reads_it_past_the_clips_end(hall_clip):
    second = Clip(hall_clip.units[:30], hall_clip.frames_per_second)
    camera = VirtualCamera(Broadcast(second), "127.0.0.1", 0, None)
    await camera.start()
    try:
        found = await asyncio.to_thread(pictures, camera.url, 75)
    finally:
        await camera.stop()
    assert (found[0][1].width, found[0][1].height) == (1280, 720)
    stamps = [stamp for stamp, _ in found if stamp is not None]
    assert {later - earlier for earlier, later in pairwise(stamps)} == {3000}


async def test_its_second_stream_is_small_and_goes_where_the_first_one_goes(hall_cache):
    async with serve_camera(hall_cache) as camera:
        found = await asyncio.to_thread(pictures, camera.low_url, 20)
        connection = Connection(Address(camera.onvif.url), "", "", "Camera")
        await asyncio.to_thread(connection.open)
        told = await asyncio.to_thread(connection.stream_address, "second")
        assert told == camera.low_url
        await camera.show(Fault.BLACK)
        black = await asyncio.to_thread(pictures, camera.low_url, 1)
    assert (found[0][1].width, found[0][1].height) == (640, 360)
    stamps = [stamp for stamp, _ in found if stamp is not None]
    assert {later - earlier for earlier, later in pairwise(stamps)} == {6000}
    assert found[0][1].to_ndarray(format="gray").mean() > 60
    assert black[0][1].to_ndarray(format="gray").mean() < 30


@pytest.mark.peer
@pytest.mark.parametrize("transports", ["protocols=tcp", "protocols=udp+tcp"])
async def test_gstreamer_reads_it(hall_cache, transports):
    """With UDP wished first, the answer 461 leads it to TCP."""
    async with serve_camera(hall_cache) as camera:
        player = await asyncio.create_subprocess_exec(
            "/usr/bin/python3", "-c", GSTREAMER_PLAYER, camera.url, transports,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await player.communicate()
    assert player.returncode == 0, output
    assert b"width=(int)1280" in output


async def test_digest_login(hall_cache):
    async with serve_camera(hall_cache, user="xem", password="bí mật:1") as camera:
        with pytest.raises(av.error.HTTPUnauthorizedError):
            await asyncio.to_thread(pictures, camera.url, 1)
        wrong = camera.url.replace("rtsp://", "rtsp://xem:sai@")
        with pytest.raises(av.error.HTTPUnauthorizedError):
            await asyncio.to_thread(pictures, wrong, 1)
        right = camera.url.replace("rtsp://", "rtsp://xem:b%C3%AD%20m%E1%BA%ADt%3A1@")
        assert await asyncio.to_thread(pictures, right, 1)


async def test_another_address_is_not_found(hall_cache):
    async with serve_camera(hall_cache) as camera:
        with pytest.raises(av.error.HTTPNotFoundError):
            await asyncio.to_thread(pictures, camera.url + "way", 1)


async def test_switched_off_and_on_at_the_same_address(hall_cache, until):
    async with serve_camera(hall_cache) as camera:
        url = camera.url
        seen: Pictures = []
        viewer = asyncio.create_task(asyncio.to_thread(pictures, url, 10_000, seen))
        await until(lambda: seen)  # before that a player may still be looking what it is
        assert camera.viewers == 1
        await camera.stop()
        cut_off = await viewer
        assert len(cut_off) < 10_000
        with pytest.raises(av.error.ConnectionRefusedError):
            await asyncio.to_thread(pictures, url, 1)
        await camera.start()
        assert camera.url == url
        assert len(await asyncio.to_thread(pictures, url, 5)) == 5


async def test_nonsense_ends_only_its_own_connection(hall_cache):
    async with serve_camera(hall_cache) as camera:
        port = int(camera.url.rpartition(":")[2].partition("/")[0])
        for nonsense in (b"GET\r\n\r\n", b"\xff" * 90_000, b"PLAY x RTSP/1.0\r\nCSeq: 1\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(nonsense)
            writer.write_eof()
            answer = await reader.read()
            assert not answer or answer.startswith(b"RTSP/1.0 454")
            writer.close()
        assert await asyncio.to_thread(pictures, camera.url, 1)


@pytest.mark.parametrize("way", ["its input is closed", "SIGTERM"])
def test_the_program_prints_its_address_and_ends_when_told(hall_cache: Path, way):
    program = subprocess.Popen(
        [sys.executable, "-m", "devices.virtual.camera", "--cache", str(hall_cache)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with program:
        url = program.stdout.readline().strip()
        assert len(pictures(url, 3)) == 3
        if way == "SIGTERM":
            program.send_signal(signal.SIGTERM)
        else:
            program.stdin.close()
        assert program.wait(timeout=30) == 0


async def test_a_camera_that_is_turned_shows_a_part_of_the_hall(hall_cache, until):
    """A player goes on decoding over the change, to the part and back."""

    def last_of(url: str, count: int) -> Any:
        return pictures(url, count)[-1][1].to_ndarray(format="gray").astype(int)

    async with serve_camera(hall_cache) as camera:
        assert camera.onvif is not None
        head, broadcast = camera.onvif.head, camera._broadcasts[PATH]
        straight = await asyncio.to_thread(last_of, camera.url, 4)
        head._look = Look(pan=-1.0, tilt=-1.0, zoom=1.0)
        aside = await asyncio.to_thread(last_of, camera.url, 4)
        assert abs(straight - aside).mean() > 20
        snapshot = broadcast.snapshot()
        assert snapshot is not None
        assert snapshot.startswith(b"\xff\xd8")
        reading = asyncio.create_task(asyncio.to_thread(last_of, camera.url, 50))
        await until(lambda: camera.viewers == 1)
        head._look = Look()
        assert abs(straight - await reading).mean() < 10, "it looks straight ahead again"
        assert broadcast._lens is None, "which costs nothing"
