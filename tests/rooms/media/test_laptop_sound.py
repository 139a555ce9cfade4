"""A laptop's sound through real sound processes over PulseAudio, into hall and meeting."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from base.latest import Latest
from config.settings import HdmiSection, SoundSection
from devices.device import Condition, Samples
from devices.hdmi_sound import HdmiSound
from devices.sound.hall import ProcessSound
from devices.virtual.sound import (
    VirtualSound,
    missing_programs,
    tone,
    virtual_sound,
    write_wav,
)
from rooms.media.sound import SoundBridge

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio"),
]
LEFT, RIGHT = 1000, 2000
PEAK = 0.02


@pytest.fixture
async def hall() -> AsyncIterator[VirtualSound]:
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        async with virtual_sound(Path(folder)) as hall:
            await hall.bring_laptop()
            yield hall


def level(samples: Samples, hertz: int) -> float:
    """Of a tone, in dB under its full scale."""
    moment = np.arange(len(samples)) / 48_000
    found = np.mean(samples / 32768 * np.exp(-2j * np.pi * hertz * moment)) * 2
    return float(20 * np.log10(abs(found) + 1e-9))


async def until(holds: Callable[[], object], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


async def test_it_is_heard_in_the_hall_and_by_all_as_it_is_and_only_while_it_is_wanted(
    hall: VirtualSound, tmp_path: Path
) -> None:
    # A MacroSilicon says 96 kHz of one channel, and means 48 kHz of two.
    both = np.stack([tone(hertz, 30, PEAK) for hertz in (LEFT, RIGHT)], axis=1)
    write_wav(tmp_path / "film.wav", both.reshape(-1), rate=96_000)
    signal = Latest(False)
    own = SoundSection(microphone=hall.microphone, loudspeaker=hall.loudspeaker)
    speakers = ProcessSound(own, environment=hall.environment)
    cable = HdmiSection(input="-", sound=hall.laptop)
    laptop = HdmiSound(cable, signal, environment=hall.environment)
    bridge = SoundBridge(speakers, laptop.subscribe)
    jobs = (
        speakers.run(),
        laptop.run(),
        bridge.run(),
        hall.play_on_laptop(tmp_path / "film.wav", again=True),
    )
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        signal.set(True)
        await until(lambda: laptop.health.value.condition is Condition.STANDBY)
        await until(lambda: speakers.loudspeaker.health.value.condition is Condition.WORKING)
        heard = await hall.record_loudspeaker(0.3)
        assert level(heard, LEFT) < -75, "not before it is shown"
        assert await hall.recorders() == []

        laptop.want(True)
        async with asyncio.timeout(40):  # with nobody connected
            while min(level(heard, LEFT), level(heard, RIGHT)) < -60:
                heard = await hall.record_loudspeaker(0.3)
        ear: list[Samples] = []
        leave = bridge.add_ear(ear.append)
        await until(lambda: len(ear) >= 50)
        leave()
        told = np.concatenate(ear[-25:])
        for hertz in (LEFT, RIGHT):  # the mean of both channels, whatever is made louder of speech
            assert level(told, hertz) == pytest.approx(20 * np.log10(PEAK / 2), abs=1.5)
        assert bridge.speaking.value == ()

        laptop.want(False)
        async with asyncio.timeout(40):
            while await hall.recorders():
                await asyncio.sleep(0.05)
        async with asyncio.timeout(40):
            while level(await hall.record_loudspeaker(0.3), LEFT) > -75:
                pass
        await until(lambda: not bridge._needed.is_set())  # nobody is kept awake for it
        laptop.want(True)
        signal.set(False)
        await until(lambda: laptop.health.value.condition is Condition.UNKNOWN)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def test_a_cable_whose_sound_is_not_there_is_told(hall: VirtualSound) -> None:
    laptop = HdmiSound(
        HdmiSection(input="-", sound="không có"), Latest(True), environment=hall.environment
    )
    running = asyncio.create_task(laptop.run())
    try:
        await until(lambda: laptop.health.value.condition is Condition.FAILED)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
