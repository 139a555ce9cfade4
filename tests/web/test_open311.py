"""Open311 GeoReport v2 as it is served by a house, asked by the clients of others."""

import asyncio
import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from georeport import GeoReport
from sqlalchemy import text, update

from config.open311 import Open311Key, Open311Section
from feedback.case import Location
from feedback.erasing import erase
from feedback.tables import cases
from feedback.topics import Topic
from rooms.meeting import Actor
from rooms.view import QuestionState, Role
from web.limiting import Limit
from web.open311 import posted, server
from web.open311.answers import Answer

LEADER = Actor(Role.LEADER, "Bác Lan")
KEY = "k3y-of-the-city"
TEXT = "Cống ngõ 5 tắc, nước đọng"
FORM = {
    "api_key": KEY,
    "service_code": "infrastructure",
    "address_string": "Đầu ngõ 5, phố Mẫu",
    "description": TEXT,
}
ROOT = "/open311/v2"
DAY = timedelta(days=1)
FORMATS = ("xml", "json") * 20


@pytest.fixture
def open311(tmp_path):
    file = tmp_path / "city.key"
    file.write_text(f"{KEY}\n")
    keys = (Open311Key(id="city-app", key_file=file),)
    return Open311Section(jurisdiction="to-5.example", keys=keys)


@pytest.fixture
async def house(start_house, open311):
    return await start_house(open311=open311)


@pytest.fixture
def client(house):
    """A program: it says no Origin and wants no page."""
    client = house.client()
    del client.headers["origin"], client.headers["accept"]
    return client


async def post(client, form="json", headers=None, **fields):
    """What is None is left out."""
    sent = {name: value for name, value in (FORM | fields).items() if value is not None}
    return await client.post(f"{ROOT}/requests.{form}", data=sent, headers=headers)


async def sent(client, **fields):
    """The service_request_id."""
    answer = await post(client, **fields)
    assert answer.status_code == 201, answer.text
    (told,) = answer.json()
    return told["service_request_id"]


async def listed(client, **query):
    answer = await client.get(f"{ROOT}/requests.json", params=query)
    assert answer.status_code == 200, answer.text
    return [one["service_request_id"] for one in answer.json()]


async def told(client, case_id):
    (one,) = (await client.get(f"{ROOT}/requests/{case_id}.json")).json()
    return one


def error(answer):
    """Its code, which is the status, and what it says; in either format."""
    if answer.headers["content-type"] == "application/json":
        (found,) = answer.json()
        code, description = found["code"], found["description"]
    else:
        assert answer.headers["content-type"] == "text/xml"
        root = ElementTree.fromstring(answer.content)
        assert (root.tag, [child.tag for child in root]) == ("errors", ["error"])
        code, description = int(root.findtext("error/code")), root.findtext("error/description")
    assert code == answer.status_code
    assert description and "georeport." not in description
    return code, description


# What there is


