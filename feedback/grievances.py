"""Complaints and denunciations, which the law sends another way than residents' questions.

>>> grievance_in("Tôi tố cáo cán bộ phường nhận hối lộ")
<Grievance.DENUNCIATION: 'denunciation'>
>>> grievance_in("toi khong dong y voi quyet dinh xu phat, xin khieu nai")
<Grievance.COMPLAINT: 'complaint'>
>>> grievance_in("Thủ tục khiếu nại thế nào?") is grievance_in("Tôi không tố cáo ai") is None
True

Khiếu nại (Luật Khiếu nại 02/2011/QH13, Điều 2): against a decision or an act of an authority, by
whom it concerns. Tố cáo (Luật Tố cáo 25/2018/QH14, Điều 2): that somebody breaks the law; who says
so is protected, and is not to be known (Điều 8, 56). Whoever asks how to complain, speaks of the
complaints of others, reports a crime (tố giác, to the police) or is cross about a bill means
neither. What is found here gives advice and a hint; it stops nothing.

Patterns are written with accents, and folded for a text that has none: “tố cáo” is also “to cao”,
big and tall.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

from feedback.folding import fold


class Grievance(StrEnum):
    COMPLAINT = "complaint"
    """Khiếu nại."""
    DENUNCIATION = "denunciation"
    """Tố cáo."""


_SPELT: Final = 0.08
"""Of the letters of a text with accents at least these bear one; about a quarter do."""

_NEAR: Final = 24
"""Characters before and after a word in which it is said that it is not meant."""

_FILLING: Final = (
    r"phải|có|ý|định|muốn|hề|là|dám|cần|ai|đi|gì|gửi|viết|làm|nộp|đơn|để|việc|thích|thư|bài|"
    r"đây|này|chuyện|mục|đích|hay|và|hoặc|khiếu nại|tố cáo"
)


def _words(*patterns: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """For a text with accents, and for one without."""
    whole = "(?<!\\w)(?:" + "|".join(patterns) + ")(?!\\w)"
    return re.compile(whole), re.compile(fold(whole))


def _ending(*patterns: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The same for what stands right before a word."""
    whole = "(?<!\\w)(?:" + "|".join(patterns) + ")\\s*[\"“'(:]?\\s*$"
    return re.compile(whole), re.compile(fold(whole))


_NAMED: Final = {
    # The wrong mark is a slip of the finger; “tổ cao tuổi”, “tờ cáo phó” and “to cao” are words.
    Grievance.DENUNCIATION: _words(r"t[ốôó]\s*-?\s*c[áa]o"),
    Grievance.COMPLAINT: _words(r"kh[iíì][eếêé]u\s*-?\s*n[aạáà]i"),
}

