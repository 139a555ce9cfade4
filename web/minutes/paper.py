"""What minutes say, paragraph by paragraph.

    paper = paper_of(minutes, block="Tổ dân phố 5", hall="Nhà văn hóa Tổ dân phố 5",
                     ward="Phường Mẫu", devices={"camera": "Camera sân khấu"})

Lines of dots are for what no machine knows: the number of the document, how many sat in the hall,
what was said beside the questions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedback.case import CaseState, Place
from rooms.minutes import Attendee, Fate, MinutedQuestion, Minutes
from rooms.view import Role
from web.language import VIETNAM
from web.sentences import say

STATE: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
DOTS: Final = "……………"

_ROLES: Final = {
    Role.OFFICIAL: "Cán bộ dự họp",
    Role.SPEAKER: "Bà con phát biểu từ xa",
    Role.VIEWER: "Bà con theo dõi từ xa",
}
_VIA: Final = {
    "phone": "gửi bằng điện thoại",
    "email": "gửi bằng thư điện tử",
    "hall": "hỏi tại hội trường, được ghi hộ",
    "paper": "viết trên phiếu giấy",
    "official": "cán bộ dự họp nêu",
    "open311": "gửi qua ứng dụng khác",
}
_STATES: Final = {
    CaseState.WAITING: "chờ xử lý",
    CaseState.IN_PROGRESS: "đang xử lý",
    CaseState.TRANSFERRED: "chuyển xử lý",
    CaseState.ANSWERED: "đã xử lý",
    CaseState.REFUSED: "từ chối",
}
_BLANK_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in one style."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: tuple[Run, ...]
    kind: str = "body"
    """`body`; `words`, somebody's own, further in; `blank`, dots to write on."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    office: str
    name: str
    """Empty where the house does not know it."""


@dataclass(frozen=True, slots=True)
class Paper:
    above: str
    """Whom the block belongs to, in capitals."""
    issuer: str
    """The block, in capitals."""
    number: str
    title: str
    subject: str
    body: tuple[Paragraph | Table, ...]
    secretary: Signature
    chair: Signature
    copies: tuple[str, ...]
    """Who gets it."""
    printed: str
    """When it was made, and what that means for the questions."""


def paper_of(
    minutes: Minutes, *, block: str, hall: str, ward: str, devices: Mapping[str, str]
) -> Paper:
    """`devices` are the names of the house's devices by their ids."""
    return Paper(
        above=ward.upper(),
        issuer=block.upper(),
        number=f"Số: {DOTS}/BB",
        title="BIÊN BẢN",
        subject=_subject(minutes.title, block),
        body=tuple(_body(minutes, hall, ward, devices)),
        secretary=Signature("THƯ KÝ", ", ".join(minutes.taken_by)),
        chair=Signature("CHỦ TỌA", ", ".join(minutes.chaired_by[:1])),
        copies=(f"UBND {ward}", f"Lưu: {block}"),
        printed=f"In lúc {moment(minutes.made_at)}. Câu hỏi nào được trả lời sau lúc này thì chưa "
        "ghi trong bản này.",
    )


def moment(at: datetime) -> str:
    """`19 giờ 30 phút, ngày 05 tháng 11 năm 2026`, on Vietnam's clock."""
    local = at.astimezone(VIETNAM)
    return f"{clock(at)}, ngày {local:%d} tháng {local:%m} năm {local:%Y}"


def clock(at: datetime) -> str:
    local = at.astimezone(VIETNAM)
    return f"{local:%H} giờ {local:%M} phút"


def _subject(title: str, block: str) -> str:
    if not title:
        return f"Họp {block}"
    known = title.casefold().startswith(("họp", "cuộc họp", "hội nghị", "sinh hoạt"))
    return title if known else f"Họp: {title}"


def _body(
    minutes: Minutes, hall: str, ward: str, devices: Mapping[str, str]
) -> Iterator[Paragraph | Table]:
    online = ", kết hợp trực tuyến" if minutes.attendees else ""
    yield _named("Thời gian bắt đầu: ", moment(minutes.started_at))
    yield _named("Địa điểm: ", f"{hall}, {ward}{online}")
    yield _named("Thành phần tham dự:")
    yield _plain(f"Tại hội trường: {DOTS} người.")
    if minutes.attendees:
        yield _plain(f"Tham dự từ xa: {len(minutes.attendees)} người.")
        yield _attendance(minutes)
    yield _named("Chủ tọa: ", ", ".join(minutes.chaired_by) or DOTS)
    yield _named("Thư ký (người ghi biên bản): ", ", ".join(minutes.taken_by) or DOTS)
    yield _named("Nội dung:")
    yield _bold("1. Nội dung đã bàn")
    for _ in range(_BLANK_LINES):
        yield Paragraph((Run(""),), "blank")
    yield _bold("2. Câu hỏi, ý kiến của bà con")
    yield _plain(_summary(minutes))
    for question in minutes.questions:
        yield from _question(question, minutes)
    section = 3
    if minutes.earlier:
        yield _bold(f"{section}. Trả lời câu hỏi của các cuộc họp trước")
        for question in minutes.earlier:
            yield from _question(question, minutes)
        section += 1
    troubles = tuple(_troubles(minutes, devices))
    if troubles:
        yield _bold(f"{section}. Sự cố kỹ thuật trong cuộc họp")
        yield from map(_plain, troubles)
    yield _plain(f"Cuộc họp kết thúc vào {moment(minutes.ended_at)}./.")


