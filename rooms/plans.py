"""Meetings that are planned. The house's own list is the truth; the ward's hub has a copy of it.

    plan = new_plan("Họp tổ dân phố", starts, 90, by="Nguyễn Văn An", now=now)
    check(plan, others, now)            # raises Refused: past, nonsense, two at the same time
    schedule.coming(now)                # what the pages show as "Sắp họp", the next one first

Each change counts the revision up, so that what comes late or twice is known. What an official
plans at the hub comes down as a wish; the house checks it like its own, and tells what became of
it:

    hub    ── plan-wish, revision 3 ──▶  house        it is newer than what the house has
    hub    ◀── planned, revision 3 ───   house        taken, or left as it was with a `refusal`

Half an hour before the time the door opens for those who were invited to it. Whatever meeting is
started between then and its end is this one, and has its title.
"""

import logging
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError
from sqlalchemy import Connection, Row, insert, select, update

from base.cause import Refused
from feedback.outbox import Outbox, Parcel
from feedback.text import clean_line
from rooms.change import Change
from rooms.tables import plans

MOST_TITLE_CHARACTERS: Final = 120
LEAST_MINUTES: Final = 15
MOST_MINUTES: Final = 480
FURTHEST: Final = timedelta(days=366)
MOST_COMING: Final = 50
DOOR_OPENS: Final = timedelta(minutes=30)
"""Before the time; the pages remind of it from then on."""
LINK_LASTS: Final = timedelta(hours=4)
"""After its end: meetings take longer than planned."""
PLANNED: Final = "planned"
"""What goes up: how a plan stands in the house."""
WISH: Final = "plan-wish"
"""What comes down: how an official wants it to stand."""

logger = logging.getLogger(__name__)


