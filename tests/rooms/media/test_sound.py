import numpy as np
import pytest

from devices.device import Samples
from rooms.media.mixer import Mix, Speaking, level, limit
from rooms.media.opus import FRAME_SAMPLES, OpusDecoder, OpusEncoder
from rooms.media.sound import SoundBridge
from rooms.media.voice import Packet


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

    ssrc = 1
    payload_type = 111
    rtx_ssrc = 2
    rtx_payload_type = None
    extension = b""

    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def send(self, packet: bytes) -> bool:
        self.packets.append(packet)
        return True

    def count(self, timestamp: int, packets: int, octets: int) -> None:
        pass

    def heard(self) -> Samples:
        decoder = OpusDecoder()
        return np.concatenate([decoder.decode(packet[12:]) for packet in self.packets])


class HallSound:
    """The hall's side of the mixer, as a port."""

    def __init__(self) -> None:
        self.played: list[Samples] = []

    def subscribe(self, sink):  # type: ignore[no-untyped-def]
        return lambda: None

    def play(self, samples: Samples) -> None:
        self.played.append(samples)


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


def test_loud_voices_together_bend_and_do_not_wrap() -> None:
    loud = np.full(FRAME_SAMPLES, 30_000, np.int32)
    total = limit(loud + loud)
    assert 30_000 < total.max() <= 32_767
    quiet = np.arange(-480, 480, dtype=np.int32)
    assert (limit(quiet) == quiet).all()


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
        bridge.tick(now + 0.005)
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
        bridge.tick(0.02 * sequence + 0.005)
    assert not np.concatenate(hall.played).any()
    assert bridge.speaking.value == ()


async def test_all_who_are_silent_share_one_encoding() -> None:
    bridge = SoundBridge(None)
    wires = [Wire() for _ in range(5)]
    for number, wire in enumerate(wires):
        bridge.add(str(number), wire)
    for number in range(5):
        bridge.tick(0.02 * number)
    payloads = [[packet[12:] for packet in wire.packets] for wire in wires]
    assert all(other == payloads[0] for other in payloads)
    assert all(outgoing._encoder is None for outgoing in bridge._listeners.values())


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
