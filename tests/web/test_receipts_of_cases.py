"""What a receipt says of who deals with a case, and until when, in plain Vietnamese."""

import re
from datetime import UTC, date, datetime

import pytest

from base.cause import Cause
from feedback.case import CaseState, Place, Progress, ReceiptView
from rooms.view import QuestionState, QuestionView
from web.language import deadline
from web.templating import Templates

OWNER = "Phòng Kinh tế, Hạ tầng và Đô thị phường"
DUE = datetime(datetime.now(UTC).year + 1, 12, 2, 10, 0, tzinfo=UTC)


def shown(templates, state=CaseState.WAITING, *, over=True, language="vi", home="ward", **more):
    progress = Progress(
        state=state,
        owner=OWNER,
        due_at=more.pop("due_at", DUE),
        due_rule="Luật Tiếp công dân 42/2013/QH13, Điều 28",
        transfer_to=more.pop("transfer_to", None),
        office=more.pop("office", None),
        done_on=more.pop("done_on", None),
        next_holder=more.pop("next_holder", None),
    )
    states = {CaseState.ANSWERED: "answered", CaseState.REFUSED: "dismissed"}
    question = ReceiptView(
        code="K7QM-3XWP-9DTA",
        number=12,
        text="Cống ngõ 5 tắc",
        asked_at=datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
        state=states.get(state, "approved"),
        answer=more.get("answer"),
        answered_by=more.get("answered_by"),
        answered_at=more.get("answered_at"),
        origin=Place.HOUSE,
        home=Place(home),
        progress=progress,
        over=over,
    )
    page = templates.render(
        "receipt.html",
        language,
        question=question,
        problem=None,
        fresh=False,
        mark=None,
        asked=(),
        grievance=None,
        of_ward=False,
        attached=(),
        photo_note=None,
        most_photos=3,
        said="",
        heard="",
        sent_before=False,
        most_text=2000,
        most_reopened=2,
        path="/",
        root="",
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)), page


class Ward:
    name = "Phường Mẫu"
    language = "vi"


@pytest.fixture(scope="module")
def templates():
    return Templates(Ward())


def test_who_deals_with_it_and_until_when(templates):
    day = deadline(DUE, "vi")
    words, page = shown(templates, CaseState.IN_PROGRESS)
    assert f"{OWNER} đang xử lý, hạn trả lời {day}." in words
    assert 'data-value="case-state" data-code="in_progress"' in page
    assert "Hạn theo: Luật Tiếp công dân 42/2013/QH13, Điều 28." in words
    assert "đã chuyển lên phường" in words and "Đã quá hạn" not in words
    words, _ = shown(templates)
    assert f"{OWNER} đã tiếp nhận, chờ xử lý, hạn trả lời {day}." in words
    words, _ = shown(templates, CaseState.TRANSFERRED, transfer_to="Công an phường")
    assert f"đã chuyển sang Công an phường, đang chờ bên đó nhận. Hạn trả lời {day}." in words
    words, _ = shown(templates, CaseState.IN_PROGRESS, language="en")
    assert f"{OWNER} is dealing with it, to be answered by {deadline(DUE, 'en')}." in words


def test_before_the_meeting_has_answered_it_is_promised_all_the_same(templates):
    words, page = shown(templates, over=False, home="house")
    assert f"Nếu cuộc họp chưa trả lời được: {OWNER} trả lời, chậm nhất" in words
    assert 'data-value="state" data-code="approved"' in page


def test_what_is_late_is_said_to_be(templates):
    words, page = shown(templates, due_at=datetime(2026, 1, 5, 10, 0, tzinfo=UTC))
    assert "Đã quá hạn." in words and 'data-value="late"' in page


def test_an_answer_says_which_office_did_it_and_when(templates):
    words, _ = shown(
        templates,
        CaseState.ANSWERED,
        answer="Đã nạo vét cống.",
        answered_by="Lê Minh",
        answered_at=datetime(2026, 12, 1, 3, 0, tzinfo=UTC),
        office=OWNER,
        done_on=date(2026, 12, 1),
    )
    assert f"Đã nạo vét cống. {OWNER}, làm xong ngày 01/12/2026" in words
    assert "Lê Minh, trả lời lúc 10:00, 01/12/2026" in words


def test_what_was_answered_in_the_meeting_says_by_whom_and_when(templates):
    words, page = shown(
        templates,
        CaseState.ANSWERED,
        answer="Tuần sau sửa.",
        answered_by="Nguyễn Văn An",
        answered_at=datetime(2026, 11, 25, 13, 15, tzinfo=UTC),
    )
    assert re.search(r"Nguyễn Văn An, trả lời lúc 20:15", words)
    assert 'data-value="office"' not in page


def test_a_refusal_says_whom_to_turn_to(templates):
    words, page = shown(
        templates, CaseState.REFUSED, answer="Việc của ngành điện", next_holder="Điện lực Mẫu"
    )
    assert "Bà con gửi tới: Điện lực Mẫu" in words and "Từ chối" in words
    assert 'data-value="next-holder"' in page


@pytest.mark.parametrize(
    ("day", "vi", "en"),
    [
        (datetime(2026, 12, 3, 10, 0, tzinfo=UTC), "thứ Năm 3/12", "Thursday 03 Dec"),
        (datetime(2026, 12, 5, 18, 0, tzinfo=UTC), "Chủ nhật 6/12", "Sunday 06 Dec"),
    ],
)
def test_a_deadline_is_a_day_of_the_week(day, vi, en):
    same_year = datetime.now(UTC).year == 2026
    assert deadline(day, "vi") == vi + ("" if same_year else "/2026")
    assert deadline(day, "en") == en + ("" if same_year else " 2026")


def earlier(away):
    question = QuestionView(
        id="q1",
        number=12,
        text="Cống ngõ 5 tắc",
        asked_by=None,
        via="phone",
        asked_at=datetime(2026, 11, 25, 12, 0, tzinfo=UTC),
        state=QuestionState.APPROVED,
        progress=Progress(CaseState.IN_PROGRESS, OWNER, DUE, "Cam kết của phường"),
        away=away,
    )
    templates = Templates(Ward())
    return templates.render("earlier_questions.html", "vi", earlier=(question,), most_text=2000)


def test_before_the_next_meeting_the_leader_reads_what_the_ward_does_about_the_last():
    page = earlier(Cause("case.elsewhere"))
    assert f"{OWNER} đang xử lý, hạn trả lời" in page
    assert 'data-code="in_progress"' in page and 'data-code="case.elsewhere"' in page
    assert "answer-earlier-question" not in page, "it is not the house's to answer"
    assert "answer-earlier-question" in earlier(None)
