import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from base.latest import Latest
from devices.device import AccessUnit, Samples, Unsubscribe
from rooms.films.filming import Filming, Shooting
from tests.rooms.films.coded import pictures, probe, tone

SECONDS = 20.0


class Camera:
    """Coded by a real encoder, at the camera's pace; loops."""

    def __init__(self) -> None:
        self.width = 320
        self.sinks: dict[Callable[[AccessUnit], None], None] = {}
        self.asked = 0

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Unsubscribe:
        self.sinks[sink] = None
        return lambda: self.sinks.pop(sink, None) and None

    def request_key_frame(self) -> None:
        self.asked += 1

    async def run(self) -> None:
        coded = {width: pictures(1.0, width=width) for width in (320, 480)}
        while True:
            for _, data, key in coded[self.width]:
                unit = AccessUnit(data, 0, key, time.monotonic())
                for sink in tuple(self.sinks):
                    sink(unit)
                await asyncio.sleep(0.04)


class Mixer:
    def __init__(self) -> None:
        self.ears: list[Callable[[Samples], None]] = []

    def add_ear(self, ear: Callable[[Samples], None]) -> Unsubscribe:
        self.ears.append(ear)
        return lambda: self.ears.remove(ear)

    async def run(self) -> None:
        while True:
            for ear in tuple(self.ears):
                ear(tone(0.02))
            await asyncio.sleep(0.02)


@asynccontextmanager
async def filming_in(folder: Path, *, picture: bool = True) -> AsyncIterator[tuple[Filming, Any]]:
    camera, mixer = Camera(), Mixer()
    filming = Filming(folder, camera if picture else None, mixer.add_ear)  # type: ignore[arg-type]
    tasks = [asyncio.create_task(job) for job in (camera.run(), mixer.run(), filming.run())]
    try:
        yield filming, camera
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def state(latest: Latest[Shooting], holds: Callable[[Shooting], bool]) -> Shooting:
    async with asyncio.timeout(SECONDS):
        async for value in latest.changes():
            if holds(value):
                return value
    raise AssertionError


async def test_pictures_and_sound_from_wanted_to_unwanted(tmp_path: Path) -> None:
    async with filming_in(tmp_path / "films") as (filming, camera):
        filming.want("abc")
        begun = await state(filming.state, lambda now: now.film == "abc-01")
        assert begun.has_picture
        assert camera.asked == 1
        await asyncio.sleep(1.5)
        filming.want(None)
        await state(filming.state, lambda now: now.film is None)
        assert not camera.sinks
    found = probe(tmp_path / "films" / "abc-01.mp4")
    assert found["errors"] == ""
    assert found["seconds"] > 1.0
    assert {"video", "audio"} <= found.keys()


async def test_a_pause_is_in_no_film(tmp_path: Path) -> None:
    async with filming_in(tmp_path / "films") as (filming, _):
        filming.want("abc")
        await state(filming.state, lambda now: now.film == "abc-01")
        filming.want(None)
        await state(filming.state, lambda now: now.film is None)
        before = (tmp_path / "films" / "abc-01.mp4").stat().st_size
        await asyncio.sleep(0.3)
        assert (tmp_path / "films" / "abc-01.mp4").stat().st_size == before
        filming.want("abc")
        await state(filming.state, lambda now: now.film == "abc-02")


async def test_another_form_of_picture_is_another_film(tmp_path: Path) -> None:
    async with filming_in(tmp_path / "films") as (filming, camera):
        filming.want("abc")
        await state(filming.state, lambda now: now.film == "abc-01")
        camera.width = 480
        await state(filming.state, lambda now: now.film == "abc-02")
        await asyncio.sleep(0.5)
    widths = [probe(tmp_path / "films" / f"abc-0{n}.mp4")["video"]["width"] for n in (1, 2)]
    assert widths == [320, 480]


async def test_behind_a_slow_disk_pictures_are_left_out_up_to_a_key_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What refers to a picture that is left out would only smear."""
    async with filming_in(tmp_path / "films") as (filming, _):
        filming.want("abc")
        await state(filming.state, lambda now: now.film == "abc-01")
        await asyncio.sleep(0.5)
        monkeypatch.setattr("rooms.films.filming.MOST_BEHIND", 0)
        await asyncio.sleep(0.3)
        monkeypatch.undo()
        await asyncio.sleep(1.5)
        filming.want(None)
        await state(filming.state, lambda now: now.film is None)
    with av.open(str(tmp_path / "films" / "abc-01.mp4")) as film:
        shown = [
            (float(packet.pts * packet.time_base), packet.is_keyframe)
            for packet in film.demux(video=0)
            if packet.pts is not None
        ]
    after = [key for (before, _), (at, key) in pairwise(shown) if at - before > 0.2]
    assert after, "some were left out"
    assert all(after)


async def test_without_a_picture_there_is_sound(tmp_path: Path) -> None:
    async with filming_in(tmp_path / "films", picture=False) as (filming, _):
        filming.want("abc")
        begun = await state(filming.state, lambda now: now.film is not None)
        assert not begun.has_picture
        await asyncio.sleep(0.5)
    assert "video" not in probe(tmp_path / "films" / "abc-01.mp4")


async def test_where_it_cannot_be_written_it_is_told_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.films.filming.AGAIN_SECONDS", 0.2)
    (tmp_path / "films").write_text("a file in the place of the folder")
    async with filming_in(tmp_path / "films") as (filming, _):
        filming.want("abc")
        told = await state(filming.state, lambda now: now.trouble is not None)
        assert told.trouble is not None
        assert told.trouble.code == "film.not_written"
        (tmp_path / "films").unlink()
        begun = await state(filming.state, lambda now: now.film is not None)
        assert begun.trouble is None
