"""One question of a meeting: a case of `feedback`, with a number in its meeting and a place on its
way to the stage."""

from dataclasses import dataclass

from feedback.case import Case
from feedback.receipt import written
from rooms.view import QuestionState, QuestionView


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
