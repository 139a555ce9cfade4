"""What came of trying everything before a meeting, and what it still says later.

Rehearsal("Bác Lan", began, ended, found).verdict      # Verdict.READY_BUT

`rooms/rehearsal_checks.py` does the trying.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from base.cause import Cause

FRESH: Final = timedelta(hours=2)
"""So long does a verdict say something of now."""


class Outcome(StrEnum):
    GOOD = "good"
    ADVICE = "advice"
    """The meeting works, but not as well as it should."""
    UNMEASURED = "unmeasured"
    BAD = "bad"


class Verdict(StrEnum):
    READY = "ready"
    READY_BUT = "ready_but"
    NOT_READY = "not_ready"
    RUNNING = "running"
    OUTDATED = "outdated"
    """Nobody has tried for long, or something has gone wrong since."""


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    """A device's id, or `sound`, `stage`, `disk`, `clock`, `power`, `line`,
    `speed`, `relay`."""
    outcome: Outcome
    cause: Cause
    """In words, and what to do about it."""


Found = tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    by: str
    """Empty where the house did it by itself."""
    began: datetime
    ended: datetime | None = None
    found: Found = ()

    @property
    def verdict(self) -> Verdict:
        """As it was then."""
        outcomes = {finding.outcome for finding in self.found}
        if self.ended is None:
            return Verdict.RUNNING
        if Outcome.BAD in outcomes:
            return Verdict.NOT_READY
        return Verdict.READY if outcomes == {Outcome.GOOD} else Verdict.READY_BUT

    def verdict_now(self, wrong: tuple[Cause, ...], now: datetime) -> Verdict:
        """What it still says, with what is wrong now (`rooms.signals`): an old green is none."""
        if self.ended is None or self.verdict is Verdict.NOT_READY:
            return self.verdict
        known = {finding.cause for finding in self.found}
        if now - self.ended > FRESH or any(cause not in known for cause in wrong):
            return Verdict.OUTDATED
        return self.verdict

    def worst(self) -> Finding | None:
        """What to see to first; None where all is good."""
        for outcome in (Outcome.BAD, Outcome.ADVICE, Outcome.UNMEASURED):
            for finding in self.found:
                if finding.outcome is outcome:
                    return finding
        return None


class Rehearsals:
    """The one under way, and the last one. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.under_way: Rehearsal | None = None
        self.last: Rehearsal | None = None
        self.wanted = asyncio.Event()
        self.over = asyncio.Event()
        """Set while none may be under way."""

    @property
    def newest(self) -> Rehearsal | None:
        return self.under_way or self.last

    def begin(self, by: str, now: datetime) -> None:
        """As the change that makes it; whoever waits for `wanted` does the trying."""
        if self.under_way is None:
            self.under_way = Rehearsal(by, now)
            self.over.clear()
            self.wanted.set()

    def may_go_on(self, idle: bool) -> bool:
        """Whether one is under way. A meeting ends it, and what was found before stands again."""
        if not idle:
            self.under_way = None
            self.over.set()
        return self.under_way is not None


# On the disk


def write(rehearsal: Rehearsal) -> str:
    """One that is over, as text."""
    assert rehearsal.ended is not None
    found = [
        [f.subject, f.outcome.value, f.cause.code, dict(f.cause.params)] for f in rehearsal.found
    ]
    times = (rehearsal.began.isoformat(), rehearsal.ended.isoformat())
    return json.dumps([rehearsal.by, *times, found], ensure_ascii=False)


def read(text: str) -> Rehearsal | None:
    """None where an earlier version wrote it otherwise."""
    try:
        by, began, ended, found = json.loads(text)
        times = datetime.fromisoformat(began), datetime.fromisoformat(ended)
        return Rehearsal(by, *times, tuple(_read_findings(found)))
    except (ValueError, TypeError, AttributeError):
        return None


def _read_findings(found: list[tuple[str, str, str, dict[str, str]]]) -> Iterator[Finding]:
    for subject, outcome, code, params in found:
        yield Finding(subject, Outcome(outcome), Cause(code, **params))
