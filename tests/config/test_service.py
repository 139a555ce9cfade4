"""The systemd units: systemd's own judgement of them, and that they start what exists."""

import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

import config

FOLDER = Path(config.__file__).parent
HOUSE = FOLDER / "avcontrol-house.service"
WARD = FOLDER / "avcontrol-ward.service"
BACKUP = FOLDER / "avcontrol-backup.service"
daemons = pytest.mark.parametrize("unit", [HOUSE, WARD], ids=lambda unit: unit.stem)
each_unit = pytest.mark.parametrize("unit", [HOUSE, WARD, BACKUP], ids=lambda unit: unit.stem)
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def service(unit: Path) -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(unit)
    return dict(parser["Service"])


@each_unit
def test_it_starts_a_command_that_exists(tmp_path: Path, unit: Path) -> None:
    program, *arguments = shlex.split(service(unit)["ExecStart"])
    assert program.endswith("/.venv/bin/avcontrol")
    arguments = [
        str(tmp_path / "no-folder" / "none.toml") if a.endswith(".toml") else a for a in arguments
    ]
    done = subprocess.run(
        [sys.executable, "-m", "avcontrol", *arguments], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 1, "2 would mean that the arguments are wrong"
    assert "none.toml" in done.stderr


@daemons
def test_it_is_watched_and_started_again(unit: Path) -> None:
    found = service(unit)
    assert found["Type"] == "notify"
    assert found["Restart"] == "always"
    assert int(found["WatchdogSec"]) > 0


def test_the_house_reaches_its_equipment_and_the_hub_has_none() -> None:
    assert service(HOUSE)["StateDirectory"] == "avcontrol"
    assert {"audio", "video"} <= set(service(HOUSE)["SupplementaryGroups"].split())
    assert service(WARD)["StateDirectory"] == "avcontrol-ward"
    assert service(WARD)["PrivateDevices"] == "yes"


@needs_systemd
def test_the_backup_comes_every_night() -> None:
    parser = RawConfigParser()
    parser.read(BACKUP.with_suffix(".timer"))
    command = ["systemd-analyze", "calendar", "--iterations=2", parser["Timer"]["oncalendar"]]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert parser["Timer"]["persistent"] == "yes", "also of a house that is off at night"


@needs_systemd
@each_unit
def test_systemd_understands_it(tmp_path: Path, unit: Path) -> None:
    copy = tmp_path / unit.name
    program = shlex.split(service(unit)["ExecStart"])[0]
    copy.write_text(unit.read_text().replace(program, "/bin/true").replace("/opt/avcontrol", "/"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize(("unit", "most"), [(HOUSE, 30), (WARD, 15), (BACKUP, 15)])
def test_it_is_hardened(unit: Path, most: int) -> None:
    """The hub needs neither devices nor a browser of its own, and has to be tighter."""
    threshold = f"--threshold={most}"
    command = ["systemd-analyze", "security", "--offline=true", threshold, str(unit)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
