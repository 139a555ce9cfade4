"""The echo canceller, in a hall made of noise that falls by 60 dB in half a second.

One run over one scene, looked at part by part: the official alone, both, the resident alone, and a
path that changes. Speech is espeak-ng's. `python -m bench.echo` has better
halls and listens better.
"""

import shutil
import subprocess
import wave
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.signal import fftconvolve, resample_poly

from devices.device import ChirpKind, Echo, EchoState
from devices.sound.echo.canceller import LATENCY, EchoCanceller
from devices.sound.echo.overdrive import Overdrive
from devices.sound.echo.rates import DELAY, Down, Up, between
from devices.sound.probe import sound_of

RATE = 48000
FRAME = 480
CHANGE = 9.0
OFFICIAL = (
    "Kính thưa bà con, phường đã có kinh phí và sẽ lắp thêm hai mươi bóng đèn trước cuối tháng. "
    "Đơn vị thi công đã khảo sát xong, tuần sau sẽ đào đường và thay ống nước mới trong bốn ngày."
)
RESIDENT = "Nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân, rác thì không ai dọn."
VOICES = ((OFFICIAL, "vi"), (RESIDENT, "vi+f2"))


def speech(folder, text, voice, seconds):
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    path = folder / f"{voice}.wav"
    subprocess.run([program, "-v", voice, "-s", "160", "-w", str(path), text], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        voice = resample_poly(samples, RATE, file.getframerate())
    voice = np.resize(voice, int(seconds * RATE))
    return 0.06 * voice / np.sqrt(np.mean(voice**2))


def hall(seed):
    """An impulse response of 0.6 s of a path of about 0 dB."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(0.6 * RATE)) / RATE
    response = rng.standard_normal(len(time)) * 10 ** (-3 * time / 0.5)
    response[: RATE // 200] = 0
    # Air and walls swallow high frequencies.
    response = fftconvolve(response, np.hanning(24))[: len(time)]
    return response / np.sqrt(np.sum(response**2))


@dataclass
class Run:
    echo: np.ndarray
    near: np.ndarray
    heard: np.ndarray
    cleaned: np.ndarray
    canceller: EchoCanceller
    told: Echo
    """Of the echo, before anybody in the hall speaks."""

    def level(self, name, begin, end):
        part = getattr(self, name)[int(begin * RATE) : int(end * RATE)]
        return 10 * np.log10(np.mean(part**2) + 1e-12)

    def attenuation(self, begin, end):
        return self.level("heard", begin, end) - self.level("cleaned", begin, end)

    def loss(self, begin, end):
        """dB of the resident's voice, and how much of what comes out is his."""
        near, out = (s[int(begin * RATE) : int(end * RATE)] for s in (self.near, self.cleaned))
        share = np.dot(near, out) / np.dot(near, near)
        return -20 * np.log10(abs(share)), np.dot(near, out) / np.sqrt(
            np.dot(near, near) * np.dot(out, out)
        )


def run(folder, *, bypass=False):
    """0-5 s and 9-11.5 s the official alone, 5-7.5 s both, 7.5-8.5 s the resident alone.

    Delay 90 ms, the loudspeaker's clock 50 ppm slow, noise 35 dB below speech.
    """
    length = int(11.5 * RATE)
    far = speech(folder, OFFICIAL, "vi", 11.5)
    far[int(7.5 * RATE) : int(8.8 * RATE)] = 0
    near = np.zeros(length)
    near[5 * RATE : int(8.5 * RATE)] = speech(folder, RESIDENT, "vi+f2", 3.5)
    at = np.arange(length) * (1 - 50e-6) - 0.09 * RATE
    played = np.interp(at, np.arange(length), far, left=0)
    echo = fftconvolve(played, hall(1))[:length]
    change = int(CHANGE * RATE)
    echo[change:] = fftconvolve(played, hall(2))[change:length]
    heard = echo + near + 0.001 * np.random.default_rng(3).standard_normal(length)
    canceller = EchoCanceller()
    told = canceller.echo
    cleaned = heard.copy()
    if not bypass:
        late = np.concatenate([heard, np.zeros(LATENCY)])
        played = np.concatenate([far, np.zeros(LATENCY)])
        frames = []
        for at in range(0, len(late) - FRAME + 1, FRAME):
            frames.append(canceller.process(late[at : at + FRAME], played[at : at + FRAME]))
            if at == 5 * RATE:
                told = canceller.echo
        cleaned = np.concatenate(frames)[LATENCY:]
    return Run(echo, near, heard, cleaned, canceller, told)


def judge(heard):
    """What fails in a hall without a canceller."""
    return {
        "starts": heard.attenuation(0.6, 1.1) > 15,
        "cancels": heard.attenuation(3, 5) > 30,
        "spares": heard.loss(5.2, 7.4)[0] < 1 and heard.loss(5.2, 7.4)[1] > 0.95,
        "passes": heard.loss(7.7, 8.5)[0] < 1 and heard.loss(7.7, 8.5)[1] > 0.97,
        "recovers": heard.level("cleaned", CHANGE, 11.3) < -40,
        "tells the echo": heard.told.state is EchoState.READY,
        "finds the delay": heard.canceller.delay == pytest.approx(0.095, abs=0.006),
    }


def test_an_official_does_not_hear_himself_and_hears_the_resident_who_speaks_over_him(tmp_path):
    assert judge(run(tmp_path)) == dict.fromkeys(judge(run(tmp_path, bypass=True)), True)
    without = judge(run(tmp_path, bypass=True))
    assert [name for name, good in without.items() if good] == ["passes"]


def test_whoever_speaks_over_the_official_from_his_first_word_on_is_soon_heard(tmp_path):
    far, near = (speech(tmp_path, text, voice, 6) for text, voice in VOICES)
    near *= 2
    heard = near + 0.7 * fftconvolve(np.roll(far, 4000), hall(1))[: len(near)]
    canceller = EchoCanceller()
    cleaned = np.concatenate(
        [
            canceller.process(heard[at : at + FRAME], far[at : at + FRAME])
            for at in range(0, len(far), FRAME)
        ]
    )
    late = slice(int(3.5 * RATE), -LATENCY)
    share = np.dot(cleaned[LATENCY:][late.start :], near[late]) / np.dot(near[late], near[late])
    assert -20 * np.log10(share) < 6


@pytest.mark.parametrize("opening", [True, False])
def test_behind_the_sound_at_a_meetings_start_whoever_speaks_over_the_first_words_is_heard(
    tmp_path, opening
):
    far, near = (speech(tmp_path, text, voice, 6) for text, voice in VOICES)
    far[: 3 * RATE] = near[: 3 * RATE] = 0
    if opening:
        chirp = sound_of(ChirpKind.OPENING)
        far[RATE // 2 : RATE // 2 + len(chirp)] = chirp
    heard = 2 * near + 0.7 * fftconvolve(np.roll(far, 4000), hall(1))[: len(near)]
    canceller = EchoCanceller()
    cleaned = np.concatenate(
        [
            canceller.process(heard[at : at + FRAME], far[at : at + FRAME])
            for at in range(0, len(far), FRAME)
        ]
    )
    early = slice(int(3.7 * RATE), int(4.7 * RATE))
    out = cleaned[early.start + LATENCY : early.stop + LATENCY]
    share = np.dot(out, near[early]) / np.dot(near[early], 2 * near[early])
    loss = -20 * np.log10(abs(share))
    assert loss < 10 if opening else loss > 15


def test_a_delay_that_is_no_longer_right_is_found_anew(tmp_path):
    far = speech(tmp_path, OFFICIAL, "vi", 4)
    heard = 0.7 * fftconvolve(np.roll(far, 9600), hall(1))[: len(far)]
    canceller = EchoCanceller()
    canceller.expect(0.1)
    for at in range(0, len(far), FRAME):
        canceller.process(heard[at : at + FRAME], far[at : at + FRAME])
    assert canceller.delay == pytest.approx(0.205, abs=0.006)


def test_nobody_is_muted_where_there_is_no_echo(tmp_path):
    """The loudspeaker is switched off, the official speaks all the same."""
    far = speech(tmp_path, OFFICIAL, "vi", 9)
    near = speech(tmp_path, RESIDENT, "vi+f2", 9)
    canceller = EchoCanceller()
    cleaned = np.concatenate(
        [
            canceller.process(near[at : at + FRAME], far[at : at + FRAME])
            for at in range(0, len(near), FRAME)
        ]
    )
    late = cleaned[7 * RATE + LATENCY :]
    assert np.dot(late, near[7 * RATE : -LATENCY]) / np.dot(late, late) == pytest.approx(1, abs=0.1)


def test_down_and_up_give_back_what_lies_below_7_khz():
    time = np.arange(RATE) / RATE
    down, up = Down(), Up()
    for frequency, wanted in ((300, 0), (6500, 0), (9500, -60)):
        sound = np.sin(2 * np.pi * frequency * time).astype(np.float32)
        back = np.concatenate([up.process(down.process(f)) for f in sound.reshape(-1, FRAME)])
        level = 20 * np.log10(np.std(back[RATE // 2 :]) * np.sqrt(2) + 1e-9)
        if wanted == 0:
            error = back[2 * DELAY :] - sound[: -2 * DELAY]
            assert np.std(error[RATE // 2 :]) < 0.01
        else:
            assert level < wanted


def test_reading_between_samples():
    sound = np.sin(2 * np.pi * 0.2 * np.arange(1000)).astype(np.float32)
    at = 300.37 + np.arange(160) * (1 - 1e-4)
    expected = np.sin(2 * np.pi * 0.2 * at)
    np.testing.assert_allclose(between(sound, 300.37, 1 - 1e-4, 160), expected, atol=2e-3)


def test_an_amplifier_that_is_driven_too_hard_is_followed():
    rng = np.random.default_rng(5)
    driven, straight = Overdrive(), Overdrive()
    for _ in range(100):
        sound = (0.3 * rng.standard_normal(960)).astype(np.float32)
        noise = 0.01 * rng.standard_normal(960).astype(np.float32)
        bent = driven.bend(sound)
        driven.follow(np.tanh(3 * sound) / 3 + noise - bent, bent, bent**3)
        same = straight.bend(sound)
        straight.follow(noise, same, same**3)
    assert driven.drive == pytest.approx(9, rel=0.2)
    assert straight.drive < 0.1
