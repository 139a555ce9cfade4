"""Meetings of the whole ward: planned in many houses, opened, spoken, given to a house, ended."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from base.cause import Refused
from feedback.tables import outbox
from rooms.plans import PlanState, read_plan
from ward.accounts import Account, AccountRole
from ward.meeting_planning import MeetingPlanning
from ward.meetings import Meetings, MeetingState
from ward.plans import Plans

TITLE = "Họp toàn phường về an toàn cháy nổ"
NOW = datetime.now(UTC)
HOA, BINH = (
    Account(known_as, f"{known_as}@phuong.example", name, AccountRole.OFFICIAL, True, False, NOW)
    for known_as, name in (("a1", "Trần Thị Hoa"), ("a2", "Lê Văn Bình"))
)


def tomorrow(**more):
    return datetime.now(UTC) + timedelta(days=1, **more)


@pytest.fixture
async def planning(database, houses):
    for number in (3, 5, 7):
        await houses.invite(f"to-{number}", f"Nhà văn hóa Tổ dân phố {number}")
    return MeetingPlanning(database)


@pytest.fixture
def meetings(database):
    return Meetings(database)


@pytest.fixture
def plans(database):
    return Plans(database)


async def wishes(database):
    rows = await database.read(
        lambda c: c.execute(select(outbox.c.receiver, outbox.c.body).order_by(outbox.c.seq)).all()
    )
    return [(row.receiver, row.body) for row in rows]


async def plan(planning, *wanted, starts=None):
    chosen = wanted or ("to-3", "to-5")
    return await planning.plan(TITLE, starts or tomorrow(), 90, chosen, by=HOA)


async def opened(planning, meetings, *wanted):
    meeting_id = await plan(planning, *wanted)
    await meetings.open(meeting_id, by=HOA)
    return meeting_id


async def test_each_house_is_asked_by_a_plan_of_its_own(planning, meetings, plans, database):
    meeting_id = await plan(planning)
    assert [receiver for receiver, _ in await wishes(database)] == ["to-3", "to-5"]
    (meeting,) = await meetings.current()
    assert (meeting.id, meeting.state, meeting.title) == (meeting_id, MeetingState.PLANNED, TITLE)
    assert [(house.house_id, house.proposed) for house in meeting.houses] == [
        ("to-3", True),
        ("to-5", True),
    ]
    (shown,) = await plans.coming("to-5")
    assert shown.plan.id == meeting.house("to-5").plan_id


async def test_one_house_that_has_no_time_keeps_no_other_away(planning, meetings, plans):
    await plans.plan("to-5", "Họp tổ", tomorrow(), 90, by="Bà Tư")
    meeting = await meetings.find(await plan(planning, starts=tomorrow(minutes=10)))
    assert meeting.house("to-5").why.code == "schedule.clash"
    assert meeting.house("to-5").plan_id is None
    assert meeting.house("to-3").why is None


async def test_what_a_house_refuses_is_known(planning, meetings, plans):
    meeting = await meetings.find(await plan(planning))
    told = replace(meeting.house("to-3").plan, state=PlanState.REFUSED, refusal="schedule.clash")
    await plans.keep("to-3", told.body())
    house = (await meetings.find(meeting.id)).house("to-3")
    assert (house.why.code, house.plan_id, house.proposed) == ("schedule.clash", None, False)


async def test_a_change_goes_to_whoever_stays_and_others_come_and_go(
    planning, meetings, plans, database
):
    meeting_id = await plan(planning, "to-3", "to-5")
    later = tomorrow(hours=3)
    await planning.change(meeting_id, TITLE, later, 60, ["to-5", "to-7"], by=BINH)
    last = {receiver: read_plan(json.loads(body)) for receiver, body in await wishes(database)}
    of_to_3, of_to_5, of_to_7 = (last[house] for house in ("to-3", "to-5", "to-7"))
    assert (of_to_3.state, of_to_3.revision) == (PlanState.CANCELLED, 2)
    assert (of_to_5.starts, of_to_5.minutes, of_to_5.revision) == (later, 60, 2)
    assert (of_to_7.state, of_to_7.revision, of_to_7.by) == (PlanState.PLANNED, 1, BINH.name)
    meeting = await meetings.find(meeting_id)
    assert [house.house_id for house in meeting.houses] == ["to-5", "to-7"]


async def test_where_the_new_time_does_not_suit_the_old_one_is_called_off(
    planning, meetings, plans
):
    meeting_id = await plan(planning)
    await plans.plan("to-5", "Họp tổ", tomorrow(hours=5), 90, by="Bà Tư")
    await planning.change(meeting_id, TITLE, tomorrow(hours=5), 90, ["to-3", "to-5"], by=HOA)
    house = (await meetings.find(meeting_id)).house("to-5")
    assert house.why.code == "schedule.clash"
    standing = [one.plan.title for one in await plans.coming("to-5") if not one.why]
    assert standing == ["Họp tổ"]


async def test_cancelled_it_is_cancelled_in_every_house(planning, meetings, plans):
    meeting_id = await plan(planning)
    await planning.cancel(meeting_id, by=BINH)
    assert await meetings.current() == ()
    assert await plans.coming("to-3") == await plans.coming("to-5") == ()
    (past,) = await meetings.past()
    assert past.state is MeetingState.CANCELLED
    with pytest.raises(Refused, match=r"gathering\.not_planned"):
        await meetings.open(meeting_id, by=HOA)


async def test_nonsense_is_refused_before_any_house_is_asked(planning, database):
    for code, wanted, change in (
        ("schedule.title_missing", ["to-3"], {"title": " "}),
        ("schedule.past", ["to-3"], {"starts": NOW}),
        ("gathering.no_house", [], {}),
        ("ward.house_unknown", ["to-3", "to-9"], {}),
    ):
        wish = {"title": TITLE, "starts": tomorrow(), **change}
        with pytest.raises(Refused, match=code):
            await planning.plan(wish["title"], wish["starts"], 90, wanted, by=HOA)
    assert await wishes(database) == []


async def test_whoever_opens_it_speaks_until_somebody_takes_over(planning, meetings):
    meeting_id = await opened(planning, meetings)
    assert (await meetings.find(meeting_id)).speaker == HOA.id
    with pytest.raises(Refused, match=r"gathering\.not_speaker"):
        await meetings.give_floor(meeting_id, "to-3", by=BINH)
    await meetings.speak(meeting_id, by=BINH)
    await meetings.give_floor(meeting_id, "to-3", by=BINH)
    with pytest.raises(Refused, match=r"gathering\.not_speaker"):
        await meetings.end(meeting_id, by=HOA)
    meeting = await meetings.find(meeting_id)
    assert (meeting.speaker_name, meeting.floor) == (BINH.name, "to-3")


async def test_one_is_open_at_a_time(planning, meetings):
    await opened(planning, meetings)
    second = await plan(planning, starts=tomorrow(hours=4))
    with pytest.raises(Refused, match=r"gathering\.another_open"):
        await meetings.open(second, by=BINH)
    assert [one.state for one in await meetings.current()] == [
        MeetingState.OPEN,
        MeetingState.PLANNED,
    ]


async def test_hands_go_by_who_was_first_and_whoever_speaks_asks_no_more(planning, meetings):
    meeting_id = await opened(planning, meetings, "to-3", "to-5", "to-7")

    async def say(house, **what):
        await meetings.heard(house, meeting_id, **{"joined": True, "hand": True} | what)

    async def hands():
        return [house.house_id for house in (await meetings.find(meeting_id)).hands]

    for house in ("to-7", "to-3", "to-5", "to-7"):
        await say(house)
    assert await hands() == ["to-7", "to-3", "to-5"]
    await meetings.give_floor(meeting_id, "to-7", by=HOA)
    assert await hands() == ["to-3", "to-5"]
    await say("to-3", hand=False)
    await say("to-3")
    assert await hands() == ["to-5", "to-3"]
    await say("to-9")
    assert await hands() == ["to-5", "to-3"], "nobody else"


async def test_a_house_that_leaves_gives_the_floor_back(planning, meetings):
    meeting_id = await opened(planning, meetings)
    await meetings.give_floor(meeting_id, "to-3", by=HOA)
    await meetings.heard("to-5", meeting_id, joined=False, hand=False)
    assert (await meetings.find(meeting_id)).floor == "to-3"
    await meetings.heard("to-3", meeting_id, joined=False, hand=False)
    assert (await meetings.find(meeting_id)).floor is None


async def test_who_did_what_is_kept(planning, meetings):
    meeting_id = await opened(planning, meetings)
    await meetings.give_floor(meeting_id, "to-3", by=HOA)
    await meetings.take_floor_back(meeting_id, by=HOA)
    await meetings.speak(meeting_id, by=BINH)
    await meetings.end(meeting_id, by=BINH)
    acts = await meetings.acts(meeting_id)
    house = "Nhà văn hóa Tổ dân phố 3"
    assert [(act.what, act.by, act.house) for act in acts] == [
        ("plan", HOA.name, ""),
        ("open", HOA.name, ""),
        ("floor", HOA.name, house),
        ("floor-back", HOA.name, house),
        ("speak", BINH.name, ""),
        ("end", BINH.name, ""),
    ]
    meeting = await meetings.find(meeting_id)
    assert (meeting.state, meeting.floor) == (MeetingState.ENDED, None)
