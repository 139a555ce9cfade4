"""Text without its marks."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from feedback.folding import fold

EVERY_VOWEL = "aăâeêioôơuưy"
EVERY_TONE = "\u0300\u0301\u0303\u0309\u0323"


def test_the_old_and_the_new_place_of_a_mark_are_one() -> None:
    assert fold("hoà thuỷ khoẻ") == fold("hòa thủy khỏe") == "hoa thuy khoe"


def test_the_barred_d_is_a_d_in_every_form() -> None:
    for typed in ("Đường", "đường", unicodedata.normalize("NFD", "ĐƯỜNG"), "Ðường", "duong"):
        assert fold(typed) == "duong"


def test_every_vowel_with_every_tone_is_its_letter() -> None:
    for vowel in EVERY_VOWEL:
        letter = unicodedata.normalize("NFD", vowel)[0]
        for tone in EVERY_TONE:
            for form in ("NFC", "NFD"):
                assert fold(unicodedata.normalize(form, vowel + tone)) == letter
                assert fold(unicodedata.normalize(form, vowel + tone).upper()) == letter


def test_what_is_no_mark_stays() -> None:
    assert fold("Ngõ 5, số 12/3 — 中文!") == "ngo 5, so 12/3 — 中文!"


@given(st.text())
def test_folding_twice_is_folding_once_and_the_form_does_not_matter(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == once
