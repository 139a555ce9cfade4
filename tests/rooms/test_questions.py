import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedback import store as case_store
from feedback.case import Case, Place
from rooms.meeting import Actor
from rooms.question import Question
from rooms.questions import Questions
from rooms.view import Phase, QuestionState, Role

CEILING_SECONDS = 20

WAITING, APPROVED, ON_STAGE, ANSWERED, DISMISSED = QuestionState


@pytest.fixture
async def live(house):
    await house.live()
    return house


async def test_a_question_waits_with_its_receipt(live):
    receipt = await live.ask("Ngõ 5 <b>ngập</b> & tối\nlắm", name=" Bà\tBình ")
    question = live.question(receipt.question_id)
    assert (question.number, question.state, question.via) == (1, WAITING, "phone")
    assert (question.text, question.asked_by) == ("Ngõ 5 <b>ngập</b> & tối\nlắm", "Bà Bình")
    assert live.view.waiting() == (question,)
    found = await live.room.find_receipt(f" {receipt.code.lower().replace('-', ' ')} ")
    assert (found.code, found.number, found.text, found.state, found.answer) == (
        receipt.code,
        1,
        question.text,
        WAITING,
        None,
    )
    assert found.asked_at == live.time.wall


async def test_an_unknown_receipt_is_none(live):
    assert await live.room.find_receipt("0000-0000-0000") is None
    assert await live.room.find_receipt("' OR 1=1 --") is None


async def test_sent_twice_is_one_question(live):
    receipts = await asyncio.gather(*(live.ask(key="same") for _ in range(20)))
    assert len(set(receipts)) == 1
    assert len(live.view.questions) == 1
    assert (await live.ask(key="other")).number == 2


async def test_sent_again_later_it_is_still_answered(live):
    receipt = await live.ask()
    await live.room.answer_question(live.leader, receipt.question_id, "Đã sửa")
    assert await live.ask() == receipt
    assert live.question(receipt.question_id).state is ANSWERED


async def test_many_at_once_get_numbers_without_gaps(live):
    receipts = await asyncio.gather(*(live.ask(key=f"{n}") for n in range(200)))
    assert {receipt.number for receipt in receipts} == set(range(1, 201))
    assert len({receipt.code for receipt in receipts}) == 200
    await live.until(lambda view: len(view.questions) == 200)
    assert [question.number for question in live.view.questions] == list(range(1, 201))


async def test_what_cannot_be_a_question_is_refused(live, refused):
    async with refused("feedback.too_short"):
        await live.ask(" ? ")
    async with refused("feedback.too_long"):
        await live.ask("đ" * 2001)
    assert live.view.questions == ()


async def test_who_enters_it_and_for_whom(live, refused):
    on_behalf = await live.ask(via="hall", name="Cụ Tư", by=live.secretary, key="1")
    official = await live.ask(via="official", by=Actor(Role.OFFICIAL, "Bà Chi"), key="2")
    assert live.question(on_behalf.question_id).via == "hall"
    assert live.question(official.question_id).via == "official"
    async with refused("room.not_your_part"):
        await live.ask(via="hall", by=live.technician, key="3")


async def test_from_the_queue_over_the_stage_to_the_answer(live):
    receipt = await live.ask()
    room, question_id = live.room, receipt.question_id

    def state():
        return live.question(question_id).state

    await room.approve_question(live.secretary, question_id)
    assert state() is APPROVED
    await room.show_question(live.secretary, question_id)
    assert (state(), live.view.question_on_stage().id) == (ON_STAGE, question_id)
    await room.hide_question(live.secretary, question_id)
    assert (state(), live.view.question_on_stage()) == (APPROVED, None)
    await room.show_question(live.secretary, question_id)
    live.time.pass_(60)
    await room.answer_question(live.secretary, question_id, "  Thứ bảy sửa\x00 ")
    question = live.question(question_id)
    assert (question.state, question.answer) == (ANSWERED, "Thứ bảy sửa")
    found = await room.find_receipt(receipt.code)
    assert (found.state, found.answer, found.answered_by, found.answered_at) == (
        ANSWERED,
        "Thứ bảy sửa",
        "Bà Bình",
        live.time.wall,
    )
    (on_board,) = await room.answered(10)
    assert (on_board.number, on_board.answer) == (1, question.answer)


