"""What everybody may read of the cases, and what of it is found, on both databases."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feedback.board import Search, Which, position_of
from feedback.case import Answer, CaseState, Place
from feedback.casework import publish, reopen, take
from feedback.desk import Desk
from feedback.topics import Topic
from storage.engine import Database

AT = datetime(2026, 7, 22, 13, 15, tzinfo=UTC)


@pytest.fixture
async def ward(where, make_office):
    async with await Database.open(where) as database:
        yield make_office(database, Place.WARD)


@pytest.fixture
def desk(ward):
    return Desk(ward.database, "to-5", ward.rules)


def copy(number, text, state="answered", **more):
    """What a house tells of one of its cases."""
    at = AT + timedelta(hours=number)
    closed = {"answer": "Đã làm.", "answered_at": at.isoformat(), "answered_by": "Bác Lan"}
    body = {
        "id": f"{number:016x}",
        "receipt": f"K7QM3XWP9D{number:02}",
        "revision": 1,
        "number": number,
        "text": text,
        "origin": "house",
        "received_at": AT.isoformat(),
        "state": state,
        "progress": {
            "state": "answered" if state == "answered" else "waiting",
            "owner": "Tổ dân phố",
            "due_at": (AT + timedelta(hours=2)).isoformat(),
            "due_rule": "Cam kết",
            "topic": "infrastructure" if number % 2 else None,
        },
    }
    return body | (closed if state == "answered" else {}) | more


async def found(desk, *of, **more):
    search = Search(*of, **more)
    return [case.number for case in await desk.answered(50, search)]


async def test_words_are_found_in_what_was_asked_and_in_what_was_answered(desk):
    await desk.keep_copy(copy(1, "Cống NGÕ 5 tắc, nước đọng 100%"))
    await desk.keep_copy(copy(2, "Ngõ 15 thiếu đèn", answer="Đã thay bóng ở ngõ Hoà Bình_3."))
    for words, numbers in {
        "cong ngo 5": [1],
        "NGÕ": [2, 1],
        "tắc cống": [1],
        "đọn": [1],
        "đo": [],
        "ước": [],
        "hòa bình": [2],
        "5": [1],
        "bong lan": [2],
        "bac": [2, 1],
        " , ": [2, 1],
        "100%": [1],
        "%": [2, 1],
        "binh_": [2],
        "_": [],
        "ngo 5 khong co": [],
    }.items():
        assert await found(desk, words) == numbers, words


async def test_nothing_is_found_that_nobody_may_read(ward, desk):
    secret = {"public_text": "Ngõ 5 có tiếng ồn ban đêm"}
    await desk.keep_copy(copy(1, "Ông Hùng số 12 hát đêm", **secret))
    await desk.keep_copy(copy(2, "Ông Hùng đỗ xe", "waiting"))
    await desk.keep_copy(copy(3, "Ông Hùng nuôi chó", same_as=f"{1:016x}"))
    await desk.keep_copy(copy(4, "Ông Hùng nuôi gà", "dismissed", answer="Không rõ"))
    await desk.keep_copy(copy(5, "Ông Hùng xây nhà", "approved", **secret))
    await desk.keep_copy(copy(6, "Ông Hùng đốt rác", "approved", over=True))
    mine = await ward.received("Ông Hùng ở ngõ 5 ồn", name="Bà Hùng Năm", house_id="to-5")
    assert await found(desk, "hung") == []
    assert await desk.open(Search("hung")) == ()
    assert await found(desk, "tieng on") == [1]
    assert [case.number for case in await desk.open(Search("tieng on"))] == [5]
    await desk.keep_copy(copy(1, "Ông Hùng số 12 hát đêm", revision=2, public_text="Hát đêm"))
    assert (await found(desk, "tieng on"), await found(desk, "hat")) == ([], [1])

    await desk.outbox().handed_over(f"question-{mine.id}")
    assert await found(desk, "hung") == [], "at home in the house, which has told nothing"


async def test_the_wards_own_are_found_in_their_published_words(ward, desk):
    case = await ward.received("Ông Hùng số 12 ồn", house_id="to-5")
    with_topic = Search(topic=Topic.ENVIRONMENT)
    await ward.database.write(
        lambda c: c.exec_driver_sql("UPDATE cases SET handed = true, number = 9")
    )
    assert await found(desk, "on") == []
    await ward.do(take, case)
    answer = Answer("Đã nhắc nhở.", "Công an phường", date(2026, 12, 1))
    await ward.do(publish, case, answer=answer, public_text="Ngõ 5 ồn")
    assert (await found(desk, "hung"), await found(desk, "nhac cong an on")) == ([], [9])
    (shown,) = await desk.answered(9)
    assert (shown.text, shown.office, shown.in_time) == ("Ngõ 5 ồn", "Công an phường", True)
    assert (shown.id, shown.owner, shown.state) == (
        case.id,
        "Văn phòng HĐND và UBND phường",
        CaseState.ANSWERED,
    )
    assert await desk.answered(9, with_topic) == ()
    other = Desk(ward.database, "to-9", ward.rules)
    assert await found(other, "on") == []
    await ward.do(reopen, case, reason="Vẫn ồn lắm")
    assert await found(desk, "nhac") == []


async def test_by_topic_and_in_pages_the_newest_first(ward, desk):
    for number in range(1, 8):
        await desk.keep_copy(
            copy(number, f"Câu {number}", "approved" if number == 7 else "answered")
        )
    assert await found(desk, topic=Topic.INFRASTRUCTURE) == [5, 3, 1]
    assert [case.number for case in await desk.open(Search(topic=Topic.INFRASTRUCTURE))] == [7]
    assert [case.topic for case in await desk.answered(2)] == [None, Topic.INFRASTRUCTURE]
    assert [case.number for case in await desk.answered(2, skip=2)] == [4, 3]
    last = (await desk.answered(3))[-1]
    after = await desk.answered(9, before=position_of(last))
    assert [case.number for case in after] == [3, 2, 1]
    assert [case.in_time for case in after] == [False, True, True]
    assert await found(desk, "cau", which=Which.ANSWERED) == [6, 5, 4, 3, 2, 1]
