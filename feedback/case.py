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


class Place(StrEnum):
    """Where a case was received, and where it is at home: one side alone may change it."""

    HOUSE = "house"
    WARD = "ward"


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
    origin: Place = Place.HOUSE
    """Where it was received."""
    home: Place = Place.HOUSE


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """How a matter stands, for whoever has its code."""

    code: str
    number: int | None
    text: str
    asked_at: datetime
    state: str
    """`waiting`, `approved`, `on_stage`, `answered`, `dismissed`."""
    answer: str | None
    """What was answered, or the reason why not."""
    answered_by: str | None
    answered_at: datetime | None
    origin: Place
    home: Place


@dataclass(frozen=True, slots=True)
class AnsweredView:
    """One matter on the public board: without a name."""

    number: int
    text: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


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
