"""How the house last stopped and how it came back; `rooms/starting.py` finds it out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Ended(StrEnum):
    NEVER = "never"
    """It never ran before, or an earlier version did that did not tell."""
    CLEANLY = "cleanly"
    POWER_CUT = "power_cut"
    """The machine stopped without being told to: no power, or its button was held."""
    LOST = "lost"
    """The program alone ended by itself, or was killed."""


@dataclass(frozen=True, slots=True)
class Start:
    at: datetime
    """When the house answered again, by the wall clock."""
    took: float
    """Seconds until then: from when the machine was started, else from when the program was."""
    whole_machine: bool
    """The machine itself was started."""
    ended: Ended
    """How it stopped before."""
    ended_at: datetime | None
    """When it was last seen running, to the minute."""
