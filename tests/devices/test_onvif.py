"""ONVIF against the virtual camera with every bad habit that is known, and against ipycam's server.

Habits are from Home Assistant's, Frigate's and go2rtc's reports of real cameras.
"""

import asyncio
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from base.cause import Cause
from config.settings import RtspCamera as Settings
from devices.catalog import open_device
from devices.device import (
    Adjustable,
    Advice,
    Condition,
    Controls,
    DeviceError,
    Steerable,
    Velocity,
    VideoSource,
)
from devices.onvif import encoding
from devices.onvif.answers import Encoder, EncoderChoices, Node, Profile, Span
from devices.onvif.camera import OnvifCamera
from devices.onvif.steering import Steering
from devices.virtual.camera import serve_camera
from devices.virtual.head import Head, Look
from devices.virtual.onvif_replies import Coding
from devices.virtual.onvif_server import Habits, OnvifServer
from devices.virtual.rtsp_server import Login

LOGIN = Login("admin", "bí mật:1")
ALL = Controls(turns=True, zooms=True, home=True, saves=True)


@asynccontextmanager
async def serving(login=LOGIN, stream="rtsp://127.0.0.1:1/hall", snapshot=None, **habits):
    server = OnvifServer(
        Head(), lambda: stream, login, Habits(**habits), lambda: snapshot or b"\xff\xd8jpeg"
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def connection(url, user=LOGIN.user, password=LOGIN.password):
    from devices.onvif.connection import Address, Connection  # noqa: PLC0415 - as the driver does

    return Connection(Address(url), user, password, "Camera sân khấu")


def camera_at(server, tmp_path, url=""):
    password_file = tmp_path / "camera.password"
    password_file.write_text(LOGIN.password + "\n", encoding="utf-8")
    return OnvifCamera(
        Settings(
            kind="rtsp", id="camera", name="Camera sân khấu", url=url, onvif=server.url,
            user=LOGIN.user, password_file=password_file,
        )
    )  # fmt: skip


async def ask(server, *questions, **login):
    """Open a connection and put the questions, in a thread as the driver does."""

    def work():
        camera = connection(server.url, **login)
        camera.open()
        return [question(camera) for question in questions]

    return await asyncio.to_thread(work)


async def refusal(server, question=lambda camera: None, **login):
    with pytest.raises(DeviceError) as caught:
        await ask(server, question, **login)
    return caught.value.cause.code


async def test_profiles_streams_and_snapshot():
    async with serving() as server:
        profiles, main, picture, _ = await ask(
            server,
            lambda camera: camera.profiles(),
            lambda camera: camera.stream_address("main"),
            lambda camera: camera.snapshot("main"),
            lambda camera: camera.request_key_frame("main"),
        )
    assert [one.token for one in profiles] == ["main", "second"]
    assert profiles[0].encoder == Encoder(
        "encoder-main", "H264", 1280, 720, 30.0, 2048, key_frame_distance=30,
        h264_profile="Baseline",
    )  # fmt: skip
    assert main == "rtsp://127.0.0.1:1/hall"
    assert picture == b"\xff\xd8jpeg"
    assert server.asked[-1] == "SetSynchronizationPoint"


async def test_an_address_that_nobody_reaches_is_rewritten():
    async with serving(reports="http://10.255.0.9:8000") as server:
        (address, presets) = await ask(
            server,
            lambda camera: camera.stream_address("main"),
            lambda camera: camera.presets("main"),
        )
    assert (address, presets) == ("rtsp://127.0.0.1:1/hall", [])


async def test_offline_and_a_wrong_password_are_told_apart():
    async with serving() as server:
        assert await refusal(server, password="sai") == "camera.wrong_password"
        assert await refusal(server, user="") == "camera.needs_password"
    assert await refusal(server) == "camera.refused"


async def test_a_wrong_clock_is_no_wrong_password():
    async with serving(clock=timedelta(days=-9000)) as server:

        def jump(camera):
            server.habits.clock = timedelta(hours=7)
            return camera.profiles()[0].token, round(camera.skew.total_seconds() / 60)

        assert await ask(server, jump) == [("main", 420)]
        assert await refusal(server, password="sai") == "camera.wrong_password"


async def test_a_camera_that_hides_its_clock_may_have_either_wrong():
    async with serving(hides_clock=True) as server:
        assert (await ask(server, lambda camera: camera.skew)) == [None]
        server.habits.clock = timedelta(hours=2)
        assert await refusal(server) == "camera.password_or_clock"


async def test_a_camera_that_says_nothing_blocks_nobody_for_ever(monkeypatch):
    monkeypatch.setattr("devices.onvif.connection.SECONDS", 0.2)
    async with serving(silent=True) as server:
        assert await refusal(server) == "camera.onvif_silent"


async def test_what_is_no_soap_is_said_so():
    async with serving(babbles=True) as server:
        assert await refusal(server) == "camera.onvif_malformed"


def test_the_library_is_imported_late_and_leaves_logging_and_home_alone(tmp_path):
    code = """
import logging, pathlib, sys
import devices.catalog
assert "zeep" not in sys.modules and "requests" not in sys.modules, "the start takes longer"
import devices.onvif.connection as onvif
assert not logging.getLogger().handlers, "logging was set up"
try:
    onvif.Connection(onvif.Address("http://127.0.0.1:1"), "a", "b", "c").open()
except Exception as error:
    print(error)
print(list(pathlib.Path.home().rglob("*")))
"""
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "http_proxy": "http://x.test"}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert found.stdout.split("\n")[:2] == ["camera.refused", "[]"], found.stderr


