"""Pictures and PDFs page by page: drawn in a process of its own, on the floor, gone afterwards."""

import io
import zlib

import pypdfium2
import pytest
from PIL import Image

from base.cause import Refused
from devices.device import Condition
from rooms.papers import MOST_PAPERS, Paper
from rooms.shown import Floor, FloorKind

HALL = Floor()


def pdf(*sizes):
    """Pages of these sizes, in points, by PDFium itself."""
    document = pypdfium2.PdfDocument.new()
    for size in sizes:
        document.new_page(*size)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def png(width=400, height=300):
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "PNG")
    return written.getvalue()


def bomb(width, height):
    """A PDF of one page that paints a picture of so many pixels out of a few bytes."""
    packed = zlib.compress(b"\0" * (width * height // 64), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
        b"/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 28>>stream\n200 0 0 200 0 0 cm /I Do    \nendstream",
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB"
        b"/BitsPerComponent 8/Filter/FlateDecode/Length %d>>stream\n"
        % (width, height, len(packed))
        + packed
        + b"\nendstream",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + one + b"endobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def camera(guest_id):
    return Floor(FloorKind.CAMERA, guest_id)


def size_of(jpeg):
    with Image.open(io.BytesIO(jpeg)) as opened:
        assert opened.format == "JPEG"
        return opened.size


@pytest.fixture
async def live(house):
    await house.live()
    return house


@pytest.fixture
async def paper(live, monkeypatch):
    """Of three pages; what draws them is tried below."""

    async def draw(_):
        return (b"1", b"2", b"3"), 3

    monkeypatch.setattr(live.room._drawer, "draw", draw)
    return await live.room.add_paper(live.secretary, "Ngân sách.pdf", b"%PDF-")


async def test_a_pdf_is_drawn_page_by_page_and_shown_to_nobody_yet(live):
    data = pdf((595, 842), (842, 595), (100_000, 10))
    name = "C:\\Tài liệu\\Ngân sách 2026.pdf"
    paper = await live.room.add_paper(live.secretary, name, data)
    assert (paper.name, len(paper.keys), paper.of) == ("Ngân sách 2026", 3, 3)
    pages = [size_of(await live.room.paper_page(key)) for key in paper.keys]
    assert pages[:2] == [(1131, 1600), (1600, 1131)]
    assert max(pages[2]) == 1600, "however large the page says it is"
    assert live.view.floor == HALL
    assert live.view.papers == (paper,)


async def test_a_paper_takes_the_floor_and_gives_it_back(live, paper):
    first = await live.guest(camera=True)
    await live.ticks()
    assert live.view.floor == camera(first)
    await live.room.show_paper(live.leader, paper.id)
    assert live.view.floor == live.media.floor == Floor(FloorKind.PAPER, paper.id)
    assert live.view.paper_shown() == paper
    live.media.speaking.set((first,))
    live.time.pass_(seconds=10)
    await live.ticks()
    assert live.view.paper_shown() is not None, "who speaks does not take it"
    await live.room.hide_paper(live.secretary)
    assert live.view.floor == live.media.floor == camera(first)
    assert live.view.paper_shown() is None


async def test_pages_are_turned_and_stop_at_both_ends(live, paper):
    await live.room.show_paper(live.leader, paper.id)
    for asked, page in ((1, 1), (2, 2), (7, 2), (0, 0), (-1, 0)):
        await live.room.turn_page(live.secretary, paper.id, asked)
        assert live.view.paper_shown().key == paper.keys[page]
    assert live.view.paper_shown().next_key == paper.keys[1]


async def test_a_person_who_is_given_the_floor_ends_it(live, paper):
    first = await live.guest(camera=True)
    await live.room.show_paper(live.leader, paper.id)
    await live.room.give_floor(live.leader, camera(first))
    assert live.view.floor == camera(first)
    await live.restart()
    assert live.view.paper_shown() is None


async def test_a_screen_may_interrupt_and_the_paper_comes_back(live, paper):
    second = await live.guest()
    await live.room.show_paper(live.leader, paper.id)
    await live.room.set_guest(second, sharing=True)
    assert live.view.floor == Floor(FloorKind.SCREEN, second)
    await live.room.set_guest(second, sharing=False)
    assert live.view.paper_shown() == paper
    await live.room.hide_paper(live.leader)
    assert live.view.floor == HALL


async def test_after_a_restart_the_same_page_is_shown(live, paper):
    await live.room.show_paper(live.leader, paper.id)
    await live.room.turn_page(live.leader, paper.id, 2)
    await live.restart()
    shown = live.view.paper_shown()
    assert shown is not None
    assert shown.key == paper.keys[2]
    assert live.media.floor == live.view.floor


async def test_what_was_shown_is_gone_when_the_meeting_is_over(live, paper):
    await live.room.show_paper(live.leader, paper.id)
    await live.ended()
    await live.until(lambda view: not view.papers)
    await live.ticks()
    assert live.view.paper_shown() is None
    assert await live.room.paper_page(paper.keys[0]) is None
    assert not (live.folder / "papers").exists()
    await live.restart()
    assert live.view.papers == ()


async def test_one_that_is_removed_is_not_shown_any_more(live, paper):
    await live.room.show_paper(live.leader, paper.id)
    await live.room.remove_paper(live.secretary, paper.id)
    assert (live.view.floor, live.view.papers) == (HALL, ())
    assert not list((live.folder / "papers").iterdir())
    with pytest.raises(Refused, match=r"paper\.unknown"):
        await live.room.show_paper(live.leader, paper.id)


async def test_a_picture_is_a_paper_of_one_page(live):
    paper = await live.room.add_paper(live.leader, "sơ đồ.png", png())
    assert (paper.name, paper.of) == ("sơ đồ", 1)
    assert size_of(await live.room.paper_page(paper.key)) == (400, 300)


async def test_nobody_guesses_a_page(live, paper):
    assert await live.room.paper_page("0" * 32) is None
    assert await live.room.paper_page("../house") is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\nnothing of it\n%%EOF", "paper.broken"),
        (b"<html>", "picture.not_one"),
        (b"%PDF-" + b"0" * 31_000_000, "paper.too_large"),
    ],
    ids=["broken", "no picture", "too large"],
)
async def test_what_cannot_be_shown_is_refused_in_words(live, data, code):
    with pytest.raises(Refused, match=code):
        await live.room.add_paper(live.leader, "x.pdf", data)
    assert live.view.papers == ()


async def test_a_bomb_meets_the_bounds_of_its_own_process(live):
    """400 megapixels in a few kilobytes: the page is white, or there is none; nothing else ends."""
    data = bomb(20_000, 20_000)
    assert len(data) < 1_000_000
    try:
        paper = await live.room.add_paper(live.leader, "bom.pdf", data)
    except Refused as refused:
        assert refused.cause.code == "paper.broken"
    else:
        assert size_of(await live.room.paper_page(paper.key)) == (1600, 1600)
    assert live.camera.health.value.condition is Condition.WORKING


async def test_there_are_only_so_many(live):
    live.room._papers = tuple(Paper(str(n), "x", ("k",), of=1) for n in range(MOST_PAPERS))
    with pytest.raises(Refused, match=r"paper\.too_many"):
        await live.room.add_paper(live.leader, "x.png", png())
