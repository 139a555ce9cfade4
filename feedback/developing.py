"""One picture decoded and encoded anew, in a process of its own: `python -m feedback.developing`.

    standard input     the file, as somebody sent it
    standard output    {"width": 1600, "height": 1200, "bytes": 310402}, a line feed, the JPEG of so
                       many bytes, and a small JPEG; or {"code": "picture.heic"} and nothing else

A decoder is handed files of strangers here, so it runs where it can do no harm: the process has
bounds on its memory and its time, opens nothing, and a crash of it is a broken picture and not a
meeting that ends. What leaves it was painted on a fresh canvas: nothing of the file but its pixels
is in it, no place, no camera, no remark, no second picture.
"""

import io
import json
import os
import resource
import sys
from contextlib import suppress
from typing import Final

from PIL import (
    Image,
    ImageOps,
    MpoImagePlugin,  # noqa: F401 - to import it is to be able to read it
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

from base.cause import Refused

MOST_BYTES: Final = 12 * 1000 * 1000
MOST_MEGAPIXELS: Final = 52
"""The largest that phones take by themselves (8,160 × 6,144). A JPEG is decoded at a fraction."""
MOST_WHOLE_MEGAPIXELS: Final = 26
"""Of PNG and WebP, which have to be decoded whole."""
LONGEST_SIDE: Final = 1600
"""Pixels. A paper slip of A5 is read well at that."""
SMALL_SIDE: Final = 320
QUALITY: Final = 80
SMALL_QUALITY: Final = 70
MEMORY_BYTES: Final = 1024 * 1024 * 1024
CPU_SECONDS: Final = 10

FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
"""Major brands of ISO/IEC 23008-12, annex B."""


def develop(data: bytes) -> tuple[Image.Image, Image.Image]:
    """The picture upright, at most 1600 pixels a side, and a small one of at most 320; both RGB.

    Raises Refused: `picture.too_large`, `picture.heic`, `picture.not_one`,
    `picture.too_many_pixels`, `picture.broken`.
    """
    if len(data) > MOST_BYTES:
        raise Refused("picture.too_large", most=MOST_BYTES // 1_000_000)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise Refused("picture.heic")
    Image.MAX_IMAGE_PIXELS = None  # the header is looked at below, with limits of our own
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(opened)
            opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
            picture = _painted(_upright(opened))
    except Refused:
        raise
    except UnidentifiedImageError:
        raise Refused("picture.not_one") from None
    except Exception as error:
        # A decoder meets a hostile file with whatever it likes, down to MemoryError.
        raise Refused("picture.broken") from error
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return picture, small


def _check_size(opened: Image.Image) -> None:
    """From the header, before anything is decoded. Raises Refused `picture.too_many_pixels`."""
    whole = opened.format not in ("JPEG", "MPO")
    most = MOST_WHOLE_MEGAPIXELS if whole else MOST_MEGAPIXELS
    if opened.width * opened.height > most * 1_000_000:
        raise Refused("picture.too_many_pixels", most=most)


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held (Exif 2.32, Orientation); a tag that makes no sense is none."""
    with suppress(Exception):
        return ImageOps.exif_transpose(picture)
    return picture


def _painted(picture: Image.Image) -> Image.Image:
    """On white, where something shines through."""
    canvas = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        canvas.paste(picture, mask=picture.getchannel("A"))
    else:
        canvas.paste(picture.convert("RGB"))
    return canvas


def jpeg_of(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
    return written.getvalue()


def bound(cpu_seconds: int = CPU_SECONDS) -> None:
    """For this process alone; what nobody waits for may take longer than the meeting."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    Image.preinit()  # what it needs of files, it has read from here on
    bound()
    try:
        picture, small = develop(sys.stdin.buffer.read(MOST_BYTES + 1))
        jpeg = jpeg_of(picture, QUALITY)
        told = {"width": picture.width, "height": picture.height, "bytes": len(jpeg)}
        answer = json.dumps(told).encode() + b"\n" + jpeg + jpeg_of(small, SMALL_QUALITY)
    except Refused as refused:
        told = {"code": refused.cause.code, **refused.cause.params}  # type: ignore[dict-item]
        answer = json.dumps(told).encode() + b"\n"
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
