"""The demo with a camera of one's own: its password goes into a file, and nowhere else."""

import subprocess
import sys
from pathlib import Path

import pytest

from avcontrol.demo import own_camera
from base.cause import Refused


@pytest.mark.parametrize(
    ("address", "url", "user", "password"),
    [
        ("rtsp://10.0.0.2:554/s", "rtsp://10.0.0.2:554/s", "", None),
        ("rtsp://admin@10.0.0.2/s", "rtsp://10.0.0.2/s", "admin", None),
        ("rtsp://admin:geheim@10.0.0.2/s", "rtsp://10.0.0.2/s", "admin", "geheim"),
        ("rtsps://an:p@ss%2Fmật:%40@camera/s?a=1", "rtsps://camera/s?a=1", "an", "p@ss/mật:@"),
    ],
)
def test_its_login_is_taken_off_the_address(
    tmp_path: Path, address: str, url: str, user: str, password: str | None
) -> None:
    camera = own_camera(address, tmp_path)
    assert (camera.url, camera.user) == (url, user)
    file = camera.password_file
    assert (file.read_text() if file else None) == password
    assert file is None or file.stat().st_mode & 0o777 == 0o600


def test_a_second_password_takes_the_place_of_the_first(tmp_path: Path) -> None:
    own_camera("rtsp://an:lange-alte-lösung@camera/s", tmp_path)
    assert own_camera("rtsp://an:neu@camera/s", tmp_path).password_file.read_text() == "neu"  # type: ignore[union-attr]


@pytest.mark.parametrize("address", ["http://an:geheim@camera/s", "an:geheim@camera", "rtsp://"])
def test_a_wrong_address_is_refused_without_its_password(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused) as refused:
        own_camera(address, tmp_path)
    assert refused.value.cause.code == "demo.camera_address"
    assert not list(tmp_path.iterdir())


def test_what_the_command_says_of_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "avcontrol", "--language", "en", "demo"]
    wrong = ["--data", str(tmp_path), "--camera", "http://admin:geheim@127.0.0.1:1/x"]
    done = subprocess.run([*command, *wrong], capture_output=True, text=True)
    assert done.returncode == 1
    assert "The camera's address is not right" in done.stderr
    assert "geheim" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