# Turning


@pytest.mark.parametrize("speeds", [(-1.0, 1.0), (-0.5, 0.5), (-360.0, 360.0)])
async def test_its_own_speeds_are_used_whatever_they_are(speeds):
    def half(camera):
        camera.move("main", camera.nodes()[0], Velocity(pan=-0.5, zoom=1.0))

    async with serving(speeds=speeds) as server:
        await ask(server, half)
        assert server.head._speed == Look(pan=-0.5, zoom=1.0)


def test_a_speed_of_which_only_the_size_is_named_goes_both_ways():
    assert (Span(0, 1).of(-0.5), Span(0, 1).of(0.5), Span(0, 0).of(1)) == (-0.5, 0.5, 1)


def turn_and_stop(camera):
    node, controls = camera.try_turning("main")
    camera.move("main", node, Velocity(pan=1.0))
    camera.stop("main", node)
    return controls


async def test_a_camera_without_stop_is_told_to_go_at_no_speed():
    async with serving(lacks=frozenset({"Stop"}), heeds_timeout=False) as server:
        assert await ask(server, turn_and_stop) == [ALL]
        assert not server.head.moving
        assert server.asked[-1] == "ContinuousMove"


async def test_what_is_advertised_and_refused_is_not_offered():
    nothing = frozenset({"ContinuousMove", "SetPreset", "GetPresets"})
    async with serving(lacks=nothing) as server:
        tried = await ask(server, lambda camera: camera.try_turning("main"))
        assert tried == [(Node(), Controls(home=True))]


async def test_a_camera_that_cannot_be_stopped_is_not_turned():
    async with serving(lacks=frozenset({"Stop"})) as server:

        def try_it(camera):
            move = camera.move

            def refuse_nothing(profile, node, velocity):
                if camera._zero_stops:
                    server.habits.lacks = frozenset({"Stop", "ContinuousMove"})
                move(profile, node, velocity)

            camera.move = refuse_nothing
            return camera.try_turning("main")[1]

        assert await ask(server, try_it) == [replace(ALL, turns=False, zooms=False)]


async def test_presets_are_saved_gone_to_and_home_is_found(tmp_path, until):
    async with serving() as server, at_work(camera_at(server, tmp_path)) as camera:
        assert camera.controls.value == ALL
        server.head._look = Look(pan=0.8)
        token = await camera.save_preset("Bục <phát biểu>")
        server.head._look = Look(pan=-0.8)
        assert await camera.save_preset("Bục <phát biểu>") == token, "the same place again"
        server.head._look = Look()
        assert await camera.presets() == [(token, "Bục <phát biểu>")]
        await camera.go_to_preset(token)
        await until(lambda: server.head.look() == Look(pan=-0.8))
        await camera.go_home()
        await until(lambda: server.head.look() == Look())
        server.habits.lacks = frozenset({"GotoHomePosition"})
        with pytest.raises(DeviceError):
            await camera.go_home()
        assert camera.controls.value == replace(ALL, home=False), "it is not offered any more"
        with pytest.raises(DeviceError) as caught:
            await camera.go_to_preset("weg")
        assert caught.value.cause.code == "camera.onvif_refused"


@asynccontextmanager
async def at_work(camera):
    """Its ONVIF is known; its picture is nobody's business."""
    await camera._look()
    yield camera


async def test_a_camera_that_does_not_heed_the_time_is_stopped(tmp_path, until):
    async with serving(heeds_timeout=False) as server, at_work(camera_at(server, tmp_path)) as one:
        for _ in range(3):
            await one.hold(Velocity(pan=0.3), 0.4)
            await asyncio.sleep(0.1)
        await one.hold(Velocity(pan=-0.3), 0.4)
        told = server.asked.count("Stop")
        await until(lambda: not server.head.moving)
        assert server.asked.count("Stop") > told
        await one.hold(Velocity(tilt=1.0), 30)
        await one.stop_moving()
        assert not server.head.moving


