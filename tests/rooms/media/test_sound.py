import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest

from devices.device import Samples
from rooms.media.loudness import Loudness
from rooms.media.mixer import Limiter, Mix, Speaking, level
from rooms.media.opus import FRAME_SAMPLES, OpusDecoder, OpusEncoder
from rooms.media.sound import SoundBridge
from rooms.media.voice import Packet
from tests.rooms.media.test_opus import vowels


def tone(hertz: float, frames: int, peak: int = 8000) -> list[Samples]:
    time = np.arange(frames * FRAME_SAMPLES) / 48_000
    return np.split((peak * np.sin(2 * np.pi * hertz * time)).astype(np.int16), frames)


def pitch(samples: Samples) -> float:
    """The loudest frequency in hertz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * 48_000 / len(samples))


def packet(sequence: int, payload: bytes) -> Packet:
    return Packet(sequence, sequence * FRAME_SAMPLES, 7, payload)


class Wire:
    """A guest's audio line that decodes what it is sent."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.times: list[int] = []
        self.marked: list[bool] = []

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        self.packets += payloads
        self.times.append(timestamp)
        self.marked.append(marked)
        return True

    def heard(self) -> Samples:
        decoder = OpusDecoder()
        return np.concatenate([decoder.decode(packet) for packet in self.packets])


class HallSound:
    """The hall's side of the mixer, as a port."""

    def __init__(self) -> None:
        self.played: list[Samples] = []

    def subscribe(self, sink):  # type: ignore[no-untyped-def]
        return lambda: None

    def play(self, samples: Samples) -> None:
        self.played.append(samples)


def tick(bridge: SoundBridge, now: float) -> None:
    """20 ms."""
    bridge.tick(now)
    bridge.tick(now + 0.01)


