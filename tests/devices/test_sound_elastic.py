import numpy as np
import pytest

from devices.device import Samples
from devices.sound.elastic import MOST, Elastic

FRAME = 480


def tone(samples: int, hertz: float = 440, at: int = 0) -> Samples:
    time = (np.arange(samples) + at) / 48_000
    return (8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


class Clocks:
    """Puts 20 ms and takes 10 ms, each by a clock of its own, in seconds that are made up."""

    def __init__(self, ppm: float = 0, sound: bool = True) -> None:
        self.elastic = Elastic(FRAME)
        self.frames: list[Samples | None] = []
        self.left: list[int] = []
        self._sound = sound
        self._step = 0.02 * (1 + ppm * 1e-6)
        self._next_put, self._next_take = 0.0, 0.003
        self._put = 0

    def run(self, until: float, *, puts: float = -1.0, takes: float = -1.0) -> None:
        """Nothing is put before `puts`, then everything that was due at once; the same of takes,
        except that what a sound card missed it never asks for again."""
        while min(self._next_put, self._next_take) < until:
            if max(self._next_put, puts) <= max(self._next_take, takes):
                sound = tone(960, at=960 * self._put) if self._sound else np.zeros(960, np.int16)
                self.elastic.put(sound)
                self._put += 1
                self._next_put += self._step
            else:
                if self._next_take >= takes:
                    self.frames.append(self.elastic.take())
                    self.left.append(len(self.elastic))
                self._next_take += 0.01

    def waiting(self, seconds: float) -> float:
        """Milliseconds, at the middle of the last seconds."""
        return float(np.median(self.left[-round(100 * seconds) :])) / 48


@pytest.mark.parametrize("ppm", [300, 0, -300])
@pytest.mark.parametrize("sound", [True, False])
def test_two_clocks_leave_neither_a_delay_nor_a_hole(ppm: float, sound: bool) -> None:
    clocks = Clocks(ppm, sound)
    clocks.run(5)
    begun = len(clocks.frames)
    clocks.run(60)
    assert sum(frame is None for frame in clocks.frames[begun:]) <= 1
    assert max(clocks.left[begun:]) < 48 * 30
    assert clocks.waiting(20) < 20


@pytest.mark.parametrize("sound", [True, False])
def test_after_a_stop_of_either_side_it_waits_no_longer_than_before(sound: bool) -> None:
    for stopped in ("puts", "takes"):
        clocks = Clocks(sound=sound)
        clocks.run(10)
        before = clocks.waiting(2)
        clocks.run(10.25, **{stopped: 10.2})
        clocks.run(11.2)
        clocks.run(11.4)
        assert clocks.waiting(0.2) == pytest.approx(before, abs=5), stopped
        clocks.run(20)
        assert clocks.waiting(1) == pytest.approx(before, abs=5), stopped


@pytest.mark.parametrize("ppm", [300, -300])
def test_applause_has_no_period_and_neither_piles_up_nor_runs_dry(
    ppm: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(1).normal(0, 4000, 48_000).astype(np.int16)
    monkeypatch.setitem(globals(), "tone", lambda samples, at: noise[at % 47_040 :][:samples])
    clocks = Clocks(ppm)
    clocks.run(5)
    begun = len(clocks.frames)
    clocks.run(40)
    assert sum(frame is None for frame in clocks.frames[begun:]) <= 1
    assert max(clocks.left[begun:]) < 48 * 50


def test_at_most_200_ms_wait_and_the_oldest_are_dropped() -> None:
    elastic = Elastic(FRAME)
    for value in range(1000, 1050):
        elastic.put(np.full(FRAME, value, np.int16))
    assert len(elastic) == MOST
    first = elastic.take()
    assert first is not None
    assert first[0] == 1030


def test_a_sound_shorter_than_what_is_stored_is_played() -> None:
    elastic = Elastic(FRAME)
    elastic.put(tone(500))
    frames = [elastic.take() for _ in range(6)]
    heard = np.concatenate([frame for frame in frames if frame is not None])
    assert len(heard) == 2 * FRAME
    assert np.abs(heard).max() > 7000
    assert frames[-1] is None


def test_what_it_changes_keeps_its_pitch_and_does_not_click() -> None:
    clocks = Clocks(ppm=-3000)
    clocks.run(20)
    sound = np.concatenate([frame for frame in clocks.frames[500:] if frame is not None])
    assert np.abs(np.diff(sound.astype(int), n=2)).max() < 120
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) * 48_000 / len(sound) == pytest.approx(440, abs=4)
