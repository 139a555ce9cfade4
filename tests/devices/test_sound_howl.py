"""A loop of loudspeaker and microphone, and what only sounds like one."""

import shutil
import subprocess
import wave
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter, lfilter, resample_poly

from devices.sound.chain import SoundChain, to_samples, to_sound
from devices.sound.filters import Biquad, notch
from devices.sound.frame_path import FramePath
from devices.sound.howl import SPAN, HowlDetector
from devices.sound.howl_guard import HowlGuard
from devices.sound.rounds import Rounds

RATE, FRAME, SLOW = 48000, 480, 16000
WORDS = "Nhà tôi ở cuối ngõ, mỗi lần mưa to là nước ngập vào tận sân, rác thì không có ai dọn."


def hall(decibels):
    """An impulse response of 0.2 s whose strongest frequency comes back by so much."""
    rng = np.random.default_rng(5)
    time = np.arange(int(0.2 * RATE)) / RATE
    response = np.convolve(rng.standard_normal(len(time)) * 10 ** (-10 * time), np.ones(6))
    response[: RATE // 200] = 0
    response = lfilter(*butter(4, 600, "high", fs=RATE), response)  # a telephone has no bass
    rings = notch(2200, 60, -12)  # and one frequency that it likes
    response = lfilter(rings.b, (1, *rings.a), response)
    return response * 10 ** (decibels / 20) / np.abs(np.fft.rfft(response, 65536)).max()


def loop(decibels, seconds, *, amplifier=False, music=False, guarded=True):
    """Somebody has the meeting open in the hall, and what its microphone sends comes out of his
    telephone there, 150 ms later; or the hall's own amplifier plays it at once."""
    response = hall(decibels)
    size = len(response) + FRAME
    of_response, rings = np.fft.rfft(response, size), np.zeros(size)
    path = FramePath()
    path.volume, path.music = 100, music
    path.microphone_opened()
    if not guarded:
        path.chain.howls.process = lambda heard, **_: None
    late = [np.zeros(FRAME)] * (1 if amplifier else 15)
    rng = np.random.default_rng(11)
    cough = np.zeros(int(seconds * RATE))
    cough[RATE // 2 : RATE] = 0.05 * rng.standard_normal(RATE // 2)
    heard, told = [], []
    for number in range(int(seconds * 100)):
        path.next_played()
        rings += np.fft.irfft(of_response * np.fft.rfft(late.pop(0), size), size)
        frame = np.clip(rings[:FRAME] + 0.0003 * rng.standard_normal(FRAME), -1, 1)
        frame += cough[number * FRAME : (number + 1) * FRAME]
        rings = np.concatenate([rings[FRAME:], np.zeros(FRAME)])
        sent = path.captured(to_samples(frame.astype(np.float32)))
        late.append(np.tanh(frame) if amplifier else to_sound(sent))
        heard.append(10 * np.log10(np.mean(frame**2)))
        if (howl := path.chain.howls.howl) != (told[-1][1] if told else None):
            told.append((number / 100, howl))
    return np.array(heard), told, path


def test_a_loop_is_ended_within_a_second_of_being_heard_and_told():
    unguarded, told, path = loop(6, 3, guarded=False)
    assert unguarded[-50:].mean() > -25
    assert told == []
    heard, told, path = loop(6, 4)
    assert told[0][0] < 2.5  # the cough ends at 1 s
    assert told[0][1].ours
    assert heard[-50:].mean() < -50
    assert path.chain.howls.duck < -3


def comes_round(decibels, way, *, last=-10, rounds=5):
    """A few syllables, and every `way` seconds the same again, louder by so much, from one end of a
    hall to the other: noise in which no tone stands out. At 16 kHz, at most at `last` dBFS."""
    rng = np.random.default_rng(21)
    path = rng.standard_normal(SLOW // 5) * 10 ** (-10 * np.arange(SLOW // 5) / SLOW)
    path[0] = 8
    path /= np.sqrt(np.square(path).sum())
    said = np.zeros(int(0.4 * SLOW))
    for at in (0, 0.12, 0.27):
        part = rng.standard_normal(int(0.1 * SLOW)) * np.hanning(int(0.1 * SLOW))
        low = 300 * 10**at
        begin = int(at * SLOW)
        said[begin : begin + len(part)] += lfilter(
            *butter(2, (low, 4 * low), "band", fs=SLOW), part
        )
    said *= 10 ** (-50 / 20) / said.std()
    sound = 1e-4 * rng.standard_normal(int((2 + rounds * way) * SLOW))
    for number in range(rounds):
        begin = SLOW + int(number * way * SLOW)
        part = said[: len(sound) - begin]
        sound[begin : begin + len(part)] += part
        said = said * 10 ** (decibels / 20)
        if decibels > 0:
            said = lfilter(path, 1, np.pad(said, (0, 800)))  # which has frequencies that it likes
        said *= min(1.0, 10 ** (last / 20) / np.abs(said).max())
    return sound


def when_turned_down(sound):
    """Seconds; None where it is not."""
    guard = HowlGuard()
    heard = np.concatenate([np.zeros(SPAN), sound])
    for end in range(SPAN, len(heard), 160):
        guard.process(heard[end - SPAN : end].astype(np.float32), watches=True)
        if guard.duck < 0:
            return (end - SPAN) / SLOW
    return None


@pytest.mark.parametrize("way", [0.15, 0.25, 0.4])
def test_what_comes_round_louder_is_turned_down_though_no_tone_stands_out(way, monkeypatch):
    sound = comes_round(6, way)
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    audible = np.argmax(10 * np.log10(np.square(frames).mean(axis=1)) > -32) / 100
    assert 1 < when_turned_down(sound) < audible + 1
    monkeypatch.setattr(Rounds, "look", lambda rounds, power: False)
    assert when_turned_down(sound) is None


@pytest.mark.parametrize("decibels", [0, -3])
def test_what_comes_round_no_louder_is_a_drum_or_an_echo(decibels):
    assert when_turned_down(20 * comes_round(decibels, 0.4, rounds=8)) is None


def test_officials_hear_as_much_less_as_ends_a_loop_through_a_telephone():
    guard = HowlGuard()
    for duck, sent in ((0, 0), (-3, -3), (-9, -9), (-15, -12), (-21, -15)):
        guard.duck = duck
        assert guard.duck_of_sent == sent


def test_the_sound_comes_back_and_the_leader_is_told_that_it_is_over():
    guard = HowlGuard()
    at = np.arange(3 * SLOW) / SLOW
    howl = 10 ** (np.minimum(-75 + 60 * at, -15) / 20) * np.sin(2 * np.pi * 1234.5 * at)
    for end in range(SPAN, 2 * SLOW, 160):
        guard.process(howl[end - SPAN : end].astype(np.float32), watches=True)
    assert guard.howl is not None
    assert guard.howl.hertz == pytest.approx(1234.5, abs=2)
    assert guard.duck <= -9
    assert len(guard.played) == len(guard.sent) == 1
    quiet = (1e-4 * np.random.default_rng(12).standard_normal(SPAN)).astype(np.float32)
    for _ in range(1100):
        guard.process(quiet, watches=True)
    assert guard.howl is None
    for _ in range(5200):
        guard.process(quiet, watches=True)
    assert guard.duck == 0
    assert guard.played == guard.sent == ()


def test_a_loop_that_is_not_ours_is_told_as_such_and_nobody_is_turned_down_for_it():
    _, told, path = loop(6, 5, amplifier=True)
    assert told[0][0] < 1.5
    assert told[-1][1] is not None
    assert not told[-1][1].ours
    assert path.chain.howls.duck == 0


def test_nobody_is_turned_down_while_there_is_music():
    heard, told, path = loop(6, 2.6, music=True)
    assert heard[-30:].max() > -35
    assert told == []
    assert path.chain.howls.duck == 0


def note(hertz, seconds, partials, *, vibrato=0.0, begins=0.03, dies=0.0):
    at = np.arange(int(seconds * SLOW)) / SLOW
    turn = 2 * np.pi * np.cumsum(hertz * (1 + vibrato * np.sin(2 * np.pi * 5.5 * at))) / SLOW
    sound = sum(part * np.sin((n + 1) * turn) for n, part in enumerate(partials))
    swell = np.clip(np.minimum(at / begins, (seconds - at) / 0.05), 0, 1)
    return 0.2 * sound * swell * np.exp(-dies * at)


def melody(partials, **how):
    notes = zip((392, 440, 494, 523, 587, 784, 523, 392), (1, 1, 2, 1, 1, 3, 1, 2), strict=True)
    return np.concatenate([note(hertz, beats / 2, partials, **how) for hertz, beats in notes])


def words(folder):
    program = shutil.which("espeak-ng")
    assert program, "espeak-ng is not installed; scripts/setup.sh installs it"
    path = folder / "words.wav"
    subprocess.run([program, "-v", "vi+f2", "-s", "130", "-w", str(path), WORDS], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        return resample_poly(samples, SLOW, file.getframerate())


def test_neither_speech_nor_music_nor_signals_are_howls(tmp_path):
    rng = np.random.default_rng(13)
    beep = np.concatenate([note(440, 0.2, [1], begins=0.001), np.zeros(SLOW * 4 // 5)])
    sounds = {
        "speech": words(tmp_path),
        "violin": melody([1, 0.6, 0.5, 0.3, 0.2], vibrato=0.006),
        "flute": melody([1, 0.1, 0.03]),
        "whistle": melody([1, 0.01], vibrato=0.004, begins=0.1),
        "piano": melody([1, 0.5, 0.3, 0.2], dies=2.5, begins=0.005),
        "organ": sum(note(hertz, 3, [1, 0.5, 0.25, 0.3], begins=0.1) for hertz in (262, 330, 392)),
        "strings that swell": note(440, 4, [1, 0.6, 0.4, 0.3], vibrato=0.005, begins=2),
        "bell": note(620, 3, [1, 0, 0.3], dies=1.5, begins=0.005),
        "beep": np.tile(beep, 3),
        "noise": 0.1 * rng.standard_normal(2 * SLOW),
    }
    found = {}
    for name, sound in sounds.items():
        guard = HowlGuard()
        heard = np.concatenate([np.zeros(SPAN), sound]) + 1e-3 * rng.standard_normal(
            SPAN + len(sound)
        )
        for end in range(SPAN, len(heard), 160):
            guard.process(heard[end - SPAN : end].astype(np.float32), watches=True)
            if guard.howl:
                found[name] = end / SLOW, guard.howl
    assert found == {}


def test_a_howl_is_found_under_speech(tmp_path):
    spoken = 0.3 * words(tmp_path)[: 2 * SLOW]
    at = np.arange(len(spoken)) / SLOW
    howl = 10 ** (np.minimum(-75 + 60 * at, -9) / 20) * np.sin(2 * np.pi * 2500 * at)
    detector = HowlDetector()
    ends = [
        end
        for end in range(SPAN, len(spoken), 320)
        if detector.look((spoken + howl)[end - SPAN : end].astype(np.float32))
    ]
    assert any(after - before == 320 for before, after in pairwise(ends))


def test_music_passes_as_it_is():
    """Chords, with the switch: within 1 dB in every third of an octave, in phase."""
    at = np.arange(3 * RATE) / RATE
    song = sum(
        0.04 / n * np.sin(2 * np.pi * n * hertz * at)
        for hertz in (131, 262, 330, 392)
        for n in range(1, 9)
    ) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.5 * at))

    def passed(chain):
        silence = np.zeros(FRAME, np.int16)
        frames = to_samples(song.astype(np.float32)).reshape(-1, FRAME)
        out = np.concatenate([to_sound(chain.process(frame, silence)) for frame in frames])
        return out[SoundChain.LATENCY + RATE :], song[RATE : -SoundChain.LATENCY]

    chain = SoundChain()
    chain.music = True
    out, whole = passed(chain)
    assert np.corrcoef(out, whole)[0, 1] > 0.99
    powers = [np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2 for sound in (out, whole)]
    hertz = np.fft.rfftfreq(len(out), 1 / RATE)
    edges = 125 * 2 ** (np.arange(16) / 3)
    for low, high in pairwise(edges):
        was, now = (power[(hertz >= low) & (hertz < high)].sum() for power in reversed(powers))
        if was > 1e-4 * powers[1].sum():
            assert abs(10 * np.log10(now / was)) < 1
    without, whole = passed(SoundChain())
    assert np.corrcoef(without, whole)[0, 1] < np.corrcoef(out, whole)[0, 1]


def test_a_filter_may_be_put_in_while_it_sounds():
    tone = np.sin(2 * np.pi * 440 * np.arange(FRAME) / RATE).astype(np.float32)
    guard = HowlGuard()
    guard._hertz = [2000.0]
    guard._make_filters()
    (biquad,) = guard.sent
    assert isinstance(biquad, Biquad)
    assert np.abs(biquad.process(tone) - tone).max() < 0.1
