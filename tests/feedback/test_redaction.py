"""What points at a person is marked; what only looks a little like it is not."""

import pytest

from feedback.redaction import MarkKind, marks, masked

MARKED = [
    ("Gọi 0912345678 nhé", "telephone", "0912345678"),
    ("Gọi 0912 345 678.", "telephone", "0912 345 678"),
    ("số 091.234.5678", "telephone", "091.234.5678"),
    ("+84 912 345 678", "telephone", "+84 912 345 678"),
    ("máy bàn 024 3826 1234", "telephone", "024 3826 1234"),
    ("CCCD 001203004567", "identity", "001203004567"),
    ("căn cước số 0012 0300 4567", "identity", "0012 0300 4567"),
    ("CMND: 012345678", "identity", "012345678"),
    ("STK 19034567890 ngân hàng", "account", "19034567890"),
    ("số tài khoản: 0011 0012 3456 7", "account", "0011 0012 3456 7"),
    ("chuyển vào 9704361234567890", "account", "9704361234567890"),
    ("thư ba.tu+nha@mail.example.vn nhé", "email", "ba.tu+nha@mail.example.vn"),
    ("nhà số 12 ngõ 5 xả rác", "address", "12"),
    ("số nhà 12A/3 ồn ào", "address", "12A/3"),
    ("Nhà 45 đường Lê Lợi", "address", "45"),
    ("Nhà tôi số 5 ngõ 9", "address", "số 5"),
    ("nha em o so 12 bi ngap", "address", "so 12"),
    ("xe 29A-123.45 đỗ bừa", "plate", "29A-123.45"),
    ("xe 30F1 2345", "plate", "30F1 2345"),
]
UNMARKED = [
    "Ngõ 5 ngập, ngõ 9 không",
    "Ngày 01/12/2026 đã sửa, lúc 07:30-11:30",
    "Kinh phí 1.250.000.000 đồng",
    "Kinh phí 1 250 000 000 đồng",
    "Theo Luật Tiếp công dân 42/2013/QH13, Điều 28",
    "Nghị định 150/2025/NĐ-CP",
    "300 hộ, 1.000 dân, 12 tháng",
    "Gọi 113, 114 hoặc tổng đài 1022",
    "nhà văn hóa Tổ dân phố 5",
    "cột đèn số 0123",
    "",
]


@pytest.mark.parametrize(("text", "kind", "words"), MARKED)
def test_it_is_marked(text, kind, words):
    (mark,) = marks(text)
    assert (mark.kind, mark.words) == (kind, words)
    assert text[mark.start : mark.end] == words
    assert words not in masked(text)


@pytest.mark.parametrize("text", UNMARKED)
def test_it_is_left_alone(text):
    assert marks(text) == ()
    assert masked(text) == text


def test_several_come_in_their_order_and_one_kind_alone_can_be_taken_out():
    text = "Bà Tư, nhà số 12, 0912 345 678, tu@mail.vn"
    assert [mark.kind for mark in marks(text)] == ["address", "telephone", "email"]
    assert masked(text) == "Bà Tư, nhà số […], […], […]"
    assert masked(text, [MarkKind.TELEPHONE]) == "Bà Tư, nhà số 12, […], tu@mail.vn"


def test_a_text_of_digits_is_done_at_once():
    assert marks("0 " * 4000 + "1") is not None