async def test_services_and_their_attributes_are_the_same_in_both_formats(client):
    services = (await client.get(f"{ROOT}/services.json")).json()
    assert [one["service_code"] for one in services] == [topic.value for topic in Topic]
    (first, *_) = services
    assert set(first) == {
        *("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
    }
    assert (first["service_name"], first["metadata"], first["type"]) == (
        "Vệ sinh môi trường",
        True,
        "realtime",
    )
    xml = await client.get(f"{ROOT}/services.xml")
    assert xml.content.startswith(b"<?xml") and b"utf-8" in xml.content[:60]
    assert xml.headers["access-control-allow-origin"] == "*"  # other places' pages read it
    root = ElementTree.fromstring(xml.content)
    assert root.tag == "services"
    as_json = [{**one, "metadata": "true"} for one in services]
    assert [{field.tag: field.text for field in one} for one in root] == as_json

    definition = (await client.get(f"{ROOT}/services/environment.json")).json()
    notice, _, hide = definition["attributes"]
    assert (notice["variable"], hide["variable"], hide["datatype"]) == (
        False,
        True,
        "singlevaluelist",
    )
    assert [value["key"] for value in hide["values"]] == ["yes", "no"]
    assert [one["order"] for one in definition["attributes"]] == [1, 2, 3]
    xml = ElementTree.fromstring((await client.get(f"{ROOT}/services/environment.xml")).content)
    assert xml.tag == "service_definition"
    assert xml.findtext("attributes/attribute[2]/values/value[1]/name") == "Có"


async def test_it_is_discovered_in_both_formats(house, client):
    for path in ("/open311/discovery", f"{ROOT}/discovery"):
        found = (await client.get(f"{path}.json")).json()
        (endpoint,) = found["endpoints"]
        assert endpoint["url"] == f"{house.url}{ROOT}"
        assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert endpoint["formats"] == ["text/xml", "application/json"]
        assert datetime.fromisoformat(endpoint["changeset"]) < datetime.now(UTC)
        assert all(found[field] for field in ("changeset", "contact", "key_service"))
        xml = ElementTree.fromstring((await client.get(f"{path}.xml")).content)
        assert xml.tag == "discovery"
        formats = [one.text for one in xml.iterfind("endpoints/endpoint/formats/format")]
        assert formats == endpoint["formats"]


# Sending


@pytest.mark.parametrize("form", ["json", "xml"])
async def test_a_case_is_sent_in_and_waits_for_its_meeting(house, client, form):
    answer = await post(
        client,
        form,
        lat="21.0278",
        long="105.8342",
        address_id="HN-17",
        media_url="https://anh.example/cong.jpg?s=1&t=<2>",
        first_name="Văn Tư",
        last_name="Nguyễn",
        email="tu@example.vn",
        phone="0912345678",
        **{"attribute[keep_name]": "yes", "attribute[hide_name]": "yes"},
    )
    assert answer.status_code == 201
    if form == "json":
        (one,) = answer.json()
    else:
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "service_requests"
        one = {field.tag: field.text for field in root.find("request")}
    assert set(one) == {"service_request_id", "service_notice", "account_id"}, "and no token"
    (question,) = house.room.view.value.questions
    assert question.id == one["service_request_id"]
    assert (question.text, question.via, question.state) == (TEXT, "open311", QuestionState.WAITING)
    assert question.asked_by is None, "it is hidden"
    assert question.location == Location("Đầu ngõ 5, phố Mẫu", "HN-17", 21.0278, 105.8342)
    assert question.media_url == "https://anh.example/cong.jpg?s=1&t=<2>"
    rows = await house.database.read(
        lambda c: c.execute(text("SELECT * FROM cases")).mappings().all()
    )
    assert (rows[0]["name"], rows[0]["consent_version"]) == ("Nguyễn Văn Tư", "open311-1")
    assert not {"tu@example.vn", "0912345678"} & set(map(str, rows[0].values())), "not needed"
    work = await house.database.read(lambda c: c.execute(text("SELECT * FROM case_work")).one())
    assert (work.topic, work.topic_by, work.owner) == ("infrastructure", None, "economy")
    assert work.topic_sought, "no classifier knows better"

    code, url = re.search(r"(\w{4}-\w{4}-\w{4}).*?(http\S+)\.", one["service_notice"]).groups()
    page = await client.get(url, headers={"Accept": "application/json"})
    assert (page.json()["receipt"], page.json()["text"]) == (code, TEXT)
    by_token = (await client.get(f"{ROOT}/tokens/{code}.json")).json()
    assert by_token == [{"service_request_id": question.id, "token": code}]

    leader = await house.client_as(Role.LEADER)
    shown = (await leader.get("/panel/questions")).text
    assert "Đầu ngõ 5, phố Mẫu" in shown and 'href="geo:21.0278,105.8342"' in shown
    assert 'href="https://anh.example/cong.jpg?s=1&amp;t=&lt;2&gt;"' in shown


async def test_what_a_request_may_lack(house, client):
    await sent(client, description=None)
    await sent(client, description=" a ")
    await sent(client, address_string=None, address_id="HN-17", description="á" * 4_000)
    texts = [question.text for question in house.room.view.value.questions]
    assert texts == ["Hạ tầng", "Hạ tầng: a", "á" * 4_000]


WRONG = {
    "key": ({"api_key": "other"}, 403),
    "no-key": ({"api_key": None}, 403),
    "empty-key": ({"api_key": " "}, 403),
    "no-service": ({"service_code": None}, 400),
    "service": ({"service_code": "033"}, 404),
    "jurisdiction": ({"jurisdiction_id": "elsewhere.example"}, 404),
    "no-place": ({"address_string": "\x00  "}, 400),
    "half": ({"lat": "21.0"}, 400),
    "lat": ({"lat": "91", "long": "105"}, 400),
    "nan": ({"lat": "nan", "long": "105"}, 400),
    "long": ({"lat": "21", "long": "1e2"}, 400),
    "description": ({"description": "á" * 4_001}, 400),
    "address": ({"address_string": "á" * 301}, 400),
    "name": ({"first_name": "A" * 81, "attribute[keep_name]": "yes"}, 400),
    "script": ({"media_url": "javascript:alert(1)"}, 400),
    "relative": ({"media_url": "//anh.example/1.jpg"}, 400),
    "port": ({"media_url": "http://[::1"}, 400),
    "attribute": ({"attribute[WHISPAWN]": "123"}, 400),
    "value": ({"attribute[hide_name]": "maybe"}, 400),
    "values": ({"attribute[hide_name][]": ["yes", "no"]}, 400),
    "twice": ({"service_code": ["other", "infrastructure"]}, 400),
}


async def test_what_is_wrong_is_told_and_nothing_is_stored(house, client):
    said = set()
    for (name, (fields, status)), form in zip(WRONG.items(), FORMATS, strict=False):
        answer = await post(client, form, **fields)
        code, description = error(answer)
        assert code == status, (name, description)
        said.add(description)
    assert len(said) == 15, "each says what it is"
    body = json.dumps(FORM)
    by_json = await client.post(
        f"{ROOT}/requests.xml", content=body, headers={"Content-Type": "application/json"}
    )
    assert error(by_json)[0] == 400
    file = await client.post(f"{ROOT}/requests.json", data=FORM, files={"media": b"\xff\xd8"})
    assert error(file)[0] == 400
    for method, path in (("GET", "nothing"), ("PUT", "requests"), ("DELETE", "requests/1")):
        assert error(await client.request(method, f"{ROOT}/{path}.json"))[0] == 404
    assert not house.room.view.value.questions


async def test_what_never_reaches_the_endpoint_is_told_in_its_form_too(client):
    """What is too large or meant for another host is refused on its way in."""

    async def chunks():
        for _ in range(3):
            yield b"description=" + b"x" * 30_000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for kind, body in zip(FORMATS, ["x" * 70_000, chunks()], strict=False):
        answer = await client.post(f"{ROOT}/requests.{kind}", content=body, headers=form)
        code, said = error(answer)
        assert code == 400 and "quá dài" in said
    for path, headers in (
        (f"{ROOT}/services.json", {"Host": "other.example"}),
        ("/open311/discovery.xml", {"Host": "other.example"}),
        (f"{ROOT}/requests.xml", {"Origin": "https://other.example"}),
    ):
        method = "POST" if "Origin" in headers else "GET"
        assert error(await client.request(method, path, headers=headers))[0] == 400
    page = await client.get("/ask", headers={"Host": "other.example"})
    assert "html" in page.headers["content-type"]


async def test_whoever_denounces_is_told_of_the_laws_own_way(client):
    answer = await post(client, description="Tôi tố cáo cán bộ phường nhận hối lộ.")
    (told,) = answer.json()
    assert answer.status_code == 201, "it is received all the same"
    assert "Luật Tố cáo 2018" in told["service_notice"]
    assert "Nơi tiếp công dân" in told["service_notice"]
    (told,) = (await post(client)).json()
    assert "Luật" not in told["service_notice"]


async def test_a_request_that_is_sent_twice_is_one_case(house, client, monkeypatch):
    first = await asyncio.gather(*(sent(client) for _ in range(4)))
    assert len(set(first)) == 1
    assert await sent(client, phone="0912345678") not in first, "somebody else"
    assert await sent(client, description=f"{TEXT} lắm") not in first
    again = {"Idempotency-Key": '"1f-7"'}
    known = await sent(client, headers=again)
    monkeypatch.setattr(posted, "SAME", timedelta(microseconds=1))
    assert await sent(client) not in first, "later it is another case"
    assert await sent(client, headers=again) == known, "but not where the client says so"


async def test_a_key_is_replaced_without_a_restart(open311, client, caplog):
    file = open311.keys[0].key_file
    file.write_text("new")
    assert error(await post(client))[0] == 403
    await sent(client, api_key="new")
    file.unlink()
    assert error(await post(client, api_key="new"))[0] == 403
    assert "city-app" in caplog.text


async def test_too_many_are_told_to_wait(client, monkeypatch):
    few = Limit.of("reporting", each="2/10minutes", all="10/10minutes")
    monkeypatch.setattr(server, "REPORTING", few)
    assert [error(await post(client, api_key="x"))[0] for _ in range(2)] == [403, 403]
    answer = await post(client)
    assert error(answer)[0] == 429
    assert int(answer.headers["retry-after"]) >= 60


# Reading


async def test_what_was_asked_is_read_once_it_is_answered_in_public(house, client):
    case_id = await sent(client, lat="21.0278", long="105.8342")
    before = await told(client, case_id)
    assert (before["status"], before["status_notes"]) == ("open", "Chờ xử lý")
    assert before["agency_responsible"] == "Phòng Kinh tế, Hạ tầng và Đô thị phường"
    due = datetime.fromisoformat(before["expected_datetime"])
    assert due - datetime.fromisoformat(before["requested_datetime"]) > 10 * DAY
    hidden = ("description", "address", "address_id", "lat", "long", "media_url")
    assert [before[field] for field in hidden] == [None] * 6
    await house.room.approve_question(LEADER, case_id)
    await house.room.answer_question(LEADER, case_id, "Mai sửa.")
    after = await told(client, case_id)
    assert (after["status"], after["status_notes"]) == ("closed", "Mai sửa.")
    assert (after["description"], after["address"]) == (TEXT, "Đầu ngõ 5, phố Mẫu")
    assert (after["lat"], after["long"]) == (21.0278, 105.8342)
    assert after["updated_datetime"] >= before["updated_datetime"]
    xml = ElementTree.fromstring((await client.get(f"{ROOT}/requests/{case_id}.xml")).content)
    as_text = {field.tag: field.text for field in xml.find("request")}
    assert as_text == {name: value and str(value) for name, value in after.items()}


async def test_what_is_refused_or_may_be_somebodys_own_stays_hidden(house, client):
    refused = await sent(client)
    own = await sent(client, address_string="Nhà số 12 ngõ 5", lat="21", long="105")
    await house.room.dismiss_question(LEADER, refused, "Bà Tư nói sai")
    await house.room.answer_question(LEADER, own, "Mai sửa.")
    one = await told(client, refused)
    assert (one["status"], one["status_notes"], one["description"]) == ("closed", "Từ chối", None)
    two = await told(client, own)
    assert two["description"] == TEXT
    assert (two["address"], two["lat"], two["long"]) == (None, None, None)
    everything = (await client.get(f"{ROOT}/requests.xml")).text
    assert "Bà Tư" not in everything and "số 12" not in everything


async def test_what_was_erased_leaves_nothing_but_its_state(house, client):
    case_id = await sent(client, lat="21", long="105", media_url="https://anh.example/1.jpg")
    await house.room.answer_question(LEADER, case_id, "Mai sửa.")
    at = datetime.now(UTC)
    await house.database.write(lambda c: erase(c, case_id, by="handler Hoa", at=at))
    one = await told(client, case_id)
    assert (one["status"], one["status_notes"]) == ("closed", "Đã xử lý")
    assert [one[field] for field in ("description", "address", "lat", "long")] == [None] * 4
    row = await house.database.read(lambda c: c.execute(text("SELECT * FROM cases")).one())
    assert (row.address, row.lat, row.media_url) == (None, None, None)


async def test_requests_are_found_by_what_they_are(house, client):
    old, middle, new = [
        await sent(client, service_code=code, description=f"{TEXT} {code}")
        for code in ("environment", "infrastructure", "other")
    ]
    await house.room.ask("Hỏi bằng điện thoại", name=None, via="phone", key="", by=None)
    (phone,) = set(await listed(client)) - {old, middle, new}
    now = datetime.now(UTC)
    for case_id, days in ((old, 100), (middle, 50)):
        at = now - timedelta(days=days)
        change = update(cases).where(cases.c.id == case_id).values(received_at=at)
        await house.database.write(lambda c, change=change: c.execute(change))
    await house.room.answer_question(LEADER, middle, "Mai sửa.")

    assert await listed(client) == [phone, new, middle], "of 90 days, newest first"
    assert await listed(client, service_code="infrastructure,environment") == [middle]
    assert await listed(client, service_code="other") == [phone, new], "not sorted yet, too"
    assert await listed(client, status="closed") == [middle]
    assert await listed(client, status="OPEN", service_code="") == [phone, new]
    assert await listed(client, status="open,closed") == [phone, new, middle]
    start = (now - 101 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert await listed(client, start_date=start) == [middle, old]
    day = (now - 60 * DAY).strftime("%Y-%m-%d")
    assert await listed(client, end_date=day) == [old]
    assert await listed(client, start_date=day) == [phone, new, middle]
    query = f"start_date={now - 1 * DAY:%Y-%m-%dT%H:%M:%S}+07:00"  # a plus that means a space
    answer = await client.get(f"{ROOT}/requests.json?{query}")
    assert len(answer.json()) == 2
    ids = {"service_request_id": f"{old}, {new},nobody", "start_date": "x", "status": "x"}
    assert await listed(client, **ids) == [new, old], "it overrides the rest"
    assert await listed(client, jurisdiction_id="to-5.example") == [phone, new, middle]


async def test_what_cannot_be_found_is_told(client):
    far = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:01Z"}
    wrong = [
        ("requests", {"service_request_id": "nobody"}, 404),
        ("requests", {"service_code": "033"}, 404),
        ("requests", {"jurisdiction_id": "elsewhere"}, 404),
        ("requests", {"status": "done"}, 400),
        ("requests", {"start_date": "2026-01-01T00:00:00"}, 400),
        ("requests", {"start_date": "2026-02-30"}, 400),
        ("requests", {"start_date": "01-31-2026"}, 400),
        ("requests", {"end_date": "0001-01-01T00:00:00+14:00"}, 400),
        ("requests", {"end_date": "0001-01-02T00:00:00Z"}, 400),
        ("requests", {"start_date": "9999-12-31T00:00:00Z"}, 400),
        ("requests", far, 400),
        ("requests", {"start_date": "2026-02-01", "end_date": "2026-01-01"}, 400),
        ("requests/nobody", {}, 404),
        ("requests/%00%ff%0b", {}, 404),
        ("tokens/nobody", {}, 404),
        ("services/033", {}, 404),
        ("services", {"jurisdiction_id": "elsewhere"}, 404),
    ]
    for (path, query, status), form in zip(wrong, FORMATS, strict=False):
        answer = await client.get(f"{ROOT}/{path}.{form}", params=query)
        assert error(answer)[0] == status, (path, query)
    many = ",".join(str(n) for n in range(1_001))
    assert error(await client.get(f"{ROOT}/requests.xml?service_request_id={many}"))[0] == 400


def test_what_xml_cannot_hold_is_replaced():
    answer = Answer("errors", [{"code": 400, "description": "a\x00\x0b\ufffe<&\ud800"}], 400)
    root = ElementTree.fromstring(answer.response("xml").body)
    assert root.findtext("error/description") == "a\ufffd\ufffd\ufffd<&\ufffd"
    assert json.loads(answer.response("json").body)[0]["description"].startswith("a\x00")


# The clients of others


async def test_georeport_reads_it(house, client):
    case_id = await sent(client)
    await sent(client, description="Một việc khác nữa")
    for form in ("json", "xml"):
        city = GeoReport(f"{house.url}{ROOT}", "to-5.example", output_format=form)
        services = await asyncio.to_thread(city.get_service_list)
        assert [one["service_name"] for one in services][-2:] == ["Hạ tầng", "Việc khác"]
        definition = await asyncio.to_thread(city.get_service_definition, "other")
        assert definition["service_code"] == "other"
        found = await asyncio.to_thread(city.get_service_requests, status="open")
        assert len(found) == 2 and found[1]["service_request_id"] == case_id
        one = await asyncio.to_thread(city.get_service_request, case_id)
        assert (one["status"], one["service_code"]) == ("open", "infrastructure")


async def test_three_reads_and_sends(house, monkeypatch):
    """Written for Python 2: it misses one name of it."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    from three import Three  # noqa: PLC0415

    city = Three(f"{house.url}{ROOT}", api_key=KEY, jurisdiction="to-5.example")

    def use():
        endpoint = city.discovery()["endpoints"][0]["url"]
        codes = [one["service_code"] for one in city.services()]
        definition = city.services("procedures")
        posted = city.post(
            "procedures", address="Đầu ngõ 5", name="Tư Nguyễn", description=TEXT, phone="1"
        )
        case_id = posted[0]["service_request_id"]
        today = datetime.now(UTC)
        between = [f"{today + days * DAY:%m-%d-%Y}" for days in (-1, 1)]
        found = city.requests("procedures", between=between)
        token = re.search(r"\w{4}-\w{4}-\w{4}", posted[0]["service_notice"])[0]
        one = city.request(case_id)[0]
        return endpoint, codes, definition, case_id, found, city.token(token), one

    endpoint, codes, definition, case_id, found, token, one = await asyncio.to_thread(use)
    assert endpoint == f"{house.url}{ROOT}"
    assert len(codes) == 8 and definition["service_code"] == "procedures"
    assert [other["service_request_id"] for other in found] == [case_id]
    assert token[0]["service_request_id"] == one["service_request_id"] == case_id
    (question,) = house.room.view.value.questions
    assert (question.id, question.asked_by) == (case_id, None), "nobody agreed to a name"
    city.api_key = "wrong"
    refused = await asyncio.to_thread(city.post, "other", address="x", description=TEXT)
    assert refused[0]["code"] == 403