def power_at(samples: Samples, hertz: float) -> float:
    """dB relative to the loudest."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(len(samples))))
    bin_ = round(hertz * len(samples) / 48_000)
    return float(20 * np.log10(spectrum[bin_ - 3 : bin_ + 4].max() / spectrum.max() + 1e-9))


def test_everybody_hears_the_others_and_never_himself() -> None:
    a, b, hall = (np.full(FRAME_SAMPLES, value, np.int16) for value in (1000, 20, 3))
    mix = Mix({"a": a, "b": b, "hall": hall})
    assert set(mix.all()) == {1023}
    assert set(mix.without("a")) == {23}
    assert set(mix.without("b")) == {1003}
    assert set(mix.without("nobody")) == {1023}


def test_loud_voices_together_are_turned_down_and_a_single_one_is_not() -> None:
    limiter = Limiter()
    one = np.concatenate(tone(440, 50, peak=20_000)).astype(np.int32)
    for frame in np.split(one, 50):
        assert (limiter.limit(frame) == frame).all()
    both = np.concatenate([limiter.limit(frame) for frame in np.split(2 * one, 50)])
    assert np.abs(both).max() <= 32_767
    assert power_at(both[4800:], 3 * 440) < -60, "and nothing is distorted"
    assert np.abs(limiter.limit(one[:FRAME_SAMPLES])).max() < 15_000, "it comes up again calmly"
    for frame in np.split(one, 50):
        limiter.limit(frame)
    assert (limiter.limit(one[:FRAME_SAMPLES]) == one[:FRAME_SAMPLES]).all()


def test_voices_of_different_loudness_come_to_one() -> None:
    loud, soft = Loudness(), Loudness()
    said = np.concatenate(tone(300, 50))
    heard = {}
    for name, loudness, peak in (("loud", loud, 12_000), ("soft", soft, 500)):
        for number in range(15 * 50):
            speaks = number % 50 < 40
            factor = peak / 8000 if speaks else 0.002
            frame = (said[number % 50 * FRAME_SAMPLES :][:FRAME_SAMPLES] * factor).astype(np.int16)
            evened = loudness.even(frame, level(frame))
            if speaks:
                heard[name] = level(evened)
    assert heard["loud"] == pytest.approx(-23, abs=1.5)
    assert heard["soft"] == pytest.approx(-39.3 + 12, abs=1.5)
    before = soft.gain_db
    for _ in range(500):
        soft.even(noise := np.full(FRAME_SAMPLES, 20, np.int16), level(noise))
    assert soft.gain_db == before, "nobody's noise grows in his pauses"


def test_level_is_in_dbfs() -> None:
    assert level(np.zeros(FRAME_SAMPLES, np.int16)) == -100
    assert level(tone(1000, 1, 32_767)[0]) == pytest.approx(-3.0, abs=0.1)


async def test_speakers_hear_each_other_and_the_loudspeaker_hears_both() -> None:
    hall = HallSound()
    bridge = SoundBridge(hall)  # type: ignore[arg-type]
    wires = {name: Wire() for name in "abc"}
    voices = {name: bridge.add(name, wire) for name, wire in wires.items()}
    encoders = {name: OpusEncoder() for name in "ab"}
    for name in "abc":
        bridge.set_heard(name, True)
    for sequence, (one, other) in enumerate(
        zip(tone(500, 60), tone(1500, 60, peak=3000), strict=True)
    ):
        now = 0.02 * sequence
        voices["a"].add(packet(sequence, encoders["a"].encode(one)), now)
        voices["b"].add(packet(sequence, encoders["b"].encode(other)), now)
        tick(bridge, now + 0.005)
    assert bridge.speaking.value == ("a", "b")
    heard = {name: wire.heard()[9600:] for name, wire in wires.items()}
    assert pitch(heard["a"]) == pytest.approx(1500, rel=0.01)
    assert power_at(heard["a"], 500) < -30
    assert pitch(heard["b"]) == pytest.approx(500, rel=0.01)
    assert power_at(heard["b"], 1500) < -30
    assert pitch(heard["c"]) == pytest.approx(500, rel=0.01)
    assert power_at(heard["c"], 1500) > -20
    played = np.concatenate(hall.played)[9600:]
    assert power_at(played, 500) > -3
    assert power_at(played, 1500) > -20


async def test_a_silenced_guest_is_not_heard() -> None:
    hall = HallSound()
    bridge = SoundBridge(hall)  # type: ignore[arg-type]
    voice = bridge.add("a", Wire())
    encoder = OpusEncoder()
    for sequence, frame in enumerate(tone(500, 30)):
        voice.add(packet(sequence, encoder.encode(frame)), 0.02 * sequence)
        tick(bridge, 0.02 * sequence + 0.005)
    assert not np.concatenate(hall.played).any()
    assert bridge.speaking.value == ()


async def test_all_who_are_silent_share_one_encoding_and_poor_lines_another() -> None:
    hall = HallSound()
    bridge = SoundBridge(hall)  # type: ignore[arg-type]
    wires = [Wire() for _ in range(5)]
    for number, wire in enumerate(wires):
        bridge.add(str(number), wire)
    for number in (3, 4):
        bridge.note_loss(str(number), 0.1)
    spoken = np.concatenate(vowels(60))
    for number in range(60):
        bridge._microphone.put(spoken[number * FRAME_SAMPLES :][:FRAME_SAMPLES])
        tick(bridge, 0.02 * number)
    payloads = [wire.packets for wire in wires]
    assert payloads[0] == payloads[1] == payloads[2]
    assert payloads[3] == payloads[4]
    good, poor = (sum(map(len, payloads[number])) for number in (0, 3))
    assert 8 * poor / 1.2 < 24_000 < 8 * good / 1.2
    assert all(outgoing._own is None for outgoing in bridge._listeners.values())
    for _ in range(10):
        bridge.note_loss("3", 0.0)
    tick(bridge, 1.2)
    assert wires[3].packets[-1] == wires[0].packets[-1], "the line is good again"


async def test_who_takes_part_is_sent_every_10_ms_while_his_line_is_good() -> None:
    bridge = SoundBridge(None)
    wires = {name: Wire() for name in ("official", "resident")}
    for name, wire in wires.items():
        bridge.add(name, wire)
    bridge.set_heard("official", True)
    spoken = np.concatenate(vowels(90))

    def hears(first: int, last: int) -> None:
        for number in range(first, last):
            bridge._microphone.put(spoken[number * FRAME_SAMPLES :][:FRAME_SAMPLES])
            tick(bridge, 0.02 * number)

    hears(0, 30)
    quick, calm = wires["official"], wires["resident"]
    assert {later - sooner for sooner, later in pairwise(quick.times[4:])} == {480}
    assert {later - sooner for sooner, later in pairwise(calm.times[2:])} == {960}
    assert quick.times[-1] == calm.times[-1] + 480, "one time for both"
    bridge.note_loss("official", 0.1)
    hears(30, 60)
    assert quick.times[-20:] == calm.times[-20:], "a poor line is sent half as many packets"
    for _ in range(10):
        bridge.note_loss("official", 0.0)
    hears(60, 90)
    assert quick.times == sorted(set(quick.times)), "no moment is sent twice"
    for wire in wires.values():
        heard = wire.heard()
        assert level(heard[len(heard) // 2 :]) == pytest.approx(level(spoken), abs=2)


async def test_ticks_come_just_behind_the_microphones() -> None:
    bridge = SoundBridge(None)
    due, brought = 5.0, 4.9937
    for _ in range(200):
        brought += 0.01
        bridge._heard_at = brought
        due += 0.01 + bridge._nudge(due)
    assert 0.001 < (due - brought) % 0.01 < 0.003
    bridge._heard_at = brought - 1
    assert bridge._nudge(due) == 0, "a microphone that is silent leads nobody"


async def test_the_clock_of_a_meeting_follows_the_microphones() -> None:
    hall = HallSound()
    sinks: list[Callable[[Samples], None]] = []
    hall.subscribe = lambda sink: sinks.append(sink) or (lambda: None)  # type: ignore[method-assign,func-returns-value]
    bridge = SoundBridge(hall)  # type: ignore[arg-type]
    running = asyncio.create_task(bridge.run())
    bridge.add("a", Wire())
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.05)
    # What comes now would wait for 8 ms, and by itself it would go on so.
    due = bridge._due + 0.002
    try:
        async with asyncio.timeout(20):
            while not 0 < (bridge._due - due) % 0.01 < 0.005:
                due += 0.01
                await asyncio.sleep(max(0.0, due - loop.time()))
                sinks[0](np.zeros(480, np.int16))
    finally:
        running.cancel()


async def test_of_a_silent_hall_next_to_nothing_is_sent() -> None:
    bridge = SoundBridge(None)
    wire = Wire()
    bridge.add("a", wire)
    for number in range(200):
        tick(bridge, 0.02 * number)
    assert len(wire.packets) < 50
    assert wire.times[-1] > 48_000 * 3, "time goes on"
    assert any(wire.marked)
    assert not all(wire.marked)


def test_a_pause_between_words_does_not_end_speaking() -> None:
    speaking = Speaking()
    for _ in range(50):
        speaking.hear("a", -20)
    assert speaking.now() == ("a",)
    for _ in range(10):
        speaking.hear("a", -100)
    assert speaking.now() == ("a",)
    for _ in range(100):
        speaking.hear("a", -100)
    assert speaking.now() == ()


async def test_where_the_house_is_behind_the_line_is_not_blamed() -> None:
    bridge = SoundBridge(None)
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(bridge.run())
    bridge.add("a", Wire())
    await asyncio.sleep(0.1)
    begun = loop.time()
    time.sleep(0.05)  # the loop stands still
    assert bridge.now() < begun + 0.021
    assert loop.time() > begun + 0.05
    running.cancel()
