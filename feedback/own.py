"""The ward's own cases of a house: those that are at home here, for everybody to read.

They were handed up to it (`feedback.handoff`), or have not come to the house yet.
"""

from typing import Final

from sqlalchemy import Connection, select

from feedback import store
from feedback.case import AnsweredView, CaseState, Dossier, Merged, Place, Progress, ReceiptView
from feedback.ledger_book import mark
from feedback.receipt import written
from feedback.rows import dossier_of
from feedback.tables import cases

_STATES: Final = {CaseState.ANSWERED: "answered", CaseState.REFUSED: "dismissed"}
"""In the words of its meeting, which is over."""


def by_receipt(connection: Connection, house_id: str, receipt: str) -> ReceiptView | None:
    case = store.by_receipt(connection, receipt, house_id)
    return None if case is None else _view(connection, store.get(connection, case.id))


def answered(connection: Connection, house_id: str, limit: int) -> tuple[AnsweredView, ...]:
    """Newest answer first; what was merged into another is answered there."""
    query = (
        store.dossiers()
        .where(
            cases.c.house == house_id,
            cases.c.home == Place.WARD.value,
            cases.c.state == CaseState.ANSWERED.value,
            cases.c.same_as.is_(None),
        )
        .order_by(cases.c.answered_at.desc())
        .limit(limit)
    )
    found = (dossier_of(row) for row in connection.execute(query))
    return tuple(
        AnsweredView(
            number=one.number or 0,
            text=one.case.public_text or one.case.text,
            asked_at=one.case.received_at,
            answer=one.case.answer,
            answered_at=one.case.answered_at,
            answered_by=one.case.answered_by,
            office=one.work.office,
            done_on=one.work.done_on,
        )
        for one in found
    )


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
        over=case.handed,
        mark=mark(connection, case.id),
    )


def _merged(connection: Connection, head_id: str | None) -> Merged | None:
    if head_id is None:
        return None
    query = select(cases.c.number, cases.c.text, cases.c.public_text).where(cases.c.id == head_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.number is None:
        return None
    return Merged(row.number, row.public_text or row.text)
