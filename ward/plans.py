"""The meetings that are planned in the ward's houses: a copy of each house's own list.

    await plans.plan("to-5", "Họp tổ dân phố", starts, 90, by="Trần Thị Hoa")
    await plans.keep("to-5", body)          # what the house says, through the link

What is planned here is handed down, and shown as proposed until the house has answered: the house
alone knows what else it has planned (`rooms/plans.py`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from base.cause import Cause, Refused
from feedback.outbox import Parcel, put
from rooms.plans import (
    WISH,
    Plan,
    PlanState,
    check,
    coming,
    new_plan,
    plan_of,
    read_plan,
    values_of,
)
from storage.engine import Database
from storage.signals import announce
from ward.tables import plans

TOPIC: Final = "houses"
"""As of `ward.houses`: what is planned is shown with the houses."""

_LONGEST: Final = timedelta(days=2)
"""So long, at least, what a house refused is shown."""


@dataclass(frozen=True, slots=True)
class HousePlan:
    """A meeting that is planned in one house, as the hub knows it."""

    plan: Plan
    soon: bool = False
    proposed: bool = False
    """The house has not answered yet."""
    begun: bool = False
    """The time has come."""

    @property
    def why(self) -> Cause | None:
        """What the house did not take, for people."""
        return Cause(self.plan.refusal) if self.plan.refusal else None


def coming_of(connection: Connection, house_id: str | None = None) -> dict[str, list[HousePlan]]:
    """What is still to come, by house, the next first, and behind it what a house refused."""
    now = datetime.now(UTC)
    query = select(plans).where(plans.c.starts > now - _LONGEST)
    if house_id is not None:
        query = query.where(plans.c.house_id == house_id)
    rows: dict[str, list[tuple[Plan, bool]]] = {}
    for row in connection.execute(query):
        rows.setdefault(row.house_id, []).append((plan_of(row), row.proposed))
    return {house: _shown(known, now) for house, known in rows.items()}


def _shown(known: list[tuple[Plan, bool]], now: datetime) -> list[HousePlan]:
    proposed = {plan.id for plan, proposed in known if proposed}
    standing = [
        HousePlan(one.plan, one.soon, one.plan.id in proposed, one.plan.starts <= now)
        for one in coming((plan for plan, _ in known), now)
    ]
    refused = [plan for plan, _ in known if plan.state is PlanState.REFUSED and plan.starts > now]
    return standing + [HousePlan(plan) for plan in sorted(refused, key=lambda plan: plan.starts)]


class Plans:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def coming(self, house_id: str) -> tuple[HousePlan, ...]:
        found = await self._database.read(lambda connection: coming_of(connection, house_id))
        return tuple(found.get(house_id, ()))

    async def told(self, house_id: str) -> tuple[Plan, ...]:
        """What the house has said, also of those that were cancelled or held."""
        query = select(plans).where(plans.c.house_id == house_id, plans.c.proposed.is_(False))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(plan_of(row) for row in rows)

    async def find(self, house_id: str, plan_id: str) -> HousePlan:
        """Raises Refused `schedule.unknown`."""
        for one in await self.coming(house_id):
            if one.plan.id == plan_id:
                return one
        raise Refused("schedule.unknown")

    # What an official wants

    async def plan(
        self, house_id: str, title: str, starts: datetime, minutes: int, *, by: str
    ) -> None:
        """Raises Refused: those of `rooms.plans.check`."""
        plan = new_plan(title, starts, minutes, by=by, now=datetime.now(UTC))
        await self._database.write(lambda connection: propose(connection, house_id, plan))

    async def change(
        self, house_id: str, plan_id: str, title: str, starts: datetime, minutes: int, *, by: str
    ) -> None:
        """Raises Refused: `schedule.unknown`, and those of `rooms.plans.check`."""
        typed = new_plan(title, starts, minutes, by=by, now=datetime.now(UTC))

        def write(connection: Connection) -> None:
            known = _get(connection, house_id, plan_id)
            propose(connection, house_id, replace(typed, id=plan_id, revision=known.revision + 1))

        await self._database.write(write)

    async def cancel(self, house_id: str, plan_id: str, *, by: str) -> None:
        """Raises Refused `schedule.unknown`."""

        def write(connection: Connection) -> None:
            if not call_off(connection, house_id, plan_id, by=by):
                raise Refused("schedule.unknown")

        await self._database.write(write)

    # What the house says

    async def keep(self, house_id: str, body: Mapping[str, Any]) -> None:
        """How a plan stands in the house; an older word changes nothing."""
        told = read_plan(body)
        if told is None:
            return

        def write(connection: Connection) -> None:
            known = find(connection, house_id, told.id)
            if known is None or known.revision <= told.revision:
                _keep(connection, house_id, told, proposed=False)

        await self._database.write(write)


def propose(connection: Connection, house_id: str, wish: Plan) -> None:
    """Hand a wish down. Raises Refused: those of `rooms.plans.check`."""
    if wish.state is PlanState.PLANNED:
        rows = connection.execute(select(plans).where(plans.c.house_id == house_id))
        check(wish, [plan_of(row) for row in rows], datetime.now(UTC))
    _keep(connection, house_id, wish, proposed=True)
    put(connection, house_id, Parcel(f"{WISH}-{wish.id}-{wish.revision}", WISH, wish.body()))


def propose_to_one_of_many(connection: Connection, house_id: str, wish: Plan) -> None:
    """What the hub knows to be impossible in this house does not keep the others from it: it is
    kept as if the house had refused it."""
    try:
        propose(connection, house_id, wish)
    except Refused as refused:
        told = replace(wish, state=PlanState.REFUSED, refusal=refused.cause.code)
        _keep(connection, house_id, told, proposed=False)


def call_off(connection: Connection, house_id: str, plan_id: str, *, by: str) -> bool:
    """It will not take place there. False where it stands no more."""
    known = find(connection, house_id, plan_id)
    if known is None or known.state is not PlanState.PLANNED:
        return False
    wish = replace(
        known,
        revision=known.revision + 1,
        state=PlanState.CANCELLED,
        by=by,
        changed_at=datetime.now(UTC),
    )
    propose(connection, house_id, wish)
    return True


def of_ids(connection: Connection, ids: Collection[str]) -> dict[str, HousePlan]:
    """Those of these plans that are known, each of one house alone."""
    rows = connection.execute(select(plans).where(plans.c.id.in_(ids)))
    return {row.id: HousePlan(plan_of(row), proposed=row.proposed) for row in rows}


def find(connection: Connection, house_id: str, plan_id: str) -> Plan | None:
    row = connection.execute(
        select(plans).where(plans.c.house_id == house_id, plans.c.id == plan_id)
    ).one_or_none()
    return None if row is None else plan_of(row)


def _get(connection: Connection, house_id: str, plan_id: str) -> Plan:
    """Raises Refused `schedule.unknown`."""
    plan = find(connection, house_id, plan_id)
    if plan is None or plan.state is not PlanState.PLANNED:
        raise Refused("schedule.unknown")
    return plan


def _keep(connection: Connection, house_id: str, plan: Plan, *, proposed: bool) -> None:
    # Nobody else writes meanwhile, so that this needs no dialect's upsert.
    connection.execute(delete(plans).where(plans.c.house_id == house_id, plans.c.id == plan.id))
    connection.execute(
        insert(plans).values(house_id=house_id, proposed=proposed, **values_of(plan))
    )
    announce(connection, TOPIC)
