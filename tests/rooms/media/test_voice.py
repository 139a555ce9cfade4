"""A guest's voice on lines that were made up: every time is given, so that minutes pass quickly."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.device import Samples
from devices.sound.stretch import ENOUGH, stretch
from rooms.media.opus import FRAME_SAMPLES, OpusDecoder, OpusEncoder, is_silence
from rooms.media.voice import Packet, Voice
from tests.rooms.media.test_opus import likeness, pitch, tone, vowels

PHASE = 0.007
"""Seconds between a packet and the mixer's next look."""


@cache
def speech(loss_percent: int = 10, pause: int = 15) -> tuple[bytes, ...]:
    """Payloads of a sentence and a pause, to be said again and again."""
    encoder = OpusEncoder(32_000, loss_percent)
    frames = [*vowels(60), *[np.zeros(FRAME_SAMPLES, np.int16)] * pause]
    return tuple(encoder.encode(frame) for frame in frames)


@dataclass
class Line:
    """Packets with the moments at which they arrive."""

    packets: list[tuple[float, Packet]] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        payloads: Sequence[bytes],
        seconds: float,
        late: Callable[[int], float] = lambda _: 0.0,
        ppm: float = 0,
    ) -> "Line":
        """`late` in seconds, for each packet; the sender's clock is slower by `ppm`."""
        line = cls()
        for number in range(round(seconds * 50)):
            packet = Packet(
                65_500 + number & 0xFFFF,
                2**32 - 30_000 + number * FRAME_SAMPLES & 0xFFFFFFFF,
                7,
                payloads[number % len(payloads)],
            )
            line.packets.append((0.02 * number * (1 + ppm * 1e-6) + late(number), packet))
        return line

    def without(self, lost: Iterable[int]) -> "Line":
        gone = set(lost)
        return Line([p for number, p in enumerate(self.packets) if number not in gone])


@dataclass
class Heard:
    frames: list[Samples] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    """In milliseconds, at each frame; nan where there was no sound."""

    @property
    def sound(self) -> Samples:
        return np.concatenate(self.frames)

    def delay(self, begin: float, end: float) -> float:
        """Median of these seconds."""
        return float(np.nanmedian(self.delays[round(begin * 50) : round(end * 50)]))


def hear(line: Line, seconds: float) -> Heard:
    voice, heard = Voice(), Heard()
    coming = sorted(line.packets, key=lambda packet: packet[0])
    at = 0
    for number in range(round(seconds * 50)):
        now = 0.02 * number + PHASE
        while at < len(coming) and coming[at][0] <= now:
            voice.add(coming[at][1], coming[at][0])
            at += 1
        frame = voice.take(now)
        delay = voice.delay(now + 0.02)
        heard.frames.append(np.zeros(FRAME_SAMPLES, np.int16) if frame is None else frame)
        heard.delays.append(np.nan if delay is None else 1000 * delay)
    return heard


