"""`avcontrol clean-sound`: the hall's sound chain over files instead of a microphone."""

import wave
from pathlib import Path

import numpy as np

from base.cause import Refused
from devices.device import Samples
from devices.sound.chain import SoundChain
from devices.sound.protocol import FRAME
from devices.sound.stream import RATE


def clean_sound(microphone: Path, loudspeaker: Path, out: Path) -> None:
    """Write what remote ears would have heard of `microphone` while `loudspeaker` was played.

    All are WAV files of 48 kHz, mono, 16 bit. The result is as long as `microphone`, and in time
    with it: the chain's own latency is taken out. A `loudspeaker` that is shorter was followed by
    silence. Raises Refused `sound.file_unreadable` or `sound.file_form`; OSError where `out`
    cannot be written.
    """
    heard, played = read(microphone), read(loudspeaker)
    chain = SoundChain()
    frames = -(-(len(heard) + chain.LATENCY) // FRAME)
    padded = np.zeros((2, frames * FRAME), np.int16)
    for row, samples in zip(padded, (heard, played[: frames * FRAME]), strict=True):
        row[: len(samples)] = samples
    cleaned = np.concatenate(
        [
            chain.process(padded[0, at : at + FRAME], padded[1, at : at + FRAME])
            for at in range(0, frames * FRAME, FRAME)
        ]
    )
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(cleaned[chain.LATENCY :][: len(heard)].astype("<i2").tobytes())


def read(path: Path) -> Samples:
    """See `clean_sound` for what it raises."""
    try:
        with wave.open(str(path), "rb") as file:
            form = file.getframerate(), file.getnchannels(), 8 * file.getsampwidth()
            if form != (RATE, 1, 16):
                rate, channels, bits = form
                raise Refused(
                    "sound.file_form", file=str(path), rate=rate, channels=channels, bits=bits
                )
            data = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise Refused("sound.file_unreadable", file=str(path), reason=str(error)) from error
    return np.frombuffer(data[: len(data) // 2 * 2], np.dtype("<i2"))
