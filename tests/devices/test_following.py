"""Faces found in a picture that moves, and the picture that goes out follows them."""

import asyncio

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from config.settings import Webcam as Settings
from devices.cropping import cropped
from devices.device import Following, Framing
from devices.faces import FaceFinder, find
from devices.framing import WIDE, Crop
from devices.virtual.drawing import ellipse
from devices.virtual.webcam import draw_face, virtual_webcam
from devices.webcam import Webcam


@pytest.fixture(scope="module")
def cascade():
    return cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")


def painted(*faces, width=640, height=360):
    canvas = np.full((height, width, 3), (226, 214, 186), np.uint8)
    for x, y, half in faces:
        draw_face(canvas, x, y, half)
    return canvas


def test_drawn_faces_are_found_where_they_are(cascade):
    grey = cv2.cvtColor(painted((150, 120, 24), (480, 220, 40)), cv2.COLOR_RGB2GRAY)
    first, second = sorted(box.middle for box in find(cascade, grey))
    assert first == pytest.approx((150 / 640, 120 / 360), abs=0.02)
    assert second == pytest.approx((480 / 640, 220 / 360), abs=0.02)
    empty = painted()
    ellipse(empty, (300, 180), 60, 80, (222, 176, 140))
    assert find(cascade, cv2.cvtColor(empty, cv2.COLOR_RGB2GRAY)) == []


def test_what_fails_in_the_search_shows_everything_and_is_said_once(monkeypatch, caplog):
    def fail(*_):
        raise cv2.error("no memory")

    monkeypatch.setattr("devices.faces.find", fail)
    finder = FaceFinder()
    frame = VideoFrame.from_ndarray(painted((150, 120, 24)), format="rgb24")
    outcomes = []
    for now in range(1, 2000):
        outcomes.append(finder.look(frame, float(now)))
        if outcomes.count([]) == 2:
            break
        if finder._under_way is not None:
            finder._under_way.exception()
    finder.close()
    assert outcomes.count([]) == 2
    assert sum("faces cannot be looked for" in record.message for record in caplog.records) == 1


@pytest.mark.parametrize("layout", ["yuv420p", "yuyv422", "rgb24"])
def test_a_cut_is_enlarged_to_a_fraction_of_a_pixel(layout):
    wall = np.full((360, 640, 3), 200, np.uint8)
    ellipse(wall, (400, 200), 40, 30, (20, 20, 20))
    frame = VideoFrame.from_ndarray(wall, format="rgb24").reformat(format=layout)

    def middle(crop):
        """Of what is dark."""
        grey = cropped(frame, crop, 640, 360).to_ndarray(format="gray").astype(float)
        dark = np.clip(grey.max() - 8 - grey, 0, None)
        across, down = dark.sum(axis=0) @ np.arange(640), dark.sum(axis=1) @ np.arange(360)
        return np.array([across, down]) / dark.sum()

    twice = middle(Crop(0.375, 0.25, 0.5))
    assert twice == pytest.approx((middle(WIDE) - (240, 90)) * 2 + 0.5, abs=0.1)
    shifted = [middle(Crop(0.375 + step / 4 / 640, 0.25, 0.5))[0] for step in range(5)]
    steps = -np.diff(shifted)
    assert steps == pytest.approx([0.5] * 4, abs=0.1), "a quarter of a pixel, twice as large"


def comes_and_goes(folder):
    """Somebody speaks for sixteen seconds, and has gone for six, again and again."""
    return virtual_webcam(folder).replace("sin(5*t)'", "sin(5*t)':enable='lt(mod(t,22),16)'")


async def test_the_picture_follows_a_face_and_is_wide_again_once_it_has_gone(
    tmp_path, running, until, decode, cascade
):
    source = comes_and_goes(tmp_path / "it's [a] folder, with; a:colon")
    stanza = {"kind": "webcam", "id": "camera-2", "name": "Webcam", "format": "lavfi"}
    stanza |= {"width": 640, "height": 360, "frames_per_second": 20}
    webcam = Webcam(Settings.model_validate(stanza | {"input": source}))
    assert isinstance(webcam, Following)
    assert webcam.framing.value == Framing(True)
    since_key = []

    def keep(unit):
        if unit.key:
            since_key.clear()
        since_key.append(unit)

    webcam.subscribe(keep)

    def picture():
        return decode(list(since_key))[-1]

    def face():
        """Its width, 0 where there is none."""
        grey = picture().reformat(format="gray").to_ndarray()
        return max((box.width for box in find(cascade, grey)), default=0.0)

    def window():
        """Where the left window begins on the wall."""
        grey = picture().to_ndarray(format="gray")[110:200].mean(axis=0)
        return int(np.argmax(np.abs(np.diff(grey))[:200]))

    async with running(webcam):
        await until(lambda: since_key)
        assert (picture().width, picture().height) == (640, 360)
        at, size = window(), face()
        assert size > 0
        closer, wide = Framing(True, people=1), Framing(True)
        async with asyncio.timeout(120):
            while not (webcam.framing.value == closer and face() > 1.2 * size):
                await asyncio.sleep(0.5)
            while not (webcam.framing.value == wide and window() == at and face() == 0):
                await asyncio.sleep(0.5)


async def test_switched_off_the_whole_picture_stays(tmp_path, running, until, decode):
    stanza = {"kind": "webcam", "id": "camera-2", "name": "Webcam", "format": "lavfi"}
    stanza |= {"width": 320, "height": 180, "frames_per_second": 20, "follow_faces": False}
    webcam = Webcam(Settings.model_validate(stanza | {"input": virtual_webcam(tmp_path)}))
    units = []
    webcam.subscribe(units.append)
    async with running(webcam):
        await until(lambda: len(units) > 30)
        assert webcam.framing.value == Framing(False)
        webcam.follow_faces(True)
        await until(lambda: webcam.framing.value.people == 1)
        webcam.follow_faces(False)
        await until(lambda: webcam.framing.value == Framing(False))
        webcam.follow_faces(True)
        await until(lambda: webcam.framing.value.people == 1)
        webcam.rest(True)
        await until(lambda: webcam.framing.value == Framing(True))
