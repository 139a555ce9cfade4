"""What is typed in the set-up before it is saved: nothing twice, nothing lost, nothing that stays
from what stood there before."""

import asyncio
from pathlib import Path

import pytest

from base.cause import Cause, Refused
from config.settings import (
    HouseSettings,
    PjlinkProjector,
    RtspCamera,
    ScreenSection,
    SoundSection,
    WhipCamera,
)
from devices.discovery.found import Found, FoundKind
from rooms.rehearsal import Outcome
from rooms.trial import Tried
from rooms.view import Role
from web.setup import as_settings
from web.setup import draft as drafts
from web.setup.draft import Device, Draft
from web.setup.workshop import Workshop

FIND = "/technician/setup/find"
MICROPHONE, LOUDSPEAKER = FoundKind.MICROPHONE, FoundKind.LOUDSPEAKER


def settings_with(**fields: object) -> HouseSettings:
    return HouseSettings(house={"name": "Nhà 5", "ward": "Phường"}, **fields)  # type: ignore[arg-type]


def empty() -> Draft:
    return drafts.of_settings(settings_with())


def heard(*names: tuple[FoundKind, str]) -> tuple[Found, ...]:
    return tuple(Found(kind, name, name, name) for kind, name in names)


def test_devices_have_names_and_ids_of_their_own_and_stand_in_order():
    draft = empty()
    draft.add("pjlink", "Máy chiếu", "10.0.0.9")
    for number in range(4):
        draft.add("webcam" if number == 3 else "rtsp", "Cửa", f"10.0.0.{number}")
    assert [(one.id, one.name) for one in draft.devices] == [
        ("camera", "Cửa"),
        ("camera-2", "Cửa 2"),
        ("camera-3", "Cửa 3"),
        ("camera-4", "Cửa 4"),
        ("projector", "Máy chiếu"),
    ]
    with pytest.raises(Refused, match=r"setup\.too_many_cameras"):
        draft.add("rtsp", "Một nữa", "10.0.0.8")
    draft.add("pjlink", "Máy mới", "10.0.0.10")
    assert [one.address for one in draft.devices if one.kind == "pjlink"] == ["10.0.0.10"]


def test_a_camera_that_is_found_takes_no_id_or_name_of_what_is_set_up_elsewhere(tmp_path: Path):
    encoder = WhipCamera(kind="whip", id="camera", name="Cửa", token_file=tmp_path / "token")
    settings = settings_with(
        data=tmp_path, cameras=(encoder,), screen=ScreenSection(id="camera-2", name="Sân khấu")
    )
    early = empty()  # typed before somebody wrote the encoder into the file
    early.add("rtsp", "Cửa", "10.0.0.1").user = "admin"
    drafts.keep(early, tmp_path / "setup.json")
    workshop = Workshop(settings, None, None)  # type: ignore[arg-type]
    draft = workshop.draft
    assert [(one.id, one.user) for one in draft.devices] == [("camera-3", "admin")]
    with pytest.raises(Refused, match=r"setup\.same_name"):
        workshop.check(draft.devices[0])
    draft.devices[0].name = "Bàn"
    workshop.check(draft.devices[0])
    added = [draft.add("rtsp", "Cửa", f"10.0.0.{number}") for number in (2, 3)]
    assert [(one.id, one.name) for one in added] == [("camera-4", "Cửa 2"), ("camera-5", "Cửa 3")]
    with pytest.raises(Refused, match=r"setup\.too_many_cameras"):
        draft.add("webcam", "Nữa", "/dev/video0")


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([(MICROPHONE, "a"), (LOUDSPEAKER, "b")], ("a", "b")),
        (
            [(MICROPHONE, "a"), (MICROPHONE, "j"), (LOUDSPEAKER, "j"), (LOUDSPEAKER, "b")],
            ("j", "j"),
        ),
        ([(MICROPHONE, "a"), (MICROPHONE, "c"), (LOUDSPEAKER, "b")], ("", "b")),
    ],
)
def test_one_device_for_both_is_suggested_and_what_is_not_clear_is_not(tmp_path, found, chosen):
    workshop = Workshop(settings_with(data=tmp_path), None, None)  # type: ignore[arg-type]
    workshop.draft.found = heard(*found)
    workshop.choose_sound()
    workshop.choose_sound()
    (device,) = workshop.draft.devices
    assert (device.address, device.loudspeaker) == chosen


def test_whatever_was_kept_otherwise_is_not_taken_for_a_draft(tmp_path: Path):
    path = tmp_path / "setup.json"
    for text in ("", "[]", '{"house": []}', '{"house": ["a","b","c"], "devices": [{"x": 1}]}'):
        path.write_text(text)
        assert drafts.read(path) is None
    draft = empty()
    draft.add("rtsp", "Cửa", "10.0.0.2").password = "x"
    draft.found, draft.looked = heard((MICROPHONE, "a")), True
    drafts.keep(draft, path)
    assert drafts.read(path) == draft


def test_an_address_is_rtsp_or_onvif_and_one_without_a_scheme_is_onvif():
    settings = settings_with()

    def written(address: str, **more: str) -> dict[str, object]:
        return as_settings.fields_of(Device("camera", "rtsp", "Cửa", address, **more), settings)

    assert written("rtsp://10.0.0.2/1")["url"] == "rtsp://10.0.0.2/1"
    assert written("10.0.0.2")["onvif"] == "http://10.0.0.2"
    open_to_all = written("10.0.0.2")
    assert open_to_all["user"] is None and open_to_all["password_file"] is None
    with pytest.raises(Refused, match=r"setup\.user_missing"):
        written("10.0.0.2", password="x")
    with pytest.raises(Refused, match=r"setup\.name_missing"):
        as_settings.fields_of(Device("camera", "rtsp", "", "10.0.0.2"), settings)
    with pytest.raises(Refused, match=r"setup\.choose_sound"):
        as_settings.fields_of(Device("sound", "sound", address="a"), settings)
    projector = Device("projector", "pjlink", "Máy chiếu", "10.0.0.9:1000")
    assert as_settings.fields_of(projector, settings)["port"] == 1000
    projector.address = "10.0.0.9:x"
    with pytest.raises(Refused, match=r"setup\.projector_address"):
        as_settings.fields_of(projector, settings)


