"""What the set-up writes: a person reads it, his comments stay, nothing is half written."""

import os
import shutil
import stat
from pathlib import Path

import pytest

import config
from config.check import SettingsError, read_settings
from config.edit import HouseEdit, begin
from config.settings import HouseSettings, RtspCamera

EXAMPLE = Path(config.__file__).with_name("example.toml")
CAMERA = {"kind": "rtsp", "id": "camera-3", "name": "Camera cửa", "onvif": "http://192.168.1.9"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "house.toml"
    shutil.copy(EXAMPLE, path)
    return path


def kept(settings: HouseSettings) -> list[dict[str, object]]:
    return [camera.model_dump(exclude_defaults=True) for camera in settings.cameras]


def test_comments_and_other_sections_stay(path: Path):
    before = path.read_text()
    edit = HouseEdit(path)
    edit.set_house(name="Nhà văn hóa Tổ 7")
    edit.set_projector({"kind": "pjlink", "host": "192.168.1.31"})
    edit.save({})
    lines = set(path.read_text().splitlines())
    gone = [line for line in before.splitlines() if line not in lines]
    assert gone == ['name = "Nhà văn hóa Tổ dân phố 5"', 'host = "192.168.1.30"']


def test_a_camera_comes_another_goes_and_what_stays_keeps_its_comments(path: Path):
    before = read_settings(path, {})
    edit = HouseEdit(path)
    first = {"kind": "rtsp", "id": "camera", "name": "Camera sân khấu", "user": "admin"}
    edit.set_cameras([first, CAMERA])
    after = edit.save({"AVCONTROL_WEB__PORT": "8081"})
    assert kept(after)[0] == kept(before)[0] | {"user": "admin"}
    assert [camera.id for camera in after.cameras] == ["camera", "camera-3"]
    assert "# camera mạng / a network camera" in path.read_text()
    assert read_settings(path, {}).cameras == after.cameras
    assert after.sound == before.sound


def test_the_file_as_it_was_is_kept_each_time(path: Path):
    texts = []
    for name in ("Một", "Hai", "Ba"):
        texts.append(path.read_text())
        edit = HouseEdit(path)
        edit.set_house(name=name)
        edit.save({})
    copies = [p for p in path.parent.iterdir() if p.name.startswith("house.toml.20")]
    assert sorted(p.read_text() for p in copies) == sorted(texts)
    HouseEdit(path).save({})
    assert len(list(path.parent.iterdir())) == 4, "nothing changed, so no copy and no draft"


def test_what_would_not_start_changes_nothing(path: Path):
    before = path.read_text()
    edit = HouseEdit(path)
    edit.set_cameras([CAMERA, CAMERA | {"name": "Khác"}])
    with pytest.raises(SettingsError):
        edit.save({})
    assert path.read_text() == before
    assert [p.name for p in path.parent.iterdir()] == ["house.toml"]


def test_passwords_stand_beside_for_the_owner_alone(path: Path):
    edit = HouseEdit(path)
    edit.set_cameras([CAMERA | {"user": "admin", "password_file": "camera-3.password"}])
    settings = edit.save({}, {"camera-3.password": "bí mật"})
    secret = path.with_name("camera-3.password")
    assert secret.read_text() == "bí mật\n"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "bí mật" not in path.read_text()
    camera = settings.cameras[0]
    assert isinstance(camera, RtspCamera) and camera.password_file == secret


def test_an_empty_machine_gets_a_file_that_starts(tmp_path: Path):
    path = tmp_path / "house.toml"
    assert begin(path) and not begin(path)
    edit = HouseEdit(path)
    edit.set_house(name="Nhà văn hóa Tổ 9", ward="Phường Mẫu", telephone="0900 000 000")
    edit.set_cameras([CAMERA])
    edit.set_sound({"microphone": "Jabra", "loudspeaker": "Jabra"})
    edit.set_projector({"kind": "pjlink", "host": "192.168.1.31"})
    settings = edit.save({})
    assert settings.projector and settings.sound and len(settings.cameras) == 1
    text = path.read_text()
    assert text.startswith("# Cấu hình") and "\n\n[sound]\n" in text and "\n\n[[cameras]]\n" in text


def test_a_key_that_has_to_go_goes_and_another_kind_keeps_nothing(path: Path):
    edit = HouseEdit(path)
    edit.set_cameras([{**CAMERA, "id": "camera", "onvif": None, "url": "rtsp://192.168.1.9/1"}])
    (camera,) = edit.save({}).cameras
    assert isinstance(camera, RtspCamera)
    assert camera.url == "rtsp://192.168.1.9/1"
    edit = HouseEdit(path)
    edit.set_cameras([{**CAMERA, "id": "camera", "url": None}])
    (camera,) = edit.save({}).cameras
    assert isinstance(camera, RtspCamera)
    assert (camera.onvif, camera.url) == ("http://192.168.1.9", "")
    edit = HouseEdit(path)
    webcam = {"kind": "webcam", "id": "camera", "name": "Bàn", "input": "/dev/v4l/by-id/x"}
    edit.set_cameras([webcam])
    assert [one.kind for one in edit.save({}).cameras] == ["webcam"]
    assert "192.168.1.9" not in path.read_text()


def test_a_file_keeps_its_rights_and_one_of_another_editor_is_read(path: Path):
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    path.chmod(0o664)
    before = os.umask(0o077)
    try:
        edit = HouseEdit(path)
        edit.set_house(name="Nhà 7")
        assert edit.save({}).house.name == "Nhà 7"
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
