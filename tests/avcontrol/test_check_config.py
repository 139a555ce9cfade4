"""`avcontrol check-config` reads the file of a house and that of a hub."""

import subprocess
import sys
from pathlib import Path

import pytest

import config

EXAMPLES = Path(config.__file__).parent


@pytest.mark.parametrize(
    ("file", "name"),
    [("example.toml", "Nhà văn hóa Tổ dân phố 5"), ("ward.example.toml", "Phường Mẫu")],
)
def test_both_kinds_of_file(file: str, name: str) -> None:
    command = [sys.executable, "-m", "avcontrol", "check-config", str(EXAMPLES / file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, name), done.stderr


def test_a_mistake_in_a_hubs_file(tmp_path: Path) -> None:
    file = tmp_path / "ward.toml"
    file.write_text('[ward]\nname = ""\n')
    command = [sys.executable, "-m", "avcontrol", "--language", "en", "check-config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{file}:2: ward.name:" in done.stderr
