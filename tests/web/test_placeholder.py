"""The sentence in the place of a picture."""

import pytest

from base.cause import Cause
from web import placeholder
from web.placeholder import draw
from web.sentences import say

LONG = "Camera hàng ghế cuối bên trái hội trường lớn của tổ"


@pytest.mark.parametrize("code", ["picture.lost", "picture.spoilt"])
@pytest.mark.parametrize("name", ["Camera", LONG, "x" * 40])
def test_every_letter_is_there_and_nothing_leaves_the_picture(code, name):
    house = "Nhà văn hóa Tổ dân phố 5"
    drawn = draw(Cause(code, name=name), house)
    assert drawn.shape == (720, 1280, 3)
    night = drawn[0, 0]
    assert (drawn[:, :40] == night).all()
    assert (drawn[:, -40:] == night).all()
    assert (drawn[-20:] == night).all()
    assert (drawn != night).any(axis=2).mean() > 0.01
    for text in (say(Cause(code, name=name), "vi"), house):
        for letter in set(text) - {" "}:
            font = placeholder._font(letter, placeholder._LARGE)
            missing = font.getmask("\uffff")
            assert bytes(font.getmask(letter)) != bytes(missing), letter
