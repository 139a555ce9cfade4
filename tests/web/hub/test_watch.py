"""The technicians' page: what is wrong in which house, and who looks after it."""

import asyncio
import json
from datetime import timedelta

import pytest
import websockets

from base.cause import Cause
from devices.device import Condition, Health, Kind
from feedback.post import PostTrouble
from rooms.relay import RelayCondition, RelayState
from rooms.view import DeviceView
from ward.accounts import AccountRole
from ward.alerts import Patience
from web.hub.access import COOKIE

AT_ONCE = Patience(away=timedelta(0), device=timedelta(0), sound=timedelta(0))


def ill(host):
    cause = Cause("projector.no_answer", host=host)
    return DeviceView("p", Kind.PROJECTOR, "Máy chiếu <Epson>", Health(Condition.FAILED, cause))


@pytest.fixture
async def technician(hub):
    return await hub.client_as(AccountRole.TECHNICIAN, "Trần Văn Kỹ")


async def test_what_is_wrong_in_words_the_worst_first(hub, link_house, technician):
    houses = hub.site.houses
    await houses.enrol(await houses.invite("to-1", "Tổ 1"))
    await houses.linked("to-1", "x")
    await houses.away("to-1", "x")
    await houses.invite("to-9", "Tổ 9")
    linked = await link_house(hub)
    linked.house.shows(devices=(ill("192.168.1.30"),))
    await hub.until("to-5", lambda house: "192.168.1.30" in (house.summary or ""))
    page = (await technician.get("/watch")).text
    assert page.index('id="watch-to-1"') < page.index('id="watch-to-5"') < page.index("watch-to-9")
    assert "Máy chiếu &lt;Epson&gt;" in page
    assert "192.168.1.30" in page, "the sentence with its parameters"
    assert 'data-value="needed">2<' in page
    needed = (await technician.get("/watch/needed")).text
    assert 'id="watch-to-9"' not in needed
    assert 'id="watch-to-5"' in needed
    english = await hub.client(lang="en", **{COOKIE: technician.cookies[COOKIE]}).get("/watch")
    assert "Away from the ward." in english.text


async def test_a_house_that_does_not_get_through_to_the_relay(hub, link_house, technician):
    """It is the ward's own machine, and nobody at the ward would see it otherwise."""
    linked = await link_house(hub)
    silent = RelayState(RelayCondition.FAILED, Cause("relay.silent", host="turn.phuong.example"))
    linked.house.shows(relay=silent)
    await hub.until("to-5", lambda house: "relay.silent" in (house.summary or ""))
    page = (await technician.get("/watch")).text
    assert "Máy chuyển tiếp hình và tiếng:" in page
    assert "turn.phuong.example không trả lời" in page
    works = RelayState(RelayCondition.WORKING, Cause("relay.works"))
    linked.house.shows(relay=works)
    await hub.until("to-5", lambda house: "relay.works" in (house.summary or ""))
    assert "không trả lời" not in (await technician.get("/watch")).text


async def test_a_house_whose_mail_is_not_read_and_the_hubs_own(hub, link_house, technician):
    refused = Cause("mail.password", user="to5")
    linked = await link_house(hub)
    linked.house.shows(post=(PostTrouble("mailbox", "to5@phuong.example", refused),))
    await hub.until("to-5", lambda house: "mail.password" in (house.summary or ""))
    page = (await technician.get("/watch/needed")).text
    assert "to5@phuong.example:" in page and "từ chối tên to5" in page
    houses = (await technician.get("/houses")).text
    assert "từ chối tên to5" not in houses, "nothing for officials"
    linked.house.shows(post=())
    await hub.until("to-5", lambda house: "mail.password" not in (house.summary or ""))
    assert 'data-value="nothing-needed"' in (await technician.get("/watch/needed")).text


async def test_somebody_says_that_he_looks_after_it(hub, technician):
    houses = hub.site.houses
    await houses.enrol(await houses.invite("to-1", "Tổ 1"))
    await houses.linked("to-1", "x")
    await houses.away("to-1", "x")
    await hub.site.alerts.look(await houses.all(), AT_ONCE)
    (alert,) = await hub.site.alerts.open()
    assert f"/watch/{alert.id}/acknowledge" in (await technician.get("/watch/needed")).text
    back = await technician.post(f"/watch/{alert.id}/acknowledge", data={"only": "needed"})
    assert back.headers["location"] == "/watch/needed"
    page = (await technician.get("/watch")).text
    assert "Trần Văn Kỹ đã nhận xử lý" in page
    assert "/acknowledge" not in page


async def test_it_is_for_technicians(hub):
    official = await hub.client_as(AccountRole.OFFICIAL)
    assert (await official.get("/watch")).status_code == 403
    assert (await official.post("/watch/1/acknowledge")).status_code == 403
    assert 'href="/watch"' not in (await official.get("/houses")).text
    assert (await hub.client().get("/watch")).headers["location"] == "/login?next=/watch"


async def test_it_stays_as_the_houses_are(hub, technician):
    houses = hub.site.houses
    await houses.enrol(await houses.invite("to-1", "Tổ 1"))
    url = hub.url.replace("http", "ws", 1) + "/live/watch/needed"
    headers = {"Cookie": f"{COOKIE}={technician.cookies[COOKIE]}"}
    async with (
        websockets.connect(url, origin=hub.url, additional_headers=headers, proxy=None) as line,
        asyncio.timeout(40),
    ):
        await shows(line, 'data-code="ward.never_came"')
        await houses.linked("to-1", "x")
        await shows(line, 'data-value="nothing-needed"')


async def shows(line, what):
    while what not in json.loads(await line.recv()).get("regions", {}).get("watch", ""):
        pass