def concealed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Samples of every sound that had to be made up from now on."""
    calls: list[int] = []
    conceal = OpusDecoder.conceal

    def count(self: OpusDecoder, samples: int) -> Samples:
        calls.append(samples)
        return conceal(self, samples)

    monkeypatch.setattr(OpusDecoder, "conceal", count)
    return calls


def test_on_a_good_line_it_waits_as_little_as_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(1)
    made_up = concealed(monkeypatch)
    payloads = speech(pause=0)
    heard = hear(Line.of(payloads, 10, lambda _: 0.003 * random.random()), 10)
    assert np.nanmin(heard.delays[200:]) >= 20
    assert np.nanmax(heard.delays) <= 60
    assert heard.delay(5, 10) < 30
    assert not made_up


@pytest.mark.parametrize("ppm", [300, -300])
def test_two_clocks_that_differ_never_starve_it(ppm: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = concealed(monkeypatch)
    heard = hear(Line.of(speech(pause=0), 41, ppm=ppm), 40)
    assert not [samples for samples in made_up if samples > 240]
    assert len(made_up) <= 2
    assert np.nanmin(heard.delays[50:]) >= 15
    assert np.nanmax(heard.delays[300:]) <= 32, "the clocks are 12 ms apart in the end"


@pytest.mark.parametrize("pause", [0, 15])
def test_a_line_that_stood_still_leaves_no_delay(pause: int) -> None:
    """Everything comes at its end."""
    line = Line.of(speech(pause=pause), 14, lambda n: max(0.0, 0.2 - 0.02 * (n - 500)) * (n >= 500))
    heard = hear(line, 14)
    assert np.nanmax(heard.delays[500:520]) > 150
    assert heard.delay(11.2, 11.4) == pytest.approx(heard.delay(8, 10), abs=5)


def test_a_hole_in_the_line_leaves_no_delay() -> None:
    heard = hear(Line.of(speech(), 14).without(range(500, 510)), 14)
    assert heard.delay(11.2, 11.4) == pytest.approx(heard.delay(8, 10), abs=5)


def test_an_uneven_line_is_waited_for_and_a_better_one_is_not() -> None:
    random = Random(2)
    uneven = Line.of(speech(), 40, lambda n: 0.08 * random.random() if n < 500 else 0.0)
    heard = hear(uneven, 40)
    assert 80 <= heard.delay(5, 10) <= 130
    assert heard.delay(38, 40) < 40


def place(part: Samples, whole: Samples) -> int:
    """Where a part of a sound stands in another one."""
    size = len(whole) + len(part)
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size))
    return int(np.fft.irfft(spectrum)[: len(whole)].argmax())


def test_what_comes_in_another_order_or_twice_is_heard_as_it_was_said() -> None:
    line = Line.of(speech(pause=0), 6)
    swapped = Line([(at + 0.041 * (n % 7 == 3), p) for n, (at, p) in enumerate(line.packets)])
    twice = Line([*swapped.packets, *((at + 0.01, p) for at, p in swapped.packets)])
    straight = hear(line, 6).sound[48_000 * 4 :][:48_000]
    for other in (swapped, twice):
        heard = hear(other, 6)
        assert heard.delay(4, 6) < 100
        same = heard.sound[48_000 * 4 :]
        same = same[place(straight[:24_000], same) :][:24_000]
        assert likeness(straight[: len(same)], same) > 0.97


def test_what_is_lost_comes_from_the_packet_behind_it() -> None:
    lost = [n for n in range(1, 350) if n % 10 == 4]
    alike = []
    for percent in (20, 0):
        payloads = speech(percent, pause=0)
        decoder = OpusDecoder()
        original = np.concatenate([decoder.decode(payloads[n % 60]) for n in range(350)])
        heard = hear(Line.of(payloads, 7).without(lost), 7)
        sound = heard.sound[48_000 * 4 : 48_000 * 6]
        original = original[48_000 * 3 :]
        original = original[place(sound, original) :][: len(sound)]
        alike.append(likeness(original, sound[: len(original)]))
    assert alike[0] > alike[1] + 0.003, alike


def test_after_a_silence_that_was_not_sent_no_beginning_is_cut_off() -> None:
    encoder = OpusEncoder()
    frames = [*vowels(60), *[np.zeros(FRAME_SAMPLES, np.int16)] * 90, *vowels(60)]
    payloads = [encoder.encode(frame) for frame in frames]
    line = Line.of(payloads, len(frames) / 50)
    quiet = [is_silence(payload) for payload in payloads]
    unsent = [n for n in range(1, len(frames)) if quiet[n] and quiet[n - 1] and n % 20]
    assert len(unsent) > 60
    sequences = iter(range(65_500, 70_000))
    sent = [
        (at, replace(p, sequence=next(sequences) & 0xFFFF))
        for at, p in line.without(unsent).packets
    ]
    heard = hear(Line(sent), len(frames) / 50 + 0.1)
    assert not heard.sound[48_000 * 2 : 48_000 * 3 - 2400].any()
    again = heard.sound[48_000 * 3 - 2400 :]
    decoder = OpusDecoder()
    original = np.concatenate([decoder.decode(payload) for payload in payloads])[48_000 * 3 :]
    assert np.abs(again).sum() == pytest.approx(np.abs(original).sum(), rel=0.05)
    assert heard.delay(3.5, 4) < 30


def test_packets_that_overlap_do_not_hold_it_up() -> None:
    voice, payload = Voice(), speech()[0]
    for number in range(50):
        voice.add(Packet(number, 480 * number, 7, payload), 0.02 * number)
        voice.take(0.02 * number + PHASE)
    assert voice.take(2.0) is not None


def test_another_source_or_time_begins_anew() -> None:
    line = Line.of(speech(pause=0), 3)
    later = [
        (at + 3, replace(p, source=8, timestamp=p.timestamp + 7_000_000 & 0xFFFFFFFF))
        for at, p in line.packets
    ]
    jumped = [
        (at + 3, replace(p, timestamp=p.timestamp + 7_000_000 & 0xFFFFFFFF))
        for at, p in line.packets
    ]
    for second in (later, jumped):
        heard = hear(Line([*line.packets, *second]), 6)
        assert np.abs(heard.sound[48_000 * 3 + 4800 :]).max() > 3000
        assert heard.delay(5, 6) < 45


def test_an_empty_line_is_silent_and_a_silenced_one_begins_anew() -> None:
    heard = hear(Line.of(speech(pause=0), 0.5), 3)
    assert not heard.sound[48_000:].any()
    assert np.isnan(heard.delays[-1])
    voice = Voice()
    assert voice.take(0) is None
    for number, payload in enumerate(speech()[:5]):
        voice.add(Packet(number, 960 * number, 7, payload), 0.02 * number)
    voice.forget()
    assert voice.take(0.1) is None


def test_garbage_on_the_line_is_not_heard() -> None:
    voice = Voice()
    for number in range(50):
        voice.add(Packet(number, 960 * number, 7, b"\xff\xfe\xfd" * (number % 3)), 0.02 * number)
        voice.take(0.02 * number + PHASE)
    assert voice.delay(1) is None


@pytest.mark.parametrize("wanted", [-500, 500])
def test_a_sound_grows_longer_or_shorter_and_keeps_its_pitch(wanted: int) -> None:
    sound = np.concatenate(tone(440, 50))
    parts = [stretch(part, wanted, 0.8) for part in np.split(sound, 25)]
    assert all((len(part) > 1920) == (wanted > 0) for part in parts)
    whole = np.concatenate(parts)
    assert pitch(whole) == pytest.approx(440, abs=4)
    steps = np.abs(np.diff(whole.astype(int), n=2))
    assert steps.max() < 3 * np.abs(np.diff(sound.astype(int), n=2)).max(), "a click"


def test_noise_stays_and_a_pause_gives_what_is_wanted() -> None:
    noise = np.random.default_rng(1).normal(0, 5000, 2 * ENOUGH).astype(np.int16)
    assert stretch(noise, -500, 0.8) is noise
    assert stretch(noise[: ENOUGH - 1], -500, -1) is not None
    quiet = np.zeros(2 * ENOUGH, np.int16)
    assert len(stretch(quiet, -500, 2)) == 2 * ENOUGH - 500
    assert len(stretch(quiet, 77, 2)) == 2 * ENOUGH + 77


STEPS = st.lists(
    st.tuples(
        st.integers(0, 0xFFFF),
        st.one_of(st.integers(-3000, 6000), st.integers(0, 0xFFFFFFFF)),
        st.integers(0, 1),
        st.one_of(st.integers(0, 74), st.binary(max_size=40)),
        st.sampled_from([0.0, 0.001, 0.02, 0.3, 2.0]),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(STEPS)
def test_nothing_that_a_browser_sends_stops_the_sound_of_the_others(
    steps: list[tuple[int, int, int, int | bytes, float]],
) -> None:
    voice, now = Voice(), 0.0
    for sequence, timestamp, source, payload, passed in steps:
        sound = payload if isinstance(payload, bytes) else speech()[payload]
        voice.add(Packet(sequence, timestamp & 0xFFFFFFFF, source, sound), now)
        now += passed
        frame = voice.take(now)
        assert frame is None or (len(frame) == FRAME_SAMPLES and frame.dtype == np.int16)
