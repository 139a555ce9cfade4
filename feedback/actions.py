"""Which actions there are, in which state of a case, and whose they are.

    step = Step(connection, rules, case_id, by=handler, at=now, seen=7)
    known = find(step)
    check(step, known, Action.TAKE)

What each does is `feedback.casework`'s.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from base.cause import Refused
from feedback import store
from feedback.case import Case, CaseState, Dossier, Holder, Place, Work
from feedback.rules import Rules


class Action(StrEnum):
    CONFIRM_TOPIC = "confirm_topic"
    SET_URGENCY = "set_urgency"
    TAKE = "take"
    TRANSFER = "transfer"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    DRAFT = "draft"
    PUBLISH = "publish"
    REFUSE = "refuse"
    REOPEN = "reopen"
    RATE = "rate"


_BEGINNING: Final = frozenset({CaseState.WAITING, CaseState.IN_PROGRESS})
_OPEN: Final = frozenset({*_BEGINNING, CaseState.TRANSFERRED})
_CLOSED: Final = frozenset({CaseState.ANSWERED, CaseState.REFUSED})

ALLOWED: Final = {
    # An answer can be corrected: drafted and published once more.
    Action.CONFIRM_TOPIC: _OPEN,
    Action.SET_URGENCY: _OPEN,
    Action.TAKE: _BEGINNING,
    Action.TRANSFER: _BEGINNING,
    Action.ACCEPT: frozenset({CaseState.TRANSFERRED}),
    Action.SEND_BACK: frozenset({CaseState.TRANSFERRED}),
    Action.DRAFT: _BEGINNING | {CaseState.ANSWERED},
    Action.PUBLISH: frozenset({CaseState.IN_PROGRESS, CaseState.ANSWERED}),
    Action.REFUSE: _BEGINNING,
    Action.REOPEN: _CLOSED,
    Action.RATE: frozenset({CaseState.ANSWERED}),
}


@dataclass(frozen=True, slots=True)
class Handler:
    """Somebody who works on cases."""

    id: str
    """Of the account."""
    name: str
    """For everybody to read, under an answer."""
    authority: str | None = None
    """Whose cases these are; None may act for every authority: the steering committee, and in a
    house its leader and secretary."""

    def __str__(self) -> str:
        return f"handler {self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """Who does something with a case, and when. Inside `Database.write`."""

    connection: Connection
    rules: Rules
    case_id: str
    by: Handler | None
    """None is whoever has the receipt."""
    at: datetime
    seen: int | None = None
    """The revision that he decided on; None where that does not matter."""

    @property
    def who(self) -> str:
        return "resident" if self.by is None else str(self.by)


def allowed(dossier: Dossier, rules: Rules, by: Handler) -> frozenset[Action]:
    """What this handler can do with a case as it is: which buttons a page has."""
    if not_here(dossier.case, rules, dossier.house) is not None:
        return frozenset()
    return frozenset(
        action
        for action, states in ALLOWED.items()
        if action is not Action.RATE
        and dossier.case.state in states
        and _is_for(dossier.work, action, by)
    )


def find(step: Step) -> Dossier:
    """Raises Refused: `case.unknown`, `case.erased`, `case.on_its_way`, `case.elsewhere`."""
    known = store.find(step.connection, step.case_id)
    if known is None:
        raise Refused("case.unknown")
    if (code := not_here(known.case, step.rules, known.house)) is not None:
        raise Refused(code)
    return known


def not_here(case: Case, rules: Rules, house_id: str | None) -> str | None:
    """Why nobody here may change it: a case has one home, and one that was erased has none."""
    if case.erased_at is not None:
        return "case.erased"
    if case.home is not rules.here:
        return "case.elsewhere"
    # A house that has offered it waits for the ward, and a ward that has offered it to a house
    # waits for that one: whoever has it then goes on.
    handing = not case.handed if rules.here is Place.WARD and house_id else case.handed
    return "case.on_its_way" if handing else None


def check(step: Step, known: Dossier, action: Action) -> None:
    """Raises Refused: `case.changed`, `case.not_while_…`, `case.not_yours`."""
    if step.seen is not None and step.seen != known.case.revision:
        last = store.history(step.connection, step.case_id)[-1]
        raise Refused("case.changed", who=last.who.partition(" ")[2] or last.who)
    if known.case.state not in ALLOWED[action]:
        raise Refused(f"case.not_while_{known.case.state}")
    if step.by is not None and not _is_for(known.work, action, step.by):
        raise Refused("case.not_yours", owner=_acting(known.work, action).name)


def _acting(work: Work, action: Action) -> Holder:
    """Whose it is to do that."""
    addressed = action in (Action.ACCEPT, Action.SEND_BACK) and work.transfer_to
    return addressed or work.owner


def _is_for(work: Work, action: Action, by: Handler) -> bool:
    return by.authority is None or by.authority == _acting(work, action).code
