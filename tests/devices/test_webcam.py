"""The webcam driver over libav's own picture source, which needs no hardware."""

import errno
from itertools import pairwise

import av.error
import pytest

from config.settings import Webcam as Settings
from devices import h264, webcam
from devices.device import Condition, DeviceError, Restable, VideoSource
from devices.video4linux.modes import Mode
from devices.webcam import Webcam


def webcam_on(source, **fields) -> Webcam:
    settings = {"kind": "webcam", "id": "camera-2", "name": "Webcam", "format": "lavfi"}
    settings |= {"follow_faces": False, "input": source}
    return Webcam(Settings.model_validate(settings | fields))


async def test_it_is_encoded_once_for_everybody(running, until, decode):
    camera = webcam_on("testsrc=size=1280x720:rate=30,realtime")
    assert isinstance(camera, VideoSource)
    units, others = [], []
    camera.subscribe(units.append)
    leave = camera.subscribe(others.append)
    async with running(camera):
        await until(lambda: len(units) >= 60)
        leave()
        left_with = len(others)
        await until(lambda: len(units) >= 90)
    assert camera.health.value.condition is Condition.WORKING
    assert len(others) == left_with
    assert all(mine is theirs for mine, theirs in zip(units, others, strict=False))
    assert units[0].key
    frames = decode(units)
    assert len(frames) == len(units)
    assert (frames[0].width, frames[0].height) == (1280, 720)
    assert camera.picture.value.passed_through is False
    keys = [unit.timestamp for unit in units if unit.key]
    assert [round((b - a) / 90_000, 1) for a, b in pairwise(keys)] == [2.0]
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units))
    sps = next(nal for nal in h264.split(units[0].data) if h264.nal_type(nal) == h264.SPS)
    assert sps[1] == 66
    assert not any(h264.is_b_slice(nal) for unit in units for nal in h264.split(unit.data))


async def test_a_key_frame_comes_when_it_is_asked_for(running, until):
    camera = webcam_on("testsrc=size=320x240:rate=30,realtime", width=320, height=240)
    units = []
    camera.subscribe(units.append)
    async with running(camera):
        await until(lambda: len(units) >= 20)
        asked_at = len(units)
        camera.request_key_frame()
        await until(lambda: any(unit.key for unit in units[asked_at:]))
        found = next(n for n, unit in enumerate(units) if unit.key and n >= asked_at)
    assert found < 45, "that was the regular one"


async def test_while_nobody_watches_it_codes_one_picture_every_two_seconds(running, until):
    camera = webcam_on("testsrc=size=320x240:rate=30,realtime", width=320, height=240)
    assert isinstance(camera, Restable)
    units = []
    camera.subscribe(units.append)
    camera.rest(True)
    async with running(camera):
        await until(lambda: len(units) == 3)
        assert all(unit.key for unit in units)
        gaps = [b.arrived - a.arrived for a, b in pairwise(units)]
        assert min(gaps) >= 2.0
        camera.request_key_frame()
        await until(lambda: len(units) == 4)
        assert 0.5 <= units[3].arrived - units[2].arrived < 2.0, "nobody who asks waits as long"
        camera.rest(False)
        await until(lambda: len(units) >= 25)
    keys = [n for n, unit in enumerate(units) if unit.key and n >= 4]
    assert keys, "whoever watches now does not wait two seconds for a key frame"
    assert keys[0] < 20


async def test_a_large_picture_is_scaled_into_the_settings(running, until):
    camera = webcam_on("testsrc=size=1920x1440:rate=10,realtime", width=640, height=360)
    units = []
    camera.subscribe(units.append)
    async with running(camera):
        await until(lambda: units)
    assert (camera.picture.value.width, camera.picture.value.height) == (480, 360)


async def test_unplugged_and_plugged_in_again(running, until, health_when):
    camera = webcam_on("testsrc=size=320x240:rate=30:duration=0.7,realtime")
    units = []
    camera.subscribe(units.append)
    async with running(camera):
        health = await health_when(camera, Condition.FAILED)
        assert health.cause.code == "webcam.unplugged"
        assert health.cause.params["name"] == "Webcam"
        before = len(units)
        await until(lambda: len(units) > before + 5)
    assert units[before].key
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units))


