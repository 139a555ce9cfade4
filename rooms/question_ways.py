"""What is done to the questions of a meeting, each as a change to store and then to apply.

A question's case is answered here or stays open; either way it outlives the meeting. All that were
merged under one head go its way with it.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import product
from typing import Final

from sqlalchemy import Connection

from base.cause import Refused
from feedback import attachments
from feedback import store as case_store
from feedback.case import CaseState, Entry
from feedback.outbox import Outbox
from feedback.places import difference
from rooms import question_store
from rooms.change import Change
from rooms.meeting import Actor
from rooms.question import Question
from rooms.questions import Questions
from rooms.view import QuestionState
from storage.signals import announce

_OPEN: Final = (QuestionState.WAITING, QuestionState.APPROVED, QuestionState.ON_STAGE)
"""In the order of their way."""

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


class QuestionWays:
    def __init__(self, questions: Questions, outbox: Outbox | None = None) -> None:
        """The ward is told of every change through the outbox; a house without one keeps to
        itself."""
        self._questions, self._outbox = questions, outbox

    def approve(self, question: Question, by: Actor, at: datetime) -> Change:
        """Also takes it off the stage, or takes its dismissal back."""
        _check(question, QuestionState.APPROVED)
        group = self._questions.group(question)
        if question.state is not QuestionState.DISMISSED:
            return self._alter(*_all(group, QuestionState.APPROVED))
        changed = [
            replace(
                one,
                state=QuestionState.APPROVED,
                answered_into=None,
                case=replace(
                    one.case,
                    state=CaseState.WAITING,
                    answer=None,
                    answered_by=None,
                    answered_at=None,
                ),
                progress=one.progress and one.progress.after_meeting(CaseState.WAITING),
            )
            for one in group
        ]

        def store(connection: Connection) -> None:
            for one in changed:
                question_store.save(connection, one)
                case_store.reopen(connection, one.id, by=str(by), at=at)
                question_store.tell(connection, self._outbox, one)

        return Change(store, partial(self._questions.put, *changed))

    def show(self, question: Question, meeting_id: str, at: datetime) -> Change:
        """Onto the stage, in place of what is there. Raises Refused: `question.other_meeting`."""
        _check(question, QuestionState.ON_STAGE)
        if question.meeting_id != meeting_id:
            raise Refused("question.other_meeting")
        off = [q for q in self._questions.all() if q.state is QuestionState.ON_STAGE]
        shown = [replace(one, shown_at=at) for one in self._questions.group(question)]
        return self._alter(*_all(shown, QuestionState.ON_STAGE), *_all(off, QuestionState.APPROVED))

    def hide(self, question: Question) -> Change:
        if question.state is not QuestionState.ON_STAGE:
            raise Refused(f"question.not_while_{question.state}")
        return self._alter(*_all(self._questions.group(question), QuestionState.APPROVED))

    def close(
        self,
        question: Question,
        state: QuestionState,
        text: str,
        by: Actor,
        at: datetime,
        *,
        answered_by: str | None = None,
        into: int | None = None,
    ) -> Change:
        """Answer it, or dismiss it with a reason; for everybody to read, and for all who asked.

        `answered_by` is who spoke, where it is somebody else than who writes it down; `into` says
        how many seconds into the meeting.
        """
        _check(question, state)
        case_state, who = _CASE_STATE[state], answered_by or by.name
        changed = [
            replace(
                one,
                state=state,
                answered_into=into,
                shown_at=one.shown_at or at,
                case=replace(
                    one.case, state=case_state, answer=text, answered_by=who, answered_at=at
                ),
                progress=one.progress and one.progress.after_meeting(case_state),
            )
            for one in self._questions.group(question)
        ]

        def store(connection: Connection) -> None:
            for one in changed:
                question_store.save(connection, one)
                case_store.close(
                    connection, one.id, case_state, text, answered_by=who, by=str(by), at=at
                )
                question_store.tell(connection, self._outbox, one)

        return Change(store, partial(self._questions.put, *changed))

    def reword(self, question: Question, text: str | None, by: Actor, at: datetime) -> Change:
        """What everybody reads from now on; None, or what was asked, puts that back."""
        _check_open(question)
        text = None if text == question.case.text else text
        changed = replace(question, case=replace(question.case, public_text=text))

        def store(connection: Connection) -> None:
            case_store.reword(connection, question.id, text, by=str(by), at=at)
            self._store(connection, changed)

        return (
            Change()
            if text == question.case.public_text
            else Change(store, partial(self._questions.put, changed))
        )

    def merge(self, question: Question, head: Question, by: Actor, at: datetime) -> Change:
        """It goes the way of `head` from now on, with all that were merged into it before.

        Raises Refused: `question.merged`, `question.merge_itself`, `question.merge_other_meeting`,
        `question.places_differ`, and those of a question that is not open.
        """
        _check_open(question)
        _check_open(head)
        if question.id == head.id:
            raise Refused("question.merge_itself")
        if question.meeting_id != head.meeting_id:
            raise Refused("question.merge_other_meeting")
        joining, there = self._questions.group(question), self._questions.group(head)
        for one, other in product(joining, there):
            for here, elsewhere in product(_texts(one), _texts(other)):
                if apart := difference(here, elsewhere):
                    raise Refused("question.places_differ", here=apart.here, there=apart.there)
        state = max(question.state, head.state, key=_OPEN.index)
        before = QuestionState.WAITING if question.state is _OPEN[0] else QuestionState.APPROVED
        joined = [
            replace(
                one,
                state=state,
                own_state=one.own_state or before,
                case=replace(one.case, same_as=head.id),
            )
            for one in joining
        ]
        changed = [*joined, *_all(there, state)]

        def store(connection: Connection) -> None:
            for one in joined:
                case_store.merge(connection, one.id, head.id, by=str(by), at=at)
            self._store(connection, *changed)

        return Change(store, partial(self._questions.put, *changed))

    def separate(self, question: Question, by: Actor, at: datetime) -> Change:
        """It stands by itself again, as it was before it was merged.

        Raises Refused: `question.not_merged`, `question.not_while_answered`.
        """
        if question.case.same_as is None:
            raise Refused("question.not_merged")
        if not question.state.is_open:
            raise Refused(f"question.not_while_{question.state}")
        changed = replace(
            question,
            state=question.own_state or QuestionState.APPROVED,
            own_state=None,
            case=replace(question.case, same_as=None),
        )

        def store(connection: Connection) -> None:
            case_store.merge(connection, question.id, None, by=str(by), at=at)
            self._store(connection, changed)

        return Change(store, partial(self._questions.put, changed))

    def show_photos(self, question: Question, shown: bool) -> Change:
        """Whether everybody sees what whoever asked has shown: on the stage, and on the board."""

        def store(connection: Connection) -> None:
            for one in self._questions.group(question):
                attachments.show(connection, one.id, shown)
                case_store.touch(connection, one.id)
                question_store.tell(connection, self._outbox, one)

        return Change(store)

    def attach(
        self,
        question: Question,
        add: Callable[[Connection], Collection[str]],
        by: Actor,
        at: datetime,
    ) -> Change:
        """What goes with its answer, in place of what went with it before. `add` stores it, and
        returns the ids."""

        def store(connection: Connection) -> None:
            attachments.publish(connection, question.id, add(connection), by=str(by), at=at)
            case_store.touch(connection, question.id)
            question_store.tell(connection, self._outbox, question)

        return Change(store)

    def meeting_over(self, meeting_id: str, at: datetime) -> Change:
        """Nothing stays on the stage. What is open is an open case from now on, with the owner and
        the deadline that it has had since it came in; the rest can be forgotten."""

        def store(connection: Connection) -> None:
            for question in question_store.open_of(connection, meeting_id):
                case_store.append(connection, Entry(question.id, at, "house", "left_open"))
                self._store(connection, _left(question))
            announce(connection, case_store.WORKED)

        def apply() -> None:
            # From what is there now: people go on asking while this waits for its turn.
            self._questions.load(
                _left(q) if q.meeting_id == meeting_id else q
                for q in self._questions.all()
                if q.state.is_open
            )

        return Change(store, apply)

    def _alter(self, *changed: Question) -> Change:
        return Change(
            lambda connection: self._store(connection, *changed),
            partial(self._questions.put, *changed),
        )

    def _store(self, connection: Connection, *changed: Question) -> None:
        """Their ways through the meeting have changed, and the ward is to know."""
        for question in changed:
            question_store.save(connection, question)
            case_store.touch(connection, question.id)
            question_store.tell(connection, self._outbox, question)


def _all(group: Iterable[Question], state: QuestionState) -> list[Question]:
    return [replace(one, state=state) for one in group]


def _texts(question: Question) -> set[str]:
    return {question.case.text, question.text}


def _check(question: Question, to: QuestionState) -> None:
    if question.case.same_as is not None:
        raise Refused("question.merged")
    if question.state not in _FROM[to]:
        raise Refused(f"question.not_while_{question.state}")


def _check_open(question: Question) -> None:
    if question.case.same_as is not None:
        raise Refused("question.merged")
    if not question.state.is_open:
        raise Refused(f"question.not_while_{question.state}")


def _left(question: Question) -> Question:
    """As the end of its meeting leaves it."""
    on_stage = question.state is QuestionState.ON_STAGE
    state = QuestionState.APPROVED if on_stage else question.state
    return replace(question, state=state, over=True)
