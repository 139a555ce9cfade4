"""Trying everything before a meeting: with one tap, and by itself half an hour before a plan.

The microphone is open for a moment and a chirp is heard, so the stage says so and the journal keeps
it, as for a sound test; but nobody sees a picture or hears a sound of it, and so nobody has to
agree. A meeting that starts ends it.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial

from base.cause import Refused
from rooms import store
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.rehearsal import Found, Rehearsal, read, write
from rooms.rehearsal_checks import Stage, rehearse
from rooms.running import RunningRoom
from rooms.view import Phase
from storage.errors import StorageError

KEPT_AS = "rehearsal"


class RehearsalCommands(RunningRoom):
    async def rehearse(self, by: Actor) -> None:
        """Begin; the view tells what came of it. Raises Refused: `room.sound_in_use`."""

        now = self._clock.now()

        def change() -> Change:
            if self._sound_is_tested() or self._hall_is_recorded():
                raise Refused("room.sound_in_use")
            return Change(apply=partial(self._rehearsals.begin, by.name or by.role.value, now))

        await self._do(Action.REHEARSE, by, change)

    async def _rehearse_in_time(self) -> None:
        """Before a planned meeting, unless somebody has done so already."""
        now = self._clock.now()
        plan = self._schedule.due(now)
        last = self._rehearsals.newest
        if (
            plan is None
            or self._meeting.phase is not Phase.IDLE
            or now >= plan.starts
            or (last is not None and last.began >= plan.opens)
            or self._sound_is_tested()
            or self._hall_is_recorded()
        ):
            return
        await self._house_does(
            "rehearsal_began", lambda: Change(apply=partial(self._rehearsals.begin, "", now))
        )

    async def _keep_rehearsing(self) -> None:
        """Whenever it is wanted; ends only by cancellation."""
        own = self._rehearsals
        kept = await self._database.read(lambda c: store.value(c, KEPT_AS))
        own.last = read(str(kept)) if kept else None
        self._drawing.request()
        while True:
            await own.wanted.wait()
            own.wanted.clear()
            begun = own.under_way
            if begun is not None and (found := await self._try_everything()) is not None:
                done = replace(begun, ended=self._clock.now(), found=found)
                with suppress(StorageError):  # which is a notice by itself
                    await self._end_rehearsal(done, begun)

    async def _try_everything(self) -> Found | None:
        """None where a meeting came between."""
        hall = Stage(self._equipment, self._settings.data, self._stage_is_shown)
        tasks = (
            trying := asyncio.ensure_future(rehearse(hall)),
            asyncio.ensure_future(self._rehearsals.over.wait()),
        )
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        return None if trying.cancelled() else trying.result()

    async def _end_rehearsal(self, done: Rehearsal, begun: Rehearsal) -> None:
        def apply() -> None:
            self._rehearsals.under_way, self._rehearsals.last = None, done

        keep = Change(partial(store.set_value, name=KEPT_AS, new=write(done)), apply, protects=True)
        await self._house_does(
            "rehearsed",
            lambda: keep if self._rehearsals.under_way is begun else None,
            verdict=done.verdict.value,
        )

    def _stage_is_shown(self) -> bool:
        """Outside a meeting its page has a line to the house and no picture."""
        return bool(self._guests.stages())
