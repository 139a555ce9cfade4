"""Several questions about one matter, under one of them."""

from functools import partial

import pytest
from sqlalchemy import select

from feedback import store as case_store
from feedback.tables import cases
from rooms.view import QuestionState

WAITING, APPROVED, ON_STAGE, ANSWERED, DISMISSED = QuestionState


@pytest.fixture
async def live(house):
    await house.live()
    return house


@pytest.fixture
async def three(live):
    """The ids of three questions about the same lamps."""
    asked = []
    for text in ("Đèn ngõ 5 hỏng", "den ngo 5 khong sang", "Sửa giúp đèn đường với"):
        asked.append((await live.ask(text, key=text)).question_id)
        live.time.pass_(1)
    return asked


def merged(house):
    return [(view.number, [one.number for one in view.merged]) for view in house.view.questions]


async def receipts(house):
    """State, answer and under which number, as those who asked read them."""
    rows = await house.database.read(
        lambda c: c.execute(select(cases.c.receipt).order_by(cases.c.received_at)).all()
    )
    found = [await house.room.find_receipt(row.receipt) for row in rows]
    return [(view.state, view.answer, view.merged and view.merged.number) for view in found]


async def test_every_receipt_leads_to_the_one_answer(live, three):
    head, second, third = three
    await live.room.merge_question(live.secretary, second, head)
    await live.room.merge_question(live.secretary, third, head)
    assert merged(live) == [(1, [2, 3])]
    assert live.question(head).askers == 3
    await live.room.reword_question(live.leader, head, "Bao giờ sửa đèn ngõ 5?")
    await live.room.show_question(live.leader, head)
    assert await receipts(live) == [(ON_STAGE, None, None), *[(ON_STAGE, None, 1)] * 2]
    await live.restart()
    await live.room.answer_question(live.leader, head, "Mai sửa")
    answered = (ANSWERED, "Mai sửa")
    assert await receipts(live) == [(*answered, None), *[(*answered, 1)] * 2]
    assert [one.number for one in await live.room.answered(10)] == [1], "once on the board"
    for case_id in three:
        history = await live.database.read(partial(case_store.history, case_id=case_id))
        assert history[-1].what == "answered"


async def test_a_dismissal_and_its_taking_back_are_for_all(live, three):
    head, second, third = three
    await live.room.merge_question(live.secretary, second, head)
    await live.room.merge_question(live.secretary, third, head)
    await live.room.dismiss_question(live.leader, head, "Ngoài nội dung")
    assert [state for state, _, _ in await receipts(live)] == [DISMISSED] * 3
    await live.room.approve_question(live.leader, head)
    assert [found[:2] for found in await receipts(live)] == [(APPROVED, None)] * 3


async def test_it_is_undone_as_it_was(live, three, refused):
    head, second, third = three
    await live.room.approve_question(live.leader, second)
    await live.room.merge_question(live.secretary, second, head)
    assert live.question(head).state is APPROVED, "somebody had approved the matter"
    await live.room.merge_question(live.secretary, third, head)
    await live.room.show_question(live.leader, head)
    for member in (second, third):
        await live.room.separate_question(live.secretary, member)
    assert merged(live) == [(1, []), (2, []), (3, [])]
    assert [state for state, _, _ in await receipts(live)] == [ON_STAGE, APPROVED, WAITING]
    history = await live.database.read(lambda c: case_store.history(c, second))
    assert [(e.what, e.text) for e in history[1:]] == [("merged", head), ("separated", None)]
    async with refused("question.not_merged"):
        await live.room.separate_question(live.leader, second)


async def test_a_group_joins_another(live, three):
    head, second, third = three
    await live.room.merge_question(live.leader, third, second)
    await live.room.show_question(live.leader, second)
    await live.room.merge_question(live.leader, second, head)
    assert merged(live) == [(1, [2, 3])]
    assert live.view.question_on_stage().number == 1, "what was on the stage stays there"


async def test_what_happens_in_two_places_is_not_one_matter(live, refused):
    first = await live.ask("Ngõ 5 ngập", key="1")
    second = await live.ask("ngo 9 ngap", key="2")
    third = await live.ask("Đường ngập quá", key="3")
    async with refused("question.places_differ"):
        await live.room.merge_question(live.leader, second.question_id, first.question_id)
    await live.room.merge_question(live.leader, third.question_id, first.question_id)
    async with refused("question.places_differ"):
        await live.room.merge_question(live.leader, first.question_id, second.question_id)
    assert merged(live) == [(1, [3]), (2, [])]


async def test_what_makes_no_sense_is_refused(live, three, refused):
    head, second, third = three
    merge = live.room.merge_question
    async with refused("question.merge_itself"):
        await merge(live.leader, head, head)
    async with refused("room.not_your_part"):
        await merge(live.technician, second, head)
    await merge(live.leader, second, head)
    for command in (live.room.approve_question, live.room.show_question):
        async with refused("question.merged"):
            await command(live.leader, second)
    async with refused("question.merged"):
        await live.room.answer_question(live.leader, second, "Mai sửa")
    async with refused("question.merged"):
        await merge(live.leader, third, second)
    await live.room.answer_question(live.leader, head, "Mai sửa")
    async with refused("question.not_while_answered"):
        await live.room.separate_question(live.leader, second)
    async with refused("question.not_while_answered"):
        await merge(live.leader, third, head)


async def test_it_stays_merged_after_the_meeting(live, three, refused):
    head, second, _ = three
    await live.room.merge_question(live.leader, second, head)
    await live.room.show_question(live.leader, head)
    await live.ended()
    await live.restart()
    left = live.room.unanswered_before()
    assert [(q.number, q.state, len(q.merged)) for q in left] == [(1, APPROVED, 1), (3, WAITING, 0)]
    other = await live.ask("Câu của buổi sau", key="next")
    async with refused("question.merge_other_meeting"):
        await live.room.merge_question(live.leader, other.question_id, head)
    await live.room.answer_question(live.leader, head, "Đã sửa")
    assert [found[1] for found in await receipts(live) if found[1]] == ["Đã sửa"] * 2
