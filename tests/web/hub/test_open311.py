"""Open311 at the hub: for one house, for all of them, and between two wards of avcontrol."""

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest
from sqlalchemy import text

from base.cause import Cause
from config.open311 import Open311Key, Open311Section
from config.targets import Open311Target
from feedback import store
from feedback.case import Location
from feedback.intake import check, receive
from feedback.outward import body_of
from feedback.targets.open311 import Open311
from feedback.targets.target import Event, NotDelivered
from feedback.topics import Topic
from rooms.meeting import Actor
from rooms.view import Role
from ward.accounts import AccountRole
from web.hub.access import COOKIE

LEADER = Actor(Role.LEADER, "Bác Lan")
KEY = "k3y"
PROGRAM = Path(__file__).parents[1] / "whatever.py"
FORM = {
    "api_key": KEY,
    "service_code": "infrastructure",
    "address_string": "Đầu ngõ 5",
    "lat": "21.0278",
    "long": "105.8342",
    "media_url": "https://anh.example/1.jpg",
    "description": "Cống ngõ 5 tắc " + "á" * 3_900,
    "last_name": "Nguyễn Văn Tư",
    "attribute[keep_name]": "yes",
    "attribute[hide_name]": "yes",
}
BELOW, WHOLE = "/h/to-5/open311/v2", "/open311/v2"


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "city.key"
    file.write_text(KEY)
    return file


@pytest.fixture
async def hub(start_hub, key_file):
    keys = (Open311Key(id="city-app", key_file=key_file),)
    return await start_hub(open311=Open311Section(keys=keys))


async def enrol(hub, house_id="to-5"):
    await hub.site.houses.enrol(await hub.site.houses.invite(house_id, f"Nhà {house_id}"))


async def told(client, path, case_id, **query):
    (one,) = (await client.get(f"{path}/requests/{case_id}.json", params=query)).json()
    return one


async def until(holds):
    async with asyncio.timeout(30):
        while not (found := await holds()):
            await asyncio.sleep(0.05)
    return found


async def test_a_case_goes_to_its_house_and_its_answer_comes_back(hub, link_house):
    linked = await link_house(hub)
    house, client = linked.house, hub.client()
    (posted,) = (await client.post(f"{BELOW}/requests.json", data=FORM)).json()
    case_id = posted["service_request_id"]
    assert f"{hub.url}/h/to-5/receipt/" in posted["service_notice"]
    async with asyncio.timeout(40):
        async for view in house.room.view.changes():
            if view.questions:
                break
    (question,) = view.questions
    assert (question.id, question.via, question.text) == (case_id, "open311", FORM["description"])
    assert question.location == Location("Đầu ngõ 5", None, 21.0278, 105.8342)
    assert (question.media_url, question.asked_by) == ("https://anh.example/1.jpg", None)
    rows = "SELECT topic, topic_sought, name FROM case_work JOIN cases ON id = case_id"
    work = await house.database.read(lambda c: c.execute(text(rows)).one())
    assert tuple(work) == ("infrastructure", True, "Nguyễn Văn Tư")

    async def copied():
        rows = "SELECT topic FROM case_copies"
        return await hub.database.read(lambda c: c.execute(text(rows)).scalars().all())

    assert await until(copied) == ["infrastructure"]
    one = await told(client, BELOW, case_id)
    assert (one["status"], one["description"], one["address"]) == ("open", None, None)
    await house.room.ask("Hỏi ở nhà văn hóa", name=None, via="phone", key="", by=None)
    await house.room.answer_question(LEADER, case_id, "Mai sửa.")

    async def answered():
        found = await told(client, BELOW, case_id)
        return found if found["status"] == "closed" else None

    one = await until(answered)
    assert (one["status_notes"], one["description"]) == ("Mai sửa.", FORM["description"])
    assert (one["address"], one["lat"], one["service_code"]) == (
        "Đầu ngõ 5",
        21.0278,
        "infrastructure",
    )
    there = await told(house.client(), WHOLE, case_id)
    clock = ("updated_datetime", "requested_datetime")
    assert {**one, **dict.fromkeys(clock)} == {**there, **dict.fromkeys(clock)}

    async def all_of_it():
        found = (await client.get(f"{BELOW}/requests.json")).json()
        return found if len(found) == 2 else None

    newest, oldest = await until(all_of_it)
    assert (newest["service_code"], oldest["service_request_id"]) == ("other", case_id)
    closed = (await client.get(f"{BELOW}/requests.json?status=closed")).json()
    assert [other["service_request_id"] for other in closed] == [case_id]
    query = {"service_code": "infrastructure", "status": "open"}
    assert (await client.get(f"{BELOW}/requests.json", params=query)).json() == []


