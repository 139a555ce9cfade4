"""Minutes on paper: the page, the DOCX read back, and how the browser prints them."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from docx import Document
from docx.shared import Pt

from base.cause import Cause
from feedback.case import CaseState, Place
from rooms.meeting import Actor
from rooms.minutes import Attendee, Fate, Fault, Interruption, MinutedQuestion, Minutes
from rooms.view import Phase, Role
from web.minutes.paper import Paragraph, Table, paper_of
from web.minutes.word import word

LEADER = Actor(Role.LEADER, "Nguyễn Văn An")
BEGAN = datetime(2026, 11, 5, 12, 30, tzinfo=UTC)
MARKUP = "<script>alert(1)</script> <b>đậm</b> & {{ 7*7 }} </w:t></w:p>\nhàng hai\uffff"


def minute(number):
    return BEGAN + timedelta(minutes=number)


def question(number, fate, state, answer=None, at=None, **more):
    usual = {
        "text": f"Nội dung câu {number}",
        "asked_by": None,
        "via": "phone",
        "origin": Place.HOUSE,
        "asked_at": minute(number),
        "meeting_started": BEGAN,
        "answered_by": "Trần Thị Bình" if answer else None,
    }
    return MinutedQuestion(
        number=number, fate=fate, state=state, answer=answer, answered_at=at, **(usual | more)
    )


MINUTES = Minutes(
    meeting_id="0123456789abcdef",
    title="Họp tổ dân phố tháng 11",
    started_at=BEGAN,
    ended_at=minute(75),
    chaired_by=("Nguyễn Văn An",),
    taken_by=("Đặng Thị Hoà",),
    attendees=(
        Attendee("Lê Thị Phượng", Role.OFFICIAL, minute(1), None),
        Attendee("Võ Hữu Nghĩa", Role.VIEWER, minute(2), minute(40)),
    ),
    interruptions=(Interruption(minute(30), 180),),
    faults=(Fault("projector", Cause("web.no_picture"), minute(5), None),),
    questions=(
        question(1, Fate.ANSWERED, CaseState.ANSWERED, "Tuần sau sửa.", minute(9)),
        question(2, Fate.DISMISSED, CaseState.REFUSED, "Ngoài phạm vi", asked_by="Ông Tư"),
        question(
            3, Fate.OPEN, CaseState.WAITING, via="hall", text=MARKUP,
            owner="Công an phường", due_at=minute(60 * 24 * 14),
        ),
        question(4, Fate.ANSWERED_LATER, CaseState.ANSWERED, "Thứ Ba.", minute(60 * 14)),
        question(5, Fate.MERGED, CaseState.WAITING, merged_into=3),
        question(6, Fate.OPEN, CaseState.IN_PROGRESS, at_ward=True, via="paper"),
    ),
    earlier=(
        question(
            7, Fate.ANSWERED, CaseState.ANSWERED, "Đã thay.", minute(20),
            meeting_started=BEGAN - timedelta(days=30), asked_at=BEGAN - timedelta(days=30),
        ),
    ),
    made_at=minute(60 * 15),
)  # fmt: skip
PAPER = paper_of(
    MINUTES,
    block="Tổ dân phố 5",
    hall="Nhà văn hóa Tổ dân phố 5",
    ward="Phường Mẫu",
    devices={"projector": "Máy chiếu"},
)
TEXTS = [block.text for block in PAPER.body if isinstance(block, Paragraph)]


async def held(house, *texts, title="Họp tháng 11"):
    """A meeting that is over; its id, and the questions asked in it."""
    room = house.room
    await room.set_title(LEADER, title)
    await room.start_meeting(LEADER)
    meeting_id = room.view.value.meeting_id
    asked = [
        await room.ask(text, name="Ông Tư", via="phone", key=f"{number}", by=None)
        for number, text in enumerate(texts)
    ]
    await room.end_meeting(LEADER)
    return meeting_id, [receipt.question_id for receipt in asked]


async def until_over(house):
    async for view in house.room.view.changes():
        if view.phase is Phase.IDLE:
            return


# What they say


def test_they_begin_and_end_as_the_form_for_minutes_does():
    assert (PAPER.above, PAPER.issuer, PAPER.title, PAPER.subject) == (
        "PHƯỜNG MẪU",
        "TỔ DÂN PHỐ 5",
        "BIÊN BẢN",
        "Họp tổ dân phố tháng 11",
    )
    assert TEXTS[0] == "Thời gian bắt đầu: 19 giờ 30 phút, ngày 05 tháng 11 năm 2026"
    assert TEXTS[1] == (
        "Địa điểm: Nhà văn hóa Tổ dân phố 5, Phường Mẫu, kết hợp trực tuyến"
    )  # fmt: skip
    assert TEXTS[-1] == (
        "Cuộc họp kết thúc vào 20 giờ 45 phút, ngày 05 tháng 11 năm 2026./."
    )  # fmt: skip
    assert (PAPER.secretary.office, PAPER.secretary.name) == ("THƯ KÝ", "Đặng Thị Hoà")
    assert (PAPER.chair.office, PAPER.chair.name) == ("CHỦ TỌA", "Nguyễn Văn An")
    assert PAPER.printed.startswith("In lúc 10 giờ 30 phút, ngày 06 tháng 11 năm 2026.")


def test_they_say_who_attended_from_afar_as_what_and_when():
    (table,) = (block for block in PAPER.body if isinstance(block, Table))
    assert table.rows == (
        ("1", "Lê Thị Phượng", "Cán bộ dự họp", "19:31", "20:45"),
        ("2", "Võ Hữu Nghĩa", "Bà con theo dõi từ xa", "19:32", "20:10"),
    )


def test_they_say_of_each_question_what_became_of_it():
    told = "\n".join(TEXTS)
    assert (
        "Tiếp nhận 6 câu: 1 câu đã trả lời tại cuộc họp; 1 câu đã trả lời sau cuộc họp; "
        "1 câu không đưa ra trả lời; 1 câu gộp vào câu khác cùng nội dung; "
        "2 câu chuyển thành phản ánh, kiến nghị." in told
    )
    assert (
        "Câu số 1 (không ghi tên, gửi bằng điện thoại, lúc 19 giờ 31 phút):\nNội dung câu 1\n"
        "Trả lời tại cuộc họp, người trả lời: Trần Thị Bình, lúc 19 giờ 39 phút:\nTuần sau sửa."
        in told
    )
    assert "Câu số 2 (Ông Tư, " in told and "Lý do:\nNgoài phạm vi" in told
    assert (
        "Chưa trả lời tại cuộc họp; chuyển thành phản ánh, chờ xử lý; nơi giải quyết: Công an "
        "phường; hạn trả lời: 19 giờ 30 phút, ngày 19 tháng 11 năm 2026." in told
    )
    assert (
        "Trả lời sau cuộc họp, người trả lời: Trần Thị Bình, lúc 09 giờ 30 phút, ngày 06 tháng 11 "
        "năm 2026:\nThứ Ba." in told
    )
    assert "Nội dung câu 5\nCùng nội dung: gộp vào câu số 3.\n" in told
    assert "Câu số 6 (không ghi tên, viết trên phiếu giấy, " in told
    assert "chuyển thành phản ánh, đã chuyển lên phường, đang xử lý." in told
    assert "3. Trả lời câu hỏi của các cuộc họp trước\nCâu số 7, cuộc họp 06/10/2026 (" in told


def test_what_was_erased_is_said_to_be():
    gone = question(8, Fate.DISMISSED, CaseState.REFUSED, text="")
    minutes = replace(MINUTES, questions=(gone,), earlier=())
    paper = paper_of(minutes, block="Tổ dân phố 5", hall="", ward="", devices={})
    texts = [block.text for block in paper.body if isinstance(block, Paragraph)]
    assert "Nội dung đã được xóa theo quy định về bảo vệ dữ liệu cá nhân." in texts


def test_they_name_what_failed():
    told = "\n".join(TEXTS)
    assert "Gián đoạn khoảng 3 phút do hệ thống ngừng chạy, họp tiếp lúc 20 giờ 00 phút." in told
    assert (
        "Máy chiếu không dùng được từ 19 giờ 35 phút đến hết cuộc họp: Camera chưa gửi hình nào."
        in told
    )


# The file


def read_back():
    return Document(io.BytesIO(word(PAPER, made_at=MINUTES.made_at)))


def test_the_file_says_the_same_as_the_page():
    document = read_back()
    written = [paragraph.text for paragraph in document.paragraphs]
    expected = [text.replace("\uffff", "\N{REPLACEMENT CHARACTER}") for text in TEXTS if text]
    assert [text for text in written if text in set(expected)] == expected
    head, attendance, signatures = document.tables
    assert head.cell(0, 0).text.split("\n")[:2] == ["PHƯỜNG MẪU", "TỔ DÂN PHỐ 5"]
    assert head.cell(0, 1).text.split("\n")[:2] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    ]
    assert [cell.text for cell in attendance.rows[1].cells] == [
        "1", "Lê Thị Phượng", "Cán bộ dự họp", "19:31", "20:45",
    ]  # fmt: skip
    assert signatures.cell(0, 0).text.startswith("THƯ KÝ\n")
    assert signatures.cell(0, 1).text.endswith("\nNguyễn Văn An")
    assert written[-1] == PAPER.printed
    assert (document.core_properties.author, document.core_properties.language) == (
        "TỔ DÂN PHỐ 5",
        "vi-VN",
    )


def test_the_file_is_laid_out_as_the_decree_wants_it():
    document = read_back()
    (section,) = document.sections
    assert [round(size.mm) for size in (section.page_width, section.page_height)] == [210, 297]
    margins = section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
    assert [round(margin.mm) for margin in margins] == [20, 20, 30, 20]
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size) == ("Times New Roman", Pt(14))
    body = next(p for p in document.paragraphs if p.text == TEXTS[0])
    assert round(body.paragraph_format.first_line_indent.mm) == 10
    # numbered in the upper margin, but for the first page
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml


def test_markup_in_the_file_is_text():
    document = read_back()
    (wrote,) = [p for p in document.paragraphs if "alert" in p.text]
    assert wrote.text == MARKUP.replace("\uffff", "\N{REPLACEMENT CHARACTER}")
    with zipfile.ZipFile(io.BytesIO(word(PAPER, made_at=MINUTES.made_at))) as file:
        assert "<script>" not in file.read("word/document.xml").decode()


# The pages


async def test_they_are_there_once_the_meeting_is_over(house):
    leader = await house.client_as(Role.LEADER)
    assert "Chưa có cuộc họp nào" in (await leader.get("/minutes")).text
    meeting_id, asked = await held(house, "Ngõ 5 ngập?", MARKUP)
    early = await leader.get(f"/minutes/{meeting_id}")
    assert early.status_code == 409 and "minutes.not_over" in early.text
    await until_over(house)
    assert 'href="/minutes"' in (await leader.get("/panel")).text
    assert f"/minutes/{meeting_id}" in (await leader.get("/minutes")).text

    page = (await leader.get(f"/minutes/{meeting_id}")).text
    assert "Ngõ 5 ngập?" in page and "chuyển thành phản ánh, " in page
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page
    await house.room.answer_question(LEADER, asked[0], "Tuần sau sửa.")
    again = (await leader.get(f"/minutes/{meeting_id}")).text
    assert "Trả lời sau cuộc họp" in again and "Tuần sau sửa." in again

    secretary = await house.client_as(Role.SECRETARY)
    assert 'href="/minutes"' in (await secretary.get("/secretary")).text
    file = await secretary.get(f"/minutes/{meeting_id}/bien-ban.docx")
    assert re.fullmatch(
        r"attachment; filename=\"bien-ban-[\d-]{10}\.docx\"; .*",
        file.headers["content-disposition"],
    )
    assert "Ngõ 5 ngập?" in [p.text for p in Document(io.BytesIO(file.content)).paragraphs]
    unknown = await secretary.get("/minutes/0000000000000000")
    assert unknown.status_code == 404 and "minutes.unknown" in unknown.text


@pytest.mark.peer
async def test_a_browser_shows_them_to_everybody_and_prints_nothing_else(house, browser):
    house.ends_at_once()
    meeting_id, _ = await held(house, *(f"Câu hỏi dài {n}. " * 30 for n in range(6)))
    await until_over(house)
    context = await browser.new_context(locale="vi-VN", viewport={"width": 360, "height": 740})
    page = await context.new_page()
    await page.goto(house.open_link(Role.LEADER))
    await page.goto(f"{house.url}/minutes/{meeting_id}")
    report = await Axe().run(page)
    assert report.response["violations"] == [], report.generate_report()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert await page.is_visible("[data-action=print]")
    printed = await page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", printed)) >= 2
    boxes = {
        (round(float(wide)), round(float(high)))
        for wide, high in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    }
    assert boxes and boxes <= {(595, 842), (594, 842), (595, 841)}, "A4 in points"
    await page.emulate_media(media="print")
    assert not await page.is_visible("header") and not await page.is_visible("[data-action=print]")
    assert await page.is_visible("[data-value=minutes]")
    await context.close()


@pytest.mark.parametrize("path", ["/minutes", "/minutes/x", "/minutes/x/bien-ban.docx"])
async def test_they_are_not_for_everybody(house, client, path):
    for other in (
        client,
        await house.client_as(Role.STAGE),
        await house.client_as(Role.TECHNICIAN),
    ):
        answer = await other.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/pair?next=")