async def test_a_camera_that_heeds_the_time_is_told_again(tmp_path, monkeypatch):
    monkeypatch.setattr("devices.onvif.steering.AGAIN_SECONDS", 0.1)
    async with serving() as server, at_work(camera_at(server, tmp_path)) as camera:
        before = server.head.turns
        await camera.hold(Velocity(pan=0.1), 20)
        async with asyncio.timeout(10):
            while server.head.turns < before + 3:
                await asyncio.sleep(0.02)
        await camera.stop_moving()


async def test_a_fixed_camera_offers_nothing(tmp_path):
    async with serving(turns=False) as server, at_work(camera_at(server, tmp_path)) as camera:
        assert camera.controls.value == Controls()
        assert await camera.presets() == ()
        for refused in (camera.hold(Velocity(pan=1), 1), camera.go_home(), camera.save_preset("x")):
            with pytest.raises(DeviceError):
                await refused
        await camera.stop_moving()


class Orders(list):
    """What a camera was told; it does not stop before the `deaf`th time."""

    deaf = 0

    async def move(self, velocity):
        self.append(velocity)

    async def stop(self):
        self.append("stop")
        if self.count("stop") <= self.deaf:
            raise DeviceError("camera.onvif_silent", name="Camera")


async def test_stop_is_said_again_until_it_is_heard(monkeypatch):
    monkeypatch.setattr("devices.onvif.steering.TRY_AGAIN_SECONDS", 0.01)
    told = Orders()
    told.deaf = 2
    steering = Steering(told.move, told.stop, "camera")
    await steering.hold(Velocity(pan=1), 30)
    await steering.stop_moving()
    assert told == [Velocity(pan=1), "stop", "stop", "stop"]
    told.deaf = 100
    await steering.hold(Velocity(pan=1), 30)
    with pytest.raises(DeviceError):
        await steering.stop_moving()


async def test_the_way_can_be_changed_and_nothing_overtakes_the_stop():
    told = Orders()
    steering = Steering(told.move, told.stop, "camera")
    await steering.hold(Velocity(pan=1), 30)
    await steering.hold(Velocity(pan=-1), 30)
    await asyncio.gather(steering.stop_moving(), steering.stop_moving())
    assert told == [Velocity(pan=1), Velocity(pan=-1), "stop"]


# Its picture


async def test_where_its_picture_is_is_asked_again_after_an_outage(
    hall_cache, tmp_path, running, health_when, until
):
    addresses = []
    server = OnvifServer(Head(), lambda: addresses[-1], LOGIN)
    await server.start()
    camera = camera_at(server, tmp_path)
    assert isinstance(camera, VideoSource) and isinstance(camera, Steerable)
    assert isinstance(camera, Adjustable)
    login = {"user": LOGIN.user, "password": LOGIN.password}
    try:
        async with running(camera):
            async with serve_camera(hall_cache, **login) as first:
                addresses.append(first.url)
                assert (await health_when(camera, Condition.WORKING)).cause is None
                asked = server.asked.count("SetSynchronizationPoint")
                for _ in range(5):
                    camera.request_key_frame()
                await until(lambda: server.asked.count("SetSynchronizationPoint") == asked + 1)
            await health_when(camera, Condition.FAILED)
            async with serve_camera(hall_cache, **login) as second:
                addresses.append(second.url)
                await health_when(camera, Condition.WORKING)
                assert second.viewers == 1
                await server.stop()  # its picture goes on without it
                with pytest.raises(DeviceError):
                    await camera.presets()
                assert camera.health.value.condition is Condition.WORKING
    finally:
        await server.stop()


async def test_the_picture_comes_from_the_settings_where_onvif_is_silent(
    hall_cache, tmp_path, running, health_when, until
):
    login = {"user": LOGIN.user, "password": LOGIN.password}
    async with serving(babbles=True) as server, serve_camera(hall_cache, **login) as rtsp:
        camera = camera_at(server, tmp_path, url=rtsp.url)
        async with running(camera):
            await health_when(camera, Condition.WORKING)
            await until(lambda: camera.advice.value.causes)
            assert camera.advice.value.causes[0].code == "camera.onvif_malformed"


