"""“Tôi cũng hỏi câu này”: each telephone once, ten times in a meeting."""

import asyncio

import pytest

from feedback.handover import read_copy
from feedback.outbox import Outbox
from feedback.votes import MOST_VOTES


def device(number):
    return number.to_bytes(32)


@pytest.fixture
async def live(house):
    await house.live()
    house.first = (await house.ask("Bao giờ sửa đèn?", key="1")).question_id
    await house.room.approve_question(house.leader, house.first)
    return house


def askers(house, question_id):
    return house.question(question_id).askers


async def test_each_telephone_counts_once_and_for_good(live):
    await asyncio.gather(*(live.room.vote(live.first, device(n % 300)) for n in range(600)))
    await live.until(lambda view: view.questions[0].askers == 301)
    await live.restart()
    await live.room.vote(live.first, device(7))
    assert askers(live, live.first) == 301
    (asked,) = live.room.asked(device(7))
    assert (asked.number, asked.askers, asked.joined, asked.on_stage) == (1, 301, True, False)
    assert not live.room.asked(device(999))[0].joined
    assert not live.room.asked(None)[0].joined


async def test_the_budget_is_a_devices_own_and_of_one_meeting(live, refused):
    more = [(await live.ask(f"Câu thứ {n}", key=f"m{n}")).question_id for n in range(MOST_VOTES)]
    for question_id in more:
        await live.room.approve_question(live.leader, question_id)
        await live.room.vote(question_id, device(1))
    async with refused("vote.spent"):
        await live.room.vote(live.first, device(1))
    await live.room.vote(more[0], device(1))  # the same again is no other
    await live.room.vote(live.first, device(2))
    await live.ended()
    await live.live()
    fresh = (await live.ask("Câu của buổi sau", key="next")).question_id
    await live.room.approve_question(live.leader, fresh)
    await live.room.vote(fresh, device(1))


async def test_only_what_waits_for_its_answer_is_voted_for(live, refused):
    waiting = (await live.ask("Câu chưa duyệt", key="2")).question_id
    for question_id in (waiting, "none"):
        async with refused("vote.closed"):
            await live.room.vote(question_id, device(1))
    await live.room.show_question(live.leader, live.first)
    await live.room.vote(live.first, device(1))
    assert live.room.asked(None)[0].on_stage
    await live.room.answer_question(live.leader, live.first, "Mai sửa")
    async with refused("vote.closed"):
        await live.room.vote(live.first, device(2))
    assert live.room.asked(None) == ()


async def test_merging_sums_askers_and_votes_and_its_undoing_gives_them_back(live):
    second = (await live.ask("Đèn hỏng rồi", key="2")).question_id
    await live.room.approve_question(live.leader, second)
    for number, question_id in [(1, live.first), (2, live.first), (2, second), (3, second)]:
        await live.room.vote(question_id, device(number))
    await live.room.merge_question(live.leader, second, live.first)
    assert askers(live, live.first) == 2 + 3, "two who asked, three telephones"
    await live.room.vote(second, device(4))  # whoever still sees it asks along with the head
    assert askers(live, live.first) == 6
    assert live.room.asked(device(3))[0].joined
    await live.room.separate_question(live.leader, second)
    assert (askers(live, live.first), askers(live, second)) == (4, 3)


async def test_the_ward_is_told_how_many_and_tells_of_its_own(house):
    house.linked = True
    await house.restart()
    await house.live()
    first = (await house.ask("Bao giờ sửa đèn?", key="1")).question_id
    await house.room.approve_question(house.leader, first)
    body = {"id": first, "device": device(1).hex(), "at": "2026-03-01T12:00:00Z"}
    for vote in (body, body, body | {"device": device(2).hex()}, body | {"device": "x"}):
        await house.room.take_vote(vote)
    await house.room.take_vote(body | {"id": "f" * 16})  # too late: nobody asks that any more
    house.time.pass_(5)
    async with asyncio.timeout(20):
        while True:
            copies = [read_copy(p.body) for p in await Outbox(house.database, "ward").oldest(50)]
            if copies[-1].votes == 2:
                break
            await asyncio.sleep(0.05)
    assert (copies[-1].state, copies[-1].meeting) == ("approved", house.view.meeting_id)
