"""In which formats, sizes and rates a webcam gives its pictures, and which of them suits.

    modes = read_modes("/dev/v4l/by-id/…")
    for way in ways(modes, 1280, 720, 30):      # the best first
        av.open(…, options=way.options)

Asked by three ioctls of the kernel's Video4Linux interface, `VIDIOC_ENUM_FMT`,
`VIDIOC_ENUM_FRAMESIZES` and `VIDIOC_ENUM_FRAMEINTERVALS` (kernel.org, "Linux Media Userspace API").
"""

import fcntl
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Ask = Callable[[int, int, bytes], bytes]
"""File descriptor, request, structure: what the kernel makes of it. Raises OSError."""

_CAPTURE: Final = 1
_DISCRETE: Final = 1
_FORMAT = struct.Struct("=3I32s5I")
"""index, type, flags; description; pixelformat, mbus_code, reserved[3]"""
_SIZE = struct.Struct("=3I6I2I")
"""index, pixel_format, type; width, height or their minima, maxima and steps; reserved[2]"""
_INTERVAL = struct.Struct("=5I6I2I")
"""index, pixel_format, width, height, type; numerator and denominator, or those of the least, the
most and the step; reserved[2]"""
_MOST: Final = 100
"""Of each; no webcam has so many, and a broken one may never end."""

H264, MJPEG = "H264", "MJPG"
_NAMES: Final = {
    H264: "h264",
    MJPEG: "mjpeg",
    "JPEG": "mjpeg",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "NV12": "nv12",
    "YU12": "yuv420p",
    "422P": "yuv422p",
}
"""What libav calls them."""
_USUAL: Final = ((320, 180), (640, 360), (640, 480), (960, 540), (1280, 720), (1920, 1080))
"""Asked for where a device takes any size."""


@dataclass(frozen=True, slots=True)
class Mode:
    format: str
    """Four characters, as the kernel writes them: `MJPG`, `YUYV`, `H264`."""
    width: int
    height: int
    rates: tuple[float, ...] = ()
    """Pictures a second; none where it does not tell."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to open a webcam."""

    mode: Mode
    rate: float | None

    @property
    def options(self) -> dict[str, str]:
        """Of libav's `v4l2` input."""
        size = f"{self.mode.width}x{self.mode.height}"
        options = {"input_format": _NAMES[self.mode.format], "video_size": size}
        return options if self.rate is None else options | {"framerate": f"{self.rate:g}"}


def read_modes(path: str, ask: Ask = fcntl.ioctl) -> tuple[Mode, ...]:
    """Blocks. Raises OSError where there is no such device, or it is another kind of device."""
    number = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        return tuple(_modes(number, ask))
    finally:
        os.close(number)


def ways(
    modes: Iterable[Mode], width: int, height: int, rate: float, *, own_h264: bool = False
) -> list[Way]:
    """How to open it so that it suits best, then the next best format. A rate of three quarters of
    what is wanted at least goes before the size: in a small picture one sees somebody speak, in
    five pictures a second one does not. With `own_h264` what the webcam codes itself is the first.
    """
    best: dict[str, Way] = {}
    for mode in modes:
        name = _NAMES.get(mode.format)
        if name is None or (mode.format == H264 and not own_h264):
            continue
        way = Way(mode, _nearest(mode.rates, rate))
        known = best.get(name)
        if known is None or _rank(way, width, height, rate) < _rank(known, width, height, rate):
            best[name] = way
    order = ("h264", "mjpeg")  # raw pictures of 720p do not fit through USB 2
    found = sorted(best.items(), key=lambda one: order.index(one[0]) if one[0] in order else 2)
    return [
        way for _, way in sorted(found, key=lambda one: _shortfall(one[1], width, height, rate))
    ]


def _nearest(rates: Sequence[float], wanted: float) -> float | None:
    """The highest that is not above what is wanted, or the lowest."""
    within = [rate for rate in rates if rate <= wanted + 0.5]
    return max(within) if within else min(rates, default=None)


def _rank(way: Way, width: int, height: int, rate: float) -> tuple[float, ...]:
    """The less the better, among ways of one format."""
    mode = way.mode
    lacks = max(0.0, 1 - min(mode.width / width, mode.height / height))
    exceeds = max(0.0, max(mode.width / width, mode.height / height) - 1)
    return (_is_slow(way, rate), lacks, exceeds, -(way.rate or 0.0))


def _shortfall(way: Way, width: int, height: int, rate: float) -> tuple[bool, bool]:
    """A format that lacks what others have comes after them: too slow, less than half the size."""
    small = way.mode.width * 2 < width or way.mode.height * 2 < height
    return _is_slow(way, rate), small


def _is_slow(way: Way, rate: float) -> bool:
    return way.rate is not None and way.rate < 0.75 * rate


def _modes(number: int, ask: Ask) -> Iterator[Mode]:
    for index in range(_MOST):
        answer = _asked(number, 0xC0405602, _FORMAT, ask, index, _CAPTURE, 0, b"", *[0] * 5)
        if answer is None:
            return
        pixels = answer[4]
        code = struct.pack("=I", pixels).decode("latin-1").strip()
        for width, height in _sizes(number, ask, pixels):
            yield Mode(code, width, height, tuple(_rates(number, ask, pixels, width, height)))


def _sizes(number: int, ask: Ask, pixels: int) -> Iterator[tuple[int, int]]:
    for index in range(_MOST):
        answer = _asked(number, 0xC02C564A, _SIZE, ask, index, pixels, *[0] * 9)
        if answer is None:
            return
        if answer[2] == _DISCRETE:
            yield answer[3], answer[4]
            continue
        least_width, most_width, _, least_height, most_height, _ = answer[3:9]
        for width, height in _USUAL:
            if least_width <= width <= most_width and least_height <= height <= most_height:
                yield width, height
        return


def _rates(number: int, ask: Ask, pixels: int, width: int, height: int) -> Iterator[float]:
    """From the highest down, as far as the device tells them one by one; else its highest."""
    for index in range(_MOST):
        answer = _asked(number, 0xC034564B, _INTERVAL, ask, index, pixels, width, height, *[0] * 9)
        if answer is None:
            return
        numerator, denominator = answer[5], answer[6]  # the shortest, where they are not discrete
        if numerator and denominator:
            yield round(denominator / numerator, 3)
        if answer[4] != _DISCRETE:
            return


def _asked(
    number: int, request: int, form: struct.Struct, ask: Ask, *values: int | bytes
) -> tuple[int, ...] | None:
    """None behind the last one."""
    try:
        return form.unpack(ask(number, request, form.pack(*values)))
    except OSError:
        return None