async def test_one_question_is_on_the_stage(live):
    first, second = await live.ask(key="1"), await live.ask(key="2")
    await live.room.show_question(live.leader, first.question_id)
    await live.room.show_question(live.leader, second.question_id)
    assert live.question(first.question_id).state is APPROVED
    assert live.view.question_on_stage().number == 2


async def test_an_answer_can_be_corrected_and_both_are_remembered(live, refused):
    receipt = await live.ask()
    await live.room.answer_question(live.leader, receipt.question_id, "Mai sửa")
    await live.room.answer_question(live.leader, receipt.question_id, "Tối nay sửa")
    assert live.question(receipt.question_id).answer == "Tối nay sửa"
    history = await live.database.read(lambda c: case_store.history(c, receipt.question_id))
    assert [(entry.who, entry.what, entry.text) for entry in history] == [
        ("resident", "received", "Bao giờ sửa đèn đường?"),
        ("leader Nguyễn Văn An", "answered", "Mai sửa"),
        ("leader Nguyễn Văn An", "answered", "Tối nay sửa"),
    ]
    async with refused("feedback.empty"):
        await live.room.answer_question(live.leader, receipt.question_id, " ")


async def test_a_dismissal_needs_a_reason_and_can_be_taken_back(live, refused):
    receipt = await live.ask()
    question_id = receipt.question_id
    async with refused("feedback.empty"):
        await live.room.dismiss_question(live.leader, question_id, "")
    await live.room.dismiss_question(live.leader, question_id, "Trùng câu 1")
    found = await live.room.find_receipt(receipt.code)
    assert (found.state, found.answer) == (DISMISSED, "Trùng câu 1")
    assert await live.room.answered(10) == ()
    async with refused("question.not_while_dismissed"):
        await live.room.show_question(live.leader, question_id)
    await live.room.approve_question(live.leader, question_id)
    found = await live.room.find_receipt(receipt.code)
    assert (found.state, found.answer, found.answered_by) == (APPROVED, None, None)


async def test_what_makes_no_sense_is_refused(live, refused):
    question_id = (await live.ask()).question_id
    async with refused("question.not_while_waiting"):
        await live.room.hide_question(live.leader, question_id)
    await live.room.show_question(live.leader, question_id)
    async with refused("question.not_while_on_stage"):
        await live.room.show_question(live.leader, question_id)
    await live.room.answer_question(live.leader, question_id, "Đã sửa")
    for command in (live.room.approve_question, live.room.show_question):
        async with refused("question.not_while_answered"):
            await command(live.leader, question_id)
    async with refused("question.not_while_answered"):
        await live.room.dismiss_question(live.leader, question_id, "Muộn rồi")
    async with refused("question.unknown"):
        await live.room.approve_question(live.leader, "none")


async def test_asked_before_the_meeting_it_is_for_the_meeting(house, refused):
    receipt = await house.ask()
    async with refused("room.not_while_idle"):
        await house.room.show_question(house.leader, receipt.question_id)
    await house.live()
    await house.room.show_question(house.leader, receipt.question_id)
    assert house.view.question_on_stage().number == 1


@pytest.mark.parametrize("restarted", [False, True])
async def test_what_was_not_answered_stays_open_after_the_meeting(live, refused, restarted):
    left, shown, answered, dismissed = [await live.ask(key=f"{n}") for n in range(4)]
    await live.room.show_question(live.leader, shown.question_id)
    await live.room.answer_question(live.leader, answered.question_id, "Đã sửa")
    await live.room.dismiss_question(live.leader, dismissed.question_id, "Trùng")
    await live.ended()
    if restarted:
        await live.restart()
    assert live.view.questions == ()
    assert [(q.number, q.state) for q in live.room.unanswered_before()] == [
        (1, WAITING),
        (2, APPROVED),
    ]
    await live.live()
    async with refused("question.other_meeting"):
        await live.room.show_question(live.leader, left.question_id)
    assert (await live.ask(key="new")).number == 1
    live.time.pass_(60)
    await live.room.answer_question(live.leader, left.question_id, "Đã có lịch")
    assert [q.number for q in live.room.unanswered_before()] == [2]
    assert [q.answer for q in await live.room.answered(10)] == ["Đã có lịch", "Đã sửa"]
    assert [q.answer for q in await live.room.answered(1)] == ["Đã có lịch"]


