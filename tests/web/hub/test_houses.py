"""Houses enrol, dial, are seen by the ward's staff, and are sent out again."""

import asyncio
import base64
import json

import pytest
import websockets
from websockets.exceptions import InvalidStatus

from base.cause import Cause
from devices.device import Condition, Health, Kind
from rooms.meeting import Actor
from rooms.view import DeviceView, Role
from ward.accounts import AccountRole
from web.hub.access import COOKIE
from web.live_socket import NOT_ALLOWED

LEADER = Actor(Role.LEADER, "Bác Lan")


def socket(hub, path, **cookies):
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    url = hub.url.replace("http", "ws", 1) + path
    return websockets.connect(url, origin=hub.url, additional_headers=headers, proxy=None)


async def seen(line, region, *texts, absent=()):
    """Wait until the region shows all of this."""
    async with asyncio.timeout(40):
        while True:
            html = json.loads(await line.recv()).get("regions", {}).get(region)
            if html is None:
                continue
            if all(text in html for text in texts) and not any(text in html for text in absent):
                return html


async def test_a_house_enrols_with_its_code_once(hub, admin):
    form = {"id": "to-5", "name": "Nhà văn hóa Tổ dân phố 5"}
    shown = await admin.post("/houses", data=form)
    code = shown.text.split('data-value="enrolment-code">')[1].split("<")[0]
    assert f"--hub {hub.url} --code {code}" in shown.text
    assert code not in (await admin.get("/houses/to-5")).text
    machine = hub.client()
    machine.headers.clear()
    made = await machine.post("/api/enrol", json={"code": code})
    assert made.status_code == 201
    assert made.json()["house"] == "to-5"
    assert await hub.site.houses.identify("to-5", made.json()["key"]) is not None
    again = await machine.post(
        "/api/enrol", json={"code": code}, headers={"Accept": "application/json"}
    )
    assert (again.status_code, again.json()["code"]) == (403, "ward.wrong_code")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"code": 5}', b"\xff"])
async def test_what_is_no_enrolment(hub, body):
    headers = {"Accept": "application/json"}
    refused = await hub.client().post("/api/enrol", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (400, "web.bad_request")


async def test_residents_get_no_address_of_a_house_before_it_is_enrolled(hub, admin):
    code = await hub.site.houses.invite("to-6", "Nhà văn hóa")
    assert 'data-value="address"' not in (await admin.get("/houses/to-6")).text
    assert (await hub.client().get("/to-6")).status_code == 404
    await hub.site.houses.enrol(code)
    assert 'data-value="address"' in (await admin.get("/houses/to-6")).text
    assert (await hub.client().get("/to-6")).status_code == 307


async def test_guessing_codes_has_to_wait(hub):
    machine = hub.client()
    for _ in range(10):
        refused = await machine.post("/api/enrol", json={"code": "K7QM-2ZRT-9DTA"})
        assert refused.status_code == 403
    code = await hub.site.houses.invite("to-5", "Nhà văn hóa")
    assert (await machine.post("/api/enrol", json={"code": code})).status_code == 429


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"id": "Tổ 5", "name": "Nhà văn hóa"}, "ward.house_id_form"),
        ({"id": "to-5", "name": ""}, "ward.name_form"),
        ({"id": "to-1", "name": "Nhà văn hóa"}, "ward.house_id_taken"),
    ],
)
async def test_what_was_wrong_stands_above_the_form(hub, admin, form, code):
    await hub.site.houses.invite("to-1", "Nhà văn hóa Tổ 1")
    page = await admin.post("/houses", data=form)
    assert page.status_code >= 400
    assert f'data-code="{code}"' in page.text
    assert f'value="{form["id"]}"' in page.text


async def test_the_staff_sees_a_house_come_meet_and_go(hub, link_house):
    secret = await hub.secret_of(AccountRole.OFFICIAL)
    await hub.site.houses.invite("to-9", "Nhà văn hóa Tổ dân phố 9")
    async with socket(hub, "/live/houses", **{COOKIE: secret}) as line:
        await seen(line, "houses", 'data-code="expected"', absent=['data-code="linked"'])
        linked = await link_house(hub)
        await seen(line, "houses", 'data-code="linked"', 'data-code="idle"')
        await linked.house.room.start_meeting(LEADER)
        await linked.house.room.ask("Đèn hỏng?", name=None, via="phone", key="k1", by=None)
        await seen(line, "houses", 'data-code="live"', 'data-value="questions-waiting">1<')
        await linked.hang_up()
        await seen(line, "houses", 'data-code="away"', absent=['data-code="live"'])


