"""The room's sense of time, in one place, so that half an hour can pass in a test."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The wall clock: for people, and across a restart. It may jump."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds; everything that lasts is measured with it."""
    tick_seconds: float = 0.25
    """How often, really, the room looks at the clock."""
    patience_seconds: float = 4.0
    """How long, really, a camera may keep a person waiting."""