_NOT_MEANT: Final = _ending(
    rf"(?:không|chưa|chẳng|đâu|đừng|ko|hổng|hông)(?:\s+(?:{_FILLING})){{0,6}}",
    r"(?:thay vì|ngoài việc|tránh|khỏi|hơn là)(?:\s+(?:phải|đi|bị|để))*",
)
_CHAIN: Final = r"(?:\s*(?:,|và|hoặc|khiếu nại|tố cáo|tố giác|phản ánh|kiến nghị|đơn|thư))*"
"""One of several that are named in one breath."""
_TAUGHT: Final = _ending(
    r"(?:luật|pháp luật(?: về)?|nghị định(?: về)?|thông tư(?: về)?|quy định(?: về)?|quyền)"
    + _CHAIN,
    r"(?:thủ tục|quy trình|trình tự|hướng dẫn|cách|cách thức|mẫu|mẫu đơn|tờ đơn mẫu|thời hạn|"
    r"thời hiệu|lệ phí)(?: (?:về|nộp|gửi|viết|làm|giải quyết|đơn))*" + _CHAIN,
    r"(?:tập huấn|tuyên truyền|phổ biến|tìm hiểu|hội nghị|lớp học|chuyên đề|tọa đàm)"
    r"[^.!?]{0,40}",
)
_SPOKEN_OF: Final = _ending(
    r"(?:công tác|việc|bộ phận|phòng|ban|tổ|cán bộ|lịch|nơi|hòm thư|thùng thư|đường dây nóng|số|"
    r"số điện thoại|số máy|hotline|tổng đài|cổng|kênh|trang)"
    r" (?:tiếp dân|tiếp công dân|tiếp nhận|nhận|giải quyết|xử lý|trả lời|nhận đơn)" + _CHAIN,
    r"(?:ai|có|còn|sẽ) (?:tiếp nhận|nhận|thụ lý)" + _CHAIN,
    r"(?:hòm thư|thùng thư|đường dây nóng|số điện thoại|hotline|tổng đài|cổng|kênh|ban|phòng)"
    r"(?: (?:góp ý|tiếp nhận|nhận))*" + _CHAIN,
    r"(?:tình hình|kết quả|tỷ lệ|số vụ|số đơn|bao nhiêu(?: đơn| vụ)?|các(?: đơn| vụ)?|những"
    r"(?: đơn| vụ)?|mọi(?: đơn)?|thống kê|báo cáo)(?: (?:giải quyết|tiếp nhận|xử lý|đơn|thư|về))*"
    + _CHAIN,
    r"(?:hay|thích|chuyên|toàn|cứ|suốt ngày|bị|người ta|hàng xóm|họ|đang có|có)"
    r"(?: đi| người| đơn)*",
    r"(?:clip|video|bài|bài báo|tin|đoạn|vụ|ai)(?: (?:viết|đăng|về))*",
)
_OF_OTHERS: Final = _words(
    r"sai sự thật|vu khống|nặc danh trên mạng|"
    r"(?:của|từ) (?:các|những|nhiều|một số) (?:hộ|người|bà con)"
)
_HOW: Final = _words(
    r"(?:thì |phải |cần |nên |xin |sẽ |được )*"
    r"(?:nộp |gửi |đến |đi |ra |gặp |lên |liên hệ |làm |viết )?"
    r"(?:đơn )?(?:ở đâu|tại đâu|chỗ nào|nơi nào|về đâu|tới đâu|đến đâu|với ai|gặp ai|cho ai|"
    r"như thế nào|thế nào|ra sao|làm sao|kiểu gì|bằng cách nào|cần (?:những )?(?:giấy tờ )?gì|"
    r"mất bao lâu|trong bao lâu|bao lâu thì|những gì)"
)
_ASKED: Final = _words(
    r"bao nhiêu|khi nào|bao giờ|thế nào|ra sao|ở đâu|được không|phải không|hay không|có nên|"
    r"(?:có|đã) [^?]*(?:không|chưa)"
)
_PERSON: Final = _words(
    r"tôi|chúng tôi|em|chúng em|con|cháu|mình|gia đình|bà con|bà nội|bà ngoại|ông nội|ông ngoại|"
    r"bố|mẹ|vợ|chồng|các hộ|hộ dân|xin(?! hỏi)|nay|đơn này"
)
"""Who asks in general names nobody before it."""
_BILL: Final = _words(
    r"hóa đơn|hoá đơn|tiền điện|tiền nước|điện lực|bảo hành|shop|cửa hàng|đơn hàng|wifi|cước|"
    r"nhà mạng|viettel|vnpt|fpt|evn|ngân hàng|bảo hiểm xe|trọng tài|bàn thắng|điểm thi"
)
_OWN: Final = _words(
    r"(?:của|cho) (?:tôi|chúng tôi|gia đình|nhà tôi|em|con|cháu|bố|mẹ|mình|hộ tôi|vợ chồng)|"
    r"của bà con"
)