async def test_a_question_asked_while_the_meeting_ends_stays_in_the_queue(live):
    answered = await live.ask("Câu đầu", key="1")
    await live.room.end_meeting(live.leader)
    disk = threading.Event()
    slow = asyncio.create_task(live.database.write(lambda _: disk.wait(CEILING_SECONDS)))
    answering = asyncio.create_task(
        live.room.answer_question(live.leader, answered.question_id, "Đã sửa")
    )
    live.time.pass_(live.settings.meeting.undo_end_seconds)
    async with asyncio.timeout(CEILING_SECONDS):
        while live.sound.microphone_open.value:
            await asyncio.sleep(0.01)
    # The meeting is over, and waits for the answer that was given before.
    asking = asyncio.create_task(live.ask("Câu cuối", key="2"))
    await asyncio.sleep(0.05)
    disk.set()
    await asyncio.gather(slow, answering, asking)
    await live.until(lambda view: view.phase is Phase.IDLE)
    assert [question.text for question in live.room.unanswered_before()] == ["Câu cuối"]


async def test_when_in_the_meeting_it_was_asked_and_answered_and_by_whom(house):
    before = await house.ask(key="0")
    await house.live()
    house.time.pass_(minutes=12)
    receipt = await house.ask(key="1")
    house.time.pass_(minutes=3)
    await house.restart(seconds=30)
    for each in (before, receipt):
        await house.room.answer_question(
            house.secretary, each.question_id, "Mai sửa", answered_by=" Bà Chi,  Phó chủ tịch "
        )
    found = await house.room.find_receipt(receipt.code)
    assert (found.asked_into, found.answered_into) == (12 * 60, 15 * 60 + 30)
    assert found.answered_by == "Bà Chi, Phó chủ tịch"
    assert (await house.room.find_receipt(before.code)).asked_into is None
    (on_board, _) = await house.room.answered(10)
    assert (on_board.answered_by, on_board.answered_into) == ("Bà Chi, Phó chủ tịch", 930)
    history = await house.database.read(lambda c: case_store.history(c, receipt.question_id))
    assert history[-1].who == "secretary Bà Bình", "who wrote it down"


async def test_after_the_meeting_no_time_of_it_is_told(live, refused):
    receipt = await live.ask()
    await live.ended()
    await live.room.answer_question(live.leader, receipt.question_id, "Đã sửa")
    assert (await live.room.find_receipt(receipt.code)).answered_into is None
    async with refused("feedback.name_too_long"):
        await live.room.answer_question(
            live.leader, receipt.question_id, "Đã sửa", answered_by="B" * 81
        )


def test_what_is_asked_comes_behind_the_others_without_going_through_them_again(monkeypatch):
    at = datetime(2026, 11, 26, 19, 30, tzinfo=UTC)

    def question(number, **more):
        words = {"text": f"Câu {number}?", "name": None, "via": "phone", "received_at": at}
        placed = {"origin": Place.HOUSE, "home": Place.HOUSE}
        case = Case(id=f"q{number}", receipt=f"R{number}", **words, **placed)
        return Question(case, "m", number, QuestionState.WAITING, **more)

    questions = Questions()
    questions.load([question(1), question(2)])
    assert [view.number for view in questions.views("m")] == [1, 2]
    with monkeypatch.context() as patched:
        patched.setattr(questions, "_views", None)
        questions.add(question(3))
        assert [view.number for view in questions.views("m")] == [1, 2, 3]
    questions.add(question(5))
    questions.add(question(4))  # stored before the one above, told after it
    assert [view.number for view in questions.views("m")] == [1, 2, 3, 4, 5]
    questions.put(replace(question(1), state=QuestionState.APPROVED))
    assert questions.views("m")[0].state is QuestionState.APPROVED
    questions.askers.add("q1", b"phone")
    assert questions.views("m")[0].askers == 2
    assert questions.views("another") == ()
