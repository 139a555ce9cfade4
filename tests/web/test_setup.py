"""The set-up's screens: who may, what was wrong, and that nothing typed is lost."""

import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from base.cause import Cause
from config.check import read_settings
from config.edit import begin
from config.settings import HdmiSection, HouseSettings, RtspCamera, Webcam
from devices.discovery.found import Found, FoundKind
from devices.virtual.camera import serve_camera
from devices.virtual.mdc import virtual_mdc
from devices.virtual.projector import Manner, virtual_projector
from devices.virtual.rtsp_server import Login
from rooms import trial
from rooms.rehearsal import Outcome
from rooms.trial import Tried, try_camera
from rooms.view import Phase, Role
from web.setup import as_settings
from web.setup import draft as drafts
from web.setup.draft import Device
from web.setup.pages import _chosen_input
from web.setup.workshop import Configuration, Workshop

FIND, SAVE = "/technician/setup/find", "/technician/setup/save"


@pytest.fixture
def reopened() -> list[str]:
    return []


@pytest.fixture
async def setup(start_house, tmp_path: Path, reopened: list[str]):
    path = tmp_path / "house.toml"
    begin(path)

    def workshop(settings: HouseSettings, room) -> Workshop:
        configuration = Configuration(path, {}, lambda: reopened.append("now"))
        return Workshop(settings, room, configuration)

    return await start_house(workshop=workshop)


def of(house) -> Workshop:
    assert house.site.workshop is not None
    return house.site.workshop


@pytest.mark.parametrize("path", ["", "/find", "/save", "/done", "/opening", "/device/camera"])
async def test_it_is_the_technicians_alone(setup, path):
    leader = await setup.client_as(Role.LEADER)
    assert (await leader.get(f"/technician/setup{path}")).status_code == 303
    if path not in {"/done", "/opening"}:
        assert (await leader.post(f"/technician/setup{path}", data={})).status_code == 401
    other = await setup.client_as(Role.TECHNICIAN)
    other.headers["Origin"] = "http://evil.example"
    assert (await other.post(SAVE)).status_code == 403


async def test_a_wrong_address_is_said_beside_what_was_typed(setup):
    technician = await setup.client_as(Role.TECHNICIAN)
    typed = {"do": "rtsp", "rtsp-address": "admin:bi-mat@192.168.1.20"}
    assert (await technician.post(FIND, data=typed)).status_code == 303
    page = "/technician/setup/device/camera"
    form = {"do": "next", "name": "Cửa", "address": "rtsp:nonsense here", "user": "admin"}
    for address, code in (
        ("a:b@192.168.1.20", "setup.address_with_password"),
        ("không biết", "setup.camera_address"),
    ):
        answer = await technician.post(page, data=form | {"address": address})
        assert answer.status_code == 422
        assert f'data-code="{code}"' in answer.text
        assert 'value="Cửa"' in answer.text and f'value="{address}"' in answer.text


async def test_a_password_is_never_shown_and_a_restart_loses_nothing(setup):
    technician = await setup.client_as(Role.TECHNICIAN)
    await technician.post(FIND, data={"do": "rtsp", "rtsp-address": "192.168.1.20"})
    page = "/technician/setup/device/camera"
    form = {"name": "Cửa", "address": "192.168.1.20", "user": "admin", "password": "bí mật!"}
    await technician.post(page, data=form | {"do": "next"})
    for path in (page, SAVE, "/technician/setup", "/technician/sheet", "/technician"):
        assert "bí mật!" not in (await technician.get(path)).text
    kept = setup.site.settings.data / "setup.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = Workshop(setup.site.settings, setup.room, None)
    assert again.draft.devices == of(setup).draft.devices
    assert again.draft.devices[0].password == "bí mật!"


async def test_nothing_is_saved_or_tried_while_a_meeting_runs(setup, reopened):
    technician = await setup.client_as(Role.TECHNICIAN)
    await technician.post(FIND, data={"do": "pjlink", "pjlink-address": "127.0.0.1"})
    setup.shows(phase=Phase.LIVE)
    answer = await technician.post(SAVE)
    assert answer.status_code == 409 and 'data-code="setup.in_meeting"' in answer.text
    page = "/technician/setup/device/projector"
    typed = {"do": "try", "name": "Chiếu", "address": "127.0.0.1", "password": "x"}
    answer = await technician.post(page, data=typed)
    assert 'data-code="setup.in_meeting"' in answer.text and 'value="Chiếu"' in answer.text
    of(setup)._saved = True
    of(setup).reopen()
    assert reopened == [], "a meeting that began meanwhile is not broken off"
    setup.shows(phase=Phase.IDLE)
    of(setup).reopen()
    assert reopened == ["now"]


