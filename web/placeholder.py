"""What stands in the hall's picture where there is none: a sentence, in both languages.

draw(Cause("picture.lost", name="Camera sân khấu"), "Nhà văn hóa Tổ dân phố 5")
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from base.cause import Cause
from web.sentences import say

SIZE: Final = (1280, 720)
"""Width and height."""
_Colour = tuple[int, int, int]
_NIGHT: Final[_Colour] = (22, 27, 34)
_AMBER: Final[_Colour] = (255, 196, 92)
_VIETNAMESE: Final = frozenset(
    [*map(chr, range(0x1EA0, 0x1EFA)), *"ĂăĐđĨĩŨũƠơƯư₫\u0300\u0301\u0303\u0309\u0323"]
)
"""What stands in the font's Vietnamese part alone, as its style sheet has it (`unicode-range`)."""


@dataclass(frozen=True, slots=True)
class _Face:
    size: int
    weight: int
    colour: _Colour


_LARGE: Final = _Face(46, 700, (255, 255, 255))
_SMALL: Final = _Face(30, 400, (176, 188, 204))


def draw(cause: Cause, house: str) -> NDArray[np.uint8]:
    """720 × 1280 × RGB."""
    image = Image.new("RGB", SIZE, _NIGHT)
    canvas = ImageDraw.Draw(image)
    _draw_crossed_out_camera(canvas, SIZE[0] // 2, 190)
    top = 320
    for text, face in ((say(cause, "vi"), _LARGE), (say(cause, "en"), _SMALL)):
        for row in _rows(text, face, SIZE[0] - 160):
            _write(canvas, row, face, top)
            top += round(face.size * 1.4)
        top += 22
    _write(canvas, house, _SMALL, SIZE[1] - 80)
    return np.asarray(image)


def _draw_crossed_out_camera(canvas: ImageDraw.ImageDraw, x: int, y: int) -> None:
    canvas.rounded_rectangle((x - 80, y - 46, x + 34, y + 46), 16, outline=_AMBER, width=9)
    canvas.polygon(((x + 40, y - 8), (x + 84, y - 38), (x + 84, y + 38), (x + 40, y + 8)), _AMBER)
    canvas.line((x - 96, y - 70, x + 96, y + 70), _NIGHT, width=26)
    canvas.line((x - 96, y - 70, x + 96, y + 70), _AMBER, width=9)


def _rows(text: str, face: "_Face", most: int) -> Iterator[str]:
    """Broken between words so that each row fits, and none is left with a word alone."""
    count = -(-_width(text, face) // most)
    most = min(most, round(_width(text, face) / count * 1.15))
    row = ""
    for word in text.split():
        longer = f"{row} {word}".strip()
        if row and _width(longer, face) > most:
            yield row
            longer = word
        row = longer
    if row:
        yield row


def _width(text: str, face: "_Face") -> float:
    return sum(_font(part, face).getlength(part) for part in _parts(text))


def _write(canvas: ImageDraw.ImageDraw, text: str, face: "_Face", top: int) -> None:
    """In the middle; each letter from the part of the font that has it."""
    left = (SIZE[0] - _width(text, face)) / 2
    for part in _parts(text):
        font = _font(part, face)
        canvas.text((left, top + face.size), part, face.colour, font, anchor="ls")
        left += font.getlength(part)


def _parts(text: str) -> Iterator[str]:
    part = ""
    for letter in text:
        if part and (letter in _VIETNAMESE) is not (part[0] in _VIETNAMESE):
            yield part
            part = ""
        part += letter
    if part:
        yield part


def _font(text: str, face: "_Face") -> ImageFont.FreeTypeFont:
    return _load("vietnamese" if text[0] in _VIETNAMESE else "latin", face.weight, face.size)


@cache
def _load(part: str, weight: int, size: int) -> ImageFont.FreeTypeFont:
    name = f"be-vietnam-pro-{part}-{weight}-normal.woff2"
    whole = files("web").joinpath("static", "fonts", name).read_bytes()
    return ImageFont.truetype(BytesIO(whole), size)
