"""The RTSP driver against GStreamer's server, and against servers that misbehave."""

import asyncio
import logging
import signal
import socket
import time
import traceback
from itertools import pairwise
from pathlib import Path

import pytest

from base.cause import Cause
from config.settings import RtspCamera as Settings
from devices import h264
from devices.device import AccessUnit, Condition, DeviceError, VideoSource
from devices.rtsp import RtspCamera
from devices.transcode import Encoder, Transcoder
from devices.virtual.camera import VirtualCamera, serve_camera
from devices.virtual.hall_picture import Clip
from devices.virtual.rtsp_server import Broadcast, Connection

pytestmark = pytest.mark.peer

SOURCE = "videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1"
LIKE_A_CAMERA = (  # two slices a picture, SPS and PPS before each slice of a key frame
    f"( {SOURCE} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30"
    " sliced-threads=true threads=2"
    " ! rtph264pay name=pay0 pt=96 config-interval=-1"
    " audiotestsrc is-live=true ! mulawenc ! rtppcmupay name=pay1 )"
)
H265 = (
    f"( {SOURCE} ! x265enc tune=zerolatency speed-preset=ultrafast key-int-max=30"
    " ! rtph265pay name=pay0 pt=96 config-interval=-1 )"
)
B_FRAMES = (
    f"( {SOURCE} ! x264enc speed-preset=superfast bframes=2 b-adapt=false key-int-max=30"
    " ! video/x-h264,profile=main ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)
RARE_KEYS = (
    f"( {SOURCE} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=3000"
    " ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


BOTH = pytest.mark.parametrize("reader", ["own", "libav"])


def camera_at(url, user="", password_file=None, transport="tcp", reader="own", **patience):
    settings = Settings(
        kind="rtsp", id="camera", name="Camera sân khấu", url=url, user=user,
        password_file=password_file, transport=transport, reader=reader,
    )  # fmt: skip
    return RtspCamera(settings, **patience)


def collect(camera) -> list[AccessUnit]:
    units: list[AccessUnit] = []
    camera.subscribe(units.append)
    return units


def assert_in_order(units):
    stamps = [unit.timestamp for unit in units]
    assert all(later > earlier for earlier, later in pairwise(stamps))


def parts(unit):
    return [h264.nal_type(nal) for nal in h264.split(unit.data)]


@BOTH
async def test_units_arrive_whole_and_as_they_were_coded(
    reader, gstreamer_camera, running, until, decode
):
    camera = camera_at(gstreamer_camera(LIKE_A_CAMERA).url, reader=reader)
    assert isinstance(camera, VideoSource)
    units = collect(camera)
    async with running(camera):
        await until(lambda: units)
        assert camera.health.value.condition is Condition.WORKING
        began = asyncio.get_running_loop().time()
        await until(lambda: len(units) >= 100)
        took = asyncio.get_running_loop().time() - began
    assert 100 / took >= 25
    assert units[0].key
    assert len(decode(units)) == len(units)
    assert [unit.key for unit in units[:61]].count(True) >= 2
    for unit in units:
        assert parts(unit)[:2] == [h264.SPS, h264.PPS] if unit.key else h264.SPS not in parts(unit)
        assert sum(kind in (h264.SLICE, h264.IDR) for kind in parts(unit)) == 2
    picture = camera.picture.value
    assert (picture.width, picture.height, picture.passed_through) == (320, 240, True)
    assert_in_order(units)
    steps = [b.timestamp - a.timestamp for a, b in pairwise(units)]
    assert all(abs(step - 3000) < 30 for step in steps), "the camera's own spacing was lost"


async def test_parameter_sets_from_the_description_stand_before_each_key_frame(
    hall_cache, running, until, decode, monkeypatch
):
    payloads = Broadcast.payloads

    def without_sets(self, number):
        sets = (h264.SPS, h264.PPS)
        return [nal for nal in payloads(self, number) if h264.nal_type(nal) not in sets]

    monkeypatch.setattr(Broadcast, "payloads", without_sets)
    async with serve_camera(hall_cache) as server:
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: sum(unit.key for unit in units) >= 3)
    for unit in units:
        assert parts(unit)[:2] == [h264.SPS, h264.PPS] if unit.key else h264.SPS not in parts(unit)
    assert len(decode(units)) == len(units)


async def test_a_camera_that_dies_and_returns_is_seen_by_the_same_subscribers(
    gstreamer_camera, running, until, health_when, decode, caplog
):
    caplog.set_level(logging.INFO)
    server = gstreamer_camera(LIKE_A_CAMERA)
    camera = camera_at(server.url)
    units = collect(camera)
    async with running(camera):
        await until(lambda: len(units) > 30)
        server.kill()
        health = await health_when(camera, Condition.FAILED)
        assert health.cause.code in ("camera.lost", "camera.refused")
        before = len(units)
        await asyncio.sleep(1.5)  # several attempts
        assert camera.health.value.since == health.since or health.cause.code == "camera.lost"
        server.start()
        await health_when(camera, Condition.WORKING)
        await until(lambda: len(units) > before + 30)
    assert_in_order(units)
    assert units[before].key
    gap = units[before].timestamp - units[before - 1].timestamp
    waited = units[before].arrived - units[before - 1].arrived
    assert gap / 90_000 == pytest.approx(waited, abs=1.5)
    assert len(decode(units[before:])) == len(units) - before
    messages = [r.getMessage() for r in caplog.records if r.name == "devices.keep_running"]
    assert len(messages) == 2, messages
    assert "lost" in messages[0]
    assert "back" in messages[1]


async def test_a_camera_that_freezes_is_a_loss(gstreamer_camera, running, until, health_when):
    server = gstreamer_camera(LIKE_A_CAMERA)
    camera = camera_at(server.url, stalled_after=1.5)
    units = collect(camera)
    async with running(camera):
        await until(lambda: len(units) > 10)
        server.process.send_signal(signal.SIGSTOP)
        health = await health_when(camera, Condition.FAILED)
        assert health.cause.code == "camera.stalled"
        server.process.send_signal(signal.SIGCONT)
        await health_when(camera, Condition.WORKING)
    assert_in_order(units)


async def test_cancelling_does_not_wait_for_a_frozen_camera(gstreamer_camera, until):
    server = gstreamer_camera(LIKE_A_CAMERA)
    camera = camera_at(server.url)
    units = collect(camera)
    run = asyncio.create_task(camera.run())
    await until(lambda: units)
    server.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(0.2)
    run.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await run
    handed_out = len(units)
    server.process.send_signal(signal.SIGCONT)
    await asyncio.sleep(0.5)
    assert len(units) == handed_out


@BOTH
async def test_password_right_wrong_and_missing(
    reader, gstreamer_camera, tmp_path: Path, until, running, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    secret = "gi@o:tiếp/#%41"
    server = gstreamer_camera(LIKE_A_CAMERA, user="xem", password=secret)
    password = tmp_path / "camera.password"
    password.write_text("sai-mat-khau\n", encoding="utf-8")

    wrong = camera_at(server.url, "xem", password, reader=reader)
    with pytest.raises(DeviceError) as caught:
        await wrong.run()
    expected = Cause("camera.wrong_password", name="Camera sân khấu", host="127.0.0.1")
    assert caught.value.cause == expected
    assert "sai-mat-khau" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None, "libav's text holds the address with the password"

    with pytest.raises(DeviceError) as caught:
        await camera_at(server.url, reader=reader).run()
    assert caught.value.cause.code == "camera.needs_password"

    with pytest.raises(DeviceError) as caught:
        await camera_at(server.url, "xem", tmp_path / "none", reader=reader).run()
    assert caught.value.cause.code == "camera.password_file"

    async with running(wrong):  # set right meanwhile: the next attempt reads the file again
        password.write_text(secret + "\n", encoding="utf-8")
        await until(lambda: wrong.health.value.condition is Condition.WORKING)
    written = caplog.text + "".join(capfd.readouterr())
    assert secret not in written
    assert "sai-mat-khau" not in written


async def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(DeviceError) as caught:
            await camera_at(f"rtsp://127.0.0.1:{port}/cam").run()
    assert caught.value.cause.code == "camera.refused"


async def test_no_such_stream(gstreamer_camera):
    url = gstreamer_camera(LIKE_A_CAMERA).url.replace("/cam", "/Streaming/101")
    with pytest.raises(DeviceError) as caught:
        await camera_at(url).run()
    assert caught.value.cause.code == "camera.no_such_stream"


async def test_a_server_that_accepts_and_says_nothing():
    silent = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    try:
        with pytest.raises(DeviceError) as caught:
            await camera_at(f"rtsp://127.0.0.1:{port}/cam", silent_after=1.0).run()
    finally:
        silent.close()
    assert caught.value.cause.code == "camera.silent"


async def test_a_camera_that_is_not_there():
    with pytest.raises(DeviceError) as caught:
        await camera_at("rtsp://camera.invalid/cam").run()
    assert caught.value.cause.code == "camera.no_answer"


async def test_a_camera_that_has_no_viewer_to_spare(hall_cache, monkeypatch):
    async def send_nothing(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Connection, "_send_from", send_nothing)
    async with serve_camera(hall_cache) as server:
        with pytest.raises(DeviceError) as caught:
            await camera_at(server.url, silent_after=1.5).run()
    assert caught.value.cause.code == "camera.silent"


@pytest.mark.parametrize(
    ("launch", "code"),
    [
        (H265, "camera.other_codec"),
        (B_FRAMES, "camera.b_frames"),
        (RARE_KEYS, "camera.key_frames_rare"),
    ],
)
async def test_what_browsers_cannot_take_is_encoded_once(
    launch, code, gstreamer_camera, running, until, health_when, decode
):
    camera = camera_at(gstreamer_camera(launch).url)
    units = collect(camera)
    async with running(camera):
        health = await health_when(camera, Condition.IMPAIRED)
        assert health.cause.code == code
        assert camera.picture.value.passed_through is False
        began = len(units)
        await until(lambda: len(units) > began + 75)
    encoded = units[began:]
    first_key = next(number for number, unit in enumerate(encoded) if unit.key)
    encoded = encoded[first_key:]
    frames = decode(encoded)
    assert len(frames) == len(encoded)
    assert (frames[0].width, frames[0].height) == (320, 240)
    assert not any(h264.is_b_slice(nal) for unit in encoded for nal in h264.split(unit.data))
    sps = next(n for n in h264.split(encoded[0].data) if h264.nal_type(n) == h264.SPS)
    assert sps[1] == 66, "not the baseline profile"
    assert sps[2] & 0x40, "not its constrained kind"
    key = encoded[0].timestamp
    for unit in encoded:  # the first picture that comes 2 s after one, on a busy machine later
        key = unit.timestamp if unit.key else key
        assert unit.timestamp - key < 2.0 * 90_000 + 3000, "no key frame when it was due"
    assert_in_order(units)


async def test_a_computer_too_slow_to_encode_leaves_pictures_out(
    gstreamer_camera, running, until, health_when, monkeypatch, caplog
):
    encode = Encoder.encode

    def slowly(self, frame, timestamp, arrived):
        time.sleep(0.1)
        return encode(self, frame, timestamp, arrived)

    monkeypatch.setattr(Encoder, "encode", slowly)
    camera = camera_at(gstreamer_camera(B_FRAMES).url)
    units = collect(camera)
    async with running(camera):
        await health_when(camera, Condition.IMPAIRED)
        await until(lambda: units[-1].timestamp - units[0].timestamp > 6 * 90_000)
    assert "lost" not in caplog.text, "three times slower than live, it fell behind and began anew"
    assert_in_order(units)


async def test_a_computer_too_slow_to_decode_begins_anew(
    gstreamer_camera, until, health_when, running, monkeypatch
):
    decode = Transcoder.decode

    def slowly(self, data, pts):
        time.sleep(0.1)
        return decode(self, data, pts)

    monkeypatch.setattr(Transcoder, "decode", slowly)
    camera = camera_at(gstreamer_camera(B_FRAMES).url)
    async with running(camera):
        health = await health_when(camera, Condition.FAILED)
    assert health.cause.code == "camera.too_late"


async def test_joining_in_the_middle_begins_with_a_key_frame(hall_cache, running, until, decode):
    async with serve_camera(hall_cache) as server:
        await asyncio.sleep(0.1 + 1 / 3)
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 10)
    assert units[0].key
    assert len(decode(units)) == len(units)


async def test_a_backlog_is_dropped_to_its_newest_key_frame(hall_clip, running, until, monkeypatch):
    """A camera with a key frame every third of a second, that begins with what lay waiting."""
    now = Broadcast.now
    monkeypatch.setattr(Broadcast, "now", lambda self: now(self) - 28)
    server = VirtualCamera(Broadcast(Clip(hall_clip.units[:10], 30)), "127.0.0.1", 0, None)
    await server.start()
    camera = camera_at(server.url)
    units = collect(camera)
    async with running(camera):
        await until(lambda: len(units) > 30)
    await server.stop()
    assert units[0].key
    assert units[0].arrived - units[0].timestamp / 90_000 < 0.5
    steps = [b.timestamp - a.timestamp for a, b in pairwise(units)]
    assert all(abs(step - 3000) < 30 for step in steps)


@BOTH
async def test_over_udp(reader, gstreamer_camera, running, until, decode):
    camera = camera_at(gstreamer_camera(LIKE_A_CAMERA).url, transport="udp", reader=reader)
    units = collect(camera)
    async with running(camera):
        await until(lambda: len(units) > 45)
    assert units[0].key
    assert_in_order(units)
    assert len(decode(units)) == len(units)


async def test_a_camera_that_has_no_udp_is_read_over_tcp(hall_cache, running, until):
    async with serve_camera(hall_cache) as server:
        camera = camera_at(server.url, transport="udp")
        units = collect(camera)
        async with running(camera):
            await until(lambda: units)


async def test_a_sink_that_fails_costs_the_others_nothing(hall_cache, running, until, caplog):
    async with serve_camera(hall_cache) as server:
        camera = camera_at(server.url)

        def fail(_: AccessUnit) -> None:
            raise RuntimeError("this viewer is broken")

        unsubscribe = camera.subscribe(fail)
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 5)
            unsubscribe()
            unsubscribe()
            failures = caplog.text.count("this viewer is broken")
            await until(lambda: len(units) > 15)
    assert failures >= 1
    assert caplog.text.count("this viewer is broken") == failures
