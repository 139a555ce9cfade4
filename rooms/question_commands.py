"""What can be done about question_store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from base.cause import Refused
from feedback import board, handover, intake, slips
from feedback.attachments import Kind
from feedback.board import Position, PublicCase, Search
from feedback.case import Case, ReceiptView
from feedback.pictures import Sheet
from feedback.receipt import new_receipt
from feedback.redaction import PERSONAL, Marked, marks, masked
from feedback.requests import PublicRequest, Wanted, by_receipt, of_house
from rooms import question_store, store
from rooms.meeting import Action, Actor
from rooms.question import Question, Receipt
from rooms.running import RunningRoom
from rooms.view import QuestionState, QuestionView, Whence

_WHENCE: Final = {
    "official": Whence.REMOTE,
    "email": Whence.ABSENT,
    "open311": Whence.ABSENT,
}
"""By the way on which it came in, during a meeting; the others are in the hall."""


class QuestionCommands(RunningRoom):
    async def ask(
        self,
        text: str,
        *,
        name: str | None,
        via: str,
        key: str,
        by: Actor | None,
        name_hidden: bool = False,
        consent: str | None = None,
    ) -> Receipt:
        """Durable before it returns. The same key with the same text is the same question.

        `by` is None for a resident. While the room is idle the question is for the next meeting.
        Raises Refused: those of `feedback.intake.check`.
        """
        self._check(Action.ASK, by)
        draft = intake.check(
            text, name=name, via=via, key=key, name_hidden=name_hidden, consent=consent
        )
        return await self._finished(self._ask(draft, by))

    async def receive(
        self,
        draft: intake.Draft,
        alongside: Callable[[Connection, Case], object] = lambda connection, case: None,
        *,
        sender: str | None = None,
    ) -> Receipt:
        """What came by another way than a page of this house; durable before it returns.
        `alongside` runs in the same transaction; `sender` is the system that it came by, for the
        history. It is no sign that somebody is in the hall."""
        self._check(Action.ASK, None)
        return await self._finished(self._ask(draft, None, alongside=alongside, sender=sender))

    async def public_requests(self, wanted: Wanted) -> Sequence[PublicRequest]:
        """What other systems may read (`feedback.requests`)."""
        return await self._database.read(lambda c: of_house(c, wanted))

    async def id_of(self, typed: str) -> str | None:
        """Of a case, by its receipt as somebody typed it."""
        return await self._database.read(lambda c: by_receipt(c, typed))

    async def take_over(self, body: Mapping[str, Any]) -> None:
        """What the ward received for this house (`feedback.handover.Question`); durable before it
        returns. The same again changes nothing. It waits like any other, and is no sign that
        somebody is in the hall."""
        self._check(Action.ASK, None)
        if (handed := handover.read_question(body)) is not None:
            await self._finished(self._take_over(handed))

    async def approve_question(self, by: Actor, question_id: str, *, hide: bool = False) -> None:
        """Everybody may read it from now on. `hide` takes out first what is marked as `PERSONAL`
        (`feedback.redaction`); what was asked is kept."""
        self._check(Action.APPROVE_QUESTION, by)
        text = self._questions.get(question_id).text
        if hide and (words := masked(text, PERSONAL)) != text:
            await self.reword_question(by, question_id, words)
        await self._do(
            Action.APPROVE_QUESTION,
            by,
            lambda: self._ways.approve(self._questions.get(question_id), by, self._clock.now()),
            question=question_id,
        )

    async def show_question(self, by: Actor, question_id: str) -> None:
        """On the stage, in place of the one that is there."""
        await self._do(
            Action.SHOW_QUESTION,
            by,
            lambda: self._ways.show(
                self._questions.get(question_id), self._meeting.id, self._clock.now()
            ),
            question=question_id,
        )

    async def hide_question(self, by: Actor, question_id: str) -> None:
        await self._do(
            Action.HIDE_QUESTION,
            by,
            lambda: self._ways.hide(self._questions.get(question_id)),
            question=question_id,
        )

    async def reword_question(self, by: Actor, question_id: str, text: str) -> None:
        """What is shown instead of what was asked, which the receipt goes on to show beside it; an
        empty text puts it back. Raises Refused: those of `feedback.intake.checked_text`."""
        self._check(Action.REWORD_QUESTION, by)
        words = intake.checked_text(text) if text.strip() else None
        await self._do(
            Action.REWORD_QUESTION,
            by,
            lambda: self._ways.reword(
                self._questions.get(question_id), words, by, self._clock.now()
            ),
            question=question_id,
        )

    async def show_photos(self, by: Actor, question_id: str, shown: bool) -> None:
        """Whether everybody sees the photos of whoever asked: faces may be on them, so nobody but
        the queue does until somebody says so."""
        await self._do(
            Action.SHOW_PHOTOS,
            by,
            lambda: self._ways.show_photos(self._questions.get(question_id), shown),
            question=question_id,
            shown=shown,
        )

    async def attach_to_answer(self, by: Actor, question_id: str, sheets: Sequence[Sheet]) -> None:
        """Photos and papers for everybody to see beside the answer, in place of earlier ones.
        Raises Refused: those of `feedback.attachments.add`."""

        def add(connection: Connection) -> list[str]:
            return [
                self.album.put(connection, question_id, Kind.ANSWER, sheet, by=str(by)).id
                for sheet in sheets
            ]

        await self._do(
            Action.ANSWER_QUESTION,
            by,
            lambda: self._ways.attach(self._questions.get(question_id), add, by, self._clock.now()),
            question=question_id,
            attached=len(sheets),
        )

    async def merge_question(self, by: Actor, question_id: str, head_id: str) -> None:
        """Both are about one matter, which is asked and answered once. Raises Refused: those of
        `Questions.merge`."""
        await self._do(
            Action.MERGE_QUESTION,
            by,
            lambda: self._ways.merge(
                self._questions.get(question_id),
                self._questions.get(head_id),
                by,
                self._clock.now(),
            ),
            question=question_id,
            head=head_id,
        )

    async def separate_question(self, by: Actor, question_id: str) -> None:
        """Takes `merge_question` back, until it is answered."""
        await self._do(
            Action.SEPARATE_QUESTION,
            by,
            lambda: self._ways.separate(self._questions.get(question_id), by, self._clock.now()),
            question=question_id,
        )

    async def answer_question(
        self,
        by: Actor,
        question_id: str,
        text: str,
        *,
        answered_by: str = "",
        marked: Marked = Marked.ASK,
    ) -> None:
        """For everybody to read; also of an earlier meeting. A second answer corrects the first.

        `answered_by` is who spoke, where somebody else writes it down; `marked` says what becomes
        of what `feedback.redaction` marks in the answer and in its question. Raises Refused: those
        of `feedback.intake.checked_answer` and `checked_name`, `question.marks_open`.
        """
        self._check(Action.ANSWER_QUESTION, by)
        who = intake.checked_name(answered_by)
        found = marks(text) + marks(words := self._to_publish(question_id))
        if found and marked is Marked.ASK:
            raise Refused("question.marks_open", number=len(found), words=found[0].words)
        if marked is Marked.HIDE:
            text = masked(text)
            if (shown := masked(words)) != words:
                await self.reword_question(by, question_id, shown)
        await self._close_question(
            Action.ANSWER_QUESTION,
            by,
            question_id,
            QuestionState.ANSWERED,
            text,
            answered_by=who,
        )

    def _to_publish(self, question_id: str) -> str:
        """What everybody reads of a question once it is answered; nothing where it was before.
        Raises Refused `question.unknown`."""
        question = self._questions.get(question_id)
        return "" if question.state is QuestionState.ANSWERED else question.text

    async def dismiss_question(self, by: Actor, question_id: str, reason: str) -> None:
        """`approve_question` takes it back. Raises Refused as `answer_question` does."""
        await self._close_question(
            Action.DISMISS_QUESTION, by, question_id, QuestionState.DISMISSED, reason
        )

    def unanswered_before(self) -> tuple[QuestionView, ...]:
        """What earlier meetings left open, oldest first."""
        return self._questions.unanswered_before(self._meeting.id)

    def receipt_of(self, question_id: str) -> tuple[QuestionView, str]:
        """A question and its code, for whoever entered it. Raises Refused: `question.unknown`."""
        question = self._questions.get(question_id)
        return question.view(), question.receipt().code

    def has_question(self, question_id: str) -> bool:
        """It is one of this meeting, or open from an earlier one."""
        return question_id in self._questions.ids()

    async def find_receipt(self, code: str) -> ReceiptView | None:
        """`code` as somebody typed it."""
        return await self._database.read(lambda c: question_store.find_receipt(c, code))

    async def answered(
        self,
        most: int,
        search: Search = board.ALL,
        *,
        skip: int = 0,
        before: Position | None = None,
    ) -> tuple[PublicCase, ...]:
        """The public board, over all meetings, newest answer first."""
        return await self._database.read(
            lambda c: question_store.answered(c, most, search, skip, before)
        )

    async def open(self, search: Search) -> tuple[PublicCase, ...]:
        """Of what `asked` shows, in its order."""
        ids = [one.id for one in self._questions.asked(self._meeting.id, None)]
        return await self._database.read(lambda c: question_store.open_of_these(c, search, ids))

    async def _ask(
        self,
        draft: intake.Draft,
        by: Actor | None,
        *,
        slip: str | None = None,
        alongside: Callable[[Connection, Case], object] = lambda connection, case: None,
        sender: str | None = None,
    ) -> Receipt:
        """Without the room's lock: a hundred who ask at once share a commit. `slip` is the code of
        the paper slip that it was written on, `sender` the system that it came by."""
        line = self._line(Action.ASK, by, via=draft.via)
        if by is None:
            line = replace(line, role="resident")

        into = self._into_meeting()
        whence = _WHENCE.get(draft.via, Whence.HALL)
        if into is None:
            whence = Whence.ABSENT

        def place(connection: Connection, case: Case) -> Question:
            new_case = case.received_at == line.at
            question, new = question_store.place(
                connection,
                line.meeting_id,
                case,
                whence=whence,
                asked_into=into,
                work=self._rules.at_receipt(line.at, draft.topic) if new_case else None,
            )
            if new:
                if slip is not None:
                    slips.entered(connection, case.receipt, case.id)
                store.append(connection, line)
                question_store.tell(connection, self._outbox, question)
            alongside(connection, case)
            return question

        def receipt(connection: Connection) -> str:
            return new_receipt() if slip is None else slips.for_case(connection, slip).receipt

        with self._minding_the_disk():
            _, question = await intake.receive(
                self._database,
                draft,
                self._rules,
                by=sender or str(by or "resident"),
                now=line.at,
                alongside=place,
                receipt=receipt,
            )
        self._questions.add(question)
        if _WHENCE.get(draft.via) is not Whence.ABSENT:
            self._touch()
        await self._drawing.request()
        return question.receipt()

    async def _take_over(self, handed: handover.Question) -> None:
        line = replace(self._line(Action.ASK, None, via="ward"), role="resident")

        def write(connection: Connection) -> Question | None:
            case = handover.take_over(connection, self._rules, handed)
            if case is None:
                return None
            into = self._asked_into(case.received_at)
            usual = _WHENCE.get(case.via, Whence.REMOTE)
            whence = Whence.ABSENT if into is None else usual
            question, _ = question_store.place(
                connection, line.meeting_id, case, whence=whence, asked_into=into
            )
            store.append(connection, line)
            question_store.tell(connection, self._outbox, question)
            return question

        with self._minding_the_disk():
            question = await self._database.write(write)
        if question is not None:
            self._questions.add(question)
            self._drawing.request()  # whoever hands over a thousand does not wait for each

    def _asked_into(self, received_at: datetime) -> int | None:
        """Of what the ward received, on its clock, while the house may have been away."""
        into, began = self._into_meeting(), self._meeting.started_at
        if into is None or began is None or received_at < began:
            return None
        return min(into, round((received_at - began).total_seconds()))

    async def _close_question(
        self,
        action: Action,
        by: Actor,
        question_id: str,
        state: QuestionState,
        text: str,
        *,
        answered_by: str | None = None,
    ) -> None:
        self._check(action, by)
        text = intake.checked_answer(text)
        await self._do(
            action,
            by,
            lambda: self._ways.close(
                self._questions.get(question_id),
                state,
                text,
                by,
                self._clock.now(),
                answered_by=answered_by,
                into=self._into_meeting(),
            ),
            question=question_id,
        )