_OFFICIAL: Final = (
    r"(?:cán bộ|công chức|viên chức|chủ tịch|phó chủ tịch|bí thư|lãnh đạo|công an|cảnh sát|"
    r"địa chính|"
    r"tổ trưởng|tổ phó|trưởng khu|trưởng thôn|trưởng ban|kế toán|thủ quỹ|hiệu trưởng|"
    r"nhân viên phường|"
    r"nhân viên một cửa|đội trật tự|trật tự đô thị|cán bộ phường|quan chức|sếp phường|ông trưởng|"
    r"một cửa|ban quản lý|ban quản trị)"
)
_WRONG: Final = (
    r"(?:(?:nhận|ăn|đòi|vòi|gợi ý) (?:tiền )?(?:hối lộ|đút lót|lót tay|bồi dưỡng|phong bì)|hối lộ|"
    r"tham nhũng|tham ô|vòi tiền|vòi vĩnh|đòi tiền|lót tay|ăn chặn|ăn bớt|biển thủ|bỏ túi riêng|"
    r"chiếm đoạt|bảo kê|bao che|lợi dụng chức (?:vụ|quyền)|lạm quyền|lộng quyền|nhũng nhiễu|"
    r"khai khống|lập khống|kê khống|ký khống|làm giả (?:hồ sơ|giấy tờ|chữ ký)|"
    r"thu tiền (?:trái|sai) quy định|trù dập|mua chuộc|cố ý làm trái)"
)
_DENOUNCED: Final = _words(
    rf"{_OFFICIAL}[^.!?;]{{0,60}}?(?<!\w){_WRONG}", rf"{_WRONG}[^.!?;]{{0,40}}?(?<!\w){_OFFICIAL}"
)
_HARMLESS: Final = _words(
    r"chống|tuyên truyền|cảnh báo|(?<!khai )(?<!lập )(?<!kê )(?<!ký )không|chưa|chẳng|hết|bắt|"
    r"phá án|ngăn|cam kết|"
    r"kẻ gian|kẻ xấu|giả danh|mạo danh|giả mạo|tự xưng|lừa đảo|cảm ơn|chủ đề|giáo dục"
)
"""In what is said around it, such a word makes no accusation of it."""
_DECISION: Final = (
    r"(?:quyết định|biên bản|phương án)(?: \w+){0,3}? (?:xử phạt|phạt|thu hồi|cưỡng chế|"
    r"đền bù|bồi thường|kỷ luật|tái định cư|hành chính|giải tỏa)"
)
_DISPUTED: Final = _words(
    rf"(?:không đồng ý|không chấp nhận|không nhất trí|phản đối|không phục|không thỏa đáng)"
    rf"[^.!?;]{{0,25}}?(?<!\w){_DECISION}",
    rf"(?:hủy|huỷ|hủy bỏ|xem xét lại|xem lại|rút lại)(?: \w+){{0,2}}? {_DECISION}",
    rf"{_DECISION}[^.!?;]{{0,40}}?(?<!\w)(?:trái (?:pháp )?luật|sai luật|oan|không đúng luật|"
    r"trái quy định|không đúng quy định)",
)
_TALL: Final = (
    re.compile(
        r"(?<!\w)(?:cay(?: \w+)?|nguoi|nha|cot(?: dien| den)?|tru(?: dien)?|xe(?: \w+){0,2}|"
        r"duong|ghe|dang|than|tuong|rat|"
        r"(?:bo|me|cha|ong|ba|anh|chi|chong|vo|con|chau) (?:toi|em|chau|minh))\s*$"
    ),
    re.compile(
        r"\s*,?\s*(?:tuoi|thang|tang|nien|hon|lon|qua|lam|bang|pho|diem|lenh|khoe|nhu)(?!\w)"
    ),
)
"""Before and after a “to cao” that accuses nobody: cây to cao, to cao quá, tổ cao tuổi, cáo phó."""


@lru_cache(maxsize=4096)
def grievance_in(text: str) -> Grievance | None:
    """What the text seems to be; a denunciation, where it may be both."""
    spelt = _is_spelt(text)
    words = " ".join(unicodedata.normalize("NFC", text.lower()).split())
    if not spelt:
        words = fold(words)
    for kind, named in _NAMED.items():
        if any(_is_meant(words, match, spelt) for match in named[not spelt].finditer(words)):
            return kind
    if any(_accuses(words, match, spelt) for match in _DENOUNCED[not spelt].finditer(words)):
        return Grievance.DENUNCIATION
    return Grievance.COMPLAINT if _DISPUTED[not spelt].search(words) else None


def _is_meant(words: str, match: re.Match[str], spelt: bool) -> bool:
    """Whoever writes does it himself, here."""
    before, after = words[: match.start()], words[match.end() :]
    near, soon = before[-3 * _NEAR :], after[: 2 * _NEAR]
    if match[0] == "to cao" and (_TALL[0].search(before) or _TALL[1].match(after)):
        return False
    if _NOT_MEANT[not spelt].search(near) or _TAUGHT[not spelt].search(near):
        return False
    if _OWN[not spelt].search(soon):
        return True
    if _BILL[not spelt].search(soon) or _OF_OTHERS[not spelt].search(soon):
        return False
    if _HOW[not spelt].search(soon) or _is_asked(before, after, spelt):
        return False
    return not _SPOKEN_OF[not spelt].search(near)


def _is_asked(before: str, after: str, spelt: bool) -> bool:
    """A question about the thing in general: “Có nên khiếu nại không?”"""
    begins = re.split(r"[.!?;]", before)[-1]
    sentence, mark, *_ = *re.split(r"([.!?;])", after, maxsplit=1), ""
    if _PERSON[not spelt].search(begins):
        return False
    return mark == "?" or bool(_ASKED[not spelt].search(f"{begins} {sentence}"))


def _accuses(words: str, match: re.Match[str], spelt: bool) -> bool:
    said = words[max(0, match.start() - _NEAR) : match.end()]
    return not _HARMLESS[not spelt].search(said)


def _is_spelt(text: str) -> bool:
    letters = [c for c in unicodedata.normalize("NFC", text) if c.isalpha()]
    marked = sum(not c.isascii() for c in letters)
    return bool(letters) and marked >= _SPELT * len(letters)
