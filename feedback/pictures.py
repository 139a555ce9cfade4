"""Pictures and papers of strangers, made fit to be kept and shown.

    darkroom = Darkroom()
    photo = await darkroom.develop(data)        # a JPEG of at most 1600 pixels, and a small one
    paper = paper_of(data)                      # a PDF, as it came

A picture is decoded and encoded anew (`feedback.developing`), one at a time, in a process beside
the daemon. A PDF is never opened here: whoever reads it does so with a program of his own.
"""

import asyncio
import hashlib
import json
import logging
import sys
from dataclasses import dataclass, field
from typing import Final

from base.beside import beside
from base.cause import Refused
from feedback.developing import MOST_BYTES

JPEG: Final = "image/jpeg"
PDF: Final = "application/pdf"
MOST_PAPER_BYTES: Final = 5 * 1000 * 1000
PATIENCE_SECONDS: Final = 30.0
"""For its turn and for itself together."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture or one paper, fit to be kept."""

    type: str
    """`image/jpeg` or `application/pdf`."""
    content: bytes = field(repr=False)
    small: bytes | None = field(default=None, repr=False)
    """A JPEG of at most 320 pixels a side; None of a paper."""
    width: int | None = None
    height: int | None = None

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


class Darkroom:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def develop(self, data: bytes) -> Sheet:
        """Raises Refused: `picture.too_large`, `picture.heic`, `picture.not_one`,
        `picture.too_many_pixels`, `picture.broken`, and `picture.busy` where others take long."""
        if len(data) > MOST_BYTES:
            raise Refused("picture.too_large", most=MOST_BYTES // 1_000_000)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turn:
                answer = await _in_a_process(data)
        except TimeoutError:
            raise Refused("picture.busy") from None
        head, _, body = answer.partition(b"\n")
        try:
            told = json.loads(head)
        except ValueError:
            raise Refused("picture.broken") from None  # it did not live to say anything
        if "code" in told:
            raise Refused(told.pop("code"), **told)
        size = told["bytes"]
        return Sheet(JPEG, body[:size], body[size:], told["width"], told["height"])


def is_paper(data: bytes) -> bool:
    """It says that it is a PDF, in its first bytes (ISO 32000-1, 7.5.2)."""
    return data.startswith(b"%PDF-")


def paper_of(data: bytes) -> Sheet:
    """Raises Refused: `paper.too_large`, `paper.not_one`."""
    if len(data) > MOST_PAPER_BYTES:
        raise Refused("paper.too_large", most=MOST_PAPER_BYTES // 1_000_000)
    if not is_paper(data) or b"%%EOF" not in data[-1024:]:
        raise Refused("paper.not_one")
    return Sheet(PDF, data)


async def _in_a_process(data: bytes) -> bytes:
    """What it answered; nothing where it was killed, or killed itself."""
    answer, status = await beside(sys.executable, "-m", "feedback.developing", given=data)
    if status:
        logger.warning("a picture was too much for its decoder: %s", status)
        return b""
    return answer
