"""What lies around the echo canceller: high-pass, gain and limiter."""

import shutil
import subprocess
import wave

import numpy as np
import pytest
from scipy.signal import lfilter, resample_poly

from devices.sound import limiter
from devices.sound.chain import SoundChain, to_samples, to_sound
from devices.sound.filters import Biquad, high_pass, notch
from devices.sound.frame_path import FramePath
from devices.sound.limiter import Limiter

RATE, FRAME = 48000, 480
WORDS = "Nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân, rác thì không có ai dọn."


def sine(frequency, seconds, level=0.0):
    at = np.arange(int(seconds * RATE)) / RATE
    return (10 ** (level / 20) * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


def level(sound):
    """dBFS, root mean square."""
    return 10 * np.log10(np.mean(sound.astype(float) ** 2) + 1e-12)


def spoken_level(sound):
    """The same without the pauses."""
    powers = np.mean(sound[: len(sound) // 960 * 960].reshape(-1, 960).astype(float) ** 2, axis=1)
    return 10 * np.log10(np.mean(powers[powers > 0.01 * powers.max()]))


def true_peak(sound):
    """dBFS, between the samples too; where it begins and ends it would ring."""
    return 20 * np.log10(np.abs(resample_poly(sound.astype(float), 8, 1)[800:-800]).max())


def in_frames(process, sound):
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    return np.concatenate([process(frame) for frame in frames])


def through(chain, sound):
    silence = np.zeros(FRAME, np.int16)
    return to_sound(in_frames(lambda f: chain.process(f, silence), to_samples(sound)))


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """Ten seconds of speech at -23 dBFS."""
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    path = tmp_path_factory.mktemp("speech") / "words.wav"
    subprocess.run([program, "-v", "vi", "-s", "150", "-w", str(path), WORDS], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        voice = np.resize(resample_poly(samples, RATE, file.getframerate()), 10 * RATE)
    return (voice * 10 ** ((-23 - spoken_level(voice)) / 20)).astype(np.float32)


@pytest.mark.parametrize("of", [high_pass(60), notch(1000, 40, 20), notch(200, 30, 12)])
def test_a_filter_is_the_recursion_that_it_says(of):
    sound = np.random.default_rng(7).standard_normal(5 * FRAME)
    np.testing.assert_allclose(
        in_frames(Biquad(of).process, sound), lfilter(of.b, (1, *of.a), sound), atol=1e-9
    )


def test_a_notch_takes_one_tone_and_leaves_its_neighbours():
    for frequency, wanted in ((1000, -20), (900, 0), (1110, 0)):
        out = in_frames(Biquad(notch(1000, 20, 20)).process, sine(frequency, 1))
        assert level(out[RATE // 2 :]) + 3 == pytest.approx(wanted, abs=1)


def test_six_decibels_too_loud_are_limited_unheard():
    sound = np.concatenate([sine(1000, 1, -20), sine(1000, 1, 6), sine(1000, 1.5, -20)])
    out = in_frames(Limiter().process, sound)
    assert true_peak(out) < -1
    loud = out[int(1.3 * RATE) : int(1.9 * RATE)].astype(float)
    spectrum = np.abs(np.fft.rfft(loud * np.hanning(len(loud)))) ** 2
    tone = spectrum.argmax()
    beside = spectrum.sum() - spectrum[tone - 6 : tone + 7].sum()
    assert 10 * np.log10(beside / spectrum.sum()) < -60
    late = out[limiter.LATENCY :]
    # What is quiet passes as it is.
    np.testing.assert_array_equal(late[: RATE - FRAME], sound[: RATE - FRAME])
    np.testing.assert_array_equal(late[int(2.7 * RATE) :], sound[int(2.7 * RATE) : len(late)])


def test_what_no_sample_shows_is_limited_too():
    """A tone of a quarter of the rate, whose samples all miss its peaks by 3 dB."""
    sound = np.sqrt(2) * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4).astype(np.float32)
    assert np.abs(sound).max() == pytest.approx(1, abs=1e-3)
    assert true_peak(in_frames(Limiter().process, sound)) < -1


def test_neither_loudspeaker_nor_officials_get_more_than_there_is_room_for(words):
    path = FramePath()
    path.volume = 100
    path.next_played()
    played = []
    for frame in to_samples(np.clip(12 * words[: 2 * RATE], -1, 1)).reshape(-1, FRAME):
        path.play(frame)
        played.append(path.next_played())
    assert -3 < true_peak(to_sound(np.concatenate(played))) < -1
    assert -3 < true_peak(through(SoundChain(), np.clip(12 * words[: 2 * RATE], -1, 1))) < -1


def test_the_chain_never_wraps_around():
    step = np.repeat(np.float32([-1, 1]), [2 * FRAME, 3 * FRAME])
    heard = through(SoundChain(automatic=False), step)[2 * FRAME + SoundChain.LATENCY :]
    assert heard[:48].min() > 0


def test_the_chain_takes_away_dc_and_rumble_and_leaves_speech():
    dc = through(SoundChain(), np.full(RATE, 0.25, np.float32))
    assert np.abs(dc[-FRAME:]).max() < 1e-4
    for frequency, least, most in ((20, -40, -15), (300, -0.5, 0.5)):
        tone = sine(frequency, 1, -15)
        passed = level(through(SoundChain(automatic=False), tone)) - level(tone)
        assert least < passed < most


@pytest.mark.parametrize("quiet", [-45, -12])
def test_who_speaks_softly_or_loudly_is_soon_as_loud_as_everybody(words, quiet):
    rng = np.random.default_rng(2)
    hiss = 10 ** ((quiet - 20) / 20) * rng.standard_normal(len(words))
    heard = words * 10 ** ((quiet + 23) / 20) + hiss
    chain = SoundChain()
    out = through(chain, heard[: 8 * RATE])
    assert spoken_level(out[6 * RATE :]) == pytest.approx(-22, abs=5)
    assert -6 <= chain.gain.decibels <= 24


def test_neither_noise_nor_applause_nor_an_officials_echo_raise_the_gain(words):
    rng = np.random.default_rng(3)
    hiss = 0.01 * rng.standard_normal(3 * RATE)
    hiss[:RATE] *= 0.05  # a fan is switched on
    claps = hiss.copy()
    for at in rng.integers(0, len(claps) - 4800, 50):
        claps[at : at + 2400] += 0.1 * rng.standard_normal(2400) * np.exp(-np.arange(2400) / 300)
    for sound in (hiss, claps):
        chain = SoundChain()
        through(chain, sound)
        assert chain.gain.decibels < 1.5
    chain = SoundChain()
    official = words[: 4 * RATE]
    played = to_samples(official).reshape(-1, FRAME)
    echo = to_samples(0.1 * np.roll(official, 4800) + 0.0005 * rng.standard_normal(len(official)))
    for heard, frame in zip(echo.reshape(-1, FRAME), played, strict=True):
        chain.process(heard, frame)
    assert chain.gain.decibels < 1.5


def test_a_fan_is_lowered_within_a_second_and_the_voice_is_not(words):
    rng = np.random.default_rng(5)
    hiss = (0.004 * rng.standard_normal(4 * RATE)).astype(np.float32)
    assert level(through(SoundChain(automatic=False), hiss)[RATE:]) < level(hiss) - 12
    spoken = words[: 4 * RATE]
    out = through(SoundChain(automatic=False), spoken + hiss)[SoundChain.LATENCY :]
    kept = np.dot(out, spoken[: len(out)]) / np.dot(spoken, spoken)
    assert kept > 10 ** (-1 / 20)


def test_a_noise_is_never_made_loud(words):
    """Somebody far from the microphone, who pauses, beside a fan."""
    rng = np.random.default_rng(4)
    heard = 0.08 * words[: 6 * RATE]
    heard[2 * RATE : 3 * RATE] = heard[5 * RATE :] = 0
    heard += 0.0013 * rng.standard_normal(len(heard)).astype(np.float32)
    chain = SoundChain()
    out = through(chain, heard)
    assert level(out[int(5.3 * RATE) :]) < -50
    assert 3 < chain.gain.decibels < 18
