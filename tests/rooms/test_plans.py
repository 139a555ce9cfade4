"""Meetings that are planned: in the house, and as the ward wants them."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from base.cause import Refused
from feedback.outbox import Outbox
from feedback.tables import outbox
from rooms.plans import PlanState, check, new_plan
from rooms.view import Phase

TITLE = "Họp tổ dân phố tháng 3"


def later(house, **more):
    return house.time.wall + timedelta(**more)


async def plan(house, title=TITLE, minutes=90, **more):
    return await house.room.plan_meeting(house.leader, title, later(house, **more), minutes)


def told(house):
    return [(one.plan.title, one.soon) for one in house.view.coming]


async def test_what_is_planned_is_shown_the_next_first_and_outlives_a_restart(house):
    await plan(house, "Sau", days=3)
    await plan(house, "  Trước\n ", days=1)
    assert told(house) == [("Trước", False), ("Sau", False)]
    await house.restart(seconds=5)
    assert told(house) == [("Trước", False), ("Sau", False)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": " \n"}, "schedule.title_missing"),
        ({"title": "x" * 121}, "schedule.title_too_long"),
        ({"minutes": 0}, "schedule.minutes"),
        ({"minutes": 481}, "schedule.minutes"),
        ({"hours": 0}, "schedule.past"),
        ({"hours": -1}, "schedule.past"),
        ({"days": 400}, "schedule.too_far"),
        ({"hours": 3}, "schedule.clash"),
        ({"hours": 2, "minutes": 61}, "schedule.clash"),
    ],
)
async def test_what_cannot_be_planned_is_refused(house, refused, fields, code):
    await plan(house, hours=3)
    async with refused(code):
        await plan(house, **{"title": "Khác", **fields})
    assert told(house) == [(TITLE, False)]


async def test_one_begins_when_the_other_ends(house):
    await plan(house, hours=3, minutes=60)
    await plan(house, "Ngay sau", hours=4)
    assert len(house.view.coming) == 2


async def test_fifty_are_enough(house):
    now = house.time.wall
    others = [new_plan("x", now + timedelta(days=n), 30, by="", now=now) for n in range(1, 51)]
    with pytest.raises(Refused) as refused:
        check(new_plan("y", now + timedelta(hours=1), 30, by="", now=now), others, now)
    assert refused.value.cause.code == "schedule.too_many"


async def test_changed_and_cancelled(house, refused):
    one = await plan(house, hours=3)
    await house.room.change_plan(house.leader, one.id, "Dời", later(house, days=2), 60)
    (shown,) = house.view.coming
    assert (shown.plan.title, shown.plan.minutes, shown.plan.revision) == ("Dời", 60, 2)
    await house.room.cancel_plan(house.leader, one.id)
    assert house.view.coming == ()
    async with refused("schedule.unknown"):
        await house.room.change_plan(house.leader, one.id, "Lại", later(house, days=2), 60)
    await plan(house, hours=3)


async def test_half_an_hour_before_it_is_soon_and_in_the_end_over(house):
    await plan(house, hours=1, minutes=60)
    house.time.pass_(minutes=29)
    await house.ticks()
    assert told(house) == [(TITLE, False)]
    house.time.pass_(minutes=1)
    await house.until(lambda view: view.coming[0].soon)
    house.time.pass_(minutes=90)
    await house.until(lambda view: view.coming == ())


async def test_the_meeting_that_starts_then_has_its_title(house):
    await plan(house, minutes=60, hours=1)
    house.time.pass_(minutes=45)
    await house.live()
    assert (house.view.title, house.view.coming) == (TITLE, ())
    house.time.pass_(minutes=20)
    await house.ended()
    assert (house.view.title, house.view.coming) == ("", ())


async def test_a_meeting_at_another_time_is_another(house):
    await plan(house, hours=3)
    await house.live()
    assert (house.view.title, told(house)) == ("", [(TITLE, False)])


async def test_a_title_of_ones_own_stays(house):
    await plan(house, minutes=60, hours=1)
    await house.room.set_title(house.leader, "Tên khác")
    house.time.pass_(minutes=45)
    await house.live()
    assert house.view.title == "Tên khác"


async def test_a_trial_before_the_time_does_not_use_the_plan_up(house):
    await plan(house, minutes=60, hours=1)
    house.time.pass_(minutes=40)
    await house.live()
    await house.ended()
    assert told(house) == [(TITLE, True)]


async def test_who_is_invited_to_it_comes_to_the_door_half_an_hour_before(house, refused):
    one = await plan(house, hours=3)
    invitation = await house.invite(lobby=True, plan_id=one.id)
    async with refused("invitation.too_early"):
        await house.room.enter(invitation.id, "Bà Hoa")
    await house.live()
    async with refused("invitation.too_early"):
        await house.room.enter(invitation.id, "Bà Hoa")
    await house.ended()
    house.time.pass_(minutes=155)
    guest = await house.room.enter(invitation.id, "Bà Hoa")
    assert house.view.phase is Phase.IDLE
    await house.live()
    assert house.shown(guest), "who waited is in this meeting"
    await house.connect(guest)
    house.time.pass_(minutes=27)  # nobody confirms it: after half an hour it would end by itself
    await house.ended()
    async with refused("invitation.other_meeting"):
        await house.room.enter(invitation.id, "Bà Hoa")


async def test_an_invitation_follows_its_meeting(house, refused):
    one = await plan(house, hours=3)
    invitation = await house.invite(plan_id=one.id)
    await house.room.change_plan(house.leader, one.id, TITLE, later(house, days=9), 60)
    house.time.pass_(minutes=9 * 24 * 60)
    await house.room.enter(invitation.id, "Bà Hoa")
    other = await plan(house, hours=30)
    invitation = await house.invite(plan_id=other.id)
    await house.room.cancel_plan(house.leader, other.id)
    async with refused("invitation.cancelled"):
        await house.room.enter(invitation.id, "Bà Hoa")
    async with refused("schedule.unknown"):
        await house.invite(plan_id=other.id)


# What the ward wants


@pytest.fixture
async def linked(without):
    """A house with a ward, to which nothing goes out: what waits for it is looked at."""
    house = without()
    house.linked = True
    await house.begin()
    yield house
    await house.stop()


def wish(house, **fields):
    made = new_plan(TITLE, later(house, days=1), 90, by="Trần Thị Hoa", now=house.time.wall)
    return replace(made, **fields)


async def answers(house):
    """What waits for the ward."""
    query = select(outbox.c.body).where(outbox.c.kind == "planned").order_by(outbox.c.seq)
    bodies = await house.database.read(lambda connection: connection.execute(query).scalars().all())
    return [json.loads(body) for body in bodies]


async def test_a_wish_of_the_ward_is_taken_once(linked):
    wanted = wish(linked)
    for _ in range(2):
        await linked.room.take_plan_wish(wanted.body())
    assert told(linked) == [(TITLE, False)]
    assert linked.view.coming[0].plan.by == "Trần Thị Hoa"
    (answer,) = await answers(linked)
    assert (answer["revision"], answer["state"], answer["refusal"]) == (1, "planned", None)


async def test_a_wish_that_clashes_is_refused_and_told(linked):
    own = await linked.room.plan_meeting(linked.leader, "Của tổ", later(linked, days=1), 60)
    await linked.room.take_plan_wish(wish(linked).body())
    assert told(linked) == [("Của tổ", False)]
    _, answer = await answers(linked)
    assert (answer["state"], answer["refusal"]) == ("refused", "schedule.clash")
    assert own.id != answer["id"]


async def test_a_change_that_cannot_be_leaves_it_as_it_was(linked):
    wanted = wish(linked)
    await linked.room.take_plan_wish(wanted.body())
    late = replace(wanted, revision=2, starts=linked.time.wall - timedelta(hours=1))
    await linked.room.take_plan_wish(late.body())
    (shown,) = linked.view.coming
    assert (shown.plan.starts, shown.plan.revision) == (wanted.starts, 2)
    assert (await answers(linked))[-1]["refusal"] == "schedule.past"


async def test_of_two_changes_at_once_the_houses_stands(linked):
    wanted = wish(linked)
    await linked.room.take_plan_wish(wanted.body())
    await linked.room.change_plan(
        linked.leader, wanted.id, "Tổ trưởng đổi", later(linked, days=2), 60
    )
    await linked.room.take_plan_wish(replace(wanted, revision=2, title="Phường đổi").body())
    assert told(linked) == [("Tổ trưởng đổi", False)]
    assert (await answers(linked))[-1]["title"] == "Tổ trưởng đổi"


async def test_cancelled_by_the_ward(linked):
    wanted = wish(linked)
    await linked.room.take_plan_wish(wanted.body())
    gone = replace(wanted, revision=2, state=PlanState.CANCELLED)
    await linked.room.take_plan_wish(gone.body())
    assert linked.view.coming == ()
    assert (await answers(linked))[-1]["state"] == "cancelled"


@pytest.mark.parametrize(
    "damage", [{"starts": "hôm qua"}, {"id": "x"}, {"minutes": 10**9}, {"state": "?"}]
)
async def test_nonsense_from_the_ward_is_dropped(linked, damage):
    await linked.room.take_plan_wish({**wish(linked).body(), **damage})
    assert linked.view.coming == ()


async def test_a_ward_that_comes_later_is_told_what_is_planned(linked):
    await linked.room.plan_meeting(linked.leader, TITLE, later(linked, days=1), 60)
    for body in await answers(linked):
        await Outbox(linked.database, "ward").handed_over(f"planned-{body['id']}-1")
    assert await answers(linked) == []
    await linked.restart(seconds=1)
    assert [body["title"] for body in await answers(linked)] == [TITLE]


async def test_the_leader_alone_plans_in_the_house(house, refused):
    for actor in (house.secretary, house.technician):
        async with refused("room.not_your_part"):
            await house.room.plan_meeting(actor, TITLE, later(house, days=1), 60)
