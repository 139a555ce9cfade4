"""The hall's picture: one stream, whatever stands behind it."""

import asyncio
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest

from base.cause import Cause
from devices import hall_picture
from devices.device import Condition, Kind, Picture, VideoSource
from devices.hall_picture import HallPicture
from devices.outlet import Outlet
from devices.still import Still


class Camera:
    """Sends what it is told to, as a driver would."""

    kind = Kind.CAMERA

    def __init__(self, name: str, shade: int, size=(320, 180), behind: int = 0) -> None:
        self.id = self.name = name
        self.outlet = Outlet(name)
        self.health, self.picture = self.outlet.health, self.outlet.picture
        drawn = np.full((size[1], size[0], 3), shade, np.uint8)
        self.still = Still(drawn)
        self.behind = behind
        self.number = self.stamp = 0
        self.asked = 0
        self.resting: list[bool] = []

    def subscribe(self, sink):
        return self.outlet.subscribe(sink)

    def request_key_frame(self) -> None:
        self.asked += 1

    def rest(self, resting: bool) -> None:
        self.resting.append(resting)

    def send(self, count: int = 1) -> None:
        for _ in range(count):
            now = time.monotonic()
            self.stamp = max(self.stamp + 1, round(now * 90_000) - self.behind)
            unit = self.still.unit(self.number, self.stamp, now)
            self.outlet.hand_out(unit, Picture(*self.still_size(), 5.0, True), None)
            self.number += 1

    def still_size(self) -> tuple[int, int]:
        return self.still.picture.width, self.still.picture.height


def draw(cause: Cause) -> np.ndarray:
    return np.full((180, 320, 3), 250 if cause.code == "picture.lost" else 5, np.uint8)


@asynccontextmanager
async def shown(*cameras: Camera):
    hall = HallPicture(cameras, draw)
    units = []
    hall.subscribe(units.append)
    hall.watch(True)
    running = asyncio.create_task(hall.run())
    try:
        yield hall, units
    finally:
        running.cancel()


def shades(decode, units) -> list[int]:
    return [round(float(frame.to_ndarray(format="gray").mean())) for frame in decode(units)]


async def test_a_camera_that_is_there_is_passed_on_as_it_is():
    camera = Camera("one", 120)
    sent = []
    camera.subscribe(sent.append)
    async with shown(camera) as (hall, units):
        assert isinstance(hall, VideoSource)
        camera.send(6)
        assert all(mine is theirs for mine, theirs in zip(units, sent, strict=True))
        assert hall.picture.value == camera.picture.value
        assert hall.health.value.condition is Condition.WORKING


async def test_a_dead_camera_becomes_a_sentence_in_the_same_stream(until, decode, monkeypatch):
    monkeypatch.setattr(hall_picture, "SILENT_SECONDS", 0.5)
    camera = Camera("one", 120)
    async with shown(camera) as (hall, units):
        camera.send(5)
        await until(lambda: len(units) >= 5 + 12)
        assert hall.shown.value is None
        camera.send(3)
        assert len(units) < 5 + 20
        camera.number = 0
        camera.send(3)
        assert hall.shown.value is camera
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units))
    assert units[5].key
    seen = shades(decode, units)
    assert seen[:5] == pytest.approx([120] * 5, abs=6)
    assert seen[5:-3] == pytest.approx([250] * len(seen[5:-3]), abs=6)
    assert seen[-3:] == pytest.approx([120] * 3, abs=6), "only from a key frame on"


async def test_another_camera_takes_over_at_its_key_frame(decode):
    one, other = Camera("one", 120), Camera("other", 60, size=(640, 360), behind=90_000)
    async with shown(one, other) as (hall, units):
        one.send(5)
        hall.show(other)
        assert other.asked == 1
        other.number = 3
        one.send(2)
        other.send(2)
        assert hall.shown.value is one, "it has begun in the middle"
        other.number = 0
        other.send(4)
        one.send(2)
        assert hall.shown.value is other
        assert other.resting[-1] is False
        assert one.resting[-1] is True
        hall.show(one)
        one.number = 0
        one.send(2)
        other.send(2)
        hall.watch(False)
        assert one.resting[-1] is other.resting[-1] is True
    assert len(units) == 5 + 2 + 4 + 2
    assert all(b.timestamp > a.timestamp for a, b in pairwise(units)), "a second behind, or not"
    assert shades(decode, units) == pytest.approx([120] * 7 + [60] * 4 + [120] * 2, abs=6)


async def test_what_is_said_changes_with_what_is_the_matter(until, decode):
    async with shown(Camera("one", 120)) as (hall, units):
        hall.show(None, Cause("picture.lost", name="one"))
        await until(lambda: len(units) >= 2)
        hall.show(None, Cause("picture.spoilt", name="one"))
        count = len(units)
        await until(lambda: len(units) >= count + 2)
        hall.watch(False)
        count = len(units)
        await asyncio.sleep(0.5)
        assert len(units) <= count + 1, "nobody sees it"
    seen = shades(decode, units)
    assert seen[0] > 240
    assert seen[-1] < 20
