"""A picture or a PDF on its way to everybody: from a tablet, a telephone, a stick; to the hub."""

import io

import pytest
from PIL import Image

from devices.sticks import Sticks
from rooms.meeting import Actor
from rooms.view import Role
from tests.devices.test_sticks import LINE, Machine
from web import papers
from web.link.messages import Open
from web.link.reach import headers_outward, reachable

LEADER = Actor(Role.LEADER, "Bác Lan")


def png(colour="teal"):
    written = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(written, "PNG")
    return written.getvalue()


def photo(name="sơ đồ.png", data=None):
    return {"photo": (name, data or png(), "image/png")}


@pytest.fixture
async def leader(house):
    return await house.client_as(Role.LEADER)


@pytest.fixture
async def brought(house, leader):
    """By the leader's own tablet."""
    sent = await leader.post("/content/add", files=photo())
    assert (sent.status_code, sent.headers["location"]) == (303, "/content")
    return house.room.view.value.papers[0]


def regions(house, page):
    from web.live import Regions  # noqa: PLC0415

    return Regions(house.site).of(page, "vi", house.url)


async def test_from_the_tablet_to_everybody_and_away_again(house, leader, brought):
    await house.room.start_meeting(LEADER)
    assert "<img" not in regions(house, "stage")["floor-paper"]
    shown = await leader.post("/do/show-paper", data={"paper": brought.id})
    assert shown.status_code == 303
    for page in ("stage", "official"):
        assert f"../content/{brought.key}.jpg" in regions(house, page)["floor-paper"], page
    page = (await leader.get("/content")).text
    assert 'data-value="paper-shown"' in page
    assert "sơ đồ" in regions(house, "official")["guest-people"], "it says what everybody sees"
    await leader.post("/do/hide-paper")
    assert "<img" not in regions(house, "stage")["floor-paper"]


async def test_a_page_is_for_whoever_was_told_its_address(house, leader, brought):
    anybody = house.client()
    page = await anybody.get(f"/content/{brought.key}.jpg")
    assert (page.status_code, page.headers["content-type"]) == (200, "image/jpeg")
    assert (await anybody.get(f"/content/{'0' * 32}.jpg")).status_code == 404
    await leader.post("/do/remove-paper", data={"paper": brought.id})
    assert (await anybody.get(f"/content/{brought.key}.jpg")).status_code == 404


async def test_pages_are_counted_from_one(house, leader, brought):
    await leader.post("/do/turn-page", data={"paper": brought.id, "page": "1"})
    assert house.room.view.value.papers[0].page == 0
    refused = await leader.post("/do/turn-page", data={"paper": brought.id, "page": "0"})
    assert refused.status_code == 400


async def test_a_telephone_that_scanned_the_code_sends_and_shows_nothing(house, leader):
    page = (await leader.get("/content")).text
    assert 'data-value="send-code"' in page
    token = house.access.tokens.sign("paper", house.room.view.value.meeting_id)
    telephone = house.client()
    assert "Gửi ảnh" in (await telephone.get(f"/content/send/{token}")).text
    sent = await telephone.post(f"/content/send/{token}", files=photo("ảnh.png"))
    assert 'data-value="sent"' in sent.text
    assert [one.name for one in house.room.view.value.papers] == ["ảnh"]
    assert (await telephone.get("/content")).status_code in (303, 401)
    other = house.access.tokens.sign("paper", "another meeting")
    assert (await telephone.post(f"/content/send/{other}", files=photo())).status_code == 410
    assert (await telephone.get("/content/send/nothing")).status_code == 404


async def test_the_secretary_shows_too_and_nobody_else(house, brought):
    secretary = await house.client_as(Role.SECRETARY)
    assert (await secretary.get("/content")).status_code == 200
    technician = await house.client_as(Role.TECHNICIAN)
    assert (await technician.get("/content")).status_code in (303, 401)
    await house.room.start_meeting(LEADER)
    done = await technician.post("/do/show-paper", data={"paper": brought.id})
    assert done.status_code == 403
    assert (await secretary.post("/do/show-paper", data={"paper": brought.id})).status_code == 303


async def test_what_is_no_picture_is_said_and_the_others_are_kept(house, leader):
    files = [
        ("photo", ("a.png", png())),
        ("photo", ("b.docx", b"PK\3\4")),
        ("photo", ("c.png", png("red"))),
    ]
    sent = await leader.post("/content/add", files=files)
    assert sent.status_code == 422
    assert "không phải ảnh" in sent.text
    assert [one.name for one in house.room.view.value.papers] == ["c", "a"]
    assert (await leader.post("/content/add", files={"other": b""})).status_code == 422


async def test_a_file_is_taken_from_a_stick(start_house, tmp_path, monkeypatch):
    machine = Machine(tmp_path / "machine")
    machine.disk("sdb", "pci0000:00/usb1/1-2")
    monkeypatch.setattr(papers, "Sticks", lambda: Sticks(machine.root))
    house = await start_house()
    leader = await house.client_as(Role.LEADER)
    assert 'data-code="not-mounted"' in (await leader.get("/content/usb")).text
    machine.mounts(LINE.format(mount="/media/usb", part="sdb1"))
    machine.write("media/usb/Bản đồ.png", png())
    assert "Bản đồ.png" in (await leader.get("/content/usb")).text
    took = {"stick": "/media/usb", "path": "Bản đồ.png"}
    assert (await leader.post("/content/usb", data=took)).status_code == 303
    assert [one.name for one in house.room.view.value.papers] == ["Bản đồ"]
    (machine.root / "media/usb/Bản đồ.png").unlink()
    gone = await leader.post("/content/usb", data=took)
    assert "cắm lại USB" in gone.text


def test_the_hub_passes_pages_on_and_nothing_beside_them():
    key = "0123456789abcdef" * 2

    def asked(path, method="GET"):
        return reachable(Open(1, "http", method, path))

    assert asked(f"/content/{key}.jpg")
    for path in ("", "/add", "/usb", f"/send/{key}", "/..jpg"):
        assert not asked(f"/content{path}"), path
    assert not asked(f"/content/{key}.jpg", "POST")
    assert dict(headers_outward([("content-type", "image/jpeg")])) == {"content-type": "image/jpeg"}
