"""A case: a resident's matter, from the first second to its public answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseState(StrEnum):
    WAITING = "waiting"
    """Chờ xử lý: stored, nobody has answered."""
    ANSWERED = "answered"
    """Đã xử lý."""
    REFUSED = "refused"
    """Từ chối, with the reason why."""


@dataclass(frozen=True, slots=True)
class Case:
    id: str
    receipt: str
    """As in `feedback.receipt`, without hyphens."""
    text: str
    """NFC, as it was typed; markup means nothing in it."""
    name: str | None
    """One field, never split; None is anonymous."""
    via: str
    """`phone`, `hall`, `official`."""
    received_at: datetime
    state: CaseState = CaseState.WAITING
    answer: str | None = None
    """What was answered, or the reason why not."""
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's history."""

    case_id: str
    at: datetime
    """Wall clock, for people; the order is the history's own."""
    who: str
    """A role, and a name where there is one: `leader Nguyễn Văn An`."""
    what: str
    """A code: `received`, `answered`, …"""
    text: str | None = None
