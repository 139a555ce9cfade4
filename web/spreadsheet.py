"""Tables as files that a spreadsheet opens: CSV by RFC 4180, some rows at a time.

    return await table("phan-anh.csv", [("Câu số", "Nội dung")], rows)

With a byte order mark, or Excel takes UTF-8 for something else. What people typed never becomes a
formula: OWASP, "CSV Injection". Times are Vietnam's, in the one way that a spreadsheet reads alike
in every language: `2026-07-22 21:05`.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from starlette.responses import StreamingResponse

from web.language import VIETNAM

MEDIA_TYPE: Final = "text/csv; charset=utf-8"

Cell = str | int | date | datetime | None

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


async def table(
    name: str, header: Iterable[Sequence[Cell]], batches: AsyncIterator[Iterable[Sequence[Cell]]]
) -> StreamingResponse:
    """The answer to a request, a file of this name. Raises what the first batch does, before
    anything is sent."""
    # No tuple: of one, CPython makes a SystemError up to 3.13.1 (its issue 128078).
    first = [*header, *(await anext(batches, []))]

    async def lines() -> AsyncIterator[bytes]:
        yield "\N{BYTE ORDER MARK}".encode() + written(first)
        async for rows in batches:
            yield written(rows)

    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(lines(), media_type=MEDIA_TYPE, headers=headers)


def written(rows: Iterable[Sequence[Cell]]) -> bytes:
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows([_cell(cell) for cell in row] for row in rows)
    return lines.getvalue().encode()


def _cell(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case str():
            return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
        case datetime():
            return f"{cell.astimezone(VIETNAM):%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case _:
            return cell
