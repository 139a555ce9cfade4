"""What can be done with the hall's cameras: turning them, their places, how they code."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from base.cause import Refused
from devices.device import Adjustable, Following, Steerable, Velocity, VideoSource
from feedback.text import clean_line
from rooms import cameras, store
from rooms.change import Change
from rooms.holds import LEASE_SECONDS, STEP_SECONDS, Holds
from rooms.meeting import Action, Actor
from rooms.place_pictures import PlacePictures
from rooms.running import RunningRoom

log = logging.getLogger(__name__)

MOST_NAME_CHARACTERS: Final = 40
"""Of a place; cameras keep no long ones."""


class CameraCommands(RunningRoom):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._holds = Holds()
        self._places = PlacePictures(self._settings.data / "places")
        for camera in self._equipment.cameras:
            self._pictured[camera.id] = self._places.known(camera.id)

    async def go_to_preset(self, by: Actor, camera_id: str, token: str) -> None:
        """Raises Refused: those of `rooms.cameras.go_to_preset`."""
        self._check(Action.GO_TO_PRESET, by)
        patience = self._clock.patience_seconds
        await cameras.go_to_preset(self._equipment, camera_id, token, patience)
        await self._do(Action.GO_TO_PRESET, by, Change, camera=camera_id, token=token)

    async def steer_camera(self, by: Actor, camera_id: str, hold: str, velocity: Velocity) -> None:
        """A sign that a button is held; without `hold` it is one step. The camera stops by itself
        where no sign follows. Raises Refused: `camera.unknown`, `camera.not_steerable`,
        `camera.held`, or the camera's own cause."""
        self._check(Action.STEER_CAMERA, by)
        camera = cameras.steerable(self._equipment, camera_id)
        seconds = LEASE_SECONDS if hold else STEP_SECONDS
        now = self._clock.monotonic()
        begins = self._holds.take(camera_id, hold or f"{by}.0", by, seconds, now)
        if begins is None:
            return
        await self._ask_camera(camera, lambda: camera.hold(velocity, seconds))
        if begins or not hold:
            await self._do(Action.STEER_CAMERA, by, Change, camera=camera_id)

    async def release_camera(self, by: Actor, camera_id: str, hold: str) -> None:
        """The button was let go. Raises Refused as `steer_camera` does."""
        self._check(Action.STEER_CAMERA, by)
        camera = cameras.steerable(self._equipment, camera_id)
        if self._holds.let_go(camera_id, hold):
            await self._ask_camera(camera, camera.stop_moving)

    async def send_camera_home(self, by: Actor, camera_id: str) -> None:
        """Raises Refused as `steer_camera` does."""
        self._check(Action.STEER_CAMERA, by)
        camera = cameras.steerable(self._equipment, camera_id)
        await self._ask_camera(camera, camera.go_home)
        await self._do(Action.STEER_CAMERA, by, Change, camera=camera_id, home=True)

    async def save_preset(self, by: Actor, camera_id: str, name: str) -> None:
        """Where the camera looks now. Raises Refused: `camera.place_name`, and as above."""
        self._check(Action.SAVE_PRESET, by)
        camera = cameras.steerable(self._equipment, camera_id)
        name = clean_line(name)
        if not 0 < len(name) <= MOST_NAME_CHARACTERS:
            raise Refused("camera.place_name", most=MOST_NAME_CHARACTERS)
        token = await self._ask_camera(camera, lambda: camera.save_preset(name))
        await self._picture_place(camera_id, token)
        patience = self._clock.patience_seconds
        self._presets[camera_id] = await cameras.presets_of(camera, patience)
        await self._do(Action.SAVE_PRESET, by, Change, camera=camera_id, token=token)

    async def place_picture(self, camera_id: str, token: str) -> bytes | None:
        """A JPEG of the place as it was when it was kept; None where there is none."""
        return await self._places.read(camera_id, token)

    async def _picture_place(self, camera_id: str, token: str) -> None:
        """Only where the hall may be looked at."""
        view = self.view.value
        if not view.hall_is_open() and not view.hall_watched_by:
            return
        jpeg = await self._equipment.still(camera_id)
        if jpeg is None:
            return
        try:
            await self._places.keep(camera_id, token, jpeg)
        except OSError as error:
            log.warning("the picture of a place cannot be kept: %s", error)
            return
        self._pictured[camera_id] = self._pictured.get(camera_id, frozenset()) | {token}

    async def set_camera_right(self, by: Actor, camera_id: str) -> None:
        """How it codes, as a meeting needs it. Raises Refused: `camera.unknown`,
        `camera.not_adjustable`, or the camera's own cause."""
        self._check(Action.SET_CAMERA_RIGHT, by)
        camera = cameras.find(self._equipment, camera_id)
        if not isinstance(camera, Adjustable):
            raise Refused("camera.not_adjustable", name=camera.name)
        await self._ask_camera(camera, camera.set_right)
        await self._do(Action.SET_CAMERA_RIGHT, by, Change, camera=camera_id)

    async def follow_faces(self, by: Actor, camera_id: str, wanted: bool) -> None:
        """Whether the picture of a fixed camera follows the faces. Kept over restarts. Raises
        Refused: `camera.unknown`, `camera.cannot_follow`."""
        self._check(Action.FOLLOW_FACES, by)
        camera = cameras.find(self._equipment, camera_id)
        if not isinstance(camera, Following):
            raise Refused("camera.cannot_follow", name=camera.name)
        change = Change(
            partial(store.set_value, name=_follows(camera_id), new=int(wanted)),
            partial(camera.follow_faces, wanted),
        )
        await self._do(Action.FOLLOW_FACES, by, lambda: change, camera=camera_id, wanted=wanted)

    async def _restore_following(self) -> None:
        for camera in self._equipment.cameras:
            if isinstance(camera, Following):
                name = _follows(camera.id)
                kept = await self._database.read(partial(store.value, name=name))
                if kept is not None:
                    camera.follow_faces(bool(kept))

    async def _ask_camera(
        self, camera: VideoSource | Steerable, ask: Callable[[], Awaitable[Any]]
    ) -> Any:
        assert isinstance(camera, VideoSource)
        return await cameras.ask(camera, ask(), self._clock.patience_seconds)


def _follows(camera_id: str) -> str:
    """The name under which it is kept."""
    return f"follow_faces.{camera_id}"
