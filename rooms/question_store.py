"""The questions of the meetings in the database, and what the ward is told of them."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from feedback import board, handover
from feedback import store as case_store
from feedback.board import Position, PublicCase, Search
from feedback.case import Case, CaseState, Merged, Place, Progress, ReceiptView, Work
from feedback.handoff import is_for_the_ward
from feedback.ledger_book import mark
from feedback.outbox import Outbox
from feedback.receipt import parse_receipt, written
from feedback.rows import case_of, dossier_of, work_of
from feedback.rules import Rules
from feedback.tables import case_history, case_work, cases
from rooms.question import Question
from rooms.tables import meetings, questions
from rooms.view import QuestionState, Whence
from storage.prepared import Prepared

_PLACED: Final = Prepared(
    select(questions.c.number).where(questions.c.case_id == bindparam("case"))
)
_LAST: Final = Prepared(
    select(func.max(questions.c.number)).where(questions.c.meeting_id == bindparam("meeting"))
)
_ADD: Final = Prepared(insert(questions), *questions.c.keys())


def place(
    connection: Connection,
    meeting_id: str,
    case: Case,
    *,
    whence: Whence,
    asked_into: int | None,
    work: Work | None = None,
) -> tuple[Question, bool]:
    """Give a case its number in the meeting; False where it has one already. `work` is read where
    it is not known."""
    if _PLACED.run(connection, {"case": case.id}) is not None:
        return get(connection, case.id), False
    last = _LAST.run(connection, {"meeting": meeting_id})
    question = Question(
        case,
        meeting_id,
        ((last and last[0]) or 0) + 1,
        QuestionState.WAITING,
        whence=whence,
        asked_into=asked_into,
        progress=Progress.of(case.state, work or case_store.get(connection, case.id).work),
    )
    _ADD.run(
        connection,
        {
            "case_id": case.id,
            "meeting_id": meeting_id,
            "number": question.number,
            "whence": whence.value,
            "asked_into": asked_into,
            **_values(question),
        },
    )
    return question, True


def tell(connection: Connection, outbox: Outbox | None, question: Question) -> None:
    """The ward is to know how the question stands now."""
    handover.tell(
        connection,
        outbox,
        question.id,
        number=question.number,
        state=question.state.value,
        asked_into=question.asked_into,
        answered_into=question.answered_into,
        over=question.over,
        meeting=question.meeting_id,
    )


def tell_case(connection: Connection, outbox: Outbox | None, case_id: str) -> None:
    """The same of a case that somebody did something about; one of no meeting is the house's."""
    row = connection.execute(_BY_ID, {"id": case_id}).one_or_none()
    if row is not None:
        tell(connection, outbox, question_of(row))


def get(connection: Connection, case_id: str) -> Question:
    """Of one that is known to be there."""
    return question_of(connection.execute(_BY_ID, {"id": case_id}).one())


def open_of(connection: Connection, meeting_id: str) -> tuple[Question, ...]:
    """Of one meeting, in order of number."""
    rows = connection.execute(
        joined()
        .where(questions.c.meeting_id == meeting_id, _is_open())
        .order_by(questions.c.number)
    )
    return tuple(map(question_of, rows))


def to_offer(connection: Connection, rules: Rules, *, again: bool) -> tuple[Question, ...]:
    """What is the ward's to deal with, now that its meeting is over; with `again` also what was
    offered already, and of which the ward has not said yet that it has it."""
    rows = connection.execute(
        joined()
        .where(meetings.c.over, cases.c.home == Place.HOUSE.value, _is_open())
        .order_by(cases.c.received_at, questions.c.number)
    ).all()
    return tuple(
        question_of(row)
        for row in rows
        if (again if row.handed else is_for_the_ward(dossier_of(row), rules))
    )


def tell_untold(connection: Connection, outbox: Outbox) -> None:
    """What was asked and answered while the house had no ward, in the order in which it came."""
    received = (case_history.c.case_id == cases.c.id) & case_history.c.what.in_(
        ("received", "taken_over")
    )
    rows = connection.execute(
        joined().join(case_history, received).where(~cases.c.told).order_by(case_history.c.seq)
    )
    for row in rows.all():
        tell(connection, outbox, question_of(row))


def open_or_of(connection: Connection, meeting_id: str) -> tuple[Question, ...]:
    """All of this meeting, and of the others what is open."""
    of_it = questions.c.meeting_id == meeting_id
    return tuple(map(question_of, connection.execute(joined().where(or_(of_it, _is_open())))))