def _attendance(minutes: Minutes) -> Table:
    return Table(
        ("TT", "Họ và tên", "Tham dự với tư cách", "Từ", "Đến"),
        tuple(
            (str(number), one.name, _ROLES.get(one.role, ""), _came(one), _left(one, minutes))
            for number, one in enumerate(minutes.attendees, 1)
        ),
    )


def _came(one: Attendee) -> str:
    return _short(one.came) if one.came else ""


def _left(one: Attendee, minutes: Minutes) -> str:
    return _short(one.left or minutes.ended_at)


def _short(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M}"


def _summary(minutes: Minutes) -> str:
    if not minutes.questions:
        return "Không có câu hỏi nào được ghi nhận qua hệ thống."
    parts = [
        f"{count} câu {words}"
        for words, count in (
            ("đã trả lời tại cuộc họp", minutes.count(Fate.ANSWERED)),
            ("đã trả lời sau cuộc họp", minutes.count(Fate.ANSWERED_LATER)),
            ("không đưa ra trả lời", minutes.count(Fate.DISMISSED)),
            ("gộp vào câu khác cùng nội dung", minutes.count(Fate.MERGED)),
            ("chuyển thành phản ánh, kiến nghị", minutes.count(Fate.OPEN)),
        )
        if count
    ]
    return f"Tiếp nhận {len(minutes.questions)} câu: {'; '.join(parts)}."


def _question(question: MinutedQuestion, minutes: Minutes) -> Iterator[Paragraph]:
    started = question.meeting_started
    other = f", cuộc họp {started.astimezone(VIETNAM):%d/%m/%Y}" if started else ""
    asked = clock(question.asked_at)
    if (
        question.asked_at.astimezone(VIETNAM).date()
        != minutes.started_at.astimezone(VIETNAM).date()
    ):
        asked = moment(question.asked_at)
    how = [question.asked_by or "không ghi tên", _via(question), f"lúc {asked}"]
    yield Paragraph(
        (
            Run(f"Câu số {question.number}", bold=True),
            Run(f"{other if started != minutes.started_at else ''} "),
            Run(f"({', '.join(part for part in how if part)}):", italic=True),
        )
    )
    if question.withheld:
        yield _result("", "Có dấu hiệu tố cáo: không ghi nội dung và tên vào biên bản.")
        if question.fate is Fate.DISMISSED:
            yield _result("Không đưa ra trả lời", f"{_by(question.answered_by)}.")
            return
        yield from _outcome(question)
        return
    if not question.text:
        yield _result("", "Nội dung đã được xóa theo quy định về bảo vệ dữ liệu cá nhân.")
        return
    yield _words(question.text)
    yield from _outcome(question)


def _via(question: MinutedQuestion) -> str:
    if question.origin is Place.WARD:
        return "gửi qua trang của phường"
    return _VIA.get(question.via, "")


def _outcome(question: MinutedQuestion) -> Iterator[Paragraph]:
    by = question.answered_by
    at = question.answered_at
    if question.fate is Fate.MERGED:
        yield _result("Cùng nội dung: ", f"gộp vào câu số {question.merged_into}.")
    elif question.fate is Fate.OPEN:
        ward = ", đã chuyển lên phường" if question.at_ward else ""
        owner = f"; nơi giải quyết: {question.owner}" if question.owner else ""
        due = f"; hạn trả lời: {moment(question.due_at)}" if question.due_at else ""
        yield _result(
            "Chưa trả lời tại cuộc họp; ",
            f"chuyển thành phản ánh{ward}, {_STATES[question.state]}{owner}{due}.",
        )
    elif question.fate is Fate.DISMISSED:
        yield _result("Không đưa ra trả lời", f"{_by(by)}. Lý do:")
        yield _words(question.answer or "")
        if question.next_holder:
            yield _result("Nơi bà con cần gặp: ", question.next_holder)
    elif question.fate is Fate.ANSWERED_LATER and at is not None:
        yield _result("Trả lời sau cuộc họp", f"{_by(by)}, lúc {moment(at)}:")
        yield _words(question.answer or "")
    else:
        yield _result("Trả lời tại cuộc họp", f"{_by(by)}{f', lúc {clock(at)}' if at else ''}:")
        yield _words(question.answer or "")


def _by(name: str | None) -> str:
    return f", người trả lời: {name}" if name else ""


def _troubles(minutes: Minutes, devices: Mapping[str, str]) -> Iterator[str]:
    for one in minutes.interruptions:
        cut = f"{max(1, round(one.seconds / 60))} phút"
        yield f"Gián đoạn khoảng {cut} do hệ thống ngừng chạy, họp tiếp lúc {clock(one.at)}."
    for fault in minutes.faults:
        until = f"đến {clock(fault.until)}" if fault.until else "đến hết cuộc họp"
        # What to do about it was for the meeting; what was wrong is for its minutes.
        why = f": {say(fault.cause, 'vi').split('. ')[0].rstrip('.')}." if fault.cause else "."
        name = devices.get(fault.device, fault.device)
        yield f"{name} không dùng được từ {clock(fault.since)} {until}{why}"


def _named(name: str, text: str = "") -> Paragraph:
    return Paragraph((Run(name, bold=True), *([Run(text)] if text else [])))


def _result(name: str, text: str) -> Paragraph:
    return Paragraph((Run(name, bold=True), Run(text)))


def _bold(text: str) -> Paragraph:
    return Paragraph((Run(text, bold=True),))


def _plain(text: str) -> Paragraph:
    return Paragraph((Run(text),))


def _words(text: str) -> Paragraph:
    return Paragraph((Run(text),), "words")
