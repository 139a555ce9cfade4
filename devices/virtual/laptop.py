"""A laptop on an HDMI cable that does not exist: a slide with a pointer, for the real driver.

HdmiInput(HdmiSection(format="lavfi", input=virtual_laptop(cache_folder), …))
"""

from pathlib import Path
from typing import Final

import numpy as np

from devices.virtual.drawing import Canvas, Colour, line, polygon
from devices.virtual.sound import RATE, tone, write_wav
from devices.virtual.webcam import drawn, escaped

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 15
_VERSION: Final = 1
"""To be raised with every change of the drawing, so that an old file is not used."""
_PAPER: Final[Colour] = (250, 249, 245)
_INK: Final[Colour] = (40, 52, 70)
_SOFT: Final[Colour] = (176, 184, 196)
_BARS: Final[tuple[tuple[float, Colour], ...]] = (
    (0.45, (70, 106, 150)),
    (0.7, (70, 106, 150)),
    (0.55, (70, 106, 150)),
    (0.92, (178, 26, 34)),
)


def virtual_laptop(cache: Path) -> str:
    """What libav's `lavfi` makes the picture of; draws what it needs into the cache folder."""
    slide = drawn(cache / f"laptop-slide-v{_VERSION}.png", _slide())
    return (
        f"color=c=black:s={WIDTH}x{HEIGHT}:r={FRAMES_PER_SECOND}[clock];"
        f"movie={escaped(slide)},format=yuv420p,loop=loop=-1:size=1:start=0[slide];"
        f"color=c=0xd03020:s=28x28:r={FRAMES_PER_SECOND}[pointer];"
        "[clock][slide]overlay[page];"
        "[page][pointer]overlay=x='620+420*sin(t)':y='600+20*sin(3*t)',format=yuv420p,realtime"
    )


def write_tune(path: Path) -> Path:
    """Something to be heard, eight seconds long with a pause behind it."""
    notes = [tone(440 * 2 ** (step / 12), 0.5, 0.12) for step in (0, 4, 7, 12, 7, 4, 0)]
    write_wav(path, np.concatenate([*notes, np.zeros(4 * RATE, np.int16)]))
    return path


def _slide() -> Canvas:
    canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    canvas[:] = _PAPER
    _box(canvas, (0, 0, WIDTH, 96), _INK)
    for place, width in enumerate((520, 420)):
        _box(canvas, (90, 36 + 26 * place, 90 + width, 48 + 26 * place), _PAPER)
    for row in range(5):
        _box(canvas, (90, 170 + 62 * row, 106, 186 + 62 * row), _BARS[0][1])
        _box(canvas, (130, 172 + 62 * row, 560 - 40 * (row % 3), 184 + 62 * row), _SOFT)
    line(canvas, (660, 540), (1190, 540), 4, _INK)
    for number, (share, colour) in enumerate(_BARS):
        left = 700 + 125 * number
        _box(canvas, (left, 540 - round(370 * share), left + 80, 538), colour)
    return canvas


def _box(canvas: Canvas, box: tuple[int, int, int, int], colour: Colour) -> None:
    """From left and top to right and bottom."""
    left, top, right, bottom = box
    polygon(canvas, [(left, top), (right, top), (right, bottom), (left, bottom)], colour)
