"""The picture of a community hall that does not exist: drawn, encoded once, kept as a file.

    clip = load_clip(cache_folder)        # draws on the first call, a few seconds
    clip.units[0]                         # Annex B, an IDR with its parameter sets
    load_small_clip(cache_folder)         # the same, for a camera's second stream

Ten seconds that join end to start: residents sway, fans turn, a clock's hand goes round, and a
speaker moves at the lectern. Grain as of a real sensor keeps the bit rate near a real camera's.
"""

import itertools
import math
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import CodecContext
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

from devices import h264
from devices.virtual.drawing import Canvas, Colour, Point, ellipse, line, polygon

WIDTH, HEIGHT = 1280, 720
FRAMES_PER_SECOND = 30
SECONDS = 10
KEY_FRAME_SECONDS = 1
BITRATE = 1_500_000
SMALL_WIDTH, SMALL_HEIGHT = 640, 360
SMALL_BITRATE = 300_000
SMALL_EVERY = 2
"""Every second picture is in the small clip."""
_VERSION = 1
"""To be raised with every change of the drawing, so that an old file is not used."""

_RED: Colour = (196, 30, 38)
_GOLD: Colour = (252, 209, 60)
_WOOD: Colour = (150, 98, 58)
_SKIN: Colour = (206, 160, 126)
_SHIRTS: tuple[Colour, ...] = (
    (66, 106, 158),
    (178, 74, 66),
    (92, 132, 92),
    (214, 196, 160),
    (122, 90, 140),
    (200, 140, 70),
    (70, 78, 96),
)
_HAIR: tuple[Colour, ...] = ((34, 28, 26), (48, 40, 36), (128, 124, 122), (190, 188, 186))


@dataclass(frozen=True, slots=True)
class Clip:
    """H.264 constrained baseline, one slice a picture; the end continues in the beginning."""

    units: tuple[bytes, ...]
    frames_per_second: int
    width: int = WIDTH
    height: int = HEIGHT
    bitrate: int = BITRATE

    def parameter_sets(self) -> tuple[bytes, bytes]:
        """SPS and PPS."""
        found = {h264.nal_type(nal): nal for nal in h264.split(self.units[0])}
        return found[h264.SPS], found[h264.PPS]


def load_clip(cache: Path) -> Clip:
    """The clip from the cache folder; where it is not there, it is drawn and put there."""
    path = cache / f"hall-{WIDTH}x{HEIGHT}-{FRAMES_PER_SECOND}-v{_VERSION}.h264"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".part", delete=False) as part:
            for packet in encode(_frames()):
                part.write(packet)
        Path(part.name).replace(path)
    return Clip(tuple(units(path.read_bytes())), FRAMES_PER_SECOND)


def load_small_clip(cache: Path) -> Clip:
    """As `load_clip`, small and with half as many pictures a second."""
    name = f"hall-{SMALL_WIDTH}x{SMALL_HEIGHT}-{FRAMES_PER_SECOND // SMALL_EVERY}-v{_VERSION}.h264"
    path = cache / name
    if not path.exists():
        clip = smaller(load_clip(cache))
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".part", delete=False) as part:
            part.write(b"".join(clip.units))
        Path(part.name).replace(path)
    return _small(units(path.read_bytes()))


def smaller(clip: Clip) -> Clip:
    """The same pictures for a camera's second stream. Blocks while it encodes."""
    decoder = CodecContext.create("h264", "r")

    def frames() -> Iterator[VideoFrame]:
        packets = itertools.chain(map(av.Packet, clip.units), [None])
        found = (frame for packet in packets for frame in decoder.decode(packet))
        for number, frame in enumerate(found):
            if number % SMALL_EVERY == 0:
                yield frame.reformat(SMALL_WIDTH, SMALL_HEIGHT)

    rate = clip.frames_per_second // SMALL_EVERY
    coded = encode(frames(), (SMALL_WIDTH, SMALL_HEIGHT), SMALL_BITRATE, rate)
    return _small(units(b"".join(coded)))


def _small(found: Iterable[bytes]) -> Clip:
    rate = FRAMES_PER_SECOND // SMALL_EVERY
    return Clip(tuple(found), rate, SMALL_WIDTH, SMALL_HEIGHT, SMALL_BITRATE)


def units(stream: bytes) -> Iterator[bytes]:
    """Access units of a stream with one slice a picture."""
    nals: list[bytes] = []
    for nal in h264.split(stream):
        nals.append(nal)
        if h264.nal_type(nal) in (h264.SLICE, h264.IDR):
            yield h264.join(nals)
            nals.clear()


