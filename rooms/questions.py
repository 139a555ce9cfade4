"""The questions of a meeting, and the open ones of earlier meetings.

A question is a case of `feedback` with a number in its meeting and a place on its way to the
stage. Its case is answered here or stays open; either way it outlives the meeting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from base.cause import Refused
from feedback import handover
from feedback import store as case_store
from feedback.case import Case, CaseState, ReceiptView
from feedback.outbox import Outbox
from feedback.receipt import parse_receipt, written
from feedback.tables import case_history, cases
from rooms.change import Change
from rooms.meeting import Actor
from rooms.tables import questions
from rooms.view import QuestionState, QuestionView

_OPEN: Final = (QuestionState.WAITING, QuestionState.APPROVED, QuestionState.ON_STAGE)

_FROM: Final = {
    # to: from. A refusal can be taken back, an answer can be corrected.
    QuestionState.APPROVED: {*_OPEN, QuestionState.DISMISSED},
    QuestionState.ON_STAGE: {QuestionState.WAITING, QuestionState.APPROVED},
    QuestionState.ANSWERED: {*_OPEN, QuestionState.ANSWERED},
    QuestionState.DISMISSED: {*_OPEN},
}

_CASE_STATE: Final = {
    QuestionState.ANSWERED: CaseState.ANSWERED,
    QuestionState.DISMISSED: CaseState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody who asked takes home."""

    code: str
    """In groups: `K7QM-3XWP-9DTA`."""
    number: int
    question_id: str


@dataclass(frozen=True, slots=True)
class Question:
    case: Case
    meeting_id: str
    number: int
    state: QuestionState

    @property
    def id(self) -> str:
        return self.case.id

    def view(self) -> QuestionView:
        return QuestionView(
            id=self.case.id,
            number=self.number,
            text=self.case.text,
            asked_by=self.case.name,
            via=self.case.via,
            asked_at=self.case.received_at,
            state=self.state,
            answer=self.case.answer,
            answered_at=self.case.answered_at,
        )

    def receipt(self) -> Receipt:
        return Receipt(written(self.case.receipt), self.number, self.case.id)


class Questions:
    def __init__(self, outbox: Outbox | None = None) -> None:
        """The ward is told of every change through the outbox; a house without one keeps to
        itself."""
        self._outbox = outbox
        self._by_id: dict[str, Question] = {}

    def load(self, known: Iterable[Question]) -> None:
        self._by_id = {question.id: question for question in known}

    def add(self, question: Question) -> None:
        self._put(question)

    def get(self, question_id: str) -> Question:
        """Raises Refused: `question.unknown`."""
        question = self._by_id.get(question_id)
        if question is None:
            raise Refused("question.unknown")
        return question

    def views(self, meeting_id: str) -> tuple[QuestionView, ...]:
        found = (q.view() for q in self._by_id.values() if q.meeting_id == meeting_id)
        return tuple(sorted(found, key=lambda view: view.number))

    def unanswered_before(self, meeting_id: str) -> tuple[QuestionView, ...]:
        """Open questions of other meetings, oldest first."""
        found = (
            q.view()
            for q in self._by_id.values()
            if q.meeting_id != meeting_id and q.state in _OPEN
        )
        return tuple(sorted(found, key=lambda view: (view.asked_at, view.number)))

    def approve(self, question: Question, by: Actor, at: datetime) -> Change:
        """Also takes it off the stage, or takes its dismissal back."""
        _check(question, QuestionState.APPROVED)
        if question.state is not QuestionState.DISMISSED:
            return self._alter(replace(question, state=QuestionState.APPROVED))
        case = replace(
            question.case,
            state=CaseState.WAITING,
            answer=None,
            answered_by=None,
            answered_at=None,
        )
        changed = replace(question, case=case, state=QuestionState.APPROVED)

        def store(connection: Connection) -> None:
            _save(connection, changed)
            case_store.reopen(connection, case.id, by=str(by), at=at)
            tell(connection, self._outbox, changed)

        return Change(store, partial(self._put, changed))

    def show(self, question: Question, meeting_id: str) -> Change:
        """Onto the stage, in place of what is there. Raises Refused: `question.other_meeting`."""
        _check(question, QuestionState.ON_STAGE)
        if question.meeting_id != meeting_id:
            raise Refused("question.other_meeting")
        shown = [
            replace(other, state=QuestionState.APPROVED)
            for other in self._by_id.values()
            if other.state is QuestionState.ON_STAGE
        ]
        return self._alter(replace(question, state=QuestionState.ON_STAGE), *shown)

    def hide(self, question: Question) -> Change:
        if question.state is not QuestionState.ON_STAGE:
            raise Refused(f"question.not_while_{question.state}")
        return self._alter(replace(question, state=QuestionState.APPROVED))

    def close(
        self, question: Question, state: QuestionState, text: str, by: Actor, at: datetime
    ) -> Change:
        """Answer it, or dismiss it with a reason; for everybody to read."""
        _check(question, state)
        case_state = _CASE_STATE[state]
        case = replace(
            question.case, state=case_state, answer=text, answered_by=by.name, answered_at=at
        )
        changed = replace(question, case=case, state=state)

        def store(connection: Connection) -> None:
            _save(connection, changed)
            case_store.close(
                connection,
                case.id,
                case_state,
                text,
                answered_by=by.name,
                by=str(by),
                at=at,
            )
            tell(connection, self._outbox, changed)

        return Change(store, partial(self._put, changed))

    def meeting_over(self) -> Change:
        """Nothing stays on the stage; what is open stays open, the rest can be forgotten."""

        def store(connection: Connection) -> None:
            on_stage = questions.c.state == QuestionState.ON_STAGE.value
            for row in connection.execute(_joined().where(on_stage)).all():
                taken_off = replace(_question(row), state=QuestionState.APPROVED)
                _save(connection, taken_off)
                tell(connection, self._outbox, taken_off)

        def apply() -> None:
            # From what is there now: people go on asking while this waits for its turn.
            self.load(
                replace(q, state=QuestionState.APPROVED) if q.state is QuestionState.ON_STAGE else q
                for q in tuple(self._by_id.values())
                if q.state in _OPEN
            )

        return Change(store, apply)

    def _alter(self, *changed: Question) -> Change:
        def store(connection: Connection) -> None:
            for question in changed:
                _save(connection, question)
                tell(connection, self._outbox, question)

        return Change(store, partial(self._put, *changed))

    def _put(self, *changed: Question) -> None:
        self._by_id |= {question.id: question for question in changed}


