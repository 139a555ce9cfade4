"""A webcam that does not exist: somebody who speaks and walks up and down, for the real driver.

    Webcam(kind="webcam", format="lavfi", input=virtual_webcam(cache_folder), …)

Two drawn pictures, a wall and a person, are laid over each other by libav's own filters. The face
is drawn so that a search for faces takes it for one.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from devices.virtual.drawing import Canvas, Colour, ellipse, line, polygon

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 20
_VERSION: Final = 1
"""To be raised with every change of the drawing, so that an old file is not used."""
_WALL: Final[Colour] = (226, 214, 186)
_SHIRT: Final[Colour] = (70, 106, 150)
_SKIN: Final[Colour] = (222, 176, 140)
_SHADE: Final[Colour] = (196, 148, 116)
_LIGHT: Final[Colour] = (232, 190, 154)
_HAIR: Final[Colour] = (34, 28, 26)
_PERSON: Final = (240, 400)
"""Width and height."""


def virtual_webcam(cache: Path) -> str:
    """What libav's `lavfi` makes the picture of; draws what it needs into the cache folder."""
    wall = drawn(cache / f"webcam-wall-v{_VERSION}.png", _wall())
    person = drawn(cache / f"webcam-person-v{_VERSION}.png", _person())
    still = "loop=loop=-1:size=1:start=0"  # converted once, and then shown again and again
    return (
        f"color=c=black:s={WIDTH}x{HEIGHT}:r={FRAMES_PER_SECOND}[clock];"
        f"movie={escaped(wall)},format=yuv420p,{still}[wall];"
        f"movie={escaped(person)},format=yuva420p,{still}[person];"
        "[clock][wall]overlay[room];"
        "[room][person]overlay=x='480+230*sin(t/6)+5*sin(3*t)':y='300+4*sin(5*t)',"
        "noise=alls=4:allf=t,format=yuv420p,realtime"
    )


def draw_face(canvas: Canvas, x: float, y: float, half: float) -> None:
    """Seen from the front, `half` pixels from its middle to the chin."""
    wide = half * 0.76
    ellipse(canvas, (x, y - half * 0.22), wide * 1.12, half * 0.98, _HAIR)
    ellipse(canvas, (x, y + half * 0.95), wide * 0.5, half * 0.5, _SHADE)
    ellipse(canvas, (x, y), wide, half, _SKIN)
    ellipse(canvas, (x, y - half * 0.78), wide * 0.75, half * 0.28, _HAIR)
    brow, eye = y - half * 0.285, y - half * 0.12
    for side in (-wide, wide):
        ellipse(canvas, (x + side * 0.42, eye), wide * 0.3, half * 0.15, _SHADE)
        ellipse(canvas, (x + side * 0.42, eye), wide * 0.2, half * 0.075, (240, 235, 228))
        ellipse(canvas, (x + side * 0.42, eye), wide * 0.1, half * 0.075, _HAIR)
        line(canvas, (x + side * 0.2, brow), (x + side * 0.66, brow), half * 0.07, _HAIR)
        ellipse(canvas, (x + side * 0.5, y + half * 0.28), wide * 0.25, half * 0.17, _LIGHT)
    nose = [(-0.08, -0.1), (0.08, -0.1), (0.16, 0.25), (-0.16, 0.25)]
    polygon(canvas, [(x + wide * across, y + half * down) for across, down in nose], _LIGHT)
    ellipse(canvas, (x, y + half * 0.27), wide * 0.18, half * 0.06, (170, 120, 94))
    ellipse(canvas, (x, y + half * 0.55), wide * 0.34, half * 0.075, (150, 70, 66))


def _wall() -> Canvas:
    canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    canvas[:] = np.array(_WALL) * np.linspace(1.0, 0.85, HEIGHT)[:, None, None]
    polygon(canvas, [(0, 600), (1280, 600), (1280, 720), (0, 720)], (166, 124, 92))
    polygon(canvas, [(300, 60), (980, 60), (980, 190), (300, 190)], (178, 26, 34))
    line(canvas, (312, 178), (968, 178), 4, (252, 209, 60))
    for left in (90, 1050):
        for edge, colour in ((0, (120, 92, 62)), (9, (190, 222, 236))):
            near, far, top, bottom = left + edge, left + 140 - edge, 170 + edge, 420 - edge
            polygon(canvas, [(near, top), (far, top), (far, bottom), (near, bottom)], colour)
    return canvas


def _person() -> NDArray[np.uint8]:
    """Height × width × RGBA."""
    width, height = _PERSON
    colours, cover = (np.zeros((height, width, 3), np.uint8) for _ in range(2))
    middle = width / 2
    body = [(20.0, 250.0), (220.0, 250.0), (220.0, 400.0), (20.0, 400.0)]
    colours[:] = _SHIRT
    ellipse(cover, (middle, 250), 100, 74, (255, 255, 255))
    polygon(cover, body, (255, 255, 255))
    draw_face(colours, middle, 100, 62)
    for y, across, down in ((86, 53, 61), (100, 47, 62), (159, 24, 31)):
        ellipse(cover, (middle, y), across, down, (255, 255, 255))
    return np.dstack([colours, cover[:, :, :1]])


def drawn(path: Path, picture: NDArray[np.uint8]) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.touch(mode=0o600)
        Image.fromarray(picture).save(draft, "PNG")
        draft.replace(path)
    return path


def escaped(path: Path) -> str:
    """For an option inside a graph: "Notes on filtergraph escaping" in ffmpeg-filters(1)."""
    option = re.sub(r"([\\':])", r"\\\1", str(path))
    return re.sub(r"([\\'\[\],;])", r"\\\1", option)
