"""The pages of a PDF drawn as pictures, in a process of its own: `python -m rooms.page_rendering`.

    standard input     the file, as somebody sent it
    standard output    {"pages": 12}, a line feed; then for each page, as soon as it is drawn,
                       {"bytes": 91044}, a line feed and a JPEG of so many bytes;
                       or {"code": "paper.locked"} and nothing else

PDFium is handed files of strangers here, so the process has bounds on its memory and its time and
opens nothing, as where photos are decoded (`feedback.developing`). What it drew before it reached
a bound is whole.
"""

import json
import sys
from collections.abc import Iterator
from typing import Final

import pypdfium2
from PIL import Image

from base.cause import Refused
from feedback.developing import LONGEST_SIDE, bound, jpeg_of

MOST_BYTES: Final = 30 * 1000 * 1000
MOST_PAGES: Final = 60
"""What is behind them is not shown, and that is said."""
CPU_SECONDS: Final = 40
QUALITY: Final = 75
"""A page goes to every official over the house's line up."""


def draw(data: bytes) -> Iterator[int | bytes]:
    """How many pages there are, then each of the first `MOST_PAGES` as a JPEG whose longer side has
    1600 pixels. Raises Refused: `paper.locked`, `paper.broken`."""
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise Refused("paper.locked" if locked else "paper.broken") from error
    if count == 0:
        raise Refused("paper.broken")
    yield count
    for index in range(min(count, MOST_PAGES)):
        yield jpeg_of(_picture(document, index), QUALITY)


def _picture(document: pypdfium2.PdfDocument, index: int) -> Image.Image:
    """However large a page says it is, the picture has the same size."""
    page = document[index]
    width, height = page.get_size()
    drawn: Image.Image = page.render(scale=LONGEST_SIDE / max(width, height, 1.0)).to_pil()
    return drawn.convert("RGB")


def main() -> None:
    Image.preinit()  # what it needs of files, it has read from here on
    bound(CPU_SECONDS)
    out = sys.stdout.buffer
    try:
        for drawn in draw(sys.stdin.buffer.read(MOST_BYTES + 1)):
            told = {"bytes": len(drawn)} if isinstance(drawn, bytes) else {"pages": drawn}
            out.write(json.dumps(told).encode() + b"\n")
            if isinstance(drawn, bytes):
                out.write(drawn)
            out.flush()
    except Refused as refused:
        out.write(json.dumps({"code": refused.cause.code}).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