@pytest.mark.parametrize(
    ("manner", "password", "code"),
    [
        (Manner.HALF_ANSWERS, None, "setup.projector_silent"),
        (Manner.GARBAGE, None, "setup.not_pjlink"),
        (Manner.PROPER, "right", "setup.projector_password"),
    ],
)
async def test_a_projector_that_does_not_do_is_told_in_words(setup, manner, password, code):
    technician = await setup.client_as(Role.TECHNICIAN)
    async with virtual_projector(password=password) as projector:
        projector.manner = manner
        address = f"127.0.0.1:{projector.port}"
        await technician.post(FIND, data={"do": "pjlink", "pjlink-address": address})
        page = "/technician/setup/device/projector"
        form = {"do": "try", "name": "Chiếu", "address": address, "password": "wrong"}
        await technician.post(page, data=form)
        answer = await technician.get(page)
    assert f'data-code="{code}"' in answer.text and 'role="alert"' in answer.text
    assert not list(setup.site.settings.data.glob("setup-*.password"))


@pytest.mark.parametrize("class_2", [True, False])
async def test_a_projectors_inputs_are_chosen_by_their_names(setup, class_2):
    """Those of class 1 know none: what kind it is stands there in words."""
    technician = await setup.client_as(Role.TECHNICIAN)
    page = "/technician/setup/device/projector"
    async with virtual_projector() as projector:
        projector.class_2 = class_2
        address = f"127.0.0.1:{projector.port}"
        await technician.post(FIND, data={"do": "pjlink", "pjlink-address": address})
        before = (await technician.get(page)).text
        assert 'value="31" selected>HDMI, DVI 1 (31)<' in before
        assert 'id="input-hint"' in before
        form = {"name": "Chiếu", "address": address, "input": "31"}
        await technician.post(page, data=form | {"do": "try"})
        shown = (await technician.get(page)).text
        names = {"11": "Computer", "32": "HDMI 2"} if class_2 else {"11": "VGA (RGB) 1"}
        for code, name in names.items():
            assert f'value="{code}">{name} ({code})<' in shown
        assert 'value="33"' not in shown and 'id="input-hint"' not in shown
        await technician.post(page, data=form | {"input": "32", "do": "next"})
        assert 'value="32" selected>' in (await technician.get(page)).text
        await technician.post(page, data=form | {"address": "127.0.0.1:9", "do": "next"})
        assert 'value="33"' in (await technician.get(page)).text, "another one has others"


def test_an_input_that_nobody_chose_is_never_the_one_that_stands_first():
    device = Device("projector", "pjlink", inputs={"11": "Computer", "21": "", "32": "HDMI"})
    assert _chosen_input(device) == "32"
    assert _chosen_input(Device("projector", "mdc")) == "HDMI1"


@pytest.mark.parametrize(
    ("pin", "code"), [("", "setup.tv_pin_needed"), ("9999", "setup.tv_pin"), ("0123", None)]
)
async def test_the_pin_of_a_screen_is_asked_for_where_it_wants_one(setup, pin, code):
    technician = await setup.client_as(Role.TECHNICIAN)
    page = "/technician/setup/device/projector"
    async with virtual_mdc() as screen:
        screen.pin = "0123"
        address = f"127.0.0.1:{screen.port}"
        await technician.post(FIND, data={"do": "mdc", "mdc-address": address})
        form = {"do": "try", "name": "Tivi", "address": address, "password": pin}
        await technician.post(page, data=form)
        tried = (await technician.get(page)).text
    assert f'data-code="{code or "setup.projector_off"}"' in tried


