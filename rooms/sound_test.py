"""Five seconds of a tone out of the loudspeaker, and what the microphone made of it."""

import asyncio
from typing import Final

import numpy as np

from base.cause import Cause
from devices.device import HallSound, Levels, Samples

HERTZ: Final = 440.0
AMPLITUDE: Final = 6000
"""-15 dBFS: plain to hear, and no more than a voice."""
TONE_SECONDS: Final = 5.0
QUIET_SECONDS: Final = 1.0
"""Before the tone: what the hall sounds like without it."""
OPEN_WITHIN_SECONDS: Final = 5.0
PIECE: Final = 4800
"""Samples: 100 ms."""

NOTHING_DBFS: Final = -90.0
TOO_LOUD_DBFS: Final = -1.0
RISE_DB: Final = 6.0


async def run_sound_test(sound: HallSound) -> Cause:
    """What to tell of it. The microphone is opened by the room, and closed by it."""
    try:
        async with asyncio.timeout(OPEN_WITHIN_SECONDS):
            async for is_open in sound.microphone_open.changes():
                if is_open:
                    break
    except TimeoutError:
        return Cause("sound.test_closed")
    quiet = await _listen(sound, QUIET_SECONDS)
    playing = asyncio.create_task(_play(sound))
    try:
        loud = await _listen(sound, TONE_SECONDS)
    finally:
        playing.cancel()
    return judge(quiet, loud)


def judge(quiet: Levels, loud: Levels) -> Cause:
    """From the loudest moment without the tone, and with it."""
    microphone, loudspeaker = round(loud.microphone), round(loud.loudspeaker)
    if loud.loudspeaker <= NOTHING_DBFS:
        return Cause("sound.test_not_played")
    if loud.microphone <= NOTHING_DBFS:
        return Cause("sound.test_nothing_heard", loudspeaker=loudspeaker)
    if loud.microphone >= TOO_LOUD_DBFS:
        return Cause("sound.test_too_loud", microphone=microphone)
    if loud.microphone < quiet.microphone + RISE_DB:
        return Cause("sound.test_tone_not_heard", microphone=microphone, loudspeaker=loudspeaker)
    return Cause("sound.test_heard", microphone=microphone, loudspeaker=loudspeaker)


async def _listen(sound: HallSound, seconds: float) -> Levels:
    """The loudest of each within so many seconds."""
    found = Levels()
    try:
        async with asyncio.timeout(seconds):
            async for level in sound.levels.changes():
                found = Levels(
                    max(found.microphone, level.microphone),
                    max(found.loudspeaker, level.loudspeaker),
                )
    except TimeoutError:
        pass
    return found


async def _play(sound: HallSound) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(round(TONE_SECONDS * 10)):
        sound.play(_piece(number))
        await asyncio.sleep(max(0.0, began + (number + 1) / 10 - loop.time()))


def _piece(number: int) -> Samples:
    at = np.arange(number * PIECE, (number + 1) * PIECE) / 48_000
    swell = np.clip(np.minimum(at, TONE_SECONDS - at) / 0.1, 0, 1)  # without a click
    return (AMPLITUDE * swell * np.sin(2 * np.pi * HERTZ * at)).astype(np.int16)
