"""What is handed on holds no secret and no resident's word, wherever they were planted."""

import io
import json
import logging
import zipfile

import pytest

from avcontrol.kept_log import kept_log
from base.cause import Cause
from config.settings import HouseSection, HouseSettings, PjlinkProjector, RtspCamera
from rooms.view import Role
from web.bundle import pack, scrub, told_of

PASSWORD = "M4tKh4u-camera!"
WORDS = "Bà Nguyễn Thị Tuyết Mai hỏi: cống ngõ 42 bao giờ sửa, số tôi 0912 345 678"
PLANTED = (
    *(PASSWORD, "hunter2", "s3cr3tT0kenOfALink1234567890", "0912 345 678", "0912345678"),
    *("Tuyết Mai", "ngõ 42", "mai@example.vn", "viewer-login", "+84912345678", "K7QM-3XWP-9DTA"),
)
logger = logging.getLogger("rooms.planted")
other = logging.getLogger("somebody.elses")


@pytest.fixture
def settings(tmp_path):
    secret = tmp_path / "camera.password"
    secret.write_text(f"{PASSWORD}\n")
    (tmp_path / "signing.key").write_text("hunter2-of-the-house")
    return HouseSettings(
        house=HouseSection(name="Nhà văn hóa Tổ 5", ward="Phường Mẫu", telephone="0912 345 678"),
        data=tmp_path,
        cameras=(
            RtspCamera(
                kind="rtsp",
                id="camera",
                name="Camera hội trường",
                url=f"rtsp://192.168.1.20:554/user=viewer-login_password={PASSWORD}_channel=1",
                user="viewer-login",
                password_file=secret,
            ),
        ),
        projector=PjlinkProjector(kind="pjlink", host="192.168.1.30", password_file=secret),
    )


def texts_of(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_nothing_that_was_planted_is_in_it(settings, caplog):
    caplog.set_level(logging.INFO)
    with kept_log(settings.data, {"camera", "projector"}):
        logger.warning("%s: it was lost: %s after %d tries", "camera", Cause("camera.silent"), 3)
        logger.warning("a question came: %s", WORDS)
        logger.warning("dialling %s", f"rtsp://viewer-login:{PASSWORD}@192.168.1.20/hunter2")
        logger.info("answered %(path)s", {"path": "/receipt/K7QM-3XWP-9DTA"})
        other.warning("GET /open/s3cr3tT0kenOfALink1234567890 by mai@example.vn")
        try:
            raise ValueError(WORDS)
        except ValueError:
            logger.exception("it could not be stored for %s", "Tuyết Mai")
    health = {
        "detail": f"rtsp://viewer-login:hunter2@192.168.1.20/ {PASSWORD} mai@example.vn",
        "more": "Authorization: Basic aHVudGVyMg== gọi 0912345678 hoặc +84912345678",
        "way": "/join/s3cr3tT0kenOfALink1234567890 password=hunter2",
    }
    lines = [("camera", "failed", "camera.silent", "2026-03-01T12:00:00+00:00")]
    found = texts_of(pack(settings, health, lines, [("own.house", "cpu", 300, 1, 2, 3, 2.5)]))
    assert {"health.json", "settings.json", "history.csv", "numbers.csv", "log/house.log"} <= set(
        found
    )
    for name, text in found.items():
        assert [word for word in PLANTED if word in text] == [], (name, text)
    log = found["log/house.log"]
    assert "rooms.planted: camera: it was lost: camera.silent after 3 tries" in log
    assert "ValueError" in log and "test_bundle.py:" in log, "where it happened"
    assert "camera,failed,camera.silent" in found["history.csv"]
    told = json.loads(found["settings.json"])
    assert told["cameras"][0]["url"] == "rtsp://192.168.1.20:554/"
    assert told["projector"]["host"] == "192.168.1.30", "what helps stays"
    assert told["house"]["telephone"] == "[đã bỏ]"


def test_what_is_not_known_to_be_harmless_is_left_out(settings):
    meeting = settings.meeting.model_construct(new_key="hunter2", preset="Bục")
    told = told_of(settings.model_copy(update={"meeting": meeting}))
    assert "hunter2" not in str(told)


def test_what_looks_like_no_secret_stays():
    text = (
        '{"round_trip": 40.0123456789012, "since": "2026-03-01T12:00:00+00:00", "host": "10.0.0.1"}'
    )
    assert scrub(text, ()) == text


async def test_the_technician_downloads_it_and_nobody_else(house):
    await house.room.ask(WORDS, name="Bà Tuyết Mai", via="phone", key="", by=None, consent="shown")
    leader = await house.client_as(Role.LEADER)
    assert (await leader.get("/technician/bundle.zip")).status_code != 200
    technician = await house.client_as(Role.TECHNICIAN)
    answer = await technician.get("/technician/bundle.zip")
    assert answer.headers["content-type"] == "application/zip"
    for name, text in texts_of(answer.content).items():
        assert "Tuyết Mai" not in text and "0912" not in text, name
