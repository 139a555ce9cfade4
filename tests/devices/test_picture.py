"""Stills for the preview."""

import asyncio
import io
import time

import av

from devices import picture
from devices.device import AccessUnit
from devices.picture import Preview, to_jpeg


class Source:
    """A camera's outlet, without the camera."""

    def __init__(self) -> None:
        self.sinks: list = []
        self.asked = 0

    def request_key_frame(self):
        self.asked += 1

    def subscribe(self, sink):
        self.sinks.append(sink)
        return lambda: self.sinks.remove(sink)

    def show(self, data: bytes, *, key: bool, at: float) -> None:
        for sink in self.sinks:
            sink(AccessUnit(data, int(at * 90_000), key, at))


def test_a_key_frame_becomes_a_small_jpeg(hall_clip):
    jpeg = to_jpeg(hall_clip.units[0])
    with av.open(io.BytesIO(jpeg), format="jpeg_pipe") as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (640, 360)
    red = frame.to_ndarray(format="rgb24")[70, 200]  # of the banner above the stage
    assert red[0] > 150
    assert max(red[1], red[2]) < 80


def test_what_cannot_be_decoded_gives_none(hall_clip):
    assert to_jpeg(b"\0\0\0\1\x65nonsense") is None
    assert to_jpeg(hall_clip.units[1]) is None


async def test_the_newest_key_frame_is_decoded_once_for_all_who_ask(hall_clip, monkeypatch):
    decoded: list[bytes] = []

    def count(data: bytes) -> bytes | None:
        decoded.append(data)
        return to_jpeg(data)

    monkeypatch.setattr(picture, "to_jpeg", count)
    source = Source()
    preview = Preview(source)
    assert await preview.take() is None
    source.show(hall_clip.units[0], key=True, at=1.0)
    source.show(hall_clip.units[1], key=False, at=1.03)
    stills = await asyncio.gather(*(preview.take() for _ in range(5)))
    assert len(decoded) == 1
    assert all(still is stills[0] for still in stills)
    assert stills[0].arrived == 1.0
    source.show(hall_clip.units[30], key=True, at=2.0)
    assert (await preview.take()).arrived == 2.0
    assert decoded[1] == hall_clip.units[30]
    preview.close()
    assert not source.sinks


async def test_an_old_picture_is_asked_for_anew_where_that_costs_nobody_anything(hall_clip):
    source = Source()
    idle = False
    preview = Preview(source, may_ask=lambda: idle)
    await preview.take()
    assert source.asked == 0
    idle = True
    source.show(hall_clip.units[0], key=True, at=time.monotonic())
    await preview.take()
    assert source.asked == 0
    source.show(hall_clip.units[0], key=True, at=time.monotonic() - 1)
    assert await preview.take() is not None
    assert source.asked == 1
