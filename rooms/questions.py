"""The questions of a meeting, and the open ones of earlier meetings.

A question's case is answered here or stays open; either way it outlives the meeting.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from base.cause import Refused
from feedback import store as case_store
from feedback.case import CaseState
from feedback.outbox import Outbox
from rooms import question_store
from rooms.change import Change
from rooms.meeting import Actor
from rooms.question import Question
from rooms.tables import questions
from rooms.view import QuestionState, QuestionView

_OPEN: Final = tuple(state for state in QuestionState if state.is_open)

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
            q.view() for q in self._by_id.values() if q.meeting_id != meeting_id and q.state.is_open
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
            question_store.save(connection, changed)
            case_store.reopen(connection, case.id, by=str(by), at=at)
            question_store.tell(connection, self._outbox, changed)

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
            question_store.save(connection, changed)
            case_store.close(
                connection,
                case.id,
                case_state,
                text,
                answered_by=by.name,
                by=str(by),
                at=at,
            )
            question_store.tell(connection, self._outbox, changed)

        return Change(store, partial(self._put, changed))

    def meeting_over(self) -> Change:
        """Nothing stays on the stage; what is open stays open, the rest can be forgotten."""

        def store(connection: Connection) -> None:
            on_stage = questions.c.state == QuestionState.ON_STAGE.value
            for row in connection.execute(question_store.joined().where(on_stage)).all():
                taken_off = replace(question_store.question_of(row), state=QuestionState.APPROVED)
                question_store.save(connection, taken_off)
                case_store.touch(connection, taken_off.id)
                question_store.tell(connection, self._outbox, taken_off)

        def apply() -> None:
            # From what is there now: people go on asking while this waits for its turn.
            self.load(
                replace(q, state=QuestionState.APPROVED) if q.state is QuestionState.ON_STAGE else q
                for q in tuple(self._by_id.values())
                if q.state.is_open
            )

        return Change(store, apply)

    def _alter(self, *changed: Question) -> Change:
        def store(connection: Connection) -> None:
            for question in changed:
                question_store.save(connection, question)
                case_store.touch(connection, question.id)
                question_store.tell(connection, self._outbox, question)

        return Change(store, partial(self._put, *changed))

    def _put(self, *changed: Question) -> None:
        self._by_id |= {question.id: question for question in changed}


def _check(question: Question, to: QuestionState) -> None:
    if question.state not in _FROM[to]:
        raise Refused(f"question.not_while_{question.state}")
