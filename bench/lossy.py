"""Voices on lines that lose packets, in times that are made up: how well they are understood, and
how late they are.

    python -m bench.lossy

The same packets go through the house's `Voice` and through what aiortc does with them: its jitter
buffer as its receiver makes it, and its decoder. Both outputs are laid where each frame was said,
so that the score (STOI, 0 to 1) tells of holes and not of delay; the delay stands beside it. At
last what the house sends to a guest whose line carries 64 kbit/s and loses a tenth, against what
it would send to anybody.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any, cast

import numpy as np
from aiortc.codecs.opus import OpusDecoder as StockDecoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from av import AudioFrame
from pystoi import stoi

from bench.figures import Conditions, Figure, table
from devices.device import Samples
from rooms.media.opus import FRAME_SAMPLES, RATE, OpusEncoder, is_silence
from rooms.media.rates import GOOD_BITS_PER_SECOND, LineLoss, Rate, rate_for
from rooms.media.sound import TICK_SAMPLES, TICK_SECONDS
from rooms.media.voice import Packet, Voice

STOCK = "aiortc's jitter buffer and decoder"
SAID = (
    "Kính thưa các bác, phường đã nhận được ý kiến của bà con về đèn đường ở đầu ngõ. "
    "Tuần sau chúng tôi sẽ cho người xuống kiểm tra và thay những bóng đã hỏng. "
    "Về việc thu gom rác thải, xe sẽ vào ngõ lúc sáu giờ tối hằng ngày. "
    "Đề nghị bà con để rác đúng chỗ, đúng giờ và phân loại tại nhà."
)
JITTER_SECONDS = 0.008
GAP_SECONDS = 0.2
HEADER_BYTES = 58
"""IP, UDP, RTP with one extension, and SRTP's tag."""
CODEC_DELAY = 312
"""Samples: 6.5 ms, of libopus."""
LINE_BITS_PER_SECOND = 64_000
LINE_QUEUE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Arrived:
    moment: float
    packet: Packet


@dataclass(frozen=True, slots=True)
class Heard:
    sound: Samples
    delays: list[tuple[float, float]]
    """Seconds, and milliseconds of delay then."""

    def delay(self, begin: float = 0, end: float = 1e9) -> float:
        return median(delay for moment, delay in self.delays if begin <= moment < end)


