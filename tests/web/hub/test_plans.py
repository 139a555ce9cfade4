"""Meetings planned from the hub's pages: down to the house, and back."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from feedback.outbox import Outbox
from rooms.meeting import Actor
from rooms.plans import PLANNED, WISH, new_plan
from rooms.view import Role
from ward.accounts import AccountRole
from web.language import VIETNAM
from web.link.parcels import Parcels, TakeIn

LEADER = Actor(Role.LEADER, "Bác Lan")
TITLE = "Họp với phường về thoát nước"


def form(**fields):
    local = datetime.now(UTC).astimezone(VIETNAM) + timedelta(days=2)
    typed = {"title": TITLE, "day": f"{local:%Y-%m-%d}", "time": "19:30", "minutes": "90"}
    return typed | fields


@pytest.fixture
async def official(hub):
    return await hub.client_as(AccountRole.OFFICIAL, "Trần Thị Hoa")


@pytest.fixture
async def deliver(hub):
    """Carries what waits at one end to the other, as the link does; twice, where asked."""

    async def carry(house, *, times=1):
        down: Mapping[str, TakeIn] = {WISH: house.room.take_plan_wish}
        up: Mapping[str, TakeIn] = {PLANNED: lambda body: hub.site.plans.keep("to-5", body)}
        for database, receiver, take_in in (
            (hub.database, "to-5", down),
            (house.database, "ward", up),
        ):
            parcels = Parcels(Outbox(database, receiver), take_in)
            for parcel in await asyncio.wait_for(parcels.pending(32, ()), 30):
                for _ in range(times):
                    await parcels.receive(parcel.id, parcel.kind, parcel.body)
                await parcels.delivered(parcel.id)

    return carry


@pytest.fixture
async def house(hub, start_house):
    await hub.site.houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")
    return await start_house(ward=True)


async def plans(house):
    return [one.plan.title for one in house.room.view.value.coming]


@pytest.mark.parametrize("times", [1, 2])
async def test_planned_at_the_hub_it_is_in_the_houses_schedule(
    hub, house, official, deliver, times
):
    answer = await official.post("/houses/to-5/plans", data=form())
    assert answer.headers["location"] == "/houses/to-5"
    assert 'data-code="proposed"' in (await official.get("/houses/to-5")).text
    await deliver(house, times=times)
    assert await plans(house) == [TITLE]
    page = (await official.get("/houses/to-5")).text
    assert TITLE in page and 'data-code="proposed"' not in page
    assert TITLE in (await official.get("/houses")).text


async def test_it_is_counted_down_to_until_it_is_time(hub, house, official, deliver):
    now = datetime.now(UTC)
    for minutes, word in (
        (60 * 24 * 3 + 5, ">3 ngày<"),
        (65, r">1:0[45]:\d\d<"),
        (5, r">[45]:\d\d<"),
    ):
        plan = new_plan(TITLE, now + timedelta(minutes=minutes), 60, by="Bác Lan", now=now)
        await hub.site.plans.keep("to-5", plan.body())
        page = (await official.get("/houses/to-5")).text
        assert re.search(f'data-value="countdown"[^>]*{word}', page), minutes
        assert page.count('data-value="countdown"') == 1, "the next one alone"
    await hub.site.plans.keep("to-5", replace(plan, starts=now, revision=2).body())
    assert "Đã đến giờ, chờ tổ trưởng" in (await official.get("/houses/to-5")).text


async def test_planned_in_the_house_it_is_shown_at_the_hub(hub, house, official, deliver):
    await official.post("/houses/to-5/plans", data=form())
    plan = await house.room.plan_meeting(
        LEADER, "Họp tổ", datetime.now(UTC) + timedelta(days=1), 60
    )
    await deliver(house)
    assert "Họp tổ" in (await official.get("/houses/to-5")).text
    changed = form(title="Phường xin đổi")
    await official.post(f"/houses/to-5/plans/{plan.id}", data=changed)
    await official.post(f"/houses/to-5/plans/{plan.id}/cancel")


async def test_what_the_house_cannot_take_is_told_at_the_hub(hub, house, official, deliver):
    starts = datetime.now(UTC) + timedelta(days=2)
    await official.post("/houses/to-5/plans", data=form())
    (mine,) = await hub.site.plans.coming("to-5")
    await house.room.plan_meeting(LEADER, "Của tổ", mine.plan.starts, 60)
    await deliver(house)
    page = (await official.get("/houses/to-5")).text
    assert 'data-code="schedule.clash"' in page and "Của tổ" in page
    assert starts


async def test_a_phone_subscribes_at_the_hub(hub, house, official, deliver):
    await official.post("/houses/to-5/plans", data=form())
    await house.room.plan_meeting(LEADER, "Của tổ", datetime.now(UTC) + timedelta(days=1), 60)
    await deliver(house)
    page = (await official.get("/houses/to-5")).text
    address = re.search(r'data-value="calendar">([^<]+)<', page)[1]
    answer = await hub.client().get(address)
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert [event["summary"] for event in events] == ["Của tổ", TITLE]
    assert (await hub.client().get("/calendar/to-5.ics")).status_code == 404


async def test_what_is_wrong_stands_above_the_form(hub, house, official):
    page = await official.post("/houses/to-5/plans", data=form(day="2020-01-01"))
    assert 'data-code="schedule.past"' in page.text and f'value="{TITLE}"' in page.text
    assert (await official.post("/houses/to-9/plans", data=form())).status_code == 404
    assert (await official.get(f"/houses/to-5/plans/{'0' * 16}")).status_code == 409


@pytest.mark.parametrize("role", [AccountRole.HANDLER, AccountRole.TECHNICIAN])
async def test_who_has_no_part_in_meetings_plans_none(hub, house, role):
    client = await hub.client_as(role)
    assert (await client.post("/houses/to-5/plans", data=form())).status_code == 403
    assert (await client.get("/houses/to-5/plans")).status_code == 403
    assert await hub.site.plans.coming("to-5") == ()
