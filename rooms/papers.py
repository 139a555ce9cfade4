"""Pictures and PDFs that are shown page by page in a meeting.

    pages, count = await drawer.draw(data)  # each a JPEG; a PDF is drawn in a process of its own
    shelf.keep(paper, pages)                # in the data folder, until the meeting is over

A page is known to browsers by a key of its own that nobody can guess: who was shown one page has
not been shown the next.
"""

import asyncio
import json
import logging
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from base.beside import beside
from base.cause import Refused
from feedback.album import Album
from feedback.pictures import is_paper
from feedback.text import clean_line
from rooms.page_rendering import MOST_BYTES

MOST_PAPERS: Final = 6
MOST_NAME_CHARACTERS: Final = 60
PATIENCE_SECONDS: Final = 90.0
"""For its turn and for itself together."""

PAPERS: Final = "papers"
PAPER_SHOWN: Final = "paper_shown"
"""What the room remembers: which there are, and the id of the one that has the floor."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Paper:
    """One file that somebody brought, picture or PDF."""

    id: str
    name: str
    """As its file is called, without the ending."""
    keys: tuple[str, ...]
    """Of each page; its picture is found by it."""
    page: int = 0
    """Counted from 0: which one is shown, or was last."""
    of: int = 0
    """How many pages the file has; more than `keys` where the rest is not shown."""

    @property
    def key(self) -> str:
        return self.keys[self.page]

    @property
    def next_key(self) -> str | None:
        following = self.page + 1
        return self.keys[following] if following < len(self.keys) else None


def new_paper(file_name: str, pages: int, of: int) -> Paper:
    name = clean_line(PurePath(file_name.replace("\\", "/")).stem)[:MOST_NAME_CHARACTERS]
    keys = tuple(secrets.token_hex(16) for _ in range(pages))
    return Paper(secrets.token_hex(8), name or "PDF", keys, of=of)


class Drawer:
    """Draws one file at a time. Belongs to one event loop."""

    def __init__(self, album: Album) -> None:
        self._album = album
        self._turn = asyncio.Semaphore(1)

    async def draw(self, data: bytes) -> tuple[Sequence[bytes], int]:
        """A JPEG for each page that can be shown, and how many pages there are.

        Raises Refused: `paper.too_large`, `paper.locked`, `paper.broken`, `picture.busy`, and of
        a picture those of `Darkroom.develop`.
        """
        if not is_paper(data):
            sheet = await self._album.sheet(data)
            return (sheet.content,), 1
        if len(data) > MOST_BYTES:
            raise Refused("paper.too_large", most=MOST_BYTES // 1_000_000)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._turn:
                answer, status = await beside(
                    sys.executable, "-m", "rooms.page_rendering", given=data
                )
        except TimeoutError:
            raise Refused("picture.busy") from None
        if status:
            log.warning("a PDF was too much for what draws it: %s", status)
        return _read(answer)


def _read(answer: bytes) -> tuple[Sequence[bytes], int]:
    """What of the process's answer is whole. Raises Refused: `paper.locked`, `paper.broken`."""
    count, pages, at = 0, list[bytes](), 0
    while (end := answer.find(b"\n", at)) >= 0:
        told = json.loads(answer[at:end])
        at = end + 1
        if "code" in told:
            raise Refused(told["code"])
        if "pages" in told:
            count = told["pages"]
        elif at + told["bytes"] <= len(answer):
            pages.append(answer[at : at + told["bytes"]])
            at += told["bytes"]
        else:
            break
    if not pages:
        raise Refused("paper.broken")
    return pages, count


class Shelf:
    """The pictures of the pages on the disk. Every call blocks for a moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, paper: Paper, pages: Sequence[bytes]) -> None:
        """Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for key, page in zip(paper.keys, pages, strict=True):
            (self._folder / f"{key}.jpg").write_bytes(page)

    def page(self, key: str) -> bytes | None:
        try:
            return (self._folder / f"{key}.jpg").read_bytes()
        except OSError:
            return None

    def has(self, paper: Paper) -> bool:
        return all((self._folder / f"{key}.jpg").exists() for key in paper.keys)

    def remove(self, paper: Paper) -> None:
        for key in paper.keys:
            (self._folder / f"{key}.jpg").unlink(missing_ok=True)

    def clear(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def write(papers: Sequence[Paper]) -> str:
    """As the room remembers them."""
    return json.dumps([asdict(paper) for paper in papers], ensure_ascii=False)


def read(text: str) -> tuple[Paper, ...]:
    """None where another version wrote it otherwise."""
    try:
        found = (Paper(**one) for one in json.loads(text))
        return tuple(replace(one, keys=tuple(one.keys)) for one in found)
    except (ValueError, TypeError):
        return ()
