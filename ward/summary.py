"""What a house last said of itself, read back from where `Houses.seen` stored it.

The words are the link's (`web/link/messages.py`, `Summary`). What a newer house adds is ignored,
and what cannot be read counts as nothing said.
"""

from dataclasses import field
from datetime import datetime
from functools import lru_cache
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from base.cause import Cause, Parameter
from feedback.post import GIVEN_UP, MAILBOX, TARGET

_WORST_FIRST: Final = ("failed", "impaired")
_POST: Final = frozenset({MAILBOX, TARGET, GIVEN_UP})
"""What a house tells as a device and is none: it is for technicians alone."""


@dataclass(frozen=True, slots=True)
class DeviceSummary:
    kind: str
    condition: str
    cause: str | None = None
    params: dict[str, Parameter] = field(default_factory=dict)
    id: str = ""
    name: str = ""
    since: datetime | None = None
    """By the house's clock."""

    @property
    def why(self) -> Cause | None:
        """For people."""
        return Cause(self.cause, **self.params) if self.cause else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody at the door."""

    id: str
    name: str
    role: str
    account: str | None = None
    """Of the official who it is, at this hub."""
    only_the_hall_admits: bool = False


@dataclass(frozen=True, slots=True)
class TakingPart:
    """In the meeting of the whole ward that it was told of."""

    id: str
    joined: bool = False
    hand: bool = False
    condition: str = "unknown"
    cause: str | None = None
    params: dict[str, Parameter] = field(default_factory=dict)

    @property
    def why(self) -> Cause | None:
        """For people."""
        return Cause(self.cause, **self.params) if self.cause else None


@dataclass(frozen=True, slots=True)
class HouseSummary:
    phase: str
    title: str
    guests: int
    waiting: int
    """Questions that nobody has looked at yet."""
    devices: tuple[DeviceSummary, ...] = ()
    lobby: tuple[Waiting, ...] = ()
    """Only while there is a meeting."""
    quiet_until: datetime | None = None
    """By the house's clock."""
    ward_meeting: TakingPart | None = None

    @property
    def worst(self) -> DeviceSummary | None:
        """The device to look at first; None where all are well."""
        ill = [
            device
            for device in self.devices
            if device.condition in _WORST_FIRST and device.kind not in _POST
        ]
        return min(ill, key=lambda device: _WORST_FIRST.index(device.condition), default=None)


_ADAPTER: Final = TypeAdapter(HouseSummary)


@lru_cache(maxsize=1000)
def read_summary(stored: str | None) -> HouseSummary | None:
    if stored is None:
        return None
    try:
        return _ADAPTER.validate_json(stored)
    except ValidationError:
        return None