def speech(repeated: int) -> Samples:
    """Raises RuntimeError where there is nobody to speak."""
    if (espeak := shutil.which("espeak-ng")) is None:
        raise RuntimeError("espeak-ng is not installed")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run([espeak, "-v", "vi", "-s", "150", "-w", file.name, SAID], check=True)
        with wave.open(file.name) as said:
            rate = said.getframerate()
            sound = np.frombuffer(said.readframes(said.getnframes()), np.int16)
    at = np.arange(0, len(sound) * RATE / rate) * rate / RATE
    once = np.interp(at, np.arange(len(sound)), sound)
    whole = np.tile(once, repeated)
    return whole[: len(whole) // FRAME_SAMPLES * FRAME_SAMPLES].astype(np.int16)


def encoded(sound: Samples, rate: Rate) -> list[bytes]:
    encoder = OpusEncoder(*rate)
    return [encoder.encode(frame) for frame in np.split(sound, len(sound) // FRAME_SAMPLES)]


def line(payloads: Sequence[bytes], loses: Callable[[int], bool], random: Random) -> list[Arrived]:
    """An even enough line that loses what it is told to."""
    arrived, sequence = [], 0
    for number, payload in enumerate(payloads):
        if number and is_silence(payload) and is_silence(payloads[number - 1]):
            continue
        sequence += 1
        if not loses(number):
            packet = Packet(sequence, number * FRAME_SAMPLES, 7, payload)
            late = JITTER_SECONDS * random.random() if number else 0
            arrived.append(Arrived(0.02 * (number + 1) + late, packet))
    return sorted(arrived, key=lambda one: one.moment)


def narrow_line(payloads: Sequence[bytes], random: Random, share: float) -> list[Arrived]:
    """64 kbit/s with a short queue in front, which drops what does not fit; then chance does."""
    free, arrived, sequence = 0.0, [], 0
    for number, payload in enumerate(payloads):
        if number and is_silence(payload) and is_silence(payloads[number - 1]):
            continue
        sequence += 1
        sent = 0.02 * (number + 1)
        if free - sent > LINE_QUEUE_SECONDS:
            continue
        free = max(free, sent) + 8 * (len(payload) + HEADER_BYTES) / LINE_BITS_PER_SECOND
        if random.random() >= share:
            packet = Packet(sequence, number * FRAME_SAMPLES, 7, payload)
            arrived.append(Arrived(free, packet))
    return arrived


def ours(arrived: Sequence[Arrived], length: int) -> Heard:
    voice, sound, delays = Voice(TICK_SAMPLES), np.zeros(length, np.int16), []
    fastest = min(one.moment - one.packet.timestamp / RATE for one in arrived)
    waiting = list(reversed(arrived))
    for number in range(length // TICK_SAMPLES + 50):
        now = TICK_SECONDS * number + 0.007
        while waiting and waiting[-1].moment <= now:
            one = waiting.pop()
            voice.add(one.packet, one.moment)
        delay = voice.delay(now)
        frame = voice.take(now)
        if delay is None or frame is None:
            continue
        delays.append((now, 1000 * delay))
        begin = round((now - fastest - delay) * RATE)
        part = sound[max(0, begin) : begin + TICK_SAMPLES]
        part[:] = frame[: len(part)]
    return Heard(sound, delays)


def stock(arrived: Sequence[Arrived], length: int) -> Heard:
    buffer, decoder = JitterBuffer(capacity=16, prefetch=4), StockDecoder()
    sound, delays = np.zeros(length, np.int16), []
    fastest = min(one.moment - one.packet.timestamp / RATE for one in arrived)
    for one in arrived:
        packet: Any = RtpPacket(111, 0, one.packet.sequence & 0xFFFF, one.packet.timestamp, 7)
        packet.payload = packet._data = one.packet.payload
        _, frame = buffer.add(packet)
        if frame is None:
            continue
        for decoded in decoder.decode(frame):
            samples = cast(AudioFrame, decoded).to_ndarray().reshape(-1, 2)[:, 0]
            part = sound[frame.timestamp : frame.timestamp + len(samples)]
            part[:] = samples[: len(part)]
        delays.append((one.moment, 1000 * (one.moment - fastest - frame.timestamp / RATE)))
    return Heard(sound, delays)


def understood(original: Samples, heard: Heard) -> float:
    said, sound = original[:-CODEC_DELAY:3], heard.sound[CODEC_DELAY::3]
    return float(stoi(said.astype(float), sound.astype(float), RATE // 3))


def lossy_figures(repeated: int = 2, seed: int = 1) -> list[Figure]:
    """Raises RuntimeError where there is nobody to speak."""
    original, conditions = speech(repeated), Conditions.now()
    length = len(original)
    payloads = encoded(original, Rate(GOOD_BITS_PER_SECOND, 10))
    figures = []

    def both(name: str, loses: Callable[[int], bool]) -> tuple[Heard, Heard]:
        arrived = line(payloads, loses, Random(seed))
        mine, theirs = ours(arrived, length), stock(arrived, length)
        remark = f"delay {mine.delay():.0f} ms, the peer's {theirs.delay():.0f}"
        scores = understood(original, mine), understood(original, theirs)
        figures.append(
            Figure(f"voice-{name}", scores[0], "STOI", STOCK, scores[1], conditions, remark)
        )
        return mine, theirs

    chance = Random(seed + 1)
    both("whole", lambda _: False)
    both("3%-lost", lambda _: chance.random() < 0.03)
    both("10%-lost", lambda _: chance.random() < 0.1)
    middle = len(payloads) // 2
    gap = both("gap", lambda number: 0 <= 0.02 * (number - middle) < GAP_SECONDS)
    at = 0.02 * middle
    later = [
        one.delay(at + GAP_SECONDS + 1, at + GAP_SECONDS + 3) - one.delay(at - 3, at) for one in gap
    ]
    figures.append(
        Figure("voice-gap-later", later[0], "ms", STOCK, later[1], conditions, "a second after it")
    )
    poor = LineLoss()
    for _ in range(5):
        poor.note(0.1)
    rates = {"follows": rate_for([poor]), "fixed": Rate(GOOD_BITS_PER_SECOND, 10)}
    for name, rate in rates.items():
        sent = encoded(original, rate)
        arrived = narrow_line(sent, Random(seed), 0.1)
        heard = ours(arrived, length)
        used = 8 * sum(len(payload) + HEADER_BYTES for payload in sent) / (0.02 * len(sent)) / 1000
        figures.append(
            Figure(
                f"uplink-64k-10%-{name}", understood(original, heard), "STOI", None, None,
                conditions, f"{rate}, {used:.0f} kbit/s with headers, delay {heard.delay():.0f} ms",
            )
        )  # fmt: skip
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lossy", description=__doc__)
    parser.add_argument("--repeated", type=int, default=2, help="how often it is all said")
    options = parser.parse_args()
    sys.stdout.write(f"\n{table(lossy_figures(options.repeated))}\n")


if __name__ == "__main__":
    main()
