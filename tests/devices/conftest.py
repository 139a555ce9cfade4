"""Peers that nobody here wrote, for the drivers to talk to."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import av
import pytest

from devices.device import AccessUnit, Device, Health
from devices.keep_running import keep_running
from devices.virtual.hall_picture import Clip, load_clip

GSTREAMER_SERVER = """
import sys
import gi
for name in ("Gst", "GstRtsp", "GstRtspServer"):
    gi.require_version(name, "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
Gst.init(None)
launch, port, user, password = sys.argv[1:]
server = GstRtspServer.RTSPServer(address="127.0.0.1", service=port)
factory = GstRtspServer.RTSPMediaFactory(launch=launch, shared=True)
if user:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
    factory.set_permissions(permissions)
server.get_mount_points().add_factory("/cam", factory)
assert server.attach(None), "the port is taken"
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
"""


class GStreamerCamera:
    """GStreamer's RTSP server in a process of its own; it can be killed and started again."""

    def __init__(self, launch: str, user: str = "", password: str = "") -> None:
        self._launch = launch
        self._login = [user, password]
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/cam"

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                "/usr/bin/python3",
                "-c",
                GSTREAMER_SERVER,
                self._launch,
                str(self.port),
                *self._login,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


@pytest.fixture
def gstreamer_camera() -> Iterator[Callable[..., GStreamerCamera]]:
    """`gstreamer_camera(launch, user=…, password=…)` starts one; all end with the test."""
    cameras: list[GStreamerCamera] = []

    def start(launch: str, user: str = "", password: str = "") -> GStreamerCamera:
        camera = GStreamerCamera(launch, user, password)
        cameras.append(camera)
        camera.start()
        return camera

    yield start
    for camera in cameras:
        camera.kill()


@pytest.fixture(scope="session")
def hall_clip(hall_cache: Path) -> Clip:
    return load_clip(hall_cache)


@pytest.fixture
def running() -> Callable[..., object]:
    """`async with running(device):` keeps it running with short pauses."""

    @asynccontextmanager
    async def run(device: Device) -> AsyncIterator[None]:
        task = asyncio.create_task(keep_running(device, first_pause=0.1, longest_pause=0.5))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return run


@pytest.fixture
def until() -> Callable[..., object]:
    """`await until(condition)` waits for it under a generous ceiling."""

    async def wait(condition: Callable[[], object], ceiling: float = 25.0) -> None:
        async with asyncio.timeout(ceiling):
            while not condition():
                await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def health_when() -> Callable[..., object]:
    """`await health_when(device, Condition.FAILED)` waits for it and gives the health."""

    async def wait(device: Device, condition: str, ceiling: float = 25.0) -> Health:
        async with asyncio.timeout(ceiling):
            async for health in device.health.changes():
                if health.condition == condition:
                    return health
        raise AssertionError

    return wait


@pytest.fixture
def decode() -> Callable[..., object]:
    """`decode(units)`: the pictures as a decoder from outside sees them; errors are raised."""

    def pictures(units: list[AccessUnit]) -> list[av.VideoFrame]:
        decoder = av.CodecContext.create("h264", "r")
        decoder.thread_count = 1
        found = [frame for unit in units for frame in decoder.decode(av.Packet(unit.data))]
        return found + decoder.decode(None)

    return pictures