async def test_a_camera_whose_onvif_has_users_of_its_own(
    setup, tmp_path: Path, hall_cache: Path, monkeypatch: pytest.MonkeyPatch
):
    """They are asked for where the picture lets us in and ONVIF does not, and only then."""
    technician = await setup.client_as(Role.TECHNICIAN)
    page = "/technician/setup/device/camera"
    draft = of(setup).draft
    draft.name, draft.ward = "Nhà văn hóa", "Phường Mẫu"
    own = Login("onvif", "riêng")
    async with serve_camera(hall_cache, user="admin", password="hình", onvif_login=own) as camera:
        assert camera.onvif is not None
        monkeypatch.setattr(trial, "RTSP_PORT", urlsplit(camera.url).port)
        address = camera.onvif.url
        await technician.post(FIND, data={"do": "rtsp", "rtsp-address": address})
        form = {"do": "try", "name": "Cửa", "address": address, "user": "admin"}

        async def says(**typed: str) -> str:
            await technician.post(page, data=form | typed)
            shown = (await technician.get(page)).text
            assert draft.devices[0].tried is not None
            assert f'data-code="{draft.devices[0].tried.cause.code}"' in shown
            assert ('name="onvif_user"' in shown) is draft.devices[0].asks_onvif
            return draft.devices[0].tried.cause.code

        assert await says(password="sai") == "setup.camera_password"
        assert not draft.devices[0].asks_onvif
        assert await says(password="hình") == "setup.onvif_login"
        wrong = await says(onvif_user="onvif", onvif_password="sai")
        assert wrong == "setup.onvif_login_refused"
        assert await says(onvif_user="onvif", onvif_password="riêng") == "setup.picture_good"
        assert not list(setup.site.settings.data.glob("setup-*.password"))
        assert (await technician.post(SAVE)).status_code == 303
    (written,) = read_settings(tmp_path / "house.toml", {}).cameras
    assert isinstance(written, RtspCamera) and written.onvif_password_file
    assert (written.onvif_user, written.onvif_password_file.read_text()) == ("onvif", "riêng\n")
    again = drafts.of_settings(read_settings(tmp_path / "house.toml", {})).devices[0]
    assert again.onvif_kept
    again.onvif_user = ""
    taken = as_settings.fields_of(again, setup.site.settings)
    assert taken["onvif_user"] is None and taken["onvif_password_file"] is None


async def test_what_is_saved_reopens_the_house_once_its_page_waits(setup, reopened):
    technician = await setup.client_as(Role.TECHNICIAN)
    await technician.post(
        "/technician/setup", data={"name": "Nhà 7", "ward": "Phường Mẫu", "do": "next"}
    )
    of(setup).draft.found = (Found(FoundKind.CAMERA, "Hall", "http://10.1.1.1/o", "urn:1"),)
    await technician.post(FIND, data={"do": "next", "pick-0": "yes", "name-0": "Cửa"})
    saved = await technician.post(SAVE)
    waiting = saved.headers["location"]
    assert reopened == []
    assert [(await technician.get(waiting)).status_code for _ in range(2)] == [503, 503]
    assert reopened == ["now"]
    later = await technician.get("/technician/setup/opening?run=earlier")
    assert later.headers["location"] == "/technician/setup/done"


async def test_the_picture_of_a_hall_in_use_wants_the_leaders_word(setup):
    technician = await setup.client_as(Role.TECHNICIAN)
    await technician.post(FIND, data={"do": "rtsp", "rtsp-address": "192.168.1.20"})
    of(setup).draft.devices[0].tried = Tried(Outcome.GOOD, Cause("setup.picture_good"), b"\xff\xd8")
    picture = "/technician/setup/device/camera/picture.jpg"
    assert (await technician.get(picture)).status_code == 200
    await setup.client_as(Role.LEADER)
    assert (await technician.get(picture)).status_code == 409
    setup.shows(hall_watched_by="Kỹ thuật viên")
    assert (await technician.get(picture)).status_code == 200


async def test_a_house_without_a_file_says_so(house):
    technician = await house.client_as(Role.TECHNICIAN)
    assert "/technician/setup" not in (await technician.get("/technician")).text


def test_what_the_file_says_more_than_the_form_stays():
    camera = RtspCamera(
        kind="rtsp", id="camera", name="Cửa", onvif="http://10.0.0.2", url="rtsp://10.0.0.2/9"
    )
    webcam = Webcam(kind="webcam", id="camera-2", name="Bàn", input="/dev/v4l/by-id/x")
    settings = HouseSettings(
        house={"name": "a", "ward": "b"},  # type: ignore[arg-type]
        cameras=(camera, webcam),
    )
    draft = drafts.of_settings(settings)
    assert as_settings.fields_of(draft.devices[0], settings).keys().isdisjoint({"url", "onvif"})
    moved = Device("camera", "rtsp", "Cửa", "10.0.0.3")
    written = as_settings.fields_of(moved, settings)
    assert (written["onvif"], written["url"]) == ("http://10.0.0.3", None)


async def test_the_rescue_sheet_names_the_houses_own_devices(start_house):
    house = await start_house()
    technician = await house.client_as(Role.TECHNICIAN)
    sheet = (await technician.get("/technician/sheet")).text
    assert f"{house.url}/pair" in sheet and sheet.count("<svg") >= 2
    assert "Phường Mẫu" in sheet
    leader = await house.client_as(Role.LEADER)
    assert (await leader.get("/technician/sheet")).status_code == 303


