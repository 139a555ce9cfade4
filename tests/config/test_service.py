"""The systemd unit: systemd's own judgement of it, and that it starts what exists."""

import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

import config

UNIT = Path(config.__file__).parent / "avcontrol-house.service"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def service() -> dict[str, str]:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    return dict(parser["Service"])


def test_it_starts_a_command_that_exists(tmp_path: Path) -> None:
    program, *arguments = shlex.split(service()["ExecStart"])
    assert program.endswith("/.venv/bin/avcontrol")
    arguments = [str(tmp_path / "none.toml") if a.endswith(".toml") else a for a in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "avcontrol", *arguments], capture_output=True, text=True, timeout=50
    )
    assert done.returncode == 1, "2 would mean that the arguments are wrong"
    assert "none.toml" in done.stderr


def test_it_is_watched_and_started_again() -> None:
    found = service()
    assert found["Type"] == "notify"
    assert found["Restart"] == "always"
    assert int(found["WatchdogSec"]) > 0
    assert found["StateDirectory"] == "avcontrol"
    assert {"audio", "video"} <= set(found["SupplementaryGroups"].split())


@needs_systemd
def test_systemd_understands_it(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    program = shlex.split(service()["ExecStart"])[0]
    copy.write_text(UNIT.read_text().replace(program, "/bin/true").replace("/opt/avcontrol", "/"))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_it_is_hardened() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(UNIT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
