"""Four seconds of a tone for the ear, a chirp for the microphone, and what came of it.

A softer chirp is played at a meeting's start.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from base.cause import Cause
from devices.device import ChirpHeard, ChirpKind, HallSound, Samples

HERTZ: Final = 440.0
AMPLITUDE: Final = 6000
"""-15 dBFS: plain to hear, and no more than a voice."""
TONE_SECONDS: Final = 4.0
OPEN_WITHIN_SECONDS: Final = 5.0
PIECE: Final = 4800
"""Samples: 100 ms."""
TRIES: Final = 2
"""A door that slams just then hides a chirp, or sounds like a rattle."""

NOTHING_DBFS: Final = -90.0
TOO_LOUD_DBFS: Final = -1.0
FALLBACK: Final = "sound.microphone_fallback"
"""What is said of the microphone while another one stands in for it."""

log = logging.getLogger(__name__)


async def run_sound_test(sound: HallSound, *, tone: bool = True) -> Cause:
    """What to tell of it; without `tone` there is the chirp alone. The microphone is opened by the
    room, and closed by it."""
    try:
        await _until_open(sound)
        if tone:
            await _play(sound)
        heard: list[ChirpHeard] = []
        while len(heard) < TRIES and not (heard and _is_clear(heard[-1])):
            heard.append(await sound.chirp(ChirpKind.TEST))
    except TimeoutError:
        return Cause("sound.test_closed")
    found = next((one for one in heard if one.delay is not None), heard[-1])
    if found.delay is None and (knob := sound.knob.value) is not None and knob.muted:
        return Cause("sound.loudspeaker_muted")
    return judge(replace(found, rattles=all(one.rattles for one in heard)))


async def play_opening(sound: HallSound, may: Callable[[], bool]) -> None:
    """At a meeting's start: the echo canceller learns the hall from it before the first word, and
    whether the microphone hears the loudspeaker shows. `may` is asked once the microphone is
    open: nobody is interrupted."""
    try:
        await _until_open(sound)
        if may():
            await sound.chirp(ChirpKind.OPENING)
    except TimeoutError:
        log.info("the chirp at the meeting's start was not measured")


def _is_clear(heard: ChirpHeard) -> bool:
    return heard.delay is not None and not heard.rattles


async def _until_open(sound: HallSound) -> None:
    async with asyncio.timeout(OPEN_WITHIN_SECONDS):
        async for is_open in sound.microphone_open.changes():
            if is_open:
                break


def judge(heard: ChirpHeard) -> Cause:
    """In words, with what to do about it."""
    microphone, loudspeaker = round(heard.microphone), round(heard.loudspeaker)
    if heard.loudspeaker <= NOTHING_DBFS:
        return Cause("sound.test_not_played")
    if heard.microphone <= NOTHING_DBFS:
        return Cause("sound.test_nothing_heard", loudspeaker=loudspeaker)
    if heard.microphone >= TOO_LOUD_DBFS:
        return Cause("sound.test_too_loud", microphone=microphone)
    if heard.delay is None or heard.echo is None:
        return Cause("sound.test_not_heard", microphone=microphone, loudspeaker=loudspeaker)
    if heard.rattles:
        return Cause("sound.test_rattles")
    return Cause(
        "sound.test_heard",
        delay=round(1000 * heard.delay),
        echo=round(heard.echo),
        noise=round(heard.noise),
    )


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
