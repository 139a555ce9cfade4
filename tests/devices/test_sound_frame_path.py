"""What happens to every 10 ms on its way, without a sound card."""

import numpy as np
import pytest

from devices.device import ChirpHeard, ChirpKind, EchoState, Samples
from devices.sound.frame_path import (
    FramePath,
    dbfs,
    gain,
    peak,
)
from devices.sound.probe import Probe

FRAME = 480


def numbered(value: int) -> Samples:
    return np.full(FRAME, value, np.int16)


def sine(frequency: float, frames: int, magnitude: float) -> Samples:
    n = np.arange(frames * FRAME)
    return np.asarray(magnitude * np.sin(2 * np.pi * frequency * n / 48000), np.int16)


def test_the_volume_follows_its_law() -> None:
    assert gain(0) == 0
    assert gain(100) == 1
    assert 20 * np.log10(gain(70)) == pytest.approx(-9.3, abs=0.1)
    assert 20 * np.log10(gain(50)) == pytest.approx(-18.1, abs=0.1)


@pytest.mark.parametrize("percent", [100, 70, 30])
def test_what_is_played_has_the_volume_and_the_meter_shows_it(percent: int) -> None:
    path = FramePath()
    path.volume = percent
    path.next_played()
    path.play(sine(1000, 10, 16000))
    path.peaks()
    played = np.concatenate([path.next_played() for _ in range(10)])
    expected = 16000 * gain(percent)
    assert peak(played) == pytest.approx(expected, rel=0.01)
    assert path.peaks()[1] == pytest.approx(dbfs(round(expected)), abs=0.1)


def test_a_pause_is_known_from_what_is_played() -> None:
    path = FramePath()
    path.volume = 100
    for _ in range(60):
        path.next_played()
    assert path.is_silent()
    path.play(sine(1000, 5, 200))
    for _ in range(5):
        path.next_played()
    assert not path.is_silent(), "softly, but somebody speaks"
    for _ in range(40):
        path.next_played()
    assert not path.is_silent(), "a breath is no pause"
    for _ in range(20):
        path.next_played()
    assert path.is_silent()


def test_a_new_volume_comes_without_a_step() -> None:
    path = FramePath()
    path.volume = 100
    path.next_played()
    path.play(np.full(10 * FRAME, 20000, np.int16))
    path.next_played()
    path.volume = 0
    ramp = path.next_played()
    assert ramp[0] == pytest.approx(20000, rel=0.01)
    assert abs(np.diff(ramp.astype(int))).max() < 100
    assert not path.next_played().any()


def test_nothing_to_play_is_silence() -> None:
    path = FramePath()
    path.volume = 100
    assert not path.next_played().any()
    assert path.peaks() == (-100.0, -100.0)


def test_a_loudspeaker_with_another_clock_tears_no_reference() -> None:
    """The chain gets every frame once, in order, and few wait for it."""
    path = FramePath()
    path.volume = 100
    path.next_played()
    path.microphone_opened()
    heard: list[Samples] = []
    path.chain.process = lambda microphone, played: (heard.append(played), microphone)[1]  # type: ignore[method-assign]
    played = []
    for value in range(1, 80):
        path.play(numbered(value))
        played.append(path.next_played())
        if value % 20:  # the microphone is slower
            path.captured(numbered(0))
            assert len(played) - len(np.concatenate(heard)) / FRAME <= 12
    for _ in range(30):  # and now nothing is played any more
        path.captured(numbered(0))
    np.testing.assert_array_equal(np.concatenate(heard), np.concatenate(played))


def test_meters() -> None:
    assert dbfs(0) == -100
    assert dbfs(32768) == 0
    assert dbfs(16384) == pytest.approx(-6.02, abs=0.01)
    assert peak(np.array([-32768, 5], np.int16)) == 32768


def test_the_next_canceller_begins_with_the_delay_that_a_chirp_told() -> None:
    path = FramePath()
    path.microphone_opened()
    assert path.chain.canceller.delay is None
    path.chirp_told(ChirpHeard(None, None, -60, -50, -20))
    assert path.chain.canceller.echo.state is EchoState.UNHEARD
    path.chirp_told(ChirpHeard(0.18, -9, -60, -30, -20))
    assert path.chain.canceller.delay == pytest.approx(0.16, abs=0.001)
    path.microphone_opened()
    assert path.chain.canceller.delay == pytest.approx(0.16, abs=0.001)
    assert path.chain.canceller.echo.state is EchoState.MEASURING


@pytest.mark.parametrize("told", [True, False])
def test_a_louder_system_is_no_new_echo_where_the_canceller_is_told(told: bool) -> None:
    """The mixer is turned from 0.3 to 1 after five seconds; half a second later the official's
    echo is gone, or heard."""
    rng = np.random.default_rng(5)
    hall = np.concatenate([np.zeros(960), rng.standard_normal(960) * np.geomspace(0.1, 1e-3, 960)])
    path = FramePath()
    path.volume = 100
    path.microphone_opened()
    tail, heard = np.zeros(len(hall) - 1), []
    strength = 0.0
    for number in range(560):
        mixed = 0.3 if number < 500 else 1.0
        path.mixed = mixed if told else 0.3
        strength = 2000 * rng.uniform(0.1, 1) if number % 10 == 0 else strength
        path.play((strength * rng.standard_normal(FRAME)).astype(np.int16))
        echo = np.convolve(path.next_played() * mixed, hall)
        echo[: len(tail)] += tail
        tail = echo[FRAME:]
        microphone = echo[:FRAME] + 3 * rng.standard_normal(FRAME)
        heard.append(path.captured(np.clip(microphone, -32768, 32767).astype(np.int16)))
    left = 20 * np.log10(np.sqrt(np.mean(np.concatenate(heard[520:]).astype(float) ** 2)) + 1e-9)
    assert left < 30 if told else left > 45


def test_what_was_played_while_the_microphone_opened_holds_back_no_reference() -> None:
    """A device takes some tenths of a second to open; the reference must not be late by them."""
    path = FramePath()
    path.volume = 100
    path.microphone_opened()
    rng = np.random.default_rng(3)
    given = []
    for _ in range(30):
        path.play(rng.integers(-3000, 3000, FRAME).astype(np.int16))
        given.append(path.next_played())
    path.probe = probe = Probe(ChirpKind.TEST)
    path.captured(numbered(0))
    (played,) = probe._played
    assert np.array_equal(played, given[-2])
