"""What the systems outside have in common.

    class Mayor:
        name = "mayor"
        async def deliver(self, event: Event) -> None: ...

A target returns once the other side has acknowledged; until then it has not happened. The same
event may come again, under the same id, when the acknowledgement was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from base.cause import Cause


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    """The same event always under the same."""
    kind: str
    """`case.received`, `case.changed`, …"""
    subject: str
    """The case; its events come in their order."""
    body: Mapping[str, Any]
    """JSON, without anybody's name; `revision` tells a newer state from an older one."""
    attempt: int
    """1 is the first; later ones may have arrived before without our knowing."""


class Target(Protocol):
    @property
    def name(self) -> str: ...

    async def deliver(self, event: Event) -> None:
        """Raises NotDelivered, TargetGone."""


class NotDelivered(Exception):  # noqa: N818 - the word people use for it
    """Not acknowledged, for a reason that may pass."""

    def __init__(self, cause: Cause, not_before: timedelta = timedelta()) -> None:
        """`not_before`: the other side asks for so much patience."""
        super().__init__(cause)
        self.cause = cause
        self.not_before = not_before


class TargetGone(Exception):  # noqa: N818 - the word people use for it
    """The other side wants nothing more, until somebody here looks into it."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause
