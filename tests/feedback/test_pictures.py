"""Files of strangers, through the real process that decodes them."""

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image

from base.cause import Refused
from feedback import pictures
from feedback.developing import FORMATS, develop
from feedback.pictures import JPEG, PDF, Darkroom, paper_of


def written(picture, kind="JPEG", **more):
    data = io.BytesIO()
    picture.save(data, kind, **more)
    return data.getvalue()


def halves(width=400, height=200):
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    return picture


def png(width, height, rows=b""):
    """A PNG that says that it is so large, whatever follows."""

    def chunk(kind, content):
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def code_of(data):
    with pytest.raises(Refused) as refused:
        develop(data)
    return refused.value.cause.code


def colour(picture, x, y):
    red, _, blue = picture.getpixel((x, y))
    return "red" if red > 200 > blue else "blue" if blue > 200 > red else "other"


async def test_nothing_but_the_pixels_comes_through():
    exif = Image.Exif()
    exif[0x010E] = "12 ngõ 5"  # ImageDescription
    exif[0x0112] = 6  # held with its right side up
    exif.get_ifd(0x8825).update({1: "N", 2: (21.0, 1.0, 42.0)})  # GPS
    data = written(
        halves(4000, 2000),
        exif=exif,
        icc_profile=b"profile of somebody",
        comment=b"comment of somebody",
        xmp=b"<x:xmpmeta>somebody</x:xmpmeta>",
    )
    assert b"somebody" in data and b"GPS" not in data
    photo = await Darkroom().develop(data)
    assert (photo.type, photo.width, photo.height) == (JPEG, 800, 1600)
    for content, size in ((photo.content, (800, 1600)), (photo.small, (160, 320))):
        shown = Image.open(io.BytesIO(content))
        assert (shown.format, shown.size) == ("JPEG", size)
        assert not shown.getexif() and shown.info.keys() <= {
            *("jfif", "jfif_version", "jfif_unit", "jfif_density"),
            *("progressive", "progression"),
        }
        for left in (b"Exif", b"somebody", b"ng\xc3\xb5 5", b"ICC_PROFILE", b"http://ns.adobe"):
            assert left not in content
        width, height = size
        assert colour(shown, width // 2, height // 8) == "red", "it stands upright"
        assert colour(shown, width // 2, height - height // 8) == "blue"


def test_a_small_one_is_not_made_larger_and_every_kind_is_read():
    for kind in FORMATS:
        picture, small = develop(written(halves(), kind))
        assert picture.size == (400, 200) and small.size == (320, 160)
        assert colour(picture, 10, 100) == "red" and colour(picture, 390, 100) == "blue"
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert develop(written(clear, "PNG"))[0].getpixel((20, 20)) == (255, 255, 255)
    assert develop(written(halves().convert("CMYK")))[0].mode == "RGB"
    assert develop(written(halves().convert("P"), "PNG"))[0].mode == "RGB"


def test_what_is_too_much_is_refused_by_its_header():
    assert code_of(bytes(12_000_001)) == "picture.too_large"
    assert code_of(png(6000, 6000)) == "picture.too_many_pixels", "a file of a few bytes"
    assert code_of(png(2**31 - 1, 2**31 - 1)) in ("picture.too_many_pixels", "picture.broken")
    large = bytearray(written(halves()))
    frame = large.index(b"\xff\xc0")
    large[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    assert code_of(bytes(large)) == "picture.too_many_pixels"
    assert code_of(png(5000, 5000)) == "picture.broken", "within the bounds, with nothing in it"


def test_what_is_no_picture_is_told_from_a_broken_one():
    good = written(halves())
    assert code_of(good[: len(good) // 2]) == "picture.broken"
    assert code_of(good[:20]) in ("picture.broken", "picture.not_one")
    assert code_of(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic") == "picture.heic"
    for other in (b"", b"MZ", b"<svg onload=alert(1)>", b"%PDF-1.7", written(halves(), "GIF")):
        assert code_of(other) == "picture.not_one"
    orientation = Image.Exif()
    orientation[0x0112] = 77
    assert develop(written(halves(), exif=orientation))[0].size == (400, 200)


async def test_a_decoder_that_dies_or_hangs_is_a_picture_that_is_refused(monkeypatch):
    data, darkroom = written(halves()), Darkroom()
    with monkeypatch.context() as patch:
        patch.setattr(pictures.sys, "executable", "false")
        with pytest.raises(Refused) as refused:
            await darkroom.develop(data)
        assert refused.value.cause.code == "picture.broken"
        patch.undo()
        patch.setattr(pictures, "PATIENCE_SECONDS", 0.01)
        with pytest.raises(Refused) as refused:
            await darkroom.develop(data)
        assert refused.value.cause.code == "picture.busy"
    with pytest.raises(Refused) as refused:
        await darkroom.develop(b"no picture at all")
    assert refused.value.cause.code == "picture.not_one", "its words come out of the process"
    first, second = await asyncio.gather(darkroom.develop(data), darkroom.develop(data))
    assert first.sha256 == second.sha256, "the same file again is the same picture"


def test_a_paper_is_a_whole_pdf_of_a_bounded_size():
    data = b"%PDF-1.7\n1 0 obj\nendobj\ntrailer\n%%EOF\n"
    paper = paper_of(data)
    assert (paper.type, paper.content, paper.small) == (PDF, data, None)
    for wrong, code in (
        (b"<html>%PDF-1.7 %%EOF", "paper.not_one"),
        (data[:-8], "paper.not_one"),
        (data.ljust(5_000_001, b"\0"), "paper.too_large"),
    ):
        with pytest.raises(Refused) as refused:
            paper_of(wrong)
        assert refused.value.cause.code == code
