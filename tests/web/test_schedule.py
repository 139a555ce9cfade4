"""The leader's schedule, and what those who are invited read."""

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar

from rooms.plans import Plan
from rooms.view import Role
from web.language import VIETNAM, day
from web.plan_form import Typed

TITLE = "Họp tổ dân phố tháng 12"


@pytest.fixture
async def leader(house):
    return await house.client_as(Role.LEADER)


def form(when, **fields):
    local = when.astimezone(VIETNAM)
    typed = {"title": TITLE, "day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}", "minutes": "90"}
    return typed | fields


def in_(**more):
    return datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(**more)


async def planned(house, leader, when, **fields) -> Plan:
    answer = await leader.post("/panel/schedule", data=form(when, **fields))
    assert answer.status_code == 303, answer.text
    assert re.fullmatch(r"/panel/schedule/[0-9a-f]{16}", answer.headers["location"])
    return house.room.plan(answer.headers["location"].rpartition("/")[2])


async def test_planned_changed_and_cancelled(house, leader):
    plan = await planned(house, leader, in_(days=2))
    assert (plan.title, plan.minutes, plan.starts) == (TITLE, 90, in_(days=2))
    assert TITLE in (await leader.get("/panel/schedule")).text
    assert TITLE in (await leader.get("/panel")).text
    page = (await leader.get(f"/panel/schedule/{plan.id}")).text
    assert f'value="{TITLE}"' in page
    moved = form(in_(days=3), title="Dời ngày")
    await leader.post(f"/panel/schedule/{plan.id}", data=moved)
    assert house.room.plan(plan.id).starts == in_(days=3)
    await leader.post(f"/panel/schedule/{plan.id}/cancel")
    assert "Dời ngày" not in (await leader.get("/panel/schedule")).text
    assert (await leader.get(f"/panel/schedule/{plan.id}")).status_code == 409


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"day": "2020-01-01"}, "schedule.past"),
        ({"day": "31/02/2030"}, "schedule.when"),
        ({"day": "0001-01-01", "time": "00:00"}, "schedule.when"),
        ({"day": "9999-12-31", "time": "23:59"}, "schedule.too_far"),
        ({"day": ""}, "schedule.when"),
        ({"time": "25:00"}, "schedule.when"),
        ({"time": "chiều"}, "schedule.when"),
        ({"title": " "}, "schedule.title_missing"),
        ({"minutes": "x"}, "schedule.minutes"),
        ({"minutes": "99999"}, "schedule.minutes"),
    ],
)
async def test_what_is_wrong_stands_above_the_form_that_keeps_what_was_typed(leader, fields, code):
    typed = form(in_(days=1)) | fields
    page = await leader.post("/panel/schedule", data=typed)
    assert page.status_code >= 400
    assert f'data-code="{code}"' in page.text
    assert f'value="{typed["title"]}"' in page.text


async def test_two_at_the_same_time_are_told_in_words(house, leader):
    await planned(house, leader, in_(days=1))
    page = await leader.post("/panel/schedule", data=form(in_(days=1, hours=1), title="Khác"))
    assert 'data-code="schedule.clash"' in page.text
    assert "một cuộc họp khác vào giờ đó" in page.text


@pytest.mark.parametrize(("day", "time"), [("25/12/2026", "19g30"), ("2026-12-25", "19:30")])
def test_a_day_and_a_time_are_vietnams(day, time):
    assert Typed("x", day, time).starts() == datetime(2026, 12, 25, 12, 30, tzinfo=UTC)


async def test_others_have_no_part_in_it(house, leader):
    plan = await planned(house, leader, in_(days=1))
    secretary = await house.client_as(Role.SECRETARY)
    for path in ("", f"/{plan.id}", f"/{plan.id}/cancel", f"/{plan.id}/invite"):
        answer = await secretary.post(f"/panel/schedule{path}", data=form(in_(days=2)))
        assert answer.status_code == 401
    assert house.room.plan(plan.id) == plan


