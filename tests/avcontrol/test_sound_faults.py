"""Whatever of the hall's sound is lost in a meeting is named in words at once and comes back by
itself; the meeting does not notice.

How long each took is printed (`pytest -s`).
"""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from avcontrol.house import House, open_house
from config.settings import HouseSection, HouseSettings, SoundSection, WebSection
from devices.device import Condition
from devices.sound.hall import ProcessSound
from devices.virtual.sound import VirtualSound, missing_programs, virtual_sound
from rooms.meeting import Actor
from rooms.view import Phase, Role, RoomView
from tests.ports import free_port
from web.sentences import say

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio"),
]
CEILING = 30.0
SIDES = ("microphone", "loudspeaker")
DELIVERS = (Condition.WORKING, Condition.IMPAIRED)


def sides(view: RoomView) -> list[Condition]:
    return [device.health.condition for device in view.devices if device.id in SIDES]


async def shown(house: House, right: Callable[[RoomView], bool]) -> float:
    """Seconds until the room's view, which the pages show, is so."""
    began = time.monotonic()
    async with asyncio.timeout(CEILING):
        async for view in house.room.view.changes():
            if right(view):
                break
    return time.monotonic() - began


async def heard(sound: ProcessSound, frames: int = 30) -> None:
    """So much of the hall, from now on."""
    enough, count = asyncio.Event(), 0

    def take(_: object) -> None:
        nonlocal count
        count += 1
        if count == frames:
            enough.set()

    unsubscribe = sound.subscribe(take)
    async with asyncio.timeout(CEILING):
        await enough.wait()
    unsubscribe()


async def test_whatever_of_the_sound_is_lost_comes_back_in_the_same_meeting(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        async with virtual_sound(Path(folder)) as hall:
            port = free_port()
            settings = HouseSettings(
                house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
                web=WebSection(port=port),
                data=tmp_path,
                sound=SoundSection(microphone=hall.microphone, loudspeaker=hall.loudspeaker),
            )
            async with open_house(settings, hall.environment) as house:
                await lose_everything(house, hall)


async def lose_everything(house: House, hall: VirtualSound) -> None:
    room, sound = house.room, house.room._equipment.sound
    assert isinstance(sound, ProcessSound)
    await room.start_meeting(Actor(Role.LEADER, "Bác Lan"))
    meeting = room.view.value.meeting_id
    await shown(house, lambda view: set(sides(view)) <= set(DELIVERS))

    async def kill_process() -> None:
        assert sound.process_id is not None
        os.kill(sound.process_id, signal.SIGKILL)

    async def nothing() -> None:
        """The daemon mends it."""

    faults: dict[str, tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]] = {
        "the sound server killed": (hall.kill, hall.start),
        "the sink unloaded": (hall.remove_loudspeaker, hall.add_loudspeaker),
        "the microphone gone": (hall.remove_microphone, hall.add_microphone),
        "the sound process killed": (kill_process, nothing),
    }
    for name, (break_it, mend) in faults.items():
        await heard(sound)
        await break_it()
        named = await shown(house, lambda view: Condition.FAILED in sides(view))
        causes = [cause for cause in room.view.value.notices if cause.code.startswith("sound.")]
        assert causes, name
        assert all(say(cause, "vi") != cause.code for cause in causes), name
        await mend()
        back = await shown(house, lambda view: set(sides(view)) <= set(DELIVERS))
        began = time.monotonic()
        await heard(sound)
        back += time.monotonic() - began
        print(f"{name}: named after {named:.1f} s ({causes[0].code}), back after {back:.1f} s")
        view = room.view.value
        assert (view.phase, view.meeting_id, view.sound.muted) == (Phase.LIVE, meeting, False)
    assert await loudness(sound, hall) > 300, "and the loudspeaker is heard"


async def loudness(sound: ProcessSound, hall: VirtualSound) -> float:
    """RMS of what leaves the loudspeaker while something is played."""
    sine = (16000 * np.sin(2 * np.pi * 500 * np.arange(4800) / 48_000)).astype(np.int16)

    async def play() -> None:
        while True:
            sound.play(sine)
            await asyncio.sleep(0.1)

    playing = asyncio.create_task(play())
    try:
        samples = await hall.record_loudspeaker(1.5)
    finally:
        playing.cancel()
    return float(np.sqrt(np.mean(samples[24_000:].astype(float) ** 2)))
