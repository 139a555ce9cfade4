"""The relay for pictures and sound that find no direct way, as the ward's hub offers it.

The relay is a TURN server (coturn) outside of everybody's walls. The hub hands the house what it
needs to use it for an hour, and again in time; `rooms/media/relaying.py` tries it and tells how it
stands, the call hands the guests' part on to their browsers.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from base.cause import Cause


@dataclass(frozen=True, slots=True)
class RelayAccount:
    username: str
    credential: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Relay:
    urls: tuple[str, ...]
    """RFC 7064 and RFC 7065."""
    house: RelayAccount
    """For the house's own connections."""
    guests: RelayAccount
    """For its guests' browsers."""
    until: float
    """When both run out, on the event loop's clock."""


@dataclass(frozen=True, slots=True)
class RelayServers:
    """What a new peer connection may use."""

    urls: tuple[str, ...]
    account: RelayAccount


class RelayCondition(StrEnum):
    NONE = "none"
    """Nobody offers this house one."""
    UNMEASURED = "unmeasured"
    WORKING = "working"
    LIMITED = "limited"
    """It works over TCP alone: later and less smooth."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RelayState:
    condition: RelayCondition = RelayCondition.NONE
    cause: Cause | None = None
    """What was found, also where it works."""
    since: datetime = field(default_factory=lambda: datetime.now(UTC), compare=False)
