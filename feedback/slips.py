"""Paper slips, printed in time for a power cut: numbered, each with a receipt code of its own.

    sheet = print_sheet(connection, 8, now)          # the codes are kept for these slips
    slips = of_sheet(connection, sheet)

Somebody writes on a slip and keeps its stub with the code. Once there is power again a slip is
typed in under that code (`for_case`, inside `feedback.intake.receive`), and the stub finds the case
like any other receipt. Each slip is one case: the same text again is the same case.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from base.cause import Refused
from feedback.receipt import new_receipt, parse_receipt
from feedback.tables import slips


@dataclass(frozen=True, slots=True)
class Slip:
    number: int
    """Counts on from sheet to sheet: no two slips of a house have the same."""
    receipt: str
    """As in `feedback.receipt`, without hyphens."""
    case_id: str | None = None
    """Once it was typed in."""


@dataclass(frozen=True, slots=True)
class Sheet:
    id: str
    made_at: datetime
    first: int
    last: int
    """The numbers of its slips."""
    entered: int
    """How many of them were typed in."""


def print_sheet(connection: Connection, count: int, now: datetime) -> str:
    """So many new slips; the id of their sheet."""
    sheet = secrets.token_hex(8)
    for _ in range(count):
        connection.execute(insert(slips).values(receipt=new_receipt(), sheet=sheet, made_at=now))
    return sheet


def of_sheet(connection: Connection, sheet: str) -> tuple[Slip, ...]:
    """In order of number; empty where there is no such sheet."""
    query = select(slips).where(slips.c.sheet == sheet).order_by(slips.c.number)
    return tuple(map(_slip, connection.execute(query)))


def sheets(connection: Connection, limit: int) -> Sequence[Sheet]:
    """Newest first."""
    first = func.min(slips.c.number)
    rows = connection.execute(
        select(
            slips.c.sheet,
            func.min(slips.c.made_at).label("made_at"),
            first.label("first"),
            func.max(slips.c.number).label("last"),
            func.count(slips.c.case_id).label("entered"),
        )
        .group_by(slips.c.sheet)
        .order_by(first.desc())
        .limit(limit)
    )
    return tuple(Sheet(row.sheet, row.made_at, row.first, row.last, row.entered) for row in rows)


def find(connection: Connection, typed: str) -> Slip | None:
    """`typed` as somebody read it off the paper."""
    code = parse_receipt(typed)
    if code is None:
        return None
    row = connection.execute(select(slips).where(slips.c.receipt == code)).one_or_none()
    return None if row is None else _slip(row)


def for_case(connection: Connection, typed: str) -> Slip:
    """A slip that a new case may have. Raises Refused: `slip.unknown`, `slip.entered`."""
    slip = find(connection, typed)
    if slip is None:
        raise Refused("slip.unknown")
    if slip.case_id is not None:
        raise Refused("slip.entered", number=slip.number)
    return slip


def entered(connection: Connection, receipt: str, case_id: str) -> None:
    """It is used up."""
    connection.execute(update(slips).where(slips.c.receipt == receipt).values(case_id=case_id))


def _slip(row: Row[Any]) -> Slip:
    return Slip(row.number, row.receipt, row.case_id)