def one_of(page, name):
    """What stands in a field that can be selected and copied."""
    return html.unescape(re.search(rf'data-value="{name}">([^<]*)<', page)[1])


async def test_a_phone_subscribes_to_the_schedule(house, leader, client):
    title = (
        "Thoát nước, cây xanh; ngõ \\5 và nhiều việc khác của tổ dân phố, mời bà con đến đông đủ"
    )
    kept = await planned(house, leader, in_(days=1), title=title)
    gone = await planned(house, leader, in_(days=2))
    await leader.post(f"/panel/schedule/{gone.id}/cancel")
    address = one_of((await leader.get("/panel/schedule")).text, "calendar")
    answer = await client.get(address)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    assert b"\n" not in answer.content.replace(b"\r\n", b"")
    first, second = Calendar.from_ical(answer.content).walk("VEVENT")
    assert first["summary"] == title
    assert (first.start, first.end) == (kept.starts, kept.ends)
    assert first["location"] == "Nhà văn hóa Tổ dân phố 5"
    assert (second["uid"], second["status"]) == (f"{gone.id}@avcontrol", "CANCELLED")
    assert (first["sequence"], second["sequence"]) == (0, 1)
    (reminder,) = first.walk("VALARM")
    assert (reminder["action"], reminder["description"]) == ("DISPLAY", title)
    assert reminder["trigger"].dt == timedelta(minutes=-30)
    assert second.walk("VALARM") == [], "nobody is reminded of what was cancelled"


async def test_the_address_of_the_calendar_cannot_be_guessed(house, client):
    token = house.access.tokens.sign("invitation", "house")
    for made_up in ("house", token, house.access.tokens.sign("calendar", "house")[:-1]):
        assert (await client.get(f"/calendar/{made_up}.ics")).status_code == 404


async def test_an_invitation_is_a_text_to_share(house, leader):
    plan = await planned(house, leader, in_(days=1), title="Thoát nước & cây xanh")
    made = await leader.post(f"/panel/schedule/{plan.id}/invite")
    page = (await leader.get(made.headers["location"])).text
    text = one_of(page, "invitation-text")
    assert "“Thoát nước & cây xanh”" in text and day(plan.starts, "vi") in text
    assert one_of(page, "invitation-link") in text.splitlines()
    mail = html.unescape(re.search(r'href="(mailto:[^"]+)"', page)[1])
    written = parse_qs(urlsplit(mail).query)
    assert written["subject"] == ["Mời dự họp: Thoát nước & cây xanh"]
    assert written["body"][0].splitlines() == text.splitlines()


async def invited(leader, plan):
    made = await leader.post(f"/panel/schedule/{plan.id}/invite")
    page = (await leader.get(made.headers["location"])).text
    return re.search(r"(/join/[A-Za-z0-9._-]+)", page)[1]


async def test_an_invitation_says_when_its_door_opens(house, leader, client):
    plan = await planned(house, leader, in_(days=1))
    page = (await client.get(await invited(leader, plan))).text
    assert TITLE in page and "Vào chờ được từ" in page
    await leader.post(f"/panel/schedule/{plan.id}/cancel")
    answer = await client.get(await invited_before(page))
    assert (answer.status_code, 'data-code="invitation.cancelled"' in answer.text) == (410, True)


async def invited_before(page):
    return "/join/" + re.search(r'data-token="([^"]+)"', page)[1]


async def test_the_panel_reminds_and_shows_who_waits(house, leader, client):
    plan = await planned(house, leader, in_(minutes=25))
    link = await invited(leader, plan)
    page = (await client.get(link)).text
    assert "Cuộc họp chưa bắt đầu." in page and "data-countdown" in page
    invitation = house.access.read_invitation(link.rpartition("/")[2])
    await house.room.enter(invitation, "Bà Trần Thị Hoa")
    panel = (await leader.get("/panel")).text
    assert "data-countdown" in panel and "Đang chờ: Bà Trần Thị Hoa" in panel
    stage = await (await house.client_as(Role.STAGE)).get("/stage")
    assert TITLE in stage.text
