"""A camera and a microphone as plain RTP: 720p30 at 1.5 Mbit/s, and Opus in packets of 20 ms.

    python -m bench.fanout_source --host 10.77.0.1 --video 5004 --sound 5006 --cache build/virtual

It says `ready` once the picture is drawn. Each picture begins with an SEI that says when it was
sent: `MOMENT` and nanoseconds on the clock that all processes of a machine share (CLOCK_MONOTONIC).
"""

import argparse
import asyncio
import socket
import struct
import sys
import time
from pathlib import Path

import numpy as np
import uvloop

from devices import h264
from devices.virtual.hall_picture import Clip, load_clip
from rooms.media.opus import FRAME_SAMPLES, OpusEncoder

MOMENT = b"MOMENT:"
VIDEO_TYPE, SOUND_TYPE = 96, 111
_UUID = b"avcontrol-bench!"
_HEADER = struct.Struct("!BBHLL")


def stamp() -> bytes:
    """An SEI of unregistered user data [ITU-T H.264, D.1.7]; digits need no escaping."""
    told = _UUID + MOMENT + b"%020d" % time.monotonic_ns()
    return h264.START_CODE + bytes((h264.SEI, 5, len(told))) + told + b"\x80"


def read_stamp(payload: bytes) -> int | None:
    """Nanoseconds; None where there is no stamp in this payload."""
    at = payload.find(MOMENT)
    return None if at < 0 else int(payload[at + len(MOMENT) :][:20])


class Sender:
    def __init__(self, address: tuple[str, int], payload_type: int, ssrc: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(address)
        self._payload_type, self._ssrc = payload_type, ssrc
        self._sequence = 0

    def send(self, payloads: list[bytes], timestamp: int) -> None:
        for number, payload in enumerate(payloads):
            marker = (number == len(payloads) - 1) << 7
            kind, time_ = marker | self._payload_type, timestamp & 0xFFFFFFFF
            header = _HEADER.pack(0x80, kind, self._sequence, time_, self._ssrc)
            self._sequence = self._sequence + 1 & 0xFFFF
            try:
                self._socket.send(header + payload)
            except ConnectionRefusedError:
                continue  # nobody listens yet


async def show(sender: Sender, clip: Clip) -> None:
    began = time.monotonic()
    number = 0
    while True:
        due = began + number / clip.frames_per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        unit = stamp() + clip.units[number % len(clip.units)]
        sender.send(h264.payloads(unit, aggregate=True), number * 90_000 // clip.frames_per_second)
        number += 1


async def murmur(sender: Sender) -> None:
    encoder = OpusEncoder()
    noise = np.random.default_rng(5).normal(0, 300, FRAME_SAMPLES * 50).astype(np.int16)
    coded = [encoder.encode(frame) for frame in noise.reshape(50, FRAME_SAMPLES)]
    began = time.monotonic()
    number = 0
    while True:
        await asyncio.sleep(max(0.0, began + number * 0.02 - time.monotonic()))
        sender.send([coded[number % 50]], number * FRAME_SAMPLES)
        number += 1


async def run(options: argparse.Namespace) -> None:
    video = Sender((options.host, options.video), VIDEO_TYPE, 1001)
    sound = Sender((options.host, options.sound), SOUND_TYPE, 1002)
    clip = load_clip(options.cache)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(show(video, clip), murmur(sound))


def main() -> None:
    parser = argparse.ArgumentParser(description="A camera and a microphone as plain RTP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--video", type=int, required=True)
    parser.add_argument("--sound", type=int, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
