import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from feedback.text import clean_line, clean_text


def test_vietnamese_is_stored_composed():
    typed = unicodedata.normalize("NFD", "Đường ngõ 5 bị ngập, hoà giải")
    assert len(typed) > len("Đường ngõ 5 bị ngập, hoà giải")
    assert clean_text(typed) == "Đường ngõ 5 bị ngập, hoà giải"
    assert clean_line(typed) == "Đường ngõ 5 bị ngập, hoà giải"


def test_what_a_control_character_kept_apart_is_composed():
    assert clean_text("Ngo\x00\u0303 5") == clean_line("Ngo\x00\u0303 5") == "Ngõ 5"


def test_control_characters_go_and_lines_stay():
    assert clean_text("\x00Ngõ 5\x1b[31m\x07\r\n\tngập\u2028nước\r\r\r\rlắm \n") == (
        "Ngõ 5[31m\n ngập\nnước\n\nlắm"
    )
    assert clean_line("  Bà\tBình\nNguyễn\x00 \u00a0 Văn ") == "Bà Bình Nguyễn Văn"


def test_marks_that_turn_the_writing_round_go():
    assert clean_text("an\u202egnort\u202c to\u2066àn\u2069") == "angnort toàn"
    assert clean_line("\u200fAn\u200e") == "An"


def test_half_a_character_goes_because_no_database_takes_it():
    assert clean_text("đèn\ud83d hỏng").encode() == "đèn hỏng".encode()


def test_markup_and_pictures_are_only_text():
    for text in ("<script>alert('1')</script> & {{ 7*7 }}", "👨‍👩‍👧 ở ngõ 9 ❤️"):
        assert clean_text(text) == text


@given(st.text())
def test_cleaning_twice_is_cleaning_once(typed):
    for clean in (clean_text, clean_line):
        once = clean(typed)
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)
