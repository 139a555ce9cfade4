"""What the doctor says about a machine, looked at on this one wherever it can be."""

import os
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from avcontrol import doctor
from avcontrol.doctor import Finding, Verdict, examine, report
from base.cause import Cause
from config.settings import (
    HouseSection,
    HouseSettings,
    ScreenSection,
    SoundSection,
    Webcam,
    WebSection,
)
from devices.virtual.camera import serve_camera
from devices.virtual.mdc import virtual_mdc
from devices.virtual.projector import virtual_projector
from devices.virtual.rtsp_server import Login
from devices.virtual.sound import VirtualSound, missing_programs, virtual_sound
from tests.ports import free_port


def house(**sections: object) -> HouseSettings:
    return HouseSettings.model_validate({"house": HouseSection(name="N", ward="P"), **sections})


def only(findings: Iterator[Finding]) -> tuple[Verdict, str]:
    (finding,) = findings
    return finding.verdict, finding.cause.code


async def test_examines_this_machine_and_says_it_in_words(tmp_path: Path) -> None:
    findings = await examine(house(data=tmp_path, web=WebSection(port=free_port())))
    codes = {finding.cause.code for finding in findings}
    assert {"doctor.python", "doctor.disk_free", "doctor.port_free"} <= codes
    assert any(code.startswith("doctor.clock") for code in codes)
    assert any(code.startswith("doctor.memory") for code in codes)
    for language in ("vi", "en"):
        lines = report(findings, language).splitlines()
        assert len(lines) == len(findings) + 2
        assert not any("doctor." in line or "…" in line for line in lines)


async def test_without_settings_it_lists_what_there_is() -> None:
    codes = [finding.cause.code for finding in await examine()]
    assert any(code.startswith("doctor.microphone") for code in codes)
    assert any(code.startswith("doctor.webcam") for code in codes)


def test_report_ends_with_what_has_to_be_mended() -> None:
    findings = [
        Finding(Verdict.NEEDED, Cause("doctor.port_taken", port=8080, host="h")),
        Finding(Verdict.UNMEASURED, Cause("doctor.memory_unmeasured")),
        Finding(Verdict.GOOD, Cause("doctor.clock")),
    ]
    assert report(findings, "en").splitlines() == [
        "[good] The clock is set from the network.",
        "[not measured] The memory could not be measured.",
        "[MEND THIS] Another program uses port 8080. Stop it, or change web.port in the "
        "configuration.",
        "",
        "Things to mend before it can be used: 1.",
    ]
    assert report(findings[1:], "vi").endswith("Không có gì bắt buộc phải sửa.")
    assert [finding.needed for finding in findings] == [True, False, False]


def test_python() -> None:
    assert only(doctor.python()) == (Verdict.GOOD, "doctor.python")
    assert only(doctor.python((3, 10, 4))) == (Verdict.NEEDED, "doctor.python_unsuitable")
    assert only(doctor.python((3, 14, 0))) == (Verdict.NEEDED, "doctor.python_unsuitable")


@pytest.mark.peer
async def test_sound_devices_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not missing_programs()
    # A short path, because it holds a Unix socket.
    with TemporaryDirectory() as folder:
        async with virtual_sound(Path(folder)) as hall:
            _names_in(hall, monkeypatch)


