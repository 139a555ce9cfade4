"""Cases in the database. Every change leaves a line in the case's history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from feedback import ledger
from feedback.case import Case, CaseState, Entry, Place
from feedback.tables import case_history, cases

# Made once: a thousand phones may ask within seconds, and to make one takes longer than to run it.
_ADD: Final = insert(cases)
_APPEND: Final = insert(case_history)
_BY_KEY: Final = select(cases).where(cases.c.key_sha256 == bindparam("key"))


def add(
    connection: Connection,
    case: Case,
    key_sha256: bytes,
    *,
    by: str,
    house_id: str | None = None,
) -> None:
    """`house_id` is for the ward, which has many."""
    connection.execute(
        _ADD,
        {
            "id": case.id,
            "receipt": case.receipt,
            "key_sha256": key_sha256,
            "text": case.text,
            "name": case.name,
            "via": case.via,
            "received_at": case.received_at,
            "state": case.state.value,
            "house": house_id,
            "origin": case.origin.value,
            "home": case.home.value,
        },
    )
    what = "received" if case.origin is case.home else "taken_over"
    entry = Entry(case.id, case.received_at, by, what, case.text)
    append(
        connection,
        entry,
        receipt=case.receipt,
        facts={} if house_id is None else {"house": house_id},
    )


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


def revise(connection: Connection, case_id: str, *, told: bool) -> tuple[Case, int]:
    """The case as it is now, and the number of this state of it; `told` says whether the ward
    hears of it."""
    one = cases.c.id == case_id
    values = {"revision": cases.c.revision + 1, "told": told}
    connection.execute(update(cases).where(one).values(values))
    row = connection.execute(select(cases).where(one)).one()
    return case_of(row), row.revision


def append(
    connection: Connection,
    entry: Entry,
    *,
    receipt: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """One more line of a case's history, and with it of the ledger; lines are never changed.

    `receipt` is of a case that begins here, `facts` are what everybody may read in the ledger.
    """
    line = connection.execute(
        _APPEND,
        {
            "case_id": entry.case_id,
            "at": entry.at,
            "who": entry.who,
            "what": entry.what,
            "text": entry.text,
        },
    ).inserted_primary_key
    assert line is not None
    ledger.record(connection, entry, history=line[0], receipt=receipt, facts=facts)


def by_key(connection: Connection, key_sha256: bytes) -> Case | None:
    row = connection.execute(_BY_KEY, {"key": key_sha256}).one_or_none()
    return None if row is None else case_of(row)


def by_id(connection: Connection, case_id: str) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
    return None if row is None else case_of(row)


def by_receipt(connection: Connection, receipt: str, house_id: str | None = None) -> Case | None:
    """`house_id` is for the ward: of this one alone."""
    query = select(cases).where(cases.c.receipt == receipt)
    if house_id is not None:
        query = query.where(cases.c.house == house_id)
    row = connection.execute(query).one_or_none()
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
        origin=Place(row.origin),
        home=Place(row.home),
    )
