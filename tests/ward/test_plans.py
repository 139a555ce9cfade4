"""The copy of a house's schedule at its ward."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from base.cause import Refused
from feedback.tables import outbox
from rooms.plans import PlanState, read_plan
from ward.plans import Plans

TITLE = "Họp tổ dân phố tháng 12"


@pytest.fixture
async def plans(database, houses):
    await houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5")
    await houses.invite("to-6", "Nhà văn hóa Tổ dân phố 6")
    return Plans(database)


def tomorrow(**more):
    return datetime.now(UTC) + timedelta(days=1, **more)


async def wishes(database):
    """What waits for the houses."""
    query = select(outbox.c.receiver, outbox.c.id, outbox.c.body).order_by(outbox.c.seq)
    rows = await database.read(lambda connection: connection.execute(query).all())
    return [(row.receiver, row.id, read_plan(json.loads(row.body))) for row in rows]


async def test_what_an_official_plans_goes_down_and_is_proposed_until_the_house_answers(
    plans, database, houses
):
    await plans.plan("to-5", TITLE, tomorrow(), 90, by="Trần Thị Hoa")
    (shown,) = await plans.coming("to-5")
    assert (shown.plan.title, shown.proposed) == (TITLE, True)
    ((receiver, name, wish),) = await wishes(database)
    assert (receiver, name) == ("to-5", f"plan-wish-{wish.id}-1")
    await plans.keep("to-5", wish.body())
    (shown,) = await plans.coming("to-5")
    assert not shown.proposed
    assert (await houses.find("to-5")).plans == (shown,)
    assert (await houses.find("to-6")).plans == ()
    assert [house.plans for house in await houses.all()] == [(shown,), ()]


async def test_changed_and_cancelled(plans, database):
    await plans.plan("to-5", TITLE, tomorrow(), 90, by="Hoa")
    (shown,) = await plans.coming("to-5")
    await plans.change("to-5", shown.plan.id, "Dời", tomorrow(hours=2), 60, by="Bình")
    (shown,) = await plans.coming("to-5")
    assert (shown.plan.title, shown.plan.by, shown.plan.revision) == ("Dời", "Bình", 2)
    await plans.cancel("to-5", shown.plan.id, by="Bình")
    assert await plans.coming("to-5") == ()
    assert [(w.revision, w.state) for _, _, w in await wishes(database)] == [
        (1, PlanState.PLANNED),
        (2, PlanState.PLANNED),
        (3, PlanState.CANCELLED),
    ]
    for change in (
        plans.cancel("to-5", shown.plan.id, by="x"),
        plans.change("to-6", shown.plan.id, "x", tomorrow(), 60, by="x"),
        plans.find("to-5", shown.plan.id),
    ):
        with pytest.raises(Refused, match=r"schedule\.unknown"):
            await change


async def test_the_houses_word_counts_and_an_older_one_does_not(plans):
    await plans.plan("to-5", TITLE, tomorrow(), 90, by="Hoa")
    (shown,) = await plans.coming("to-5")
    own = replace(shown.plan, revision=2, title="Tổ trưởng đổi")
    await plans.keep("to-5", own.body())
    await plans.keep("to-5", shown.plan.body())
    (shown,) = await plans.coming("to-5")
    assert shown.plan.title == "Tổ trưởng đổi"
    await plans.change("to-5", shown.plan.id, "Phường đổi", tomorrow(), 90, by="Hoa")
    await plans.keep("to-5", replace(own, revision=3, title="Cùng lúc").body())
    (shown,) = await plans.coming("to-5")
    assert (shown.plan.title, shown.proposed) == ("Cùng lúc", False)


async def test_what_a_house_refused_is_shown_with_why(plans):
    await plans.plan("to-5", TITLE, tomorrow(), 90, by="Hoa")
    (shown,) = await plans.coming("to-5")
    refused = replace(shown.plan, state=PlanState.REFUSED, refusal="schedule.clash")
    await plans.keep("to-5", refused.body())
    (shown,) = await plans.coming("to-5")
    assert (shown.plan.state, shown.why.code) == (PlanState.REFUSED, "schedule.clash")


async def test_what_the_hub_knows_to_be_impossible_does_not_go_down(plans, database):
    await plans.plan("to-5", TITLE, tomorrow(), 90, by="Hoa")
    with pytest.raises(Refused, match=r"schedule\.clash"):
        await plans.plan("to-5", TITLE, tomorrow(minutes=30), 90, by="Hoa")
    await plans.plan("to-6", TITLE, tomorrow(minutes=30), 90, by="Hoa")
    with pytest.raises(Refused, match=r"schedule\.past"):
        await plans.plan("to-6", TITLE, tomorrow(hours=-48), 90, by="Hoa")
    assert [receiver for receiver, _, _ in await wishes(database)] == ["to-5", "to-6"]


async def test_nonsense_from_a_house_is_dropped(plans):
    await plans.keep("to-5", {"id": "x", "title": "y"})
    assert await plans.coming("to-5") == ()


async def test_half_an_hour_before_it_is_soon(plans):
    await plans.plan("to-5", TITLE, datetime.now(UTC) + timedelta(minutes=29), 90, by="Hoa")
    (shown,) = await plans.coming("to-5")
    assert shown.soon
