"""The loudspeaker is found in the microphone by a chirp, or not found where it is not there."""

import shutil
import subprocess
import wave

import numpy as np
import pytest
from scipy.signal import fftconvolve, resample_poly

from devices.device import ChirpKind
from devices.sound.chirp import LATEST, RATE, chirp, find_chirp
from devices.sound.probe import FRAME, Probe

BEGIN = RATE // 4
QUIET = np.zeros(BEGIN + RATE + int(LATEST * RATE), np.float32)
PLAYED = QUIET.copy()
PLAYED[BEGIN : BEGIN + RATE] = chirp()


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    text = "Tuần sau sẽ đào đường, thay ống nước mới; mỗi lần mưa to là nước ngập vào tận sân."
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    subprocess.run([program, "-v", "vi", "-w", path, text], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        return resample_poly(samples, RATE, file.getframerate())


def some(sound, rng):
    """Another part each time, as long as the recording."""
    at = rng.integers(len(sound) - len(QUIET))
    return sound[at : at + len(QUIET)]


def claps(rng):
    sound = 0.001 * rng.standard_normal(len(QUIET))
    for at in rng.integers(0, len(QUIET) - 4000, 4):
        sound[at : at + 2000] += rng.standard_normal(2000) * np.exp(-np.arange(2000) / 200)
    return sound


def in_a_hall(delay, rng):
    """0.5 s of reverberation, and a path of -6 dB."""
    time = np.arange(RATE // 2) / RATE
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / 0.5)
    late = np.concatenate([np.zeros(int(delay * RATE)), 0.5 * response / np.linalg.norm(response)])
    return fftconvolve(PLAYED, late)[: len(PLAYED)]


@pytest.mark.parametrize("what", ["noise", "speech"])
@pytest.mark.parametrize("delay", [0.02, 0.18, 0.41])
def test_it_is_found_10_db_below_what_else_there_is(what, delay, speech, rng):
    echo = in_a_hall(delay, rng)
    other = some(speech, rng) if what == "speech" else rng.standard_normal(len(QUIET))
    lasts = slice(BEGIN + int(delay * RATE), BEGIN + int(delay * RATE) + RATE)
    other = other * np.sqrt(10 * np.mean(echo[lasts] ** 2) / np.mean(other[lasts] ** 2))
    found = find_chirp(PLAYED, (echo + other).astype(np.float32))
    assert found is not None
    assert found.delay == pytest.approx(delay, abs=0.01)
    assert found.echo == pytest.approx(-6, abs=4)


def test_in_a_quiet_hall_it_is_measured_closely(rng):
    found = find_chirp(PLAYED, in_a_hall(0.1, rng).astype(np.float32))
    assert found.delay == pytest.approx(0.1, abs=0.003)
    assert found.echo == pytest.approx(-6, abs=2)


def test_nothing_is_found_where_it_is_not_heard(speech, rng):
    others = [some(speech, rng) for _ in range(30)]
    others += [rng.standard_normal(len(QUIET)) for _ in range(10)]
    others += [claps(rng) for _ in range(10)]
    others.append(np.sin(2 * np.pi * 50 / RATE * np.arange(len(QUIET))))
    others.append(QUIET)
    assert [find_chirp(PLAYED, other.astype(np.float32)) for other in others] == [None] * 52
    assert find_chirp(QUIET, in_a_hall(0.1, rng).astype(np.float32)) is None, "nothing was played"


def test_the_halls_noise_is_that_before_the_chirp_though_a_busy_machine_lost_of_what_was_played(
    rng,
):
    probe = Probe(ChirpKind.TEST)
    silence = np.zeros(FRAME, np.int16)
    number = 0
    while not probe.over:
        played = probe.mix(silence)
        heard = (played * 0.5 + rng.normal(0, 20, FRAME)).astype(np.int16)
        probe.record(heard, silence[:0] if number in range(5, 25) else played)
        number += 1
    assert probe.told().noise == pytest.approx(20 * np.log10(20 / 32768), abs=1)
