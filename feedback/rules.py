"""By which rules a place deals with its cases: who owns one, and until when.

rules = Rules.of(settings.feedback, here=Place.HOUSE)
case, _ = await receive(database, draft, rules, …)     # has an owner and a deadline
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from config.feedback import FeedbackSection
from feedback.case import Holder, Place, Work
from feedback.deadlines import Deadlines
from feedback.routing import Authority, Routing
from feedback.topics import Topic, Urgency


@dataclass(frozen=True, slots=True)
class Rules:
    routing: Routing
    deadlines: Deadlines
    here: Place
    """What is at home here may be changed here."""

    @classmethod
    def of(cls, settings: FeedbackSection, *, here: Place) -> Self:
        """Raises `feedback.deadlines.CalendarError`."""
        return cls(Routing(settings), Deadlines(settings), here)

    def at_receipt(self, received_at: datetime, topic: Topic | None = None) -> Work:
        """Of a new case; `topic` is what whoever sent it says that it is about."""
        due = self.deadlines.due(received_at, topic, Urgency.NORMAL)
        owner = self.owner_of(topic, confirmed=False)
        return Work(owner, due_from=received_at, due_at=due.at, due_rule=due.rule, topic=topic)

    def owner_of(self, topic: Topic | None, *, confirmed: bool) -> Holder:
        """By the routing table. What a house keeps for its block is for a person to say."""
        authority = self.routing.owner_of(topic)
        return holder(self.routing.default if authority.of_block and not confirmed else authority)


def holder(authority: Authority) -> Holder:
    return Holder(authority.code, authority.name)
