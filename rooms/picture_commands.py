"""Which camera shows the hall, and what is said where none does."""

from functools import partial
from typing import Any, Final

from base.cause import Cause, Refused
from devices.device import Condition, VideoSource
from rooms import store
from rooms.change import Change
from rooms.meeting import Action, Actor
from rooms.running import RunningRoom
from rooms.standing_in import Choice

NOTHING_SEEN: Final = ("camera.black", "camera.covered", "camera.frozen")
"""What is wrong with a picture that shows nothing of the hall."""
_STAND_IN: Final = "stand_in"


class PictureCommands(RunningRoom):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._choice = Choice()

    async def allow_stand_in(self, by: Actor, allowed: bool) -> None:
        """Another camera shows the hall while the first one shows nothing. Kept over restarts.
        Raises Refused: `camera.no_other`."""
        self._check(Action.ALLOW_STAND_IN, by)
        if len(self._equipment.cameras) < 2:
            raise Refused("camera.no_other")

        def apply() -> None:
            self._stand_in = allowed

        change = Change(partial(store.set_value, name=_STAND_IN, new=int(allowed)), apply)
        await self._do(Action.ALLOW_STAND_IN, by, lambda: change, allowed=allowed)

    async def _restore_picture(self) -> None:
        kept = await self._database.read(lambda c: store.value(c, _STAND_IN))
        self._stand_in = bool(kept)

    def _choose_picture(self, now: float) -> None:
        hall, every = self._equipment.hall, self._equipment.cameras
        if hall is None or not every:
            return
        well = [self._shows_something(camera) for camera in every]
        number = self._choice.decide(well, allowed=self._stand_in, now=now)
        if number is not None:
            hall.show(every[number])
        else:
            hall.show(None, self._what_is_missing(every[0]))
        standing = every[number].name if number else None
        if standing != self._stood_in_by:
            self._stood_in_by = standing
            self._drawing.request()

    def _shows_something(self, camera: VideoSource) -> bool:
        health = self._equipment.health_of(camera)
        nothing = health.cause is not None and health.cause.code in NOTHING_SEEN
        return health.condition in (Condition.WORKING, Condition.IMPAIRED) and not nothing

    def _what_is_missing(self, camera: VideoSource) -> Cause:
        works = camera.health.value.condition in (Condition.WORKING, Condition.IMPAIRED)
        return Cause("picture.spoilt" if works else "picture.lost", name=camera.name)
