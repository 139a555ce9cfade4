"""Five seconds of the hall's microphone, to be listened to by whoever asked for them.

They are what far ears would hear, after echo canceller and gain control. Kept in memory, for the
browser that asked, and forgotten after minutes or with the next meeting.
"""

import asyncio
import io
import wave
from dataclasses import dataclass
from typing import Final

import numpy as np

from base.cause import Cause
from devices.device import HallSound, Samples

SECONDS: Final = 5.0
KEPT_SECONDS: Final = 300.0
RATE: Final = 48_000
_OPEN_WITHIN_SECONDS: Final = 5.0
_LATE_SECONDS: Final = 5.0
"""More than it takes, and nothing more comes."""


@dataclass(frozen=True, slots=True)
class Recording:
    name: str
    """Who asked for it."""
    owner: str
    """The browser that may listen to it."""
    began: float
    """Monotonic."""
    wav: bytes = b""
    """48 kHz, mono, 16 bit; empty while it is under way, and where it failed."""
    problem: Cause | None = None

    @property
    def is_over(self) -> bool:
        return bool(self.wav) or self.problem is not None


async def record(sound: HallSound) -> bytes | Cause:
    """A WAV file, or why there is none. The microphone is opened by the room, and closed by it."""
    frames: list[Samples] = []
    wanted, enough = round(SECONDS * RATE), asyncio.Event()

    def take(samples: Samples) -> None:
        frames.append(samples)
        if len(frames) * len(samples) >= wanted:
            enough.set()

    try:
        async with asyncio.timeout(_OPEN_WITHIN_SECONDS):
            async for is_open in sound.microphone_open.changes():
                if is_open:
                    break
        unsubscribe = sound.subscribe(take)
        try:
            async with asyncio.timeout(SECONDS + _LATE_SECONDS):
                await enough.wait()
        finally:
            unsubscribe()
    except TimeoutError:
        return Cause("sound.recording_failed")
    return wav_of(np.concatenate(frames)[:wanted])


def wav_of(samples: Samples) -> bytes:
    """48 kHz, mono, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(samples.astype(np.dtype("<i2")).tobytes())
    return file.getvalue()