async def test_a_camera_that_hangs_holds_up_nothing_but_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("devices.onvif.camera.CALL_SECONDS", 0.2)
    async with serving() as server, at_work(camera_at(server, tmp_path)) as camera:
        server.habits.silent = True
        began = time.monotonic()
        beats = 0
        asking = asyncio.create_task(camera.presets())
        while not asking.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert beats > 3
        with pytest.raises(DeviceError) as caught:
            await asking
        assert caught.value.cause.code == "camera.onvif_silent"
        server.habits.silent = False
        monkeypatch.setattr("devices.onvif.camera.CALL_SECONDS", 20)
        assert await camera.presets() == [], "another thread took over"
        assert time.monotonic() - began < 15


def test_the_catalog_knows_when_a_camera_has_onvif(tmp_path):
    def opened(**more):
        return open_device(Settings(kind="rtsp", id="camera", name="Camera", **more))

    assert isinstance(opened(onvif="http://127.0.0.1:1"), OnvifCamera)
    assert not isinstance(opened(url="rtsp://127.0.0.1:1/1"), OnvifCamera)


# How it codes


def profile(token, **fields):
    base = Encoder(f"encoder-{token}", "H264", 1280, 720, 25.0, 2048, 50, "Main")
    return Profile(token, token, replace(base, **fields), can_turn=False)


SECOND = profile("second", width=640, height=360)


@pytest.mark.parametrize(
    ("main", "seen", "code", "can_be_set"),
    [
        ({}, None, None, False),
        ({"encoding": "H265"}, None, "set_codec", True),
        ({}, "other_codec", "set_codec", True),
        ({}, "b_frames", "set_b_frames", True),
        ({"key_frame_distance": 250}, None, "set_key_frames", True),
        ({}, "key_frames_rare", "set_smart", False),
        ({"key_frame_distance": None}, None, None, False),
    ],
)
def test_what_does_not_suit_is_named(main, seen, code, can_be_set):
    cause = Cause(f"camera.{seen}", name="Camera", codec="H.265") if seen else None
    advice = encoding.judge([profile("main", **main), SECOND], "Camera", cause)
    assert [one.code for one in advice.causes] == ([f"camera.{code}"] if code else [])
    assert advice.can_be_set is can_be_set


def test_a_camera_with_one_stream_is_told_so():
    advice = encoding.judge([profile("main"), profile("same")], "Camera")
    assert [one.code for one in advice.causes] == ["camera.set_no_second"]
    assert not advice.can_be_set


def test_only_what_a_camera_can_be_set_to_is_asked_of_it():
    wanted = profile("main", width=2560, height=1440, frames_per_second=30.0).encoder
    choices = EncoderChoices(((640, 360), (1920, 1080)), 1, 40, ("Main",))
    found = encoding.possible(replace(wanted, h264_profile=None), choices)
    assert (found.width, found.height) == (1920, 1080)
    assert (found.key_frame_distance, found.h264_profile) == (40, "Main")


async def test_what_does_not_suit_is_set_right(tmp_path):
    habits = {
        "main": Coding("H265", key_frame_distance=250),
        "second": Coding(width=640, height=360, key_frame_distance=300),
    }
    async with serving(**habits) as server, at_work(camera_at(server, tmp_path)) as camera:
        codes = [one.code for one in camera.advice.value.causes]
        assert codes == ["camera.set_codec", "camera.set_key_frames", "camera.set_second"]
        assert camera.advice.value.can_be_set
        await camera.set_right()
        assert camera.advice.value == Advice()
        assert server.habits.main == Coding(key_frame_distance=60)
        assert server.habits.second == Coding(width=640, height=360, key_frame_distance=60)


# A peer that nobody here wrote


@pytest.mark.peer
async def test_ipycams_server_is_turned_and_stopped(tmp_path):
    peer = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__).with_name("onvif_peer.py")), LOGIN.user, LOGIN.password,
        stdout=asyncio.subprocess.PIPE, cwd=tmp_path,
    )  # fmt: skip
    try:
        port = int(await asyncio.wait_for(peer.stdout.readline(), 30))

        class Server:
            url = f"http://127.0.0.1:{port}"

        camera = camera_at(Server, tmp_path)
        await camera._look()
        # Its presets are XML with a prefix that nobody declared: they alone are not offered.
        assert camera.controls.value == replace(ALL, saves=False)
        assert camera._stream.address == "rtsp://127.0.0.1:8554/video_main"
        assert camera.advice.value == Advice()
        told = []

        async def until_told(words):
            async with asyncio.timeout(20):
                while words not in told:
                    told.append((await peer.stdout.readline()).decode().strip())
            told.clear()

        await until_told("stop")
        await camera.hold(Velocity(pan=0.5, tilt=-0.25), 0.2)
        await until_told("move 0.5 -0.25 0.0")
        await until_told("stop")
        await camera.go_home()
        await until_told("home")
        assert await refusal(Server, password="sai") == "camera.password_or_clock"
    finally:
        peer.terminate()
        await peer.wait()
