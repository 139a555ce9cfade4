"""How many ask each question of a meeting, and in which order the questions are best taken."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

from rooms.question import Question
from rooms.turns import Waiting, suggested
from rooms.view import QuestionState

_NOBODY: Final[frozenset[bytes]] = frozenset()


class Askers:
    def __init__(self) -> None:
        self._devices: dict[str, frozenset[bytes]] = {}
        """That ask along, for each question."""
        self._turns: tuple[str, ...] = ()
        """What is approved, in the order that is suggested (`rooms.turns`)."""
        self.changes = 0
        """Goes up with every change of what is told here."""
        self.untold: set[str] = set()
        """More ask these than the ward was told."""
        self.told_at = 0.0
        """Monotonic, when it was told last."""

    def load(
        self, devices: Mapping[str, frozenset[bytes]], questions: Collection[Question]
    ) -> None:
        self._devices = dict(devices)
        self._turns = ()
        self.changes += 1
        self.arrange(questions)

    def add(self, question_id: str, device: bytes) -> None:
        """The order stays as it is: it would jump under a finger."""
        self._devices[question_id] = self.devices(question_id) | {device}
        self.changes += 1
        self.untold.add(question_id)

    def devices(self, *ids: str) -> frozenset[bytes]:
        """That ask along with any of these; none counts twice."""
        if len(ids) == 1:  # of a thousand, twenty times a second
            return self._devices.get(ids[0], _NOBODY)
        return frozenset().union(*(self._devices.get(id_, frozenset()) for id_ in ids))

    def positions(self) -> Mapping[str, int]:
        """1 for the next."""
        return {question_id: place for place, question_id in enumerate(self._turns, 1)}

    def arrange(self, questions: Collection[Question]) -> None:
        """Anew, where one has come or gone since."""
        here = [q for q in questions if not q.over and q.case.same_as is None]
        approved = {q.id: q for q in here if q.state is QuestionState.APPROVED}
        if approved.keys() == set(self._turns):
            return
        groups: defaultdict[str, list[str]] = defaultdict(list)
        for question in questions:
            groups[question.case.same_as or question.id].append(question.id)
        waiting = [
            Waiting(q.id, q.whence, len(groups[q.id]) + len(self.devices(*groups[q.id])), q.number)
            for q in approved.values()
        ]
        served = [q for q in here if q.shown_at is not None and q.id not in approved]
        last = max(served, key=lambda q: q.shown_at or q.case.received_at, default=None)
        self.changes += 1
        self._turns = suggested(
            waiting, after=last.whence if last else None, first=next(iter(self._turns), None)
        )