async def test_a_screen_takes_the_projectors_place_and_is_tried(setup, tmp_path: Path):
    """MDC over the network, with the input that was chosen; HDMI-CEC needs no address."""
    technician = await setup.client_as(Role.TECHNICIAN)
    page = "/technician/setup/device/projector"
    draft = of(setup).draft
    draft.name, draft.ward = "Nhà văn hóa", "Phường Mẫu"
    await technician.post(FIND, data={"do": "pjlink", "pjlink-address": "127.0.0.1"})
    async with virtual_mdc() as screen:
        address = f"127.0.0.1:{screen.port}"
        assert "address_missing" in (await technician.post(FIND, data={"do": "mdc"})).text
        await technician.post(FIND, data={"do": "mdc", "mdc-address": address})
        assert [one.kind for one in draft.devices] == ["mdc"]
        form = {"name": "Tivi", "address": address, "input": "HDMI2", "do": "try"}
        await technician.post(page, data=form)
        tried = (await technician.get(page)).text
        assert 'data-code="setup.projector_off"' in tried
        assert '<option value="HDMI2" selected>' in tried
        assert (await technician.post(SAVE)).status_code == 303
    written = (tmp_path / "house.toml").read_text()
    assert 'kind = "mdc"' in written and 'input = "HDMI2"' in written

    await technician.post(FIND, data={"do": "cec"})
    assert [one.kind for one in draft.devices] == ["cec"]
    assert 'name="address"' not in (await technician.get(page)).text
    assert (await technician.post(SAVE)).status_code == 303
    written = (tmp_path / "house.toml").read_text()
    assert 'kind = "cec"' in written and "HDMI2" not in written and "host =" in written
    assert written.split("[projector]")[1].count("host") == 0


async def test_a_cable_for_a_laptop_is_set_up_as_one_and_is_no_camera(setup):
    technician, workshop = await setup.client_as(Role.TECHNICIAN), of(setup)
    microphones = ("MS2109: USB Audio", "Jabra: USB Audio")
    workshop.draft.found = (
        Found(FoundKind.WEBCAM, "HD Webcam", "/dev/v4l/by-id/webcam", "webcam"),
        Found(FoundKind.HDMI, "USB Video", "/dev/v4l/by-id/dongle", "dongle", microphones[0]),
        *(Found(FoundKind.MICROPHONE, name, name, name) for name in microphones),
        Found(FoundKind.LOUDSPEAKER, microphones[1], microphones[1], microphones[1]),
    )
    workshop.draft.looked = True
    page = (await technician.get(FIND)).text
    assert 'value="Cáp HDMI (máy tính xách tay)"' in page
    assert 'data-code="microphone"><p>' in page and f"<strong>{microphones[0]}" not in page
    picks = {"do": "next", "pick-0": "yes", "pick-1": "yes", "as-0": "webcam", "as-1": "hdmi"}
    await technician.post(FIND, data=picks)
    kinds = [one.kind for one in workshop.draft.devices]
    assert kinds == ["webcam", "hdmi", "sound"]
    assert workshop.draft.device("sound").address == microphones[1], "not the laptop's"
    cable = "/technician/setup/device/hdmi"
    assert f'value="{microphones[0]}" selected' in (await technician.get(cable)).text
    await technician.post(SAVE)
    saved = read_settings(of(setup)._configuration.path, {})
    assert saved.hdmi == HdmiSection(input="/dev/v4l/by-id/dongle", sound=microphones[0])
    assert [one.input for one in saved.cameras] == ["/dev/v4l/by-id/webcam"]
    again = drafts.of_settings(saved)
    assert as_settings.fields_of(again.device("hdmi"), saved)["sound"] == microphones[0]


async def test_the_technician_knows_better_which_is_the_cable(setup):
    technician, workshop = await setup.client_as(Role.TECHNICIAN), of(setup)
    workshop.draft.found = (Found(FoundKind.WEBCAM, "USB Video", "/dev/video-a", "a", "Mic:"),)
    picks = {"do": "next", "pick-0": "yes", "as-0": "hdmi", "name-0": "Cáp bàn chủ tọa"}
    await technician.post(FIND, data=picks)
    (cable,) = [one for one in workshop.draft.devices if one.kind == "hdmi"]
    assert (cable.id, cable.name, cable.sound) == ("hdmi", "Cáp bàn chủ tọa", "Mic:")


async def test_a_cable_without_a_laptop_is_told_so_when_it_is_tried():
    settings = {"format": "lavfi", "width": 320, "height": 180}
    for source, code in (("color=c=blue", "hdmi.no_signal"), ("testsrc2", "setup.picture_good")):
        cable = HdmiSection(input=f"{source}{':' if '=' in source else '='}s=320x180", **settings)
        assert (await try_camera(cable)).cause.code == code
