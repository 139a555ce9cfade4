"""The public ledger: the file for whoever wants to check it, its heads, its sums for the board.

GET /ledger.jsonl          all of it (feedback/LEDGER.md), of this house or of this hub
GET /ledger.jsonl?first=0&last=499    some of its entries, without a head
GET /ledger-head.jsonl     a head of all that is in it now
GET /ledger-heads.jsonl    its head of each day; under `/h/to-5/` what that house handed over

Under `/h/to-5/` all of a house's is put together from these parts (`web/hub/house_ledger.py`).
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from base.cause import Cause, Refused
from feedback.case import Mark
from feedback.ledger_book import Book, fits
from feedback.ledger_check import SHORT
from feedback.ledger_lines import Head
from web.limiting import DOWNLOADING, Limit, Limits

EXPORT = "/ledger.jsonl"
HEAD = "/ledger-head.jsonl"
HEADS = "/ledger-heads.jsonl"
PIECE: Final = 500
"""Entries at most, that are asked for in one piece: some 300 KB."""
READING_ON: Final = Limit.of("reading-on", each="1200/10minutes", all="6000/10minutes")
_TYPE = "application/jsonl; charset=utf-8"
_GROUP = 4


@dataclass(frozen=True, slots=True)
class LedgerView:
    """One ledger, as the board shows it."""

    whose: Literal["house", "ward"]
    sums: Mapping[str, int] | None
    """None where there is a problem."""
    heads: str
    """The address of its heads."""
    head: Head | None
    """The last one that is published."""
    export: str | None
    """The address of all of it; None where it is not here."""
    problem: Cause | None = None
    punctual: tuple[int, int] = (0, 0)
    """How many were closed in time, of how many that had a deadline."""
    live: bool = True
    """The sums are of this moment, not of the last head."""

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "whose": self.whose,
            "sums": self.sums and dict(self.sums),
            "in_time": self.punctual[0],
            "closed_with_deadline": self.punctual[1],
            "at": None if self.live or self.head is None else self.head.at,
            "export": self.export,
            "heads": self.heads,
        }


def routes(book: Book, limits: Limits) -> list[BaseRoute]:
    async def export(request: Request) -> Response:
        """The whole ledger, with a signed head at its end; or some entries of it."""
        if request.query_params.keys() & {"first", "last"}:
            await limits.count(READING_ON, request)
            return download("ledger.jsonl", await book.lines(*_asked_for(request)))
        await limits.count(DOWNLOADING, request)
        lines = book.export()
        return download("ledger.jsonl", await anext(lines), lines)

    async def head(request: Request) -> Response:
        """A signed head of all that is in the ledger now."""
        await limits.count(READING_ON, request)
        return heads_file([await book.head()])

    async def heads(request: Request) -> Response:
        """The signed head of each day."""
        return heads_file(await book.heads())

    return [
        Route(EXPORT, export, methods=["GET"]),
        Route(HEAD, head, methods=["GET"]),
        Route(HEADS, heads, methods=["GET"]),
    ]


def _asked_for(request: Request) -> tuple[int, int]:
    """Raises Refused `web.bad_request`."""
    typed = [request.query_params.get(name, "") for name in ("first", "last")]
    if not all(re.fullmatch(r"[0-9]{1,9}", one) for one in typed):
        raise Refused("web.bad_request")
    first, last = map(int, typed)
    if not first <= last < first + PIECE:
        raise Refused("web.bad_request")
    return first, last


def heads_file(heads: Sequence[Head]) -> Response:
    return download("ledger-heads.jsonl", "".join(f"{head.line()}\n" for head in heads).encode())


async def live_view(
    book: Book, whose: Literal["house", "ward"], root: str, house: str | None = None
) -> LedgerView:
    """A ledger that is kept here; of one house's cases in it, or of all. Raises StorageError."""
    heads = await book.heads()
    sums, problem, punctual = None, None, (0, 0)
    try:
        sums, punctual = await book.sums(house), await book.punctual(house)
    except Refused as refused:
        problem = refused.cause
    last = heads[-1] if heads else None
    return LedgerView(whose, sums, f"{root}{HEADS}", last, f"{root}{EXPORT}", problem, punctual)


def kept_view(heads: Sequence[Head], root: str, now: Head | None = None) -> LedgerView | None:
    """A house's ledger, from what it handed over to the ward; its sums are those of `now` where the
    house has just told them. They have to go on from what it handed over, too."""
    if not heads:
        return None
    told = [*heads, now] if now else heads
    problem, sums = problem_of(told), told[-1].sums
    files, export = f"{root}{HEADS}", f"{root}{EXPORT}"
    return LedgerView("house", sums, files, heads[-1], export, problem, live=now is not None)


def problem_of(heads: Sequence[Head]) -> Cause | None:
    """What is wrong with a ledger whose heads were handed over in this order."""
    fitting = all(fits(after, before) for before, after in pairwise(heads))
    return None if fitting else Cause("ledger.does_not_fit")


def short(hash_: str) -> str:
    """`3f9a 22bc 10d4 77e0`: the beginning, for reading aloud and comparing."""
    return " ".join(hash_[at : at + _GROUP] for at in range(0, SHORT, _GROUP))


def told_mark(mark: Mark, export: str) -> dict[str, Any]:
    """As JSON: what whoever has the receipt may know of its entry."""
    return {"number": mark.number, "hash": mark.hash, "proof": mark.proof, "export": export}


def mark_link(mark: Mark, export: str) -> str:
    """Where the ledger is, and which entry is meant."""
    return f"{export}#{mark.number}-{mark.hash}"


Ledgers = Callable[[], Awaitable[Sequence[LedgerView]]]


def download(name: str, first: bytes, rest: AsyncIterator[bytes] | None = None) -> Response:
    async def lines() -> AsyncIterator[bytes]:
        yield first
        if rest is not None:
            async for more in rest:
                yield more

    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(lines(), media_type=_TYPE, headers=headers)
