"""One question of a meeting: a case of `feedback`, with a number in its meeting and a place on its
way to the stage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from base.cause import Cause
from feedback.attachments import Attachment
from feedback.case import Case, Place, Progress
from feedback.receipt import written
from feedback.redaction import personal_words
from rooms.view import QuestionState, QuestionView, Whence


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
    """Of one that was merged: that of the question it was merged into."""
    own_state: QuestionState | None = None
    """Of one that was merged: as it was before."""
    whence: Whence = Whence.ABSENT
    asked_into: int | None = None
    """Seconds since the meeting began; None outside of one."""
    answered_into: int | None = None
    shown_at: datetime | None = None
    """When it last came onto the stage, or was answered without it."""
    progress: Progress | None = None
    """Who deals with it, and until when."""
    over: bool = False
    """Its meeting is over."""

    @property
    def id(self) -> str:
        return self.case.id

    @property
    def away(self) -> str | None:
        """Why nothing can be done about it here, as a cause: the ward deals with it, or it was
        erased."""
        if self.case.erased_at is not None:
            return "case.erased"
        if self.case.home is not Place.HOUSE:
            return "case.elsewhere"
        return "case.on_its_way" if self.case.handed else None

    @property
    def text(self) -> str:
        """As everybody reads it."""
        return self.case.public_text or self.case.text

    def view(
        self,
        merged: Iterable["Question"] = (),
        votes: int = 0,
        position: int | None = None,
        attached: tuple[Attachment, ...] = (),
    ) -> QuestionView:
        return QuestionView(
            id=self.case.id,
            number=self.number,
            text=self.text,
            asked_by=self.case.name_for_handlers,
            grievance=self.case.grievance,
            personal=personal_words(self.text) if self.state is QuestionState.WAITING else (),
            hidden_name=self.case.name if self.case.name_hidden else None,
            via=self.case.via,
            asked_at=self.case.received_at,
            state=self.state,
            answer=self.case.answer,
            answered_at=self.case.answered_at,
            answered_by=self.case.answered_by,
            original=self.case.text if self.case.public_text else None,
            merged=tuple(other.view() for other in merged),
            whence=self.whence,
            asked_into=self.asked_into,
            answered_into=self.answered_into,
            progress=self.progress,
            away=Cause(self.away) if self.away else None,
            votes=votes,
            position=position,
            attached=attached,
            location=self.case.location,
            media_url=self.case.media_url,
        )

    def receipt(self) -> Receipt:
        return Receipt(written(self.case.receipt), self.number, self.case.id)
