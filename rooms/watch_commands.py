"""Looking and listening into the hall outside a meeting: never unknown to somebody who is in it.

The leader's tablet is in the hall, so that he just does it. A technician may be far away: he asks,
and the leader agrees or not; whoever does not answer within a minute has not agreed. It is shown on
the stage while it lasts, and every step is a line of the journal.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from base.cause import Refused
from rooms import recording
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.recording import Recording
from rooms.running import RunningRoom
from rooms.sound_test import run_sound_test
from rooms.view import HallRequest, HallWish, Role, SoundTest

WATCH_SECONDS = 60.0


class WatchCommands(RunningRoom):
    async def watch_hall(self, by: Actor, watching: bool) -> None:
        """Look at the cameras, for a minute at most."""

        def apply() -> None:
            if watching and by.role is Role.TECHNICIAN:
                self._request(by, HallWish.PICTURE)
            elif watching:
                self._watch_for(by.name or by.role.value)
            else:
                self._watched = self._asked = None

        await self._do(Action.WATCH_HALL, by, lambda: Change(apply=apply), watching=watching)

    async def test_sound(self, by: Actor) -> None:
        """Ask for a tone out of the loudspeaker, with the microphone open meanwhile. Raises
        Refused: `room.no_sound`."""
        if self._equipment.sound is None:
            raise Refused("room.no_sound")
        await self._do(
            Action.TEST_SOUND, by, lambda: Change(apply=lambda: self._request(by, HallWish.SOUND))
        )

    async def record_hall(self, by: Actor, owner: str) -> None:
        """Five seconds of the microphone, to listen to; `owner` is the browser that may. Raises
        Refused: `room.no_sound`, `room.sound_in_use`."""
        if self._equipment.sound is None:
            raise Refused("room.no_sound")

        def change() -> Change:
            if self._sound_is_tested() or self._hall_is_recorded() or self._rehearsals.under_way:
                raise Refused("room.sound_in_use")
            if by.role is Role.TECHNICIAN:
                return Change(apply=lambda: self._request(by, HallWish.RECORDING, owner))
            return Change(apply=lambda: self._record_for(by.name or by.role.value, owner))

        await self._do(Action.RECORD_HALL, by, change)

    def recording(self, owner: str) -> Recording | None:
        """What this browser has asked for and may listen to."""
        found = self._recording
        return found if found is not None and found.owner == owner else None

    async def allow_hall(self, by: Actor, allowed: bool) -> None:
        """Somebody in the hall agrees, or does not. Raises Refused: `room.nobody_asks`."""

        def change() -> Change:
            if self._asked is None:
                raise Refused("room.nobody_asks")
            request, _ = self._asked
            return Change(apply=lambda: self._answer(request, allowed))

        await self._do(Action.ALLOW_HALL, by, change, allowed=allowed)

    def _request(self, by: Actor, wish: HallWish, owner: str = "") -> None:
        request = HallRequest(by.name or by.role.value, wish, owner)
        self._asked = request, self._clock.monotonic()

    def _watch_for(self, name: str) -> None:
        self._watched = name, self._clock.monotonic()

    def _answer(self, request: HallRequest, allowed: bool) -> None:
        self._asked = None
        if not allowed:
            return
        if request.wish is HallWish.PICTURE:
            self._watch_for(request.name)
        elif self._sound_is_tested() or self._hall_is_recorded() or self._rehearsals.under_way:
            pass
        elif request.wish is HallWish.RECORDING:
            self._record_for(request.name, request.owner)
        else:
            self._sound_test = SoundTest(request.name)
            self._let_run(self._test_sound(self._sound_test))

    def _let_run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _test_sound(self, test: SoundTest) -> None:
        assert self._equipment.sound is not None
        result = await run_sound_test(self._equipment.sound)

        def finish() -> None:
            self._sound_test = replace(test, result=result)

        # a meeting that began meanwhile has ended it
        await self._house_does(
            "sound_tested",
            lambda: Change(apply=finish) if self._sound_test is test else None,
            code=result.code,
            **result.params,
        )

    def _record_for(self, name: str, owner: str) -> None:
        self._recording = Recording(name, owner, self._clock.monotonic())
        self._let_run(self._record(self._recording))

    async def _record(self, begun: Recording) -> None:
        assert self._equipment.sound is not None
        made = await recording.record(self._equipment.sound)
        wav, problem = (made, None) if isinstance(made, bytes) else (b"", made)

        def finish() -> None:
            self._recording = replace(begun, wav=wav, problem=problem)

        # a meeting that began meanwhile has ended it
        await self._house_does(
            "hall_recorded", lambda: Change(apply=finish) if self._recording is begun else None
        )

    async def _end_watching(self, now: float) -> None:
        """What was agreed to, or not answered, ends after a minute; a recording is forgotten."""
        kept = self._recording
        if kept is not None and kept.is_over and now - kept.began >= recording.KEPT_SECONDS:
            self._recording = None
        if self._watched is not None and now - self._watched[1] >= WATCH_SECONDS:
            self._watched = None
            await self._house_does("watch_over", Change)
        if self._asked is not None and now - self._asked[1] >= WATCH_SECONDS:
            self._asked = None
            await self._house_does("nobody_agreed", Change)