def _names_in(hall: VirtualSound, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hall.environment.items():
        monkeypatch.setenv(name, value)
    right = SoundSection(microphone=hall.microphone, loudspeaker=hall.loudspeaker)
    assert [(f.verdict, f.cause) for f in doctor.sound(house(sound=right))] == [
        (Verdict.GOOD, Cause("doctor.microphone_found", name=hall.microphone)),
        (Verdict.GOOD, Cause("doctor.loudspeaker_found", name=hall.loudspeaker)),
    ]
    wrong = SoundSection(microphone="no such", loudspeaker=hall.loudspeaker)
    first = next(doctor.sound(house(sound=wrong)))
    assert (first.verdict, first.cause.code) == (
        Verdict.NEEDED,
        "sound.microphone_missing",
    )
    listed = list(doctor.sound(None))
    assert hall.microphone in str(listed[0].cause.params["name"])
    assert list(doctor.sound(house())) == []


def test_webcams(tmp_path: Path) -> None:
    assert only(doctor.webcams(None, tmp_path)) == (Verdict.ADVICE, "doctor.webcam_none")
    (tmp_path / "video0").touch()
    assert only(doctor.webcams(None, tmp_path)) == (Verdict.GOOD, "doctor.webcam_found")
    camera = Webcam(kind="webcam", id="a", name="Camera", input=str(tmp_path / "video0"))
    assert only(doctor.webcams(house(cameras=(camera,)))) == (Verdict.GOOD, "doctor.webcam_found")
    gone = camera.model_copy(update={"input": str(tmp_path / "video7")})
    assert only(doctor.webcams(house(cameras=(gone,)))) == (
        Verdict.NEEDED,
        "doctor.webcam_missing",
    )
    picture = camera.model_copy(update={"input": "testsrc", "format": "lavfi"})
    assert list(doctor.webcams(house(cameras=(picture,)))) == []


def test_programs_of_the_big_screen() -> None:
    there = house(screen=ScreenSection(command=("sh", "-s", "--", "no-such-browser")))
    found = [(f.verdict, f.cause.code, f.cause.params["program"]) for f in doctor.screen(there)]
    assert found == [
        (Verdict.GOOD, "doctor.screen_program", "sh"),
        (Verdict.NEEDED, "screen.not_installed", "no-such-browser"),
    ]
    assert list(doctor.screen(house())) == []


async def test_of_the_display_the_running_house_says_what_it_knows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It holds the only connection that many of them take."""
    signal = {"id": "projector", "condition": "impaired", "code": "projector.lamp", "params": {}}
    monkeypatch.setattr(doctor, "_health_of", lambda _: {"signals": [{"id": "camera"}, signal]})
    settings = house(projector={"kind": "cec", "command": ("no-such-cec-client",)})
    found = only(iter(await doctor.display(settings)))
    assert found == (Verdict.ADVICE, "projector.lamp")
    signal |= {"condition": "standby", "code": None}
    found = only(iter(await doctor.display(settings)))
    assert found == (Verdict.GOOD, "doctor.runs_well")


async def test_a_network_camera_is_opened_with_what_lets_us_into_its_onvif(
    tmp_path: Path, hall_cache: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text("hình")
    own = Login("onvif", "riêng")
    async with serve_camera(hall_cache, user="admin", password="hình", onvif_login=own) as camera:
        assert camera.onvif is not None
        fields = {"kind": "rtsp", "id": "camera", "name": "Cửa", "onvif": camera.onvif.url}
        fields |= {"url": camera.url, "user": "admin", "password_file": secret}
        settings = house(cameras=[fields], web=WebSection(port=free_port()))
        found = only(iter(await doctor.network_cameras(settings)))
        assert found == (Verdict.ADVICE, "camera.onvif_login")
        (tmp_path / "own").write_text("riêng")
        fields |= {"onvif_user": "onvif", "onvif_password_file": tmp_path / "own"}
        settings = house(cameras=[fields], web=WebSection(port=free_port()))
        found = only(iter(await doctor.network_cameras(settings)))
        assert found == (Verdict.GOOD, "setup.picture_good")


async def test_the_display_is_asked_in_its_own_language(tmp_path: Path) -> None:
    async def said(**fields: object) -> tuple[Verdict, str]:
        return only(iter(await doctor.display(house(projector=fields))))

    television = tmp_path / "television.json"
    television.write_text('{"power": "standby", "shows": "other"}')
    program = Path(__file__).parents[1] / "devices" / "cec_client.py"
    command = (sys.executable, str(program), str(television))
    assert await said(kind="cec", command=command) == (Verdict.GOOD, "setup.projector_off")
    television.write_text('{"fails": true}')
    assert await said(kind="cec", command=command) == (Verdict.ADVICE, "tv.no_adapter")
    nothing = await said(kind="cec", command=("no-such-cec-client",))
    assert nothing == (Verdict.ADVICE, "tv.no_cec_program")
    async with virtual_mdc() as screen:
        place = {"kind": "mdc", "host": screen.host, "port": screen.port}
        assert await said(**place) == (Verdict.GOOD, "setup.projector_off")
        screen.pin = "0123"
        assert await said(**place) == (Verdict.ADVICE, "tv.pin_needed")
    async with virtual_projector() as projector:
        place = {"kind": "pjlink", "host": projector.host, "port": projector.port}
        found = await examine(house(projector=place, data=tmp_path))
        assert (Verdict.GOOD, "setup.projector_off") in {(f.verdict, f.cause.code) for f in found}
    assert await said(**place) == (Verdict.ADVICE, "projector.no_answer")
    assert await doctor.display(house()) == []


def test_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "not" / "yet" / "there"
    (finding,) = doctor.disk(folder)
    assert finding.cause.params["folder"] == str(folder)
    assert finding.cause.params["free"] == pytest.approx(
        os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize / 1e9, abs=1
    )
    monkeypatch.setattr(doctor, "DISK_ADVISED", 1e9)
    assert only(doctor.disk(folder)) == (Verdict.ADVICE, "doctor.disk_full")
    monkeypatch.setattr(doctor, "DISK_NEEDED", 1e9)
    assert only(doctor.disk(folder)) == (Verdict.NEEDED, "doctor.disk_full")


def test_data_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o500)
    if os.geteuid() == 0:  # who may write everywhere
        monkeypatch.setattr(os, "access", lambda path, mode: False)
    first = next(doctor.disk(tmp_path / "data"))
    assert (first.verdict, first.cause.code) == (Verdict.NEEDED, "doctor.data_forbidden")


@pytest.mark.parametrize(
    ("table", "verdict", "code"),
    [
        ("MemTotal: 8000000 kB\nMemAvailable: 5000000 kB\n", Verdict.GOOD, "doctor.memory"),
        ("MemTotal: 2000000 kB\nMemAvailable: 1500000 kB\n", Verdict.ADVICE, "doctor.memory_short"),
        ("MemTotal: 8000000 kB\nMemAvailable: 200000 kB\n", Verdict.ADVICE, "doctor.memory_short"),
        ("MemTotal: lots\n", Verdict.UNMEASURED, "doctor.memory_unmeasured"),
    ],
)
def test_memory(tmp_path: Path, table: str, verdict: Verdict, code: str) -> None:
    (tmp_path / "meminfo").write_text(table)
    assert only(doctor.memory(tmp_path / "meminfo")) == (verdict, code)


@pytest.mark.parametrize(
    ("program", "verdict", "code"),
    [
        ("echo yes", Verdict.GOOD, "doctor.clock"),
        ("echo no", Verdict.ADVICE, "doctor.clock_unset"),
        ("echo 'no systemd here' >&2; exit 1", Verdict.UNMEASURED, "doctor.clock_unmeasured"),
        (None, Verdict.UNMEASURED, "doctor.clock_unmeasured"),
    ],
)
def test_clock(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: str | None,
    verdict: Verdict,
    code: str,
) -> None:
    if program:
        (tmp_path / "timedatectl").write_text(f"#!/bin/sh\n{program}\n")
        (tmp_path / "timedatectl").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert only(doctor.clock()) == (verdict, code)


def test_a_service_that_is_not_enabled_does_not_come_back_after_a_power_cut(tmp_path: Path) -> None:
    assert only(doctor.after_a_power_cut(tmp_path)) == (Verdict.ADVICE, "doctor.starts_by_hand")
    (tmp_path / "multi-user.target.wants").mkdir()
    (tmp_path / "multi-user.target.wants" / "avcontrol-house.service").symlink_to("/nowhere")
    assert only(doctor.after_a_power_cut(tmp_path)) == (Verdict.GOOD, "doctor.starts_by_itself")


def test_time_zone() -> None:
    vietnam = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=7)))
    assert only(doctor.time_zone(vietnam)) == (Verdict.GOOD, "doctor.time_zone")
    elsewhere = datetime(2026, 1, 1, tzinfo=UTC)
    assert only(doctor.time_zone(elsewhere)) == (Verdict.ADVICE, "doctor.time_zone_elsewhere")


@pytest.mark.parametrize(
    ("body", "verdict", "code"),
    [
        (b'{"state": "ok"}', Verdict.GOOD, "doctor.port_ours"),
        (b"<html>", Verdict.NEEDED, "doctor.port_taken"),
    ],
)
def test_port_in_use(body: bytes, verdict: Verdict, code: str) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            web = WebSection(port=server.server_address[1])
            assert only(doctor.port(web)) == (verdict, code)
        finally:
            server.shutdown()
            thread.join()


def test_port() -> None:
    assert only(doctor.port(WebSection(port=free_port()))) == (Verdict.GOOD, "doctor.port_free")
    nowhere = WebSection(host="192.0.2.1", port=free_port())  # RFC 5737: nobody has it
    assert only(doctor.port(nowhere)) == (Verdict.NEEDED, "doctor.port_unusable")
