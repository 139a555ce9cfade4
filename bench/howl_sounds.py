"""What a hall's microphone hears and must not be taken for a howl."""

import numpy as np

from bench.chain_scenes import at_level, fan, rain, resident
from bench.echo_scenes import RATE, Sound


def no_howls(seconds: float = 15.0) -> dict[str, Sound]:
    """What must not be taken for one, at 48 kHz."""
    rng = np.random.default_rng(504)
    return {
        "speech": np.concatenate([resident(seed, -30, seconds) for seed in range(4)]),
        "music": at_level(_songs(), -25),
        "anthem": at_level(_sung(), -25),
        "tones": at_level(_tones(), -25),
        "applause": at_level(_applause(10.0), -22),
        "noise": np.concatenate(
            [at_level(noise(seconds, 505), -40).astype(np.float32) for noise in (fan, rain)]
        ),
        "silence": (1e-4 * rng.standard_normal(round(seconds * RATE))).astype(np.float32),
    }


def _songs() -> Sound:
    """A tune over chords, by instruments of very different partials, one after the other."""
    tune = (392, 440, 494, 523, 587, 784, 523, 392, 330, 392, 440, 392)
    chords = ((196, 247, 294), (220, 262, 330), (196, 247, 294), (262, 330, 392))
    parts = []
    for partials, vibrato, dies in (
        ((1, 0.6, 0.5, 0.3, 0.2), 0.006, 0.0),  # a violin
        ((1, 0.1, 0.03), 0.003, 0.0),  # a flute
        ((1, 0.5, 0.3, 0.2, 0.1), 0.0, 2.5),  # a piano
        ((1, 0.7, 0.9, 0.5, 0.4, 0.3), 0.01, 0.0),  # voices
    ):
        for number, hertz in enumerate(tune):
            beat = 1.2 if number % 6 == 5 else 0.6
            sound = _note(hertz, beat, partials, vibrato, dies)
            for low in chords[number // 3]:
                sound = sound + 0.3 * _note(low, beat, (1, 0.4, 0.2), 0.0, 1.0)
            parts.append(sound)
    return np.concatenate(parts)


def _sung() -> Sound:
    """Slow, by several who are not quite together and not quite in tune, louder towards the end."""
    rng = np.random.default_rng(506)
    tune = ((392, 1.0), (440, 0.5), (494, 1.5), (587, 1.0), (523, 0.5), (494, 1.5), (392, 3.0))
    sung = np.zeros(round(11 * RATE))
    for _ in range(8):
        at, off = 0.05 * rng.random(), 1 + 0.004 * rng.standard_normal()
        for number, (hertz, seconds) in enumerate(tune):
            partials = tuple(rng.uniform(0.3, 1.0, 6) / np.arange(1, 7))
            note = _note(hertz * off, seconds, partials, 0.008, 0.0) * 10 ** (number / 20)
            begin = round((at + 0.02 * rng.random()) * RATE)
            sung[begin : begin + len(note)] += note
            at += seconds
    return np.asarray(sung, np.float32)


def _tones() -> Sound:
    """A flute alone that swells on each note, an organ's chords, and a note that is repeated ever
    louder."""
    parts: list[Sound] = []
    for hertz in (523, 659, 784, 1047):
        note = _note(hertz, 2.5, (1, 0.1, 0.03), 0.003, 0.0)
        parts.append((note * np.linspace(0.05, 1, len(note)) ** 2).astype(np.float32))
    for chord in ((262, 330, 392), (294, 349, 440), (262, 330, 392)):
        stops = [_note(hertz, 3.0, (1, 0.5, 0.25, 0.3), 0.0, 0.0) for hertz in chord]
        parts.append(np.sum(stops, axis=0, dtype=np.float32))
    struck = _note(440, 0.25, (1, 0.5, 0.3, 0.2), 0.0, 4.0)
    parts += [(struck * 10 ** (number / 20 - 1.2)).astype(np.float32) for number in range(24)]
    return np.concatenate(parts)


def _applause(seconds: float) -> Sound:
    """Ever more hands."""
    rng = np.random.default_rng(507)
    sound = np.zeros(round(seconds * RATE))
    clap = np.exp(-np.arange(RATE // 40) / 300)
    for at in rng.beta(3, 1.2, round(250 * seconds)) * (seconds - 0.1):
        begin = round(at * RATE)
        sound[begin : begin + len(clap)] += clap * rng.standard_normal(len(clap))
    return np.asarray(sound, np.float32)


def _note(
    hertz: float, seconds: float, partials: tuple[float, ...], vibrato: float, dies: float
) -> Sound:
    at = np.arange(round(seconds * RATE)) / RATE
    turn = 2 * np.pi * np.cumsum(hertz * (1 + vibrato * np.sin(2 * np.pi * 5.5 * at))) / RATE
    sound = sum(part * np.sin((n + 1) * turn) for n, part in enumerate(partials))
    swell = np.clip(np.minimum(at / 0.03, (seconds - at) / 0.05), 0, 1) * np.exp(-dies * at)
    return np.asarray(sound * swell, np.float32)
