"""The questions of a meeting, and the open ones of earlier meetings, as they stand and are shown.

Several that are about the same matter are merged under one of them, the head: the others go its
way with it, and every receipt leads to its answer. What can be done to them is in
`question_ways.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TypeAlias

from base.cause import Refused
from feedback.attachments import Attachment
from feedback.case import AskedView
from rooms.askers import Askers
from rooms.question import Question
from rooms.view import QuestionState, QuestionView

_MadeOf: TypeAlias = tuple[Question, tuple[Question, ...], int, int | None, tuple[Attachment, ...]]
"""A question and those that were merged into it; how many ask along; its place; its photos."""


class Questions:
    def __init__(self) -> None:
        self._by_id: dict[str, Question] = {}
        self._shown: dict[str, tuple[_MadeOf, QuestionView]] = {}
        """As they were shown last."""
        self._all_shown: tuple[tuple[str, int, int], list[QuestionView]] | None = None
        """All of a meeting, and as of which changes."""
        self._changes = 0
        """Goes up with every change but a question that was just asked."""
        self.askers = Askers()
        self._attached: Mapping[str, tuple[Attachment, ...]] = {}

    @property
    def attached(self) -> Mapping[str, tuple[Attachment, ...]]:
        """Photos and papers, for each question that has any."""
        return self._attached

    @attached.setter
    def attached(self, attached: Mapping[str, tuple[Attachment, ...]]) -> None:
        self._attached = attached
        self._changes += 1

    def load(self, known: Iterable[Question]) -> None:
        self._by_id = {question.id: question for question in known}
        self._shown.clear()
        self._changed()

    def to_vote_for(self, question_id: str, meeting_id: str) -> Question:
        """The question that stands for this one. Raises Refused: `vote.closed`."""
        question = self._by_id.get(question_id)
        if question is not None and question.case.same_as is not None:
            question = self._by_id.get(question.case.same_as)
        if (
            question is None
            or question.meeting_id != meeting_id
            or question.state not in (QuestionState.APPROVED, QuestionState.ON_STAGE)
        ):
            raise Refused("vote.closed")
        return question

    def asked(self, meeting_id: str, device: bytes | None) -> tuple[AskedView, ...]:
        """For everybody to read, in the order that is suggested; what is on the stage first."""
        shown = [
            view
            for view in self.views(meeting_id)
            if view.state in (QuestionState.APPROVED, QuestionState.ON_STAGE)
        ]
        return tuple(
            AskedView(
                view.id,
                view.number,
                view.text,
                view.state is QuestionState.ON_STAGE,
                view.askers,
                device in self.askers.devices(view.id, *(one.id for one in view.merged)),
            )
            for view in sorted(shown, key=lambda view: view.position or 0)
        )

    def add(self, question: Question) -> None:
        """One that was just asked: the others stay as they are, and so does their order."""
        if question.state is not QuestionState.WAITING or question.id in self._by_id:
            self.put(question)
            return
        self._by_id[question.id] = question
        if self._all_shown is not None and self._all_shown[0] == self._as_of(question.meeting_id):
            shown = self._all_shown[1]
            alone = question.text and question.case.same_as is None
            if alone and (not shown or shown[-1].number < question.number):
                shown.append(self._view(question, (), None))
            else:
                self._changes += 1

    def refresh(self, ids: Iterable[str], known: Iterable[Question]) -> None:
        """As they are stored: `known`, read after `ids` were there. What was added meanwhile
        stays, and what is not known any more goes."""
        now = {question.id: question for question in known}
        kept = self._by_id.keys() - set(ids)
        self._by_id = {id_: self._by_id[id_] for id_ in kept} | now
        self._changed()

    def all(self) -> tuple[Question, ...]:
        return tuple(self._by_id.values())

    def ids(self) -> frozenset[str]:
        return frozenset(self._by_id)

    def get(self, question_id: str) -> Question:
        """To do something about it. Raises Refused: `question.unknown`, `case.elsewhere`,
        `case.on_its_way`."""
        question = self._by_id.get(question_id)
        if question is None:
            raise Refused("question.unknown")
        if question.away is not None:
            raise Refused(question.away)
        return question

    def views(self, meeting_id: str) -> tuple[QuestionView, ...]:
        """Twenty times a second, with a thousand questions: what nobody changed is not gone
        through again."""
        as_of = self._as_of(meeting_id)
        if self._all_shown is None or self._all_shown[0] != as_of:
            found = self._views(q for q in self._by_id.values() if q.meeting_id == meeting_id)
            self._all_shown = as_of, list(found)
        return tuple(self._all_shown[1])

    def unanswered_before(self, meeting_id: str) -> tuple[QuestionView, ...]:
        """Open questions of other meetings, oldest first."""
        found = self._views(
            q for q in self._by_id.values() if q.meeting_id != meeting_id and q.state.is_open
        )
        return tuple(sorted(found, key=lambda view: (view.asked_at, view.number)))

    def _views(self, found: Iterable[Question]) -> tuple[QuestionView, ...]:
        """In order of number, each with those that were merged into it; what was erased is shown
        nowhere."""
        merged: defaultdict[str, list[Question]] = defaultdict(list)
        heads = []
        for question in sorted(found, key=lambda q: q.number):
            if not question.text:
                continue
            if question.case.same_as is None:
                heads.append(question)
            else:
                merged[question.case.same_as].append(question)
        positions = self.askers.positions()
        return tuple(
            self._view(head, tuple(merged.get(head.id, ())), positions.get(head.id))
            for head in heads
        )

    def _view(
        self, head: Question, merged: tuple[Question, ...], position: int | None
    ) -> QuestionView:
        """Made once for as long as it stays so."""
        attached = self.attached.get(head.id, ())
        if merged:
            attached += tuple(chain(*(self.attached.get(one.id, ()) for one in merged)))
            votes = len(self.askers.devices(head.id, *(one.id for one in merged)))
        else:
            votes = len(self.askers.devices(head.id))
        made_of = head, merged, votes, position, attached
        known = self._shown.get(head.id)
        if known is not None and known[0] == made_of:
            return known[1]
        view = head.view(merged, votes, position, attached)
        self._shown[head.id] = made_of, view
        return view

    def group(self, head: Question) -> list[Question]:
        """The question, and those that were merged into it."""
        return [head, *(q for q in self._by_id.values() if q.case.same_as == head.id)]

    def put(self, *changed: Question) -> None:
        """As these are now."""
        self._by_id |= {question.id: question for question in changed}
        self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self.askers.arrange(self._by_id.values())

    def _as_of(self, meeting_id: str) -> tuple[str, int, int]:
        return meeting_id, self._changes, self.askers.changes
