"""What can be done about meetings that are planned."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.plans import Plan, PlanState, new_plan, read_plan
from rooms.running import RunningRoom
from rooms.view import Role


class PlanCommands(RunningRoom):
    async def plan_meeting(self, by: Actor, title: str, starts: datetime, minutes: int) -> Plan:
        """Raises Refused: those of `rooms.plans.check`."""
        now = self._clock.now()
        plan = new_plan(title, starts, minutes, by=by.name, now=now)
        await self._plan(Action.PLAN_MEETING, by, lambda: self._schedule.add(plan, now), plan.id)
        return plan

    async def change_plan(
        self, by: Actor, plan_id: str, title: str, starts: datetime, minutes: int
    ) -> None:
        """Raises Refused: `schedule.unknown`, and those of `rooms.plans.check`."""
        now = self._clock.now()
        typed = new_plan(title, starts, minutes, by=by.name, now=now)
        fields = {"title": typed.title, "starts": starts, "minutes": minutes, "by": by.name}
        await self._plan(
            Action.CHANGE_PLAN,
            by,
            lambda: self._schedule.alter(self._schedule.get(plan_id), now, **fields),
            plan_id,
        )

    async def cancel_plan(self, by: Actor, plan_id: str) -> None:
        """Raises Refused `schedule.unknown`."""
        fields = {"state": PlanState.CANCELLED, "by": by.name}
        await self._plan(
            Action.CANCEL_PLAN,
            by,
            lambda: self._schedule.alter(self._schedule.get(plan_id), self._clock.now(), **fields),
            plan_id,
        )

    async def take_plan_wish(self, body: Mapping[str, Any]) -> None:
        """From the ward's hub (`rooms.plans.WISH`); the same again changes nothing. Raises Refused
        where nothing can be stored now."""
        wish = read_plan(body)
        if wish is not None:
            await self._plan(
                Action.PLAN_MEETING,
                Actor(Role.HUB, wish.by),
                lambda: self._schedule.wish(wish, self._clock.now()),
                wish.id,
            )

    def plans(self) -> tuple[Plan, ...]:
        """Also those that were cancelled or held, as far as they are not long over."""
        return self._schedule.all()

    def plan(self, plan_id: str) -> Plan:
        """One that is still to come. Raises Refused `schedule.unknown`."""
        return self._schedule.get(plan_id)

    async def _plan(
        self, action: Action, by: Actor, change: Callable[[], Change], plan_id: str
    ) -> None:
        await self._do(action, by, change, plan=plan_id)
