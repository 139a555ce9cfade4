import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.receipt import ALPHABET, LENGTH, new_receipt, parse_receipt, written

codes = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_a_code_holds_at_least_50_bits_in_unmistakable_characters():
    found = {new_receipt() for _ in range(2_000)}
    assert len(found) == 2_000
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert LENGTH * 5 >= 50
    assert not set("ILOUilou") & set(ALPHABET)
    for place in range(LENGTH):
        assert len({code[place] for code in found}) == 32, "every place is random"


def test_it_is_written_in_groups():
    assert written("K7QM3XWP9DTA") == "K7QM-3XWP-9DTA"


@given(codes)
def test_what_is_written_is_understood(code):
    assert parse_receipt(written(code)) == code


@pytest.mark.parametrize(
    "typed",
    [
        "K7Q0-31WP-9DTV",
        "k7q0 31wp 9dtv",
        "  k7q031wp9dtv\n",
        "K7QO-3IWP-9DTU",
        "k7qo–3lwp—9dtv",
        "Ｋ７Ｑ０３１ＷＰ９ＤＴＶ",
        "K7Q0.31WP.9DTV",
    ],
)
def test_what_people_type_is_understood(typed):
    assert parse_receipt(typed) == "K7Q031WP9DTV"


@pytest.mark.parametrize(
    "typed", ["", "K7QM-3XWP", "K7QM-3XWP-9DTAA", "Đ7QM-3XWP-9DTA", "K7QM3XWP9DTA" + "-" * 1000]
)
def test_what_cannot_be_a_code_is_none(typed):
    assert parse_receipt(typed) is None


@given(st.text())
def test_nothing_that_is_typed_breaks_it(typed):
    code = parse_receipt(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))