class PlanState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The ward wanted it, and the house could not take it."""


_Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
_Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_line)]
_Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


@dataclass(frozen=True, slots=True)
class Plan:
    """Also what is said of it on the link, as JSON."""

    id: _Id
    title: _Line
    starts: AwareDatetime
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)]
    by: _Line
    """Who planned it, or changed it last."""
    changed_at: AwareDatetime
    revision: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    state: PlanState = PlanState.PLANNED
    refusal: _Code | None = None
    """Why what the ward wanted last was not done: a cause."""
    meeting_id: _Id | None = None
    """Of the meeting that was held."""

    @property
    def ends(self) -> datetime:
        return self.starts + timedelta(minutes=self.minutes)

    @property
    def opens(self) -> datetime:
        """When those who were invited may come to the door."""
        return self.starts - DOOR_OPENS

    def body(self) -> Mapping[str, Any]:
        body: dict[str, Any] = _ADAPTER.dump_python(self, mode="json")
        return body


_ADAPTER: Final = TypeAdapter(Plan)


@dataclass(frozen=True, slots=True)
class Coming:
    """A meeting that is planned, as the pages show it."""

    plan: Plan
    soon: bool
    """The door is open, or the time has come."""


def read_plan(body: Mapping[str, Any]) -> Plan | None:
    """What came over the link; None, logged, where it makes no sense."""
    try:
        return _ADAPTER.validate_python(dict(body))
    except PydanticError as error:
        where = error.errors(include_input=False, include_url=False)[0]["loc"]
        logger.warning("a plan that makes no sense was dropped: %s", where)
        return None


def new_plan(title: str, starts: datetime, minutes: int, *, by: str, now: datetime) -> Plan:
    return Plan(secrets.token_hex(8), clean_line(title), starts, minutes, by, now)


def check(plan: Plan, others: Iterable[Plan], now: datetime) -> None:
    """Raises Refused: `schedule.title_missing`, `schedule.title_too_long`, `schedule.minutes`,
    `schedule.past`, `schedule.too_far`, `schedule.clash`, `schedule.too_many`."""
    if not plan.title:
        raise Refused("schedule.title_missing")
    if len(plan.title) > MOST_TITLE_CHARACTERS:
        raise Refused("schedule.title_too_long", most=MOST_TITLE_CHARACTERS)
    if not LEAST_MINUTES <= plan.minutes <= MOST_MINUTES:
        raise Refused("schedule.minutes", least=LEAST_MINUTES, most=MOST_MINUTES // 60)
    if plan.starts <= now:
        raise Refused("schedule.past")
    if plan.starts > now + FURTHEST:
        raise Refused("schedule.too_far")
    standing = [o for o in others if o.id != plan.id and o.state is PlanState.PLANNED]
    if any(o.starts < plan.ends and plan.starts < o.ends for o in standing):
        raise Refused("schedule.clash")
    if len(standing) >= MOST_COMING:
        raise Refused("schedule.too_many", most=MOST_COMING)


def coming(known: Iterable[Plan], now: datetime) -> tuple[Coming, ...]:
    """What is still to come, the next first."""
    standing = [p for p in known if p.state is PlanState.PLANNED and p.ends > now]
    return tuple(
        Coming(plan, soon=plan.opens <= now)
        for plan in sorted(standing, key=lambda plan: (plan.starts, plan.id))
    )


class Schedule:
    """The house's plans. The ward is told of every change through the outbox."""

    def __init__(self, outbox: Outbox | None = None) -> None:
        self._outbox = outbox
        self._plans: dict[str, Plan] = {}

    def load(self, known: Iterable[Plan]) -> None:
        self._plans = {plan.id: plan for plan in known}

    def all(self) -> tuple[Plan, ...]:
        return tuple(self._plans.values())

    def find(self, plan_id: str | None) -> Plan | None:
        return self._plans.get(plan_id or "")

    def get(self, plan_id: str) -> Plan:
        """One that is still to come. Raises Refused `schedule.unknown`."""
        plan = self.find(plan_id)
        if plan is None or plan.state is not PlanState.PLANNED:
            raise Refused("schedule.unknown")
        return plan

    def coming(self, now: datetime) -> tuple[Coming, ...]:
        return coming(self._plans.values(), now)

    def due(self, now: datetime) -> Plan | None:
        """Whatever meeting starts now is this one."""
        return next((c.plan for c in self.coming(now) if c.soon), None)

    def held_as(self, meeting_id: str) -> Plan | None:
        return next((p for p in self._plans.values() if p.meeting_id == meeting_id), None)

    def add(self, plan: Plan, now: datetime) -> Change:
        """Raises Refused: those of `check`."""
        check(plan, self._plans.values(), now)
        return self._changed(plan, _add)

    def alter(self, plan: Plan, now: datetime, **fields: Any) -> Change:
        """The next revision of it. Raises Refused: those of `check` where it is still to come."""
        changed = replace(plan, revision=plan.revision + 1, changed_at=now, refusal=None, **fields)
        if "starts" in fields:
            check(changed, self._plans.values(), now)
        return self._changed(changed, _save)

    def wish(self, wish: Plan, now: datetime) -> Change:
        """What an official planned, changed or cancelled at the hub: taken, or refused and told so.
        What is not newer than what the house has changes nothing; the hub is told how it stands."""
        known = self.find(wish.id)
        if known is not None and wish.revision <= known.revision:
            return self._changed(known, _save)
        wish = replace(wish, changed_at=now, refusal=None, meeting_id=None)
        try:
            if known is not None and known.state is not PlanState.PLANNED:
                raise Refused("schedule.unknown")
            if wish.state is PlanState.PLANNED:
                check(wish, self._plans.values(), now)
            elif wish.state is not PlanState.CANCELLED:
                raise Refused("schedule.unknown")
        except Refused as refused:
            if known is None:
                wish = replace(wish, state=PlanState.REFUSED)
            else:
                wish = replace(known, revision=wish.revision, changed_at=now)
            wish = replace(wish, refusal=refused.cause.code)
        return self._changed(wish, _add if known is None else _save)

    def tell_all(self, connection: Connection, now: datetime) -> None:
        """To a ward that may have been joined after they were planned."""
        for one in self.coming(now):
            self._tell(one.plan, connection)

    def _changed(self, plan: Plan, save: Any) -> Change:
        def store(connection: Connection) -> None:
            save(connection, plan)
            self._tell(plan, connection)

        return Change(store, partial(self._plans.__setitem__, plan.id, plan))

    def _tell(self, plan: Plan, connection: Connection) -> None:
        if self._outbox is not None:
            name = f"{PLANNED}-{plan.id}-{plan.revision}"
            self._outbox.put(connection, Parcel(name, PLANNED, plan.body()))


def standing(connection: Connection, now: datetime) -> tuple[Plan, ...]:
    """Those that are not long over."""
    rows = connection.execute(select(plans).where(plans.c.starts > now - FURTHEST / 12))
    return tuple(plan_of(row) for row in rows)


def plan_of(row: Row[Any]) -> Plan:
    return Plan(
        id=row.id,
        title=row.title,
        starts=row.starts,
        minutes=row.minutes,
        by=row.planned_by,
        changed_at=row.changed_at,
        revision=row.revision,
        state=PlanState(row.state),
        refusal=row.refusal,
        meeting_id=row.meeting_id,
    )


def values_of(plan: Plan) -> dict[str, Any]:
    """For a row."""
    return {
        "id": plan.id,
        "title": plan.title,
        "starts": plan.starts,
        "minutes": plan.minutes,
        "planned_by": plan.by,
        "changed_at": plan.changed_at,
        "revision": plan.revision,
        "state": plan.state.value,
        "refusal": plan.refusal,
        "meeting_id": plan.meeting_id,
    }


def _add(connection: Connection, plan: Plan) -> None:
    connection.execute(insert(plans).values(values_of(plan)))


def _save(connection: Connection, plan: Plan) -> None:
    connection.execute(update(plans).where(plans.c.id == plan.id).values(values_of(plan)))
