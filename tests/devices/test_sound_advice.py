"""What is told of the sound in the hall, and what is not, from calculated sound.

Speech is espeak-ng's. Levels are RMS where nothing else is said.
"""

import shutil
import subprocess
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly

from base.cause import Cause
from devices.device import Kind
from devices.sound.advice import Advice

RATE = 48000
FRAME = 480
TEXT = (
    "Thưa bà con, hôm nay tổ dân phố ta họp về việc đổ rác đúng giờ. Cống đầu ngõ tắc đã ba tuần. "
    "Mỗi lần mưa, nước ngập đến bậc cửa. Xin phường cho biết, bao giờ thì sửa?"
)
Sound = NDArray[np.float64]


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Ten seconds at 0 dBFS, not yet cut to what a sample can be."""
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    path: Path = tmp_path_factory.mktemp("voice") / "voice.wav"
    subprocess.run([program, "-v", "vi", "-s", "150", "-w", str(path), TEXT], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        spoken = resample_poly(samples.astype(float), RATE, file.getframerate())
    spoken = np.resize(spoken, 10 * RATE)
    return np.asarray(32768 * spoken / np.sqrt(np.mean(spoken**2)), float)


def db(level: float) -> float:
    return float(10 ** (level / 20))


def noise(dbfs: float, seconds: float) -> Sound:
    rng = np.random.default_rng(round(-dbfs * 10))
    return np.asarray(32768 * db(dbfs) * rng.standard_normal(round(seconds * RATE)), float)


def mains(dbfs: float, seconds: float, harmonics: tuple[int, ...]) -> Sound:
    """50 Hz, a little off, with these harmonics, each weaker than the last."""
    time = np.arange(round(seconds * RATE)) / RATE
    found = sum(np.sin(2 * np.pi * 49.97 * n * time) / n**0.5 for n in harmonics)
    return np.asarray(32768 * db(dbfs) * found / np.sqrt(np.mean(np.square(found))), float)


def through(advice: Advice, microphone: Sound, played: Sound | None = None) -> list[str | None]:
    """What is told of the microphone, each second."""
    told: list[str | None] = []
    last: str | None = None
    silence = np.zeros(FRAME, np.int16)
    for at in range(0, len(microphone) - FRAME + 1, FRAME):
        part = slice(at, at + FRAME)
        advice.played(silence if played is None else cut(played[part]), 1.0)
        advice.heard(cut(microphone[part]))
        for kind, cause in advice.news():
            if kind is Kind.MICROPHONE:
                last = cause and cause.code.removeprefix("sound.microphone_")
        if (at + FRAME) % RATE == 0:
            told.append(last)
    return told


def cut(samples: Sound) -> NDArray[np.int16]:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def repeated(sound: Sound, seconds: float) -> Sound:
    return np.resize(sound, round(seconds * RATE))


def knocks(seconds: float) -> Sound:
    """One a second on the microphone itself."""
    found = np.zeros(round(seconds * RATE))
    for at in range(0, len(found), RATE):
        found[at : at + 960] = (
            60000 * np.exp(-np.arange(960) / 200) * np.sign(np.sin(np.arange(960)))
        )
    return found


def test_a_quiet_hall_is_no_complaint() -> None:
    for dbfs in (-75.0, -60.0, -45.0):
        assert set(through(Advice(), noise(dbfs, 40))) == {None}, dbfs


def test_a_voice_as_it_should_be_is_no_complaint_in_noise_and_while_others_murmur(
    voice: Sound,
) -> None:
    good = repeated(voice * db(-32), 30) + noise(-60, 30)
    murmur = repeated(voice * db(-52), 60) + noise(-64, 60)
    assert set(through(Advice(), np.concatenate([good, murmur]))) == {None}


def test_who_is_too_far_from_the_microphone_is_told_until_he_is_heard(voice: Sound) -> None:
    far = repeated(voice * db(-56), 40) + noise(-74, 40)
    near = repeated(voice * db(-32), 30) + noise(-64, 30)
    told = through(Advice(), np.concatenate([far, near]))
    assert told[4] is None, "not before somebody has spoken for a while"
    assert told[38] == "quiet"
    assert told[-1] is None
    assert sum(a != b for a, b in pairwise(told)) == 2, "no flicker"


def test_the_official_out_of_the_loudspeaker_is_nobody_in_the_hall(voice: Sound) -> None:
    official = repeated(voice * db(-20), 40)
    heard = np.roll(official, RATE // 10) * db(-36) + noise(-74, 40)
    assert set(through(Advice(), heard, official)) == {None}


def test_a_voice_beyond_full_scale_is_told_and_a_knock_is_not(voice: Sound) -> None:
    torn = repeated(voice * db(2), 12)
    well = repeated(voice * db(-30), 25)
    told = through(Advice(), np.concatenate([torn, well]))
    assert told[8] == "clipped"
    assert told[-1] is None
    assert set(through(Advice(), knocks(5) + noise(-60, 5))) == {None}


def test_what_the_loudspeaker_overdrives_is_told_as_that(voice: Sound) -> None:
    official = repeated(voice * db(-12), 12)
    echo = np.roll(official, RATE // 20) * db(14)
    assert through(Advice(), echo, official)[-1] == "overdriven"


def test_a_dead_microphone_is_told_at_once_and_a_switched_off_one_after_a_while() -> None:
    dead = through(Advice(), np.concatenate([np.zeros(8 * RATE), noise(-60, 4)]))
    assert dead[3] is None
    assert dead[7] == "silent"
    assert dead[-1] is None
    assert through(Advice(), noise(-88, 34))[-1] == "silent"


def test_the_mains_hum_is_told_and_what_hums_in_the_air_is_not(voice: Sound) -> None:
    ground = mains(-44, 14, (1, 2, 3, 5, 7)) + noise(-62, 14)
    assert through(Advice(), ground)[-1] == "hums"
    fan = mains(-44, 14, (2, 4, 6)) + noise(-55, 14)
    assert set(through(Advice(), fan)) == {None}
    spoken = repeated(voice * db(-30), 14) + noise(-60, 14)
    assert set(through(Advice(), spoken)) == {None}


def test_torn_sound_from_far_away_is_told_of_the_loudspeaker(voice: Sound) -> None:
    advice = Advice()
    told: list[Cause | None] = []
    for sound in (repeated(voice * db(4), 11), repeated(voice * db(-20), 16)):
        for at in range(0, len(sound) - FRAME + 1, FRAME):
            advice.played(cut(sound[at : at + FRAME]), 0.1)
        told += [cause for kind, cause in advice.news() if kind is Kind.LOUDSPEAKER]
    assert told == [Cause("sound.loudspeaker_clipped"), None]


def test_a_microphone_that_is_opened_again_is_judged_anew() -> None:
    advice = Advice()
    through(advice, np.zeros(8 * RATE))
    advice.microphone_opened()
    assert (Kind.MICROPHONE, None) in advice.news()
