"""What a text seems to repeat."""

import unicodedata

import pytest

from bench.repeated import hinted, read_matters
from feedback.similar import Match, Similar

LIST = [
    "Ngõ 5 mưa là ngập, nước tràn vào nhà",
    "Ngõ 9 mưa là ngập, nước tràn vào nhà",
    "Bao giờ bầu lại tổ trưởng?",
    "Đèn đường trước nhà văn hóa hỏng",
]


def found(text: str, texts: list[str] = LIST) -> list[int]:
    return [match.index for match in Similar(texts).to(text)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_same_matter_is_found_in_other_words_and_without_accents(form: str) -> None:
    assert found(unicodedata.normalize(form, "Đèn đường nhà văn hoá bị hỏng rồi")) == [3]
    assert found("den duong truoc nha van hoa hong") == [3]


def test_another_place_is_another_matter_however_alike_the_words() -> None:
    assert found("ngo 5 cu mua la ngap, nuoc tran vao nha") == [0]
    assert found("Ngõ 7 mưa là ngập, nước tràn vào nhà") == []
    assert found("Mưa là ngập, nước tràn vào nhà") == [0, 1], "it names none"


def test_what_is_about_something_else_is_not_hinted_at() -> None:
    assert found("Làm giấy khai sinh cần những gì?") == []
    assert found("Tôi có ý kiến, mong được xem xét") == []
    for nothing in ("", "???", "tôi"):
        assert found(nothing) == []
        assert Similar([nothing]).to("Ngõ 5 ngập") == []
    assert Similar([]).to("Ngõ 5 ngập") == []


def test_the_likest_come_first_and_no_more_than_asked_for() -> None:
    texts = ["Mất điện cả ngày", "Mất điện", "Mất điện từ sáng", "Mất điện liên tục"]
    matches = Similar(texts).to("mất điện", most=2)
    assert matches[0] == Match(1, pytest.approx(1.0))
    assert [match.likeness for match in matches] == sorted(
        (match.likeness for match in matches), reverse=True
    )
    assert len(matches) == 2


def test_hints_are_right_98_times_of_100_on_matters_it_was_not_tuned_with() -> None:
    matters = read_matters("test")
    hints = hinted(matters)
    assert len(hints & matters.same) >= 0.98 * len(hints)
    assert len(hints & matters.same) >= 0.7 * len(matters.same)
