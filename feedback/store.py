"""Cases in the database. Every change leaves a line in the case's history."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from feedback.case import Case, CaseState, Entry
from feedback.tables import case_history, cases


def add(connection: Connection, case: Case, key_sha256: bytes, *, by: str) -> None:
    connection.execute(
        insert(cases).values(
            id=case.id,
            receipt=case.receipt,
            key_sha256=key_sha256,
            text=case.text,
            name=case.name,
            via=case.via,
            received_at=case.received_at,
            state=case.state.value,
        )
    )
    append(connection, Entry(case.id, case.received_at, by, "received", case.text))


def close(
    connection: Connection,
    case_id: str,
    state: CaseState,
    text: str,
    *,
    answered_by: str,
    by: str,
    at: datetime,
) -> None:
    """Answer a case, or refuse it with a reason; an earlier answer stays in the history.

    `answered_by` is for everybody to read, `by` is for the history.
    """
    connection.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(state=state.value, answer=text, answered_by=answered_by, answered_at=at)
    )
    append(connection, Entry(case_id, at, by, state.value, text))


def reopen(connection: Connection, case_id: str, *, by: str, at: datetime) -> None:
    connection.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(state=CaseState.WAITING.value, answer=None, answered_by=None, answered_at=None)
    )
    append(connection, Entry(case_id, at, by, "reopened"))


def append(connection: Connection, entry: Entry) -> None:
    """One more line of a case's history; lines are never changed."""
    connection.execute(
        insert(case_history).values(
            case_id=entry.case_id, at=entry.at, who=entry.who, what=entry.what, text=entry.text
        )
    )


def by_key(connection: Connection, key_sha256: bytes) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.key_sha256 == key_sha256)).one_or_none()
    return None if row is None else case_of(row)


def by_receipt(connection: Connection, receipt: str) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.receipt == receipt)).one_or_none()
    return None if row is None else case_of(row)


def history(connection: Connection, case_id: str) -> tuple[Entry, ...]:
    """Oldest first."""
    rows = connection.execute(
        select(case_history).where(case_history.c.case_id == case_id).order_by(case_history.c.seq)
    )
    return tuple(Entry(row.case_id, row.at, row.who, row.what, row.text) for row in rows)


def case_of(row: Row[Any]) -> Case:
    """A row that holds the columns of `cases`."""
    return Case(
        id=row.id,
        receipt=row.receipt,
        text=row.text,
        name=row.name,
        via=row.via,
        received_at=row.received_at,
        state=CaseState(row.state),
        answer=row.answer,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
    )