def minuted(connection: Connection, meeting_id: str, more: Iterable[str]) -> tuple[Question, ...]:
    """All of this meeting, and those of others whose ids are given; in order of number."""
    rows = connection.execute(
        joined()
        .where(or_(questions.c.meeting_id == meeting_id, cases.c.id.in_(sorted(more))))
        .order_by(questions.c.number, cases.c.received_at)
    )
    return tuple(map(question_of, rows))


def answered(
    connection: Connection, most: int, search: Search, skip: int, before: Position | None
) -> tuple[PublicCase, ...]:
    """Over all meetings, newest answer first."""
    ours = (
        select(cases)
        .join_from(cases, case_work, case_work.c.case_id == cases.c.id)
        .where(cases.c.house.is_(None))
    )
    query = board.newest(cases, ours, search, case_work.c.topic, before)
    return _public(connection, board.page(connection, skip, most, query))


def open_of_these(
    connection: Connection, search: Search, ids: Sequence[str]
) -> tuple[PublicCase, ...]:
    """In the order of `ids`."""
    found = _public(connection, ids, board.matches(search, cases.c.sought, case_work.c.topic))
    return tuple(case for case in found if case.is_open)


def find_receipt(connection: Connection, typed: str) -> ReceiptView | None:
    code = parse_receipt(typed)
    if code is None:
        return None
    row = connection.execute(_BY_RECEIPT, {"code": code}).one_or_none()
    if row is None:
        return None
    question = question_of(row)
    case = question.case
    return ReceiptView(
        code=written(case.receipt),
        number=question.number,
        text=case.text,
        asked_at=case.received_at,
        state=question.state.value,
        answer=case.answer,
        answered_by=case.answered_by,
        answered_at=case.answered_at,
        origin=case.origin,
        home=case.home,
        public_text=case.public_text,
        merged=_merged(connection, case.same_as),
        asked_into=question.asked_into,
        answered_into=question.answered_into,
        mark=mark(connection, case.id),
        progress=question.progress,
        over=question.over,
        consent=case.consent,
        name_hidden=case.name_hidden,
        erased_at=case.erased_at,
    )


def joined() -> Any:
    own = [c for c in questions.c if c.name not in ("case_id", "number", "state")]
    number = questions.c.number.label("question_number")
    state = questions.c.state.label("question_state")
    return (
        case_store.dossiers()
        .add_columns(*own, number, state, meetings.c.over.label("meeting_over"))
        .join(questions, questions.c.case_id == cases.c.id)
        .join(meetings, meetings.c.id == questions.c.meeting_id)
    )


# Made once: SQLAlchemy remembers a statement's words by the statement.
_BY_ID: Final = joined().where(cases.c.id == bindparam("id"))
_BY_RECEIPT: Final = joined().where(cases.c.receipt == bindparam("code"))


def _is_open() -> ColumnElement[bool]:
    return cases.c.state.in_([state.value for state in CaseState if state.is_open])


def question_of(row: Row[Any]) -> Question:
    """A row of `joined`."""
    case = case_of(row)
    return Question(
        case,
        row.meeting_id,
        row.question_number,
        _state(case.state, QuestionState(row.question_state)),
        own_state=None if row.own_state is None else QuestionState(row.own_state),
        whence=Whence(row.whence),
        asked_into=row.asked_into,
        answered_into=row.answered_into,
        shown_at=row.shown_at,
        progress=Progress.of(case.state, work_of(row)),
        over=row.meeting_over,
    )


def _state(case: CaseState, last: QuestionState) -> QuestionState:
    """Its case may have been answered, refused or opened again outside of a meeting."""
    match case:
        case CaseState.ANSWERED:
            return QuestionState.ANSWERED
        case CaseState.REFUSED:
            return QuestionState.DISMISSED
        case _:
            return last if last.is_open else QuestionState.APPROVED


def save(connection: Connection, question: Question) -> None:
    connection.execute(
        update(questions).where(questions.c.case_id == question.id).values(**_values(question))
    )


def _values(question: Question) -> dict[str, Any]:
    """What may change."""
    return {
        "state": question.state.value,
        "own_state": None if question.own_state is None else question.own_state.value,
        "answered_into": question.answered_into,
        "shown_at": question.shown_at,
    }


def _public(
    connection: Connection, ids: Sequence[str], *only: ColumnElement[bool]
) -> tuple[PublicCase, ...]:
    """In the order of `ids`."""
    found = {
        row.id: board.public_case(row, number=row.question_number, owner=row.owner_name)
        for row in connection.execute(joined().where(cases.c.id.in_(ids), *only))
    }
    return tuple(found[case_id] for case_id in ids if case_id in found)


def _merged(connection: Connection, head_id: str | None) -> Merged | None:
    if head_id is None:
        return None
    head = get(connection, head_id)
    return Merged(head.number, head.text)