def encode(
    frames: Iterable[VideoFrame],
    size: tuple[int, int] = (WIDTH, HEIGHT),
    bitrate: int = BITRATE,
    frames_per_second: int = FRAMES_PER_SECOND,
) -> Iterator[bytes]:
    """Pictures of `size`, width and height, as a stream in Annex B."""
    codec = CodecContext.create("libx264", "w")
    codec.width, codec.height = size
    codec.pix_fmt = "yuv420p"
    codec.framerate = Fraction(frames_per_second)
    codec.time_base = Fraction(1, frames_per_second)
    codec.bit_rate = bitrate
    codec.max_b_frames = 0
    codec.gop_size = frames_per_second * KEY_FRAME_SECONDS
    codec.thread_count = 2
    codec.options = {
        "preset": "superfast",
        "profile": "baseline",
        "level": "3.1",
        "maxrate": str(bitrate * 5 // 4),
        "bufsize": str(bitrate),
        "x264-params": "scenecut=0:sliced-threads=0",
    }
    for number, frame in enumerate(frames):
        frame.pts = number
        frame.pict_type = PictureType.NONE
        for packet in codec.encode(frame):
            yield bytes(packet)
    for packet in codec.encode(None):
        yield bytes(packet)


def _frames() -> Iterator[VideoFrame]:
    random = np.random.default_rng(5)
    background = _background()
    residents = _residents(random)
    grain = [np.rint(random.normal(0, 1.6, (HEIGHT, WIDTH))).astype(np.int8) for _ in range(7)]
    count = FRAMES_PER_SECOND * SECONDS
    for number in range(count):
        canvas = background.copy()
        _draw_moving(canvas, number / count)
        for resident in residents:
            resident.draw(canvas, number / count)
        planes = VideoFrame.from_ndarray(canvas, format="rgb24").reformat(format="yuv420p")
        pixels = np.asarray(planes.to_ndarray(), np.uint8)
        pixels[:HEIGHT] += grain[number % len(grain)].view(np.uint8)  # luma 16…235 cannot wrap
        yield VideoFrame.from_ndarray(pixels, format="yuv420p")


def _background() -> Canvas:
    """All that does not move: walls, windows, floor, stage, banner."""
    canvas = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    shade = np.linspace(1.0, 0.86, HEIGHT)[:, None, None]
    canvas[:] = np.array((238, 224, 190)) * shade
    polygon(canvas, [(0, 0), (1280, 0), (1010, 96), (270, 96)], (246, 243, 234))
    polygon(canvas, [(0, 720), (1280, 720), (1010, 400), (270, 400)], (176, 138, 108))
    for tile in range(-8, 9):  # the floor's joints run to one vanishing point
        line(canvas, (640 + tile * 46, 400), (640 + tile * 150, 720), 1.5, (158, 122, 94))
    polygon(canvas, [(0, 0), (270, 96), (270, 400), (0, 720)], (226, 208, 172))
    polygon(canvas, [(1280, 0), (1010, 96), (1010, 400), (1280, 720)], (222, 204, 168))
    for near, far, top, bottom in ((40, 110, 0.30, 0.62), (150, 205, 0.36, 0.58)):
        for left, right in ((near, far), (1280 - near, 1280 - far)):
            _window(canvas, left, right, top * HEIGHT, bottom * HEIGHT)
    _stage(canvas)
    return canvas


def _window(canvas: Canvas, near: float, far: float, top: float, bottom: float) -> None:
    corners: list[Point] = [(near, top - 18), (far, top), (far, bottom), (near, bottom + 18)]
    polygon(canvas, corners, (120, 92, 62))
    middle_x, middle_y = (near + far) / 2, (top + bottom) / 2
    inner: list[Point] = [
        (middle_x + (x - middle_x) * 0.86, middle_y + (y - middle_y) * 0.92) for x, y in corners
    ]
    polygon(canvas, inner, (190, 222, 236))
    line(canvas, (middle_x, top - 6), (middle_x, bottom + 6), 3, (120, 92, 62))


def _stage(canvas: Canvas) -> None:
    polygon(canvas, [(330, 118), (950, 118), (950, 372), (330, 372)], (150, 22, 30))
    for fold in range(16):
        left = 334 + fold * 39
        polygon(canvas, [(left, 166), (left + 16, 166), (left + 16, 372), (left, 372)], _RED)
    polygon(canvas, [(330, 112), (950, 112), (950, 166), (330, 166)], _RED)
    line(canvas, (336, 160), (944, 160), 3, _GOLD)
    for left, right in ((470, 540), (552, 640), (652, 690), (702, 806)):  # the slogan, far away
        polygon(canvas, [(left, 128), (right, 128), (right, 148), (left, 148)], _GOLD)
    _star(canvas, (640, 238), 44)
    polygon(canvas, [(290, 372), (990, 372), (1020, 396), (260, 396)], (186, 128, 80))
    polygon(canvas, [(260, 396), (1020, 396), (1020, 426), (260, 426)], _WOOD)
    ellipse(canvas, (1104, 190), 35, 38, (96, 70, 48))
    ellipse(canvas, (1104, 190), 30, 33, (250, 249, 244))
    for hour in range(12):
        angle = hour * math.pi / 6
        mark = (1104 + 24 * math.sin(angle), 190 - 27 * math.cos(angle))
        ellipse(canvas, mark, 2, 2, (60, 50, 40))


def _lectern(canvas: Canvas) -> None:
    polygon(canvas, [(700, 306), (800, 306), (790, 384), (710, 384)], (120, 72, 40))
    polygon(canvas, [(692, 298), (808, 298), (804, 310), (696, 310)], (164, 108, 64))
    for petal in range(9):
        angle = petal * 2 * math.pi / 9
        centre = (750 + 17 * math.cos(angle), 336 + 9 * math.sin(angle))
        ellipse(canvas, centre, 7, 6, (240, 120, 150) if petal % 2 else (250, 220, 90))


def _star(canvas: Canvas, centre: Point, radius: float) -> None:
    x, y = centre

    def corner(tenth: int) -> Point:
        reach = radius if tenth % 2 == 0 else radius * 0.382
        angle = tenth * math.pi / 5
        return x + reach * math.sin(angle), y - reach * math.cos(angle)

    for tip in range(0, 10, 2):
        polygon(canvas, [centre, corner(tip - 1), corner(tip), corner(tip + 1)], _GOLD)


def _draw_moving(canvas: Canvas, phase: float) -> None:
    """Fans, clock and speaker. `phase` goes from 0 to 1 over the clip."""
    turn = 2 * math.pi * phase
    for x, y, reach in ((420, 44, 92), (860, 44, 92)):
        line(canvas, (x, 0), (x, y), 4, (120, 116, 110))
        for blade in range(3):
            angle = 8 * turn + blade * 2 * math.pi / 3
            tip = (x + reach * math.cos(angle), y + 0.2 * reach * math.sin(angle))
            line(canvas, (x, y), tip, 9, (112, 82, 56))
        ellipse(canvas, (x, y), 13, 8, (140, 134, 124))
    tip = (1104 + 25 * math.sin(turn), 190 - 28 * math.cos(turn))
    line(canvas, (1104, 190), tip, 3, _RED)
    line(canvas, (1104, 190), (1092, 178), 4, (40, 36, 32))
    sway = 5 * math.sin(2 * turn)
    hand = 16 * math.sin(5 * turn)
    line(canvas, (724 + sway, 268), (694 + sway, 286 + hand), 9, (44, 66, 110))
    ellipse(canvas, (692 + sway, 286 + hand), 6, 6, (222, 176, 140))
    ellipse(canvas, (750 + sway, 282), 31, 38, (44, 66, 110))
    _lectern(canvas)
    ellipse(canvas, (750 + 1.3 * sway, 224), 18, 22, (222, 176, 140))
    ellipse(canvas, (750 + 1.3 * sway, 212), 19, 13, _HAIR[0])


@dataclass(frozen=True, slots=True)
class _Resident:
    """Somebody in the rows, from behind: drawn once and then only moved."""

    colours: NDArray[np.float32]
    """Already multiplied by `cover`."""
    cover: NDArray[np.float32]
    left: int
    top: int
    reach: float
    rounds: int
    """Whole sways within the clip, so that its end meets its beginning."""
    start: float

    def draw(self, canvas: Canvas, phase: float) -> None:
        angle = 2 * math.pi * (self.rounds * phase + self.start)
        left = self.left + round(self.reach * math.sin(angle))
        top = self.top + round(0.4 * self.reach * math.cos(2 * angle))
        height, width = self.cover.shape[:2]
        region = canvas[top : top + height, left : left + width]
        height, width = region.shape[:2]
        cover = self.cover[:height, :width]
        region[:] = region * (1 - cover) + self.colours[:height, :width]


def _residents(random: np.random.Generator) -> list[_Resident]:
    """Five rows, the nearest last, so that they cover those before them."""
    found: list[_Resident] = []
    for row in range(5):
        size = 46 + 19 * row
        seats = 11 - row
        pitch = (620 + 190 * row) / seats
        for seat in range(seats):
            if random.random() < 0.12:
                continue  # nobody sits here
            middle = 640 + (seat - (seats - 1) / 2) * pitch
            found.append(_resident(random, middle, 424 + 43 * row + 9 * row * row / 2, size))
    return found


def _resident(random: np.random.Generator, middle: float, top: float, size: int) -> _Resident:
    height, width = round(size * 1.5), round(size * 1.2)
    shirt = _SHIRTS[random.integers(len(_SHIRTS))]
    hair = _HAIR[random.integers(len(_HAIR))]
    white = (255, 255, 255)
    colours, cover = (np.zeros((height, width, 3), np.uint8) for _ in range(2))
    for canvas, cloth, skin, head in ((colours, shirt, _SKIN, hair), (cover, white, white, white)):
        x = width / 2
        body = [(x - size * 0.5, size), (x + size * 0.5, size), (x + size * 0.5, height)]
        corners = [*body, (x - size * 0.5, height)]
        ellipse(canvas, (x, size), size * 0.5, size * 0.34, cloth)
        polygon(canvas, corners, cloth)
        ellipse(canvas, (x, size * 0.62), size * 0.1, size * 0.2, skin)
        ellipse(canvas, (x, size * 0.34), size * 0.24, size * 0.29, head)
    return _Resident(
        colours.astype(np.float32),
        (cover[:, :, :1] / 255).astype(np.float32),
        round(middle - width / 2),
        round(top),
        reach=size * 0.06,
        rounds=int(random.integers(1, 4)),
        start=float(random.random()),
    )
