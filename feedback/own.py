"""The ward's own cases of a house: those that are at home here, for everybody to read.

They were handed up to it (`feedback.handoff`), or have not come to the house yet.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from feedback import store
from feedback.board import Position, PublicCase, Search, newest, public_case
from feedback.case import CaseState, Dossier, Merged, Place, Progress, ReceiptView
from feedback.ledger_book import mark
from feedback.receipt import written
from feedback.tables import case_work, cases

_STATES: Final = {CaseState.ANSWERED: "answered", CaseState.REFUSED: "dismissed"}
"""In the words of its meeting, which is over."""


def by_receipt(connection: Connection, house_id: str | None, receipt: str) -> ReceiptView | None:
    """`house_id` is None of what was sent to the ward itself."""
    case = store.by_receipt(connection, receipt, house_id)
    known = None if case is None else store.get(connection, case.id)
    if known is None or known.house != house_id:
        return None
    return _view(connection, known)


def answered(house_id: str, search: Search, before: Position | None) -> Select[Any]:
    """As `feedback.board.newest`."""
    ours = (
        select(cases)
        .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
        .where(cases.c.house == house_id, cases.c.home == Place.WARD.value)
    )
    return newest(cases, ours, search, case_work.c.topic, before)


def public(connection: Connection, ids: Sequence[str]) -> Iterator[PublicCase]:
    """Those of them that are in the ward's own table."""
    for row in connection.execute(store.dossiers().where(cases.c.id.in_(ids))):
        number, owner = row.number or 0, row.owner_name
        yield public_case(row, number=number, owner=owner, answered_into=None)


def _view(connection: Connection, known: Dossier) -> ReceiptView:
    case = known.case
    waits = "approved" if case.handed else "waiting"
    return ReceiptView(
        code=written(case.receipt),
        number=known.number,
        text=case.text,
        asked_at=case.received_at,
        state=_STATES.get(case.state, waits),
        answer=case.answer,
        answered_by=case.answered_by,
        answered_at=case.answered_at,
        origin=case.origin,
        home=case.home,
        public_text=case.public_text,
        merged=_merged(connection, case.same_as),
        progress=Progress.of(case.state, known.work),
        over=case.handed or known.house is None,
        mark=mark(connection, case.id),
        consent=case.consent,
        name_hidden=case.name_hidden,
        erased_at=case.erased_at,
    )


def _merged(connection: Connection, head_id: str | None) -> Merged | None:
    if head_id is None:
        return None
    query = select(cases.c.number, cases.c.text, cases.c.public_text).where(cases.c.id == head_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.number is None:
        return None
    return Merged(row.number, row.public_text or row.text)