@pytest.mark.parametrize(
    ("device", "code"),
    [("/dev/v4l/by-id/usb-nobody-index0", "webcam.missing"), ("/dev/null", "webcam.unusable")],
)
async def test_what_is_no_webcam(device, code):
    with pytest.raises(DeviceError) as caught:
        await webcam_on(device, format="v4l2").run()
    assert caught.value.cause.code == code


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EBUSY, "webcam.busy"),
        (errno.EACCES, "webcam.forbidden"),
        (errno.ENODEV, "webcam.unplugged"),
    ],
)
async def test_what_the_kernel_says_becomes_a_cause(number, code, monkeypatch):
    """No kernel here has a webcam to be held by somebody else: libav's own error stands in."""

    def refuse(*_args: object, **_named: object) -> None:
        av.error.err_check(-number)

    monkeypatch.setattr(webcam.av, "open", refuse)
    with pytest.raises(DeviceError) as caught:
        await webcam_on("/dev/video0", format="v4l2").run()
    assert caught.value.cause.code == code


@pytest.fixture
def own_h264(tmp_path, hall_clip):
    """A file of H.264 stands in for a webcam that codes itself: no kernel here has one."""
    path = tmp_path / "own.h264"
    path.write_bytes(b"".join(hall_clip.units[:60]))
    return webcam_on(str(path), format="h264")


async def test_what_a_webcam_codes_itself_is_passed_on(own_h264, hall_clip, running, until):
    units = []
    own_h264.subscribe(units.append)
    async with running(own_h264):
        await until(lambda: len(units) >= 130)
    assert units[0].key
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units))
    picture = own_h264.picture.value
    assert (picture.width, picture.height, picture.passed_through) == (1280, 720, True)
    sent = {bytes(slices(unit)) for unit in hall_clip.units[:60]}
    assert {bytes(slices(unit.data)) for unit in units} == sent, "not a bit was coded anew"


def slices(unit: bytes) -> bytes:
    kinds = (h264.SLICE, h264.IDR)
    return b"".join(nal for nal in h264.split(unit) if h264.nal_type(nal) in kinds)


async def test_where_it_follows_faces_its_own_h264_is_encoded_anew(own_h264, running, until):
    async with running(own_h264):
        await until(lambda: own_h264.picture.value)
        assert own_h264.picture.value.passed_through
        own_h264.follow_faces(True)
        await until(lambda: not own_h264.picture.value.passed_through)
        own_h264.follow_faces(False)
        await until(lambda: own_h264.picture.value.passed_through)


async def test_own_h264_whose_key_frames_are_rare_is_encoded_here(
    own_h264, running, until, monkeypatch, decode
):
    monkeypatch.setattr(webcam, "LONGEST_KEY_DISTANCE", 0.0)
    units = []

    def take(unit):
        if not own_h264.picture.value.passed_through:
            units.append(unit)

    own_h264.subscribe(take)
    async with running(own_h264):
        await until(lambda: len(units) >= 40)
        assert own_h264.health.value.condition is Condition.WORKING
    assert units[0].key
    assert len(decode(units)) == len(units)


async def test_the_way_that_suits_best_is_tried_first_and_then_the_next(monkeypatch):
    modes = (Mode("YUYV", 640, 480, (30.0,)), Mode("MJPG", 1280, 720, (30.0,)))
    asked = []

    def refuse(_input, *, options, **_named):
        asked.append(options)
        av.error.err_check(-(errno.EINVAL if options else errno.EBUSY))

    monkeypatch.setattr(webcam, "read_modes", lambda _path: modes)
    monkeypatch.setattr(webcam.av, "open", refuse)
    with pytest.raises(DeviceError) as caught:
        await webcam_on("/dev/video0", format="v4l2").run()
    assert [one.get("input_format") for one in asked] == ["mjpeg", "yuyv422", None]
    assert caught.value.cause.code == "webcam.busy"


async def test_a_picture_that_may_be_another_webcams_is_never_called_good(
    running, monkeypatch, health_when
):
    camera = webcam_on("testsrc=size=320x240:rate=30,realtime")
    monkeypatch.setattr(webcam, "is_shared", lambda _address: True)
    async with running(camera):
        health = await health_when(camera, Condition.IMPAIRED)
    assert health.cause.code == "webcam.two_alike"


async def test_what_the_kernel_says_of_one_that_is_pulled_out(monkeypatch):
    """EINVAL, as was seen with the kernel's own test driver; of one that was never read it means
    that it is no webcam."""

    def pulled_out(*_args: object) -> None:
        av.error.err_check(-errno.EINVAL)

    camera = webcam_on("testsrc=size=320x240:rate=30,realtime")
    monkeypatch.setattr(camera, "_encode", pulled_out)
    with pytest.raises(DeviceError) as caught:
        await camera.run()
    assert caught.value.cause.code == "webcam.unplugged"
