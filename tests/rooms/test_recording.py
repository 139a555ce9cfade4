"""Five seconds of the microphone, for whoever asked and for nobody else."""

import io
import wave

import numpy as np
import pytest

from rooms.view import HallWish, Phase

FRAME = np.arange(480, dtype=np.int16)


async def spoken(house, frames=500):
    """Until somebody listens to the microphone, and then so much of it."""
    async with house.patience():
        while not house.sound.sinks:
            await house.ticks(1)
    for _ in range(frames):
        for sink in tuple(house.sound.sinks):
            sink(FRAME)


async def test_the_leader_hears_what_far_ears_would_hear_and_nobody_else_does(house):
    await house.room.record_hall(house.leader, "tablet")
    assert house.view.hall_recorded_by == "Nguyễn Văn An"
    assert house.view.hall_is_heard()
    assert house.sound.microphone_open.value
    assert not house.room.recording("tablet").is_over
    await spoken(house)
    await house.until(lambda view: view.hall_recorded_by is None)
    assert not house.sound.microphone_open.value
    assert house.sound.sinks == []
    with wave.open(io.BytesIO(house.room.recording("tablet").wav)) as file:
        assert (file.getnframes(), file.getframerate(), file.getnchannels()) == (240_000, 48_000, 1)
        assert file.readframes(480) == FRAME.tobytes()
    assert house.room.recording("another") is None
    house.time.pass_(299)
    await house.ticks()
    assert house.room.recording("tablet")
    house.time.pass_(1)
    async with house.patience():
        while house.room.recording("tablet"):
            await house.ticks(1)


async def test_a_technician_is_recorded_for_only_when_somebody_in_the_hall_agrees(house, refused):
    await house.room.record_hall(house.technician, "far")
    assert (house.view.hall_asked.wish, house.sound.opened) == (HallWish.RECORDING, 0)
    assert house.room.recording("far") is None
    await house.room.allow_hall(house.leader, True)
    assert house.view.hall_recorded_by == "Kỹ thuật"
    async with refused("room.sound_in_use"):
        await house.room.record_hall(house.leader, "tablet")
    await spoken(house)
    await house.until(lambda view: view.hall_recorded_by is None)
    assert house.room.recording("far").wav
    assert house.room.recording("tablet") is None


async def test_a_meeting_that_starts_leaves_no_recording(house):
    await house.room.record_hall(house.leader, "tablet")
    await spoken(house, 100)
    await house.room.start_meeting(house.leader)
    assert house.view.phase is Phase.LIVE
    assert house.room.recording("tablet") is None
    await spoken(house)
    assert house.room.recording("tablet") is None
    assert house.sound.microphone_open.value, "as in any meeting"


async def test_a_microphone_that_does_not_open_is_said(house, monkeypatch):
    monkeypatch.setattr("rooms.recording._OPEN_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(house.sound, "open_microphone", lambda: None)
    await house.room.record_hall(house.leader, "tablet")
    await house.until(lambda view: view.hall_recorded_by is None)
    assert house.room.recording("tablet").problem.code == "sound.recording_failed"


@pytest.mark.parametrize("role", ["secretary", "stage", "hub"])
async def test_nobody_else_records(house, refused, role):
    by = type(house.leader)(role, "X")
    async with refused("room.not_your_part"):
        await house.room.record_hall(by, "x")
