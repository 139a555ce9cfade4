"""What a house tells its ward of its questions, and what it takes over from it."""

import asyncio

import pytest

from config.feedback import FeedbackSection
from feedback.case import Place
from feedback.desk import Desk
from feedback.handover import read_copy
from feedback.outbox import Outbox, Parcel
from feedback.rules import Rules
from rooms.view import QuestionState
from storage.engine import Database

TEXT = "Bao giờ sửa cống ngõ 5?"
RULES = Rules.of(FeedbackSection(), here=Place.WARD)


@pytest.fixture
async def ward(tmp_path):
    async with await Database.open(tmp_path / "ward.db") as database:
        yield Desk(database, "to-5", RULES)


@pytest.fixture
async def linked(house):
    house.linked = True
    await house.restart()
    return house


async def told(house, most=100):
    """What waits for the ward."""
    return [read_copy(p.body) for p in await Outbox(house.database, "ward").oldest(most)]


async def nothing_is_told(house):
    none = Parcel("none", "none", {})
    assert await Outbox(house.database, "ward").oldest(1, lambda _: [none]) == [none]


async def carry(house, ward):
    """Everything to the ward, by hand."""
    outbox = Outbox(house.database, "ward")
    for parcel in await outbox.oldest(100):
        await ward.keep_copy(parcel.body)
        await outbox.handed_over(parcel.id)


async def handed(ward, text=TEXT, name=None):
    await ward.ask(text, name=name, key="")
    return [parcel.body for parcel in await ward.outbox().oldest(100)][-1]


async def test_every_change_is_told_in_order(linked):
    await linked.live()
    first, second = await linked.ask(key="1"), await linked.ask("Đèn hỏng", key="2")
    room, leader = linked.room, linked.leader
    await room.approve_question(leader, first.question_id)
    await room.show_question(leader, first.question_id)
    await room.show_question(leader, second.question_id)
    await room.answer_question(leader, second.question_id, "Mai sửa")
    await room.dismiss_question(leader, first.question_id, "Trùng")
    await room.approve_question(leader, first.question_id)
    copies = await told(linked)
    assert [(copy.number, copy.revision, copy.state) for copy in copies] == [
        (1, 1, "waiting"),
        (2, 1, "waiting"),
        (1, 2, "approved"),
        (1, 3, "on_stage"),
        (2, 2, "on_stage"),
        (1, 4, "approved"),
        (2, 3, "answered"),
        (1, 5, "dismissed"),
        (1, 6, "approved"),
    ]
    assert (copies[6].answer, copies[6].answered_by) == ("Mai sửa", "Nguyễn Văn An")
    assert (copies[7].answer, copies[8].answer) == ("Trùng", None)


async def test_the_ward_is_not_told_who_asked(linked):
    await linked.ask(name="Bà Năm")
    (parcel,) = await Outbox(linked.database, "ward").oldest(10)
    assert "Bà Năm" not in str(parcel.body)


async def test_the_end_of_the_meeting_takes_it_off_the_stage_at_the_ward_too(linked):
    await linked.live()
    receipt = await linked.ask()
    await linked.room.show_question(linked.leader, receipt.question_id)
    await linked.ended()
    assert (await told(linked))[-1].state == "approved"


async def test_what_came_before_there_was_a_ward_is_told_at_the_start(house, ward):
    await house.live()
    receipts = [await house.ask(f"Câu số {n}", key=f"{n}") for n in range(5)]
    await house.room.answer_question(house.leader, receipts[1].question_id, "Rồi")
    await house.ended()
    await nothing_is_told(house)
    house.linked = True
    await house.restart()
    assert [copy.text for copy in await told(house)] == [f"Câu số {n}" for n in range(5)]
    await carry(house, ward)
    await house.restart()
    await nothing_is_told(house)
    house.linked = False
    await house.restart()
    await house.room.answer_question(house.leader, receipts[2].question_id, "Rồi")
    house.linked = True
    await house.restart()
    await carry(house, ward)
    assert len(await ward.answered(10)) == 2


async def test_a_question_from_the_ward_stands_in_the_queue(linked, ward):
    await linked.live()
    await linked.ask(key="1")
    await linked.room.take_over(await handed(ward, name="Bà Năm"))
    await linked.ask("Đèn hỏng", key="2")  # the view holds both then
    taken = linked.view.questions[1]
    assert (taken.number, taken.text, taken.asked_by) == (2, TEXT, "Bà Năm")
    assert taken.state is QuestionState.WAITING
    body = await handed(ward)
    found = await linked.room.find_receipt(body["receipt"])
    assert found is None, "not yet"
    await linked.room.take_over(body)
    found = await linked.room.find_receipt(body["receipt"])
    assert (found.number, found.origin, found.home) == (4, "ward", "house")


async def test_the_same_again_changes_nothing(linked, ward, caplog):
    body = await handed(ward)
    await asyncio.gather(*(linked.room.take_over(body) for _ in range(3)))
    (question,) = (await linked.until(lambda view: view.questions)).questions
    await linked.room.answer_question(linked.leader, question.id, "Mai sửa")
    await linked.restart()
    await linked.room.take_over(body)
    await linked.ticks()
    (question,) = linked.view.questions
    assert question.answer == "Mai sửa"
    assert [copy.revision for copy in await told(linked)] == [1, 2]
    assert caplog.text == "", "and nobody wonders"


async def test_outside_of_a_meeting_it_waits_for_the_next(linked, ward):
    await linked.room.take_over(await handed(ward))
    await linked.until(lambda view: [question.text for question in view.questions] == [TEXT])
    await linked.restart()
    await linked.live()
    assert [question.text for question in linked.view.waiting()] == [TEXT]


async def test_a_question_from_outside_does_not_keep_an_empty_hall_open(linked, ward):
    await linked.live()
    linked.time.pass_(minutes=linked.settings.meeting.alone_minutes - 1)
    await linked.room.take_over(await handed(ward))
    linked.time.pass_(minutes=1)
    await linked.until(lambda view: view.phase != "live")


@pytest.mark.parametrize("wrong", [{"id": "x"}, {"text": 5}, {"receipt": ""}])
async def test_what_makes_no_sense_is_dropped(linked, ward, wrong):
    await linked.room.take_over(await handed(ward) | wrong)
    await linked.ticks()
    assert linked.view.questions == ()


async def test_another_one_under_a_known_receipt_harms_nobody(linked, ward):
    body = await handed(ward)
    await linked.room.take_over(body)
    await linked.room.take_over(body | {"id": "f" * 16, "text": "Câu khác"})
    await linked.ticks()
    assert [question.text for question in linked.view.questions] == [TEXT]