async def test_a_technician_reads_what_is_wrong_there(hub, link_house):
    secret = await hub.secret_of(AccountRole.TECHNICIAN)
    linked = await link_house(hub)
    async with socket(hub, "/live/houses/to-5", **{COOKIE: secret}) as line:
        await seen(line, "house", 'data-code="idle"')
        cause = Cause("sound.microphone_missing", name="USB Speakerphone")
        ill = DeviceView("m", Kind.MICROPHONE, "Micro", Health(Condition.FAILED, cause))
        linked.house.shows(devices=(ill,))
        await seen(line, "house", 'data-code="failed"', 'data-code="sound.microphone_missing"')
    page = await hub.client(**{COOKIE: secret}).get("/houses")
    assert 'data-value="worst" data-code="sound.microphone_missing"' in page.text


async def test_live_pages_are_for_the_staff_and_end_with_the_session(hub):
    async with socket(hub, "/live/houses") as line:
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(line.recv(), 40)
        assert line.close_code == NOT_ALLOWED
    secret = await hub.secret_of(AccountRole.OFFICIAL)
    async with socket(hub, "/live/houses", **{COOKIE: secret}) as line:
        await line.recv()
        session = await hub.site.access.sessions.identify(secret)
        await hub.site.access.sessions.end(session.id)
        with pytest.raises(websockets.ConnectionClosed):
            async with asyncio.timeout(40):
                while True:
                    await line.recv()
        assert line.close_code == NOT_ALLOWED


async def test_another_process_of_the_hub_shows_the_same(hub, start_hub, link_house):
    other = await start_hub(database=hub.database)
    await link_house(hub)
    house = await other.until("to-5", lambda house: house.summary is not None)
    assert house.linked_at is not None
    secret = await hub.secret_of(AccountRole.OFFICIAL)
    page = await other.client(**{COOKIE: secret}).get("/houses")
    assert 'data-code="linked"' in page.text


async def dial(hub, house_id="to-5", key="", **options):
    token = base64.b64encode(f"{house_id}:{key}".encode()).decode()
    headers = {"Authorization": f"Basic {token}"} if key else {}
    url = hub.url.replace("http", "ws", 1) + "/link"
    return await websockets.connect(url, additional_headers=headers, proxy=None, **options)


async def test_who_may_not_dial(hub):
    _, key = await hub.site.houses.enrol(await hub.site.houses.invite("to-5", "Nhà văn hóa"))
    await hub.site.houses.invite("to-6", "Nhà văn hóa khác")
    for options, status in [
        ({}, 401),
        ({"key": "made up"}, 401),
        ({"key": key, "house_id": "to-6"}, 401),
        ({"key": key, "house_id": "to-7"}, 401),
        ({"key": key, "origin": "https://evil.example"}, 403),
    ]:
        with pytest.raises(InvalidStatus) as refused:
            await dial(hub, **options)
        assert refused.value.response.status_code == status
    await (await dial(hub, key=key)).close()


async def test_a_revoked_house_is_out_at_once_and_stays_out(hub, admin, link_house):
    linked = await link_house(hub)
    assert (await admin.post("/houses/to-5/revoke")).headers["location"] == "/houses/to-5"
    async with asyncio.timeout(40):
        async for houses in hub.site.links.sessions.linked.changes():
            if "to-5" not in houses:
                break
    with pytest.raises(InvalidStatus):
        await dial(hub, key=linked.key)
    assert 'data-code="expected"' in (await admin.get("/houses/to-5")).text


async def test_a_house_revoked_at_another_process_is_out_too(hub, start_hub, link_house):
    other = await start_hub(database=hub.database)
    await link_house(hub)
    browser = await other.client_as(AccountRole.ADMIN)
    assert (await browser.post("/houses/to-5/revoke")).status_code == 303
    async with asyncio.timeout(30):
        async for houses in hub.site.links.sessions.linked.changes():
            if "to-5" not in houses:
                return