def place(connection: Connection, meeting_id: str, case: Case) -> tuple[Question, bool]:
    """Give a case its number in the meeting; False where it has one already."""
    row = connection.execute(_joined().where(cases.c.id == case.id)).one_or_none()
    if row is not None:
        return _question(row), False
    last = connection.execute(
        select(func.max(questions.c.number)).where(questions.c.meeting_id == meeting_id)
    ).scalar_one()
    question = Question(case, meeting_id, (last or 0) + 1, QuestionState.WAITING)
    connection.execute(
        insert(questions).values(
            case_id=case.id,
            meeting_id=meeting_id,
            number=question.number,
            state=question.state.value,
        )
    )
    return question, True


def tell(connection: Connection, outbox: Outbox | None, question: Question) -> None:
    """The ward is to know how the question stands now."""
    handover.tell(
        connection, outbox, question.id, number=question.number, state=question.state.value
    )


def tell_untold(connection: Connection, outbox: Outbox) -> None:
    """What was asked and answered while the house had no ward, in the order in which it came."""
    received = (case_history.c.case_id == cases.c.id) & case_history.c.what.in_(
        ("received", "taken_over")
    )
    rows = connection.execute(
        _joined().join(case_history, received).where(~cases.c.told).order_by(case_history.c.seq)
    )
    for row in rows.all():
        tell(connection, outbox, _question(row))


def open_or_of(connection: Connection, meeting_id: str) -> tuple[Question, ...]:
    """All of this meeting, and of the others what is open."""
    is_open = questions.c.state.in_([state.value for state in _OPEN])
    rows = connection.execute(_joined().where(or_(questions.c.meeting_id == meeting_id, is_open)))
    return tuple(_question(row) for row in rows)


def answered(connection: Connection, limit: int) -> tuple[QuestionView, ...]:
    """Over all meetings, newest answer first."""
    rows = connection.execute(
        _joined()
        .where(questions.c.state == QuestionState.ANSWERED.value)
        .order_by(cases.c.answered_at.desc())
        .limit(limit)
    )
    return tuple(_question(row).view() for row in rows)


def find_receipt(connection: Connection, typed: str) -> ReceiptView | None:
    code = parse_receipt(typed)
    if code is None:
        return None
    row = connection.execute(_joined().where(cases.c.receipt == code)).one_or_none()
    if row is None:
        return None
    question = _question(row)
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
    )


def _check(question: Question, to: QuestionState) -> None:
    if question.state not in _FROM[to]:
        raise Refused(f"question.not_while_{question.state}")


def _joined() -> Any:
    question_state = questions.c.state.label("question_state")
    return select(cases, questions.c.meeting_id, questions.c.number, question_state).join_from(
        questions, cases, cases.c.id == questions.c.case_id
    )


def _question(row: Row[Any]) -> Question:
    return Question(
        case_store.case_of(row), row.meeting_id, row.number, QuestionState(row.question_state)
    )


def _save(connection: Connection, question: Question) -> None:
    connection.execute(
        update(questions)
        .where(questions.c.case_id == question.id)
        .values(state=question.state.value)
    )
