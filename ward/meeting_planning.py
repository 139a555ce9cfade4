"""Meetings of the whole ward are planned here. Each house gets a plan of its own for it, which it
may refuse like any other (`ward/plans.py`); that keeps no other house from taking part.

    meeting_id = await planning.plan("Họp toàn phường", starts, 90, ["to-3", "to-5"], by=hoa)
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from base.cause import Refused
from rooms.plans import Plan, PlanState, check, new_plan
from storage.engine import Database
from ward import plans
from ward.accounts import Account
from ward.meetings import MeetingState, Wanted, change, in_state, note
from ward.tables import houses, meeting_houses, meetings

NewPlan = Callable[[], Plan]
"""The same wish for another house, with an id of its own."""


class MeetingPlanning:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(
        self, title: str, starts: datetime, minutes: int, wanted: Iterable[str], *, by: Account
    ) -> str:
        """In each of these houses; the meeting's id. Raises Refused: `gathering.no_house`,
        `ward.house_unknown`, and those of `rooms.plans.check` but for what is wrong in one house
        alone: that its plan tells."""
        meeting_id = secrets.token_hex(8)
        new = partial(_plan, title, starts, minutes, by)
        typed = new()

        def write(connection: Connection) -> str:
            chosen = _known(connection, wanted)
            connection.execute(
                insert(meetings).values(
                    id=meeting_id,
                    title=typed.title,
                    starts=starts,
                    minutes=minutes,
                    state=MeetingState.PLANNED.value,
                )
            )
            for house_id in chosen:
                _add(connection, meeting_id, house_id, new())
            note(connection, meeting_id, by.name, "plan")
            return meeting_id

        return await self._database.write(write)

    async def change(
        self,
        meeting_id: str,
        title: str,
        starts: datetime,
        minutes: int,
        wanted: Iterable[str],
        *,
        by: Account,
    ) -> None:
        """Raises Refused: `gathering.unknown`, `gathering.not_planned`, and as `plan`."""
        new = partial(_plan, title, starts, minutes, by)
        typed = new()

        def write(connection: Connection) -> None:
            meeting = in_state(connection, meeting_id, MeetingState.PLANNED)
            chosen = _known(connection, wanted)
            change(connection, meeting_id, title=typed.title, starts=starts, minutes=minutes)
            for house in meeting.houses:
                if house.house_id in chosen:
                    _change(connection, meeting_id, house, new)
                else:
                    _drop(connection, meeting_id, house, by)
            for house_id in chosen:
                if meeting.house(house_id) is None:
                    _add(connection, meeting_id, house_id, new())
            note(connection, meeting_id, by.name, "change")

        await self._database.write(write)

    async def cancel(self, meeting_id: str, *, by: Account) -> None:
        """Raises Refused: `gathering.unknown`, `gathering.not_planned`."""

        def write(connection: Connection) -> None:
            meeting = in_state(connection, meeting_id, MeetingState.PLANNED)
            for house in meeting.houses:
                if house.plan is not None:
                    plans.call_off(connection, house.house_id, house.plan.id, by=by.name)
            change(connection, meeting_id, state=MeetingState.CANCELLED.value)
            note(connection, meeting_id, by.name, "cancel")

        await self._database.write(write)


def _plan(title: str, starts: datetime, minutes: int, by: Account) -> Plan:
    """Raises Refused: those of `rooms.plans.check`."""
    now = datetime.now(UTC)
    plan = new_plan(title, starts, minutes, by=by.name, now=now)
    check(plan, (), now)
    return plan


def _known(connection: Connection, wanted: Iterable[str]) -> list[str]:
    """Raises Refused: `ward.house_unknown`, `gathering.no_house`."""
    known = set(connection.execute(select(houses.c.id)).scalars())
    chosen = list(dict.fromkeys(wanted))
    if not chosen:
        raise Refused("gathering.no_house")
    if not known.issuperset(chosen):
        raise Refused("ward.house_unknown")
    return chosen


def _add(connection: Connection, meeting_id: str, house_id: str, plan: Plan) -> None:
    plans.propose_to_one_of_many(connection, house_id, plan)
    values = {"meeting_id": meeting_id, "house_id": house_id, "plan_id": plan.id}
    connection.execute(insert(meeting_houses).values(values))


def _drop(connection: Connection, meeting_id: str, house: Wanted, by: Account) -> None:
    if house.plan is not None:
        plans.call_off(connection, house.house_id, house.plan.id, by=by.name)
    connection.execute(delete(meeting_houses).where(_here(meeting_id, house.house_id)))


def _change(connection: Connection, meeting_id: str, house: Wanted, new: NewPlan) -> None:
    """The next revision of the house's plan; another plan where it has none that stands, or has no
    time then."""
    plan = new()
    if house.plan is not None and house.plan.state is PlanState.PLANNED:
        wish = replace(plan, id=house.plan.id, revision=house.plan.revision + 1)
        try:
            plans.propose(connection, house.house_id, wish)
        except Refused:
            plans.call_off(connection, house.house_id, house.plan.id, by=plan.by)
        else:
            return
    plans.propose_to_one_of_many(connection, house.house_id, plan)
    here = _here(meeting_id, house.house_id)
    connection.execute(update(meeting_houses).where(here).values(plan_id=plan.id))


def _here(meeting_id: str, house_id: str) -> ColumnElement[bool]:
    return (meeting_houses.c.meeting_id == meeting_id) & (meeting_houses.c.house_id == house_id)