async def test_the_whole_ward_by_jurisdiction(hub):
    client = hub.client()
    for house_id in ("to-5", "to-6"):
        await enrol(hub, house_id)
    posted = await client.post(f"{WHOLE}/requests.json", data=FORM | {"jurisdiction_id": "to-6"})
    case_id = posted.json()[0]["service_request_id"]
    assert (await told(client, "/h/to-6/open311/v2", case_id))["status"] == "open"
    assert (await told(client, WHOLE, case_id, jurisdiction_id="to-6"))["status"] == "open"
    answers = {
        f"{BELOW}/requests/{case_id}.xml": 404,  # the other house's
        f"{BELOW}/services.xml?jurisdiction_id=to-5": 200,
        f"{BELOW}/services.xml?jurisdiction_id=to-6": 404,
        f"{WHOLE}/services.xml": 400,
        f"{WHOLE}/requests.json?jurisdiction_id=to-7": 404,
        "/h/to-7/open311/v2/services.json": 404,
        "/open311/discovery.json": 200,
        "/h/to-5/open311/discovery.xml": 200,
        "/h/to-5/open311/v2/anything": 404,
    }
    for path, status in answers.items():
        answer = await client.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"] in ("text/xml", "application/json")
    found = ElementTree.fromstring((await client.get("/h/to-5/open311/discovery.xml")).content)
    assert found.findtext("endpoints/endpoint/url") == f"{hub.url}{BELOW}"
    without = await client.post(f"{WHOLE}/requests.json", data=FORM)
    assert (without.status_code, "jurisdiction_id" in without.text) == (400, True)

    handler = await hub.client_as(AccountRole.HANDLER)
    page = (await handler.get(f"/work/{case_id}")).text
    assert "Đầu ngõ 5" in page and 'href="geo:21.0278,105.8342"' in page
    assert "city-app" in page
    assert "Nguyễn Văn Tư" not in page


async def test_a_handler_reads_whose_word_a_topic_is(hub):
    draft = replace(check("Cống tắc", name=None, via="open311", key=""), topic=Topic.OTHER)
    at, rules = datetime.now(UTC), hub.site.rules
    nothing = {"by": "open311 city-app", "now": at, "alongside": lambda *_: None}
    case, _ = await receive(hub.database, draft, rules, **nothing)
    handler = await hub.client_as(AccountRole.HANDLER)
    page = (await handler.get(f"/work/{case.id}")).text
    assert 'data-value="topic" data-code="other"' in page
    assert "người gửi chọn, chưa ai xác nhận" in page and "máy gợi ý" not in page


async def test_all_of_it_is_described(hub):
    document = (await hub.client().get("/api/openapi.json")).json()
    for path in ("/open311/v2/requests.xml", "/h/{house}/open311/v2/requests.xml"):
        assert set(document["paths"][path]) == {"get", "post"}
        assert "text/xml" in document["paths"][path]["post"]["responses"]["201"]["content"]
    below = document["paths"]["/h/{house}/open311/v2/services/{service_code}.json"]["get"]
    named = [one["name"] for one in below["parameters"] if one["in"] == "path"]
    assert named == ["house", "service_code"]
    health = (await hub.client().get("/healthz")).json()
    assert set(health) == set(document["components"]["schemas"]["HubHealth"]["required"])


async def test_one_avcontrol_hands_to_another(hub, start_house, key_file, tmp_path):
    """The client of one is the server's of the other: once, whatever it knows of its attempts."""
    await enrol(hub)
    house = await start_house()
    receipt = await house.room.ask("Cống tắc", name="Ông Tư", via="phone", key="", by=None)
    dossier = await house.database.read(lambda c: store.get(c, receipt.question_id))
    body = body_of(dossier, datetime.now(UTC)) | {"topic": "environment"}
    settings = Open311Target(
        kind="open311",
        id="ward",
        url=f"{hub.url}{WHOLE}",
        key_file=key_file,
        jurisdiction="to-5",
        address="Nhà văn hóa Tổ dân phố 5",
        services={"environment": "environment"},
        default_service="other",
    )
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        target = Open311(settings, client, lambda: datetime.now(UTC))
        for attempt in (1, 2, 3):
            event = Event("e-1", "case.received", receipt.question_id, body, attempt)
            await target.deliver(event)
        rows = "SELECT text, via, address, topic FROM cases JOIN case_work ON id = case_id"
        (only,) = await hub.database.read(lambda c: c.execute(text(rows)).all())
        assert only.text.startswith("Cống tắc\n[avcontrol ")
        assert tuple(only)[1:] == ("open311", "Nhà văn hóa Tổ dân phố 5", "environment")
        with pytest.raises(NotDelivered) as failed:
            other = Open311(
                settings.model_copy(update={"key_file": wrong_key(tmp_path)}),
                client,
                lambda: datetime.now(UTC),
            )
            await other.deliver(Event("e-2", "case.received", "x" * 16, body, 1))
        assert failed.value.cause == Cause("delivery.status", status=403)


def wrong_key(folder):
    file = folder / "wrong.key"
    file.write_text("wrong")
    return file


@pytest.mark.soak
@pytest.mark.timeout(240)  # every endpoint of the hub, on a busy machine
async def test_a_hub_never_fails(hub):
    await enrol(hub)
    cookies = f"{COOKIE}={await hub.secret_of(AccountRole.ADMIN, 'Trần Thị Hoa')}"
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, str(PROGRAM), hub.url, "--key", KEY, "--house", "to-5"),
        *("--examples", "40", "--cookies", cookies),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()[-6_000:]
