"""A real camera dies and a real webcam takes over: the drivers, the hall's picture and the room.
Only who watches, and the clock of the room, are the test's own."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from base.cause import Cause
from config.settings import RtspCamera as RtspSettings
from config.settings import Webcam as WebcamSettings
from devices.device import Condition
from devices.faces import find
from devices.hall_picture import HallPicture
from devices.keep_running import keep_running
from devices.rtsp import RtspCamera
from devices.virtual.webcam import FRAMES_PER_SECOND, virtual_webcam
from devices.webcam import Webcam
from rooms.standing_in import WELL_SECONDS
from tests.ports import free_port

CAMERA = Path(__file__).parent.parent / "gst_camera.py"


@asynccontextmanager
async def beside(*jobs):
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


@asynccontextmanager
async def camera_at(port):
    """An RTSP camera that nobody here wrote."""
    process = await asyncio.create_subprocess_exec("/usr/bin/python3", str(CAMERA), str(port))
    try:
        yield
    finally:
        process.kill()
        await process.wait()


class Viewer:
    """Decodes what everybody sees of the hall, as one stream."""

    def __init__(self, hall):
        self._decoder = av.CodecContext.create("h264", "r")
        self._units = []
        self.stamps = []
        hall.subscribe(self._units.append)

    async def sees(self, wanted, seconds=40.0):
        """Waits for a picture of which it holds."""
        async with asyncio.timeout(seconds):
            while True:
                units, self._units[:] = list(self._units), []
                self.stamps += [unit.timestamp for unit in units]
                for unit in units:
                    for frame in self._decoder.decode(av.Packet(unit.data)):
                        if wanted(frame):
                            return
                await asyncio.sleep(0.1)


def has_face(frame):
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
    return bool(find(cascade, frame.reformat(640, 360, format="gray").to_ndarray()))


def is_test_card(frame):
    """GStreamer's bars."""
    return (frame.width, frame.height) == (640, 360) and not has_face(frame)


def says(cause):
    return np.full((360, 640, 3), 250, np.uint8)


def is_sentence(frame):
    return frame.to_ndarray(format="gray").min() > 200


@pytest.mark.peer
async def test_a_camera_dies_in_a_meeting_and_the_webcam_takes_over(house, tmp_path):
    port = free_port()
    camera = RtspCamera(
        RtspSettings(kind="rtsp", id="camera", name="Camera", url=f"rtsp://127.0.0.1:{port}/cam")
    )
    webcam = Webcam(
        WebcamSettings(
            kind="webcam", id="camera-2", name="Webcam", format="lavfi",
            input=virtual_webcam(tmp_path), frames_per_second=FRAMES_PER_SECOND,
        )
    )  # fmt: skip
    hall = HallPicture((camera, webcam), says)
    viewer = Viewer(hall)
    object.__setattr__(house.equipment, "cameras", (camera, webcam))
    object.__setattr__(house.equipment, "hall", hall)
    jobs = (hall.run(), *(keep_running(one, longest_pause=1.0) for one in (camera, webcam)))
    said = Cause("picture.stands_in", name="Webcam", other="Camera")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(beside(*jobs))
        async with camera_at(port):
            await house.live()
            await house.connect("g1")
            await viewer.sees(is_test_card)
        await viewer.sees(is_sentence)
        assert said not in house.view.notices, "nobody has allowed it"
        await house.room.allow_stand_in(house.leader, True)
        house.time.pass_(seconds=2)
        await house.until(lambda view: said in view.notices)
        await viewer.sees(has_face)
        await stack.enter_async_context(camera_at(port))
        async with asyncio.timeout(40):
            async for health in camera.health.changes():
                if health.condition is Condition.WORKING:
                    break
        await house.ticks()
        house.time.pass_(seconds=WELL_SECONDS + 1)
        await house.until(lambda view: said not in view.notices)
        await viewer.sees(is_test_card)
    assert viewer.stamps == sorted(set(viewer.stamps)), "one stream, whose times go on"
