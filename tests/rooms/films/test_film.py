import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rooms.films.film import Film
from rooms.films.finish import finish
from tests.avcontrol.test_nothing_is_lost import cut_disk
from tests.rooms.films.coded import pictures, probe, tone

DIES = """
import os, sys
from pathlib import Path
from rooms.films.film import Film
from tests.rooms.films.coded import pictures, tone
shown = pictures(6.0)
film = Film(Path(sys.argv[1]), shown[0][1])
for at, data, key in shown:
    film.picture(data, at, key=key)
    film.sound(tone(0.04), at)
os.kill(os.getpid(), 9)
"""

GOES_ON = """
import sys, time
from pathlib import Path
from rooms.films.film import Film
from tests.rooms.films.coded import pictures, tone
shown = pictures(6.0)
film = Film(Path(sys.argv[1]), shown[0][1])
began = time.monotonic()
for at, data, key in shown:
    time.sleep(max(0.0, began + at - time.monotonic()))
    film.picture(data, at, key=key)
    film.sound(tone(0.04), at)
    print(at, flush=True)
"""


def filmed(path: Path, seconds: float = 3.0) -> None:
    shown = pictures(seconds)
    film = Film(path, shown[0][1])
    for at, data, key in shown:
        film.picture(data, at, key=key)
        film.sound(tone(0.04), at)
    film.close()


def test_every_picture_and_all_sound_are_in_it(tmp_path: Path) -> None:
    filmed(tmp_path / "m-01.mp4")
    found = probe(tmp_path / "m-01.mp4")
    assert found["errors"] == ""
    assert found["video"]["codec_name"] == "h264"
    assert int(found["video"]["nb_read_frames"]) == 75
    assert float(found["audio"]["duration"]) == pytest.approx(3.0, abs=0.1)
    assert (tmp_path / "m-01.mp4").stat().st_mode & 0o077 == 0, "nobody else may look at it"


def test_sound_that_was_missing_is_silence_and_pictures_stay_beside_it(tmp_path: Path) -> None:
    film = Film(tmp_path / "m-01.mp4", None)
    film.sound(tone(0.5), 0.0)
    film.sound(tone(0.5), 2.0)
    film.sound(tone(0.5), 2.0)  # what comes twice
    film.close()
    assert probe(tmp_path / "m-01.mp4")["seconds"] == pytest.approx(2.5, abs=0.1)


def test_a_killed_house_loses_less_than_a_second(tmp_path: Path) -> None:
    raw, finished = tmp_path / "m-01.mp4", tmp_path / "whole.mp4"
    died = subprocess.run([sys.executable, "-c", DIES, str(raw)], check=False)
    assert died.returncode == -signal.SIGKILL
    found = probe(raw)
    assert found["seconds"] > 5.0
    assert int(found["video"]["nb_read_frames"]) > 125
    finish(raw, finished, [])
    whole = probe(finished)
    assert whole["errors"] == ""
    assert int(whole["video"]["nb_read_frames"]) == int(found["video"]["nb_read_frames"])


def test_what_a_power_cut_tore_in_the_middle_of_a_fragment_plays_up_to_there(
    tmp_path: Path,
) -> None:
    raw, finished = tmp_path / "m-01.mp4", tmp_path / "whole.mp4"
    filmed(raw)
    with raw.open("rb+") as file:
        file.truncate(raw.stat().st_size - 3_000)
    assert finish(raw, finished, []) > 1.5
    assert probe(finished)["errors"] == ""


@pytest.mark.soak
@pytest.mark.peer
def test_a_file_system_that_is_cut_off_loses_less_than_a_second(tmp_path: Path) -> None:
    """At ten moments, while it is written as fast as it is seen."""
    with cut_disk(tmp_path) as disk:
        for number in range(10):
            raw = disk.path / f"m-{number}.mp4"
            filming = subprocess.Popen(
                [sys.executable, "-c", GOES_ON, str(raw)], stdout=subprocess.PIPE, text=True
            )
            assert filming.stdout is not None
            until = random.uniform(2, 4)
            seconds = 0.0
            while seconds < until:
                seconds = float(filming.stdout.readline())
            disk.cut_off()
            filming.kill()
            filming.wait()
            disk.come_back()
            found = finish(raw, tmp_path / f"whole-{number}.mp4", [])
            print(f"cut at {seconds:.2f} s, of which {found:.2f} s are there")
            assert found > seconds - 1
            assert probe(tmp_path / f"whole-{number}.mp4")["errors"] == ""


def test_a_disk_that_takes_no_more_is_told_and_what_it_took_plays(tmp_path: Path) -> None:
    path, before = tmp_path / "m-01.mp4", resource.getrlimit(resource.RLIMIT_FSIZE)
    shown = pictures(10.0)
    film = Film(path, shown[0][1])
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(OSError, match="large"):
            for at, data, key in shown:
                film.picture(data, at, key=key)
                film.sound(tone(0.04), at)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(OSError, match="large"):
        film.close()
    assert probe(path)["seconds"] > 1


def test_finished_it_has_chapters_and_its_index_stands_in_front(tmp_path: Path) -> None:
    raw, finished = tmp_path / "m-01.mp4", tmp_path / "m-01.film.mp4"
    filmed(raw)
    seconds = finish(raw, finished, [(0.0, "Hội trường"), (1.5, "1. Bao giờ sửa đèn?")])
    assert seconds == pytest.approx(3.0, abs=0.15)
    found = probe(finished)
    assert [one["tags"]["title"] for one in found["chapters"]] == [
        "Hội trường",
        "1. Bao giờ sửa đèn?",
    ]
    assert [float(one["start_time"]) for one in found["chapters"]] == [0.0, 1.5]
    data = finished.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat"), "a browser seeks without reading it all"
