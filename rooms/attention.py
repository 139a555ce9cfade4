"""What wants somebody's attention: alarms, the quiet while a technician works, a call for help."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from base.cause import Cause


class Severity(IntEnum):
    SOON = 1
    """Before the next meeting."""
    TODAY = 2
    NOW = 3
    """People wait."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that went on for too long, or may yet."""

    key: str
    """A signal's id, `own.sound`, `own.rehearsal`."""
    severity: Severity
    cause: Cause
    kind: str
    name: str
    began: datetime
    raised: datetime | None = None
    """When it had lasted for too long."""
    gone: datetime | None = None
    """Since when it is well."""
    over: datetime | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """A technician works; nobody is told anything meanwhile."""

    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Help:
    """Somebody in the hall has asked for help."""

    id: str
    by: str
    words: str
    """What was wrong then."""
    at: datetime
    addressed: bool
    """There is somebody to send it to."""
    sent: bool = False
    """It has arrived at the ward, or with one of those whom the settings name."""
    taken_by: str | None = None
    taken_at: datetime | None = None
    late: bool = False
    """It has not arrived, and should have."""

    @property
    def code(self) -> str:
        """How it stands, as one word for pages and scripts."""
        if self.taken_by is not None:
            return "taken"
        if self.sent:
            return "sent"
        if not self.addressed:
            return "nobody"
        return "late" if self.late else "sending"