def test_what_is_tried_is_what_is_typed_and_else_what_the_file_says(tmp_path: Path):
    before = tmp_path / "before.password"
    settings = settings_with(
        cameras=(
            RtspCamera(
                kind="rtsp", id="camera", name="Cửa", onvif="http://10.0.0.2", transport="udp",
                user="admin", password_file=before,
            ),
        ),
        projector=PjlinkProjector(kind="pjlink", host="10.0.0.9", password_file=before),
    )  # fmt: skip
    camera, projector = drafts.of_settings(settings).devices
    kept = as_settings.trial_settings(camera, settings, None)
    assert isinstance(kept, RtspCamera)
    assert (kept.onvif, kept.transport, kept.password_file) == ("http://10.0.0.2", "udp", before)
    typed = tmp_path / "typed.password"
    assert as_settings.trial_settings(camera, settings, typed).password_file == typed  # type: ignore[union-attr]
    assert as_settings.trial_settings(projector, settings, None).password_file == before  # type: ignore[union-attr]


async def test_the_houses_own_sound_is_tried_where_it_holds_these_devices(tmp_path: Path):
    sound = object()
    settings = settings_with(data=tmp_path, sound=SoundSection(microphone="a", loudspeaker="b"))
    workshop = Workshop(settings, None, None, sound)  # type: ignore[arg-type]
    assert workshop._running(SoundSection(microphone="a", loudspeaker="b")) is sound
    assert workshop._running(SoundSection(microphone="a", loudspeaker="c")) is None


# On the pages


@pytest.fixture
async def house(start_house):
    return await start_house(workshop=lambda settings, room: Workshop(settings, room, None))


async def test_what_was_tried_is_nothing_once_something_else_is_typed(house):
    technician, draft = await house.client_as(Role.TECHNICIAN), house.site.workshop.draft
    await technician.post(FIND, data={"do": "rtsp", "rtsp-address": "192.168.1.20"})
    (device,) = draft.devices
    page = "/technician/setup/device/camera"
    form = {"do": "next", "name": "Cửa", "address": "192.168.1.20"}
    device.tried = Tried(Outcome.GOOD, Cause("setup.picture_good", name="Cửa", size="1×1"))
    await technician.post(page, data=form)
    assert device.tried is not None, "the same as before"
    for other in (
        {"address": "192.168.1.21"},
        {"user": "admin"},
        {"password": "x", "user": "admin"},
    ):
        device.tried = Tried(Outcome.GOOD, Cause("setup.picture_good", name="Cửa", size="1×1"))
        await technician.post(page, data=form | other)
        assert device.tried is None
    await technician.post(page, data=form | {"user": "admin", "password": ""})
    assert device.password == "x", "what was typed before stays"


async def test_what_was_found_is_taken_once_and_can_be_dropped_and_forgotten(house):
    technician, workshop = await house.client_as(Role.TECHNICIAN), house.site.workshop
    workshop.draft.found = (Found(FoundKind.CAMERA, "Hall", "http://10.1.1.1/o", "urn:1"),)
    for _ in range(2):
        await technician.post(FIND, data={"do": "next", "pick-0": "yes", "name-0": "Cửa"})
    assert [one.name for one in workshop.draft.devices] == ["Cửa"]
    await technician.post(FIND, data={"do": "rtsp", "rtsp-address": "192.168.1.20"})
    second = "/technician/setup/device/camera-2"
    answer = await technician.post(
        second, data={"do": "next", "name": "Cửa", "address": "10.9.9.9"}
    )
    assert answer.status_code == 422 and 'data-code="setup.same_name"' in answer.text
    answer = await technician.post(second, data={"do": "drop"})
    assert answer.headers["location"] == "/technician/setup/save"
    assert (await technician.get(second)).status_code == 404
    await technician.post("/technician/setup", data={"do": "forget"})
    assert workshop.draft == empty_like(workshop)
    assert not (house.site.settings.data / "setup.json").exists()
    answer = await technician.post(FIND, data={"do": "rtsp", "rtsp-address": " "})
    assert 'data-code="setup.address_missing"' in answer.text
    answer = await technician.post("/technician/setup", data={"name": "Nhà 5", "ward": ""})
    assert 'data-code="setup.house_missing"' in answer.text


def empty_like(workshop: Workshop) -> Draft:
    return drafts.of_settings(workshop._settings)


async def test_one_thing_is_tried_at_a_time(house):
    workshop = house.site.workshop
    async with workshop._busy:
        with pytest.raises(Refused, match=r"setup\.busy"):
            await workshop.look()
    with pytest.raises(Refused, match=r"setup\.no_file"):
        await workshop.save()
    await asyncio.sleep(0)


async def test_a_microphone_that_was_chosen_stays_to_be_chosen(house):
    technician, workshop = await house.client_as(Role.TECHNICIAN), house.site.workshop
    workshop.draft.found = heard((MICROPHONE, "mic-a"), (LOUDSPEAKER, "loa-b"))
    device = workshop.draft.add("sound", "", "mic-cũ")
    device.loudspeaker = "loa-b"
    page = (await technician.get("/technician/setup/device/sound")).text
    assert "mic-cũ" in page and "mic-a" in page
