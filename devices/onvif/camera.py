"""An IP camera with ONVIF: its picture over RTSP, and everything else by its own services.

Where its picture is, it tells itself, and is asked again after each outage. What it can do is tried
and not believed: what it refuses is not offered. A camera whose RTSP address is in the settings
shows its picture also where its ONVIF does not answer.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from base.latest import Latest
from config.settings import RtspCamera as RtspCameraSettings
from devices.camera_login import read_secret
from devices.device import (
    Advice,
    Controls,
    DeviceError,
    Health,
    Kind,
    Picture,
    Unsubscribe,
    Velocity,
)
from devices.onvif import encoding
from devices.onvif.answers import Node, Profile
from devices.onvif.steering import Steering
from devices.onvif.worker import Worker
from devices.outlet import Sink
from devices.rtsp import RtspCamera

if TYPE_CHECKING:
    from devices.onvif.connection import Connection

LOOK_SECONDS: Final = 25.0
"""For everything that is asked at the start, of a camera that answers slowly."""
CALL_SECONDS: Final = 7.0
LOOK_AGAIN_SECONDS: Final = 60.0
"""At a camera whose picture is there without its ONVIF."""
KEY_FRAME_SECONDS: Final = 1.0
"""Between two wishes for a key frame, however many viewers ask."""

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found when the camera was last looked at."""

    profiles: tuple[Profile, ...] = ()
    stream: str = ""
    """Token of the profile whose picture is shown."""
    turning: str = ""
    """Token of the profile by which it is turned; empty where it is not."""
    node: Node = field(default_factory=Node)
    controls: Controls = field(default_factory=Controls)


class OnvifCamera:
    """A `VideoSource`, `Steerable` and `Adjustable`."""

    kind = Kind.CAMERA

    def __init__(self, settings: RtspCameraSettings) -> None:
        self.id = settings.id
        self.name = settings.name
        self.controls: Latest[Controls] = Latest(Controls())
        self.advice: Latest[Advice] = Latest(Advice())
        self._settings = settings
        self._stream = RtspCamera(settings, damaged=self.request_key_frame)
        self._worker = Worker(f"onvif-{settings.id}")
        self._connection: Connection | None = None
        """Belongs to the worker's thread."""
        self._known = _Known()
        self._steering = Steering(self._move, self._stop, settings.id)
        self._set_anew = asyncio.Event()
        self._key_asked = -KEY_FRAME_SECONDS
        self._asking: asyncio.Task[None] | None = None

    @property
    def health(self) -> Latest[Health]:
        return self._stream.health

    @property
    def picture(self) -> Latest[Picture | None]:
        return self._stream.picture

    def subscribe(self, sink: Sink) -> Unsubscribe:
        return self._stream.subscribe(sink)

    def request_key_frame(self) -> None:
        self._stream.request_key_frame()
        now = time.monotonic()
        if self._known.stream and now - self._key_asked >= KEY_FRAME_SECONDS:
            self._key_asked = now
            self._asking = asyncio.create_task(self._ask_for_key_frame())

    async def run(self) -> None:
        """Raises DeviceError with the cause of the loss."""
        found = False
        if not self._settings.url:
            try:
                await self._look()
                found = True
            except DeviceError as error:
                if not self._stream.address:
                    raise
                log.info("%s: its picture is tried where it last was: %s", self.id, error.cause)
        looking = asyncio.create_task(self._keep_looking(found))
        judging = asyncio.create_task(self._keep_judging())
        try:
            while True:
                self._set_anew.clear()
                showing = asyncio.create_task(self._stream.run())
                altered = asyncio.create_task(self._set_anew.wait())
                try:
                    await asyncio.wait({showing, altered}, return_when=asyncio.FIRST_COMPLETED)
                    if showing.done():
                        showing.result()
                finally:
                    await _end(showing)
                    await _end(altered)
        finally:
            await _end(looking)
            await _end(judging)

    # Steerable

    async def presets(self) -> Sequence[tuple[str, str]]:
        if not self._known.turning:
            return ()
        token = self._known.turning
        found = await self._call(lambda camera: camera.presets(token))
        return [(one, name or one) for one, name in found]

    async def go_to_preset(self, token: str) -> None:
        profile = self._turning_profile()
        await self._call(lambda camera: camera.go_to_preset(profile, token))

    async def save_preset(self, name: str) -> str:
        profile = self._turning_profile()

        def save(camera: "Connection") -> str:
            known = {known: token for token, known in camera.presets(profile)}
            return camera.save_preset(profile, name, known.get(name))

        return await self._call(save)

    async def go_home(self) -> None:
        """Where the camera turns out to have no such place, it is not offered any more."""
        profile = self._turning_profile()
        try:
            await self._call(lambda camera: camera.go_home(profile))
        except DeviceError as error:
            if error.cause.code == "camera.cannot":
                self._offer(replace(self._known.controls, home=False))
            raise

    async def hold(self, velocity: Velocity, seconds: float) -> None:
        controls = self._known.controls
        turns = controls.turns or not (velocity.pan or velocity.tilt)
        if not turns or (velocity.zoom and not controls.zooms):
            raise DeviceError("camera.cannot", name=self.name)
        await self._steering.hold(velocity, seconds)

    async def stop_moving(self) -> None:
        if self._known.controls.turns or self._known.controls.zooms:
            await self._steering.stop_moving()

    # Adjustable

    async def set_right(self) -> None:
        cause = self.health.value.cause

        def alter(camera: "Connection") -> tuple[Profile, ...]:
            for change in encoding.changes(camera.profiles(), cause):
                choices = camera.choices(change.profile, change.encoder.token)
                camera.set_encoder(encoding.possible(change.encoder, choices))
            return tuple(camera.profiles())

        profiles = await self._call(alter, LOOK_SECONDS)
        self._known = replace(self._known, profiles=profiles)
        self._set_anew.set()  # what the camera sends now is looked at with fresh eyes
        self.advice.set(encoding.judge(profiles, self.name))

    # What the camera is

    async def _look(self) -> None:
        """Ask the camera for everything. Raises DeviceError."""
        try:
            known, address = await self._call(self._look_at, LOOK_SECONDS, anew=True)
        except DeviceError as error:
            error = self._of_its_own(error)
            self.advice.set(Advice((error.cause,)))
            raise error from None
        if not self._settings.url:
            self._stream.address = address
        self._known = known
        self.controls.set(known.controls)
        self._judge()

    def _of_its_own(self, error: DeviceError) -> DeviceError:
        """Refused by its ONVIF, where what lets into its picture may be right."""
        settings = self._settings
        own = bool(settings.onvif_user or settings.url)
        if own and error.cause.code == "camera.wrong_password":
            return DeviceError("camera.onvif_login", name=self.name)
        return error

    async def _keep_looking(self, found: bool) -> None:
        """Until it is known what the camera can do now."""
        while not found:
            with suppress(DeviceError):
                await self._look()
                return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _keep_judging(self) -> None:
        async for _ in self.health.changes():
            if self._known.profiles:
                self._judge()

    def _judge(self) -> None:
        cause = self.health.value.cause
        self.advice.set(encoding.judge(self._known.profiles, self.name, cause))

    def _look_at(self, camera: "Connection") -> tuple[_Known, str]:
        """In the worker's thread."""
        profiles = tuple(camera.profiles())
        main, _ = encoding.streams(profiles)
        if main is None:
            raise DeviceError("camera.onvif_no_media", name=self.name)
        known = _Known(profiles, main.token)
        address = self._settings.url or camera.stream_address(main.token)
        turning = next((one.token for one in profiles if one.can_turn), "")
        if turning and camera.can_turn:
            try:
                node, controls = camera.try_turning(turning)
                known = replace(known, turning=turning, node=node, controls=controls)
            except DeviceError as error:
                log.info("%s cannot be turned: %s", self.id, error.cause)
        return known, address

    def _offer(self, controls: Controls) -> None:
        self._known = replace(self._known, controls=controls)
        self.controls.set(controls)

    # Asking it

    def _turning_profile(self) -> str:
        if not self._known.turning:
            raise DeviceError("camera.not_steerable", name=self.name)
        return self._known.turning

    async def _move(self, velocity: Velocity) -> None:
        known = self._known
        await self._call(lambda camera: camera.move(known.turning, known.node, velocity))

    async def _stop(self) -> None:
        known = self._known
        await self._call(lambda camera: camera.stop(known.turning, known.node), urgent=True)

    async def _ask_for_key_frame(self) -> None:
        token = self._known.stream
        with suppress(DeviceError):
            await self._call(lambda camera: camera.request_key_frame(token))

    async def _call(
        self,
        ask: "Callable[[Connection], T]",
        seconds: float = CALL_SECONDS,
        *,
        anew: bool = False,
        urgent: bool = False,
    ) -> T:
        """`anew` opens the connection again. Raises DeviceError."""

        def work() -> T:
            if self._connection is None or anew:
                self._connection = self._open()
            return ask(self._connection)

        try:
            return await self._worker.do(work, seconds=seconds, urgent=urgent)
        except TimeoutError:
            self._connection = None  # a thread hangs in it
            raise DeviceError("camera.onvif_silent", name=self.name) from None

    def _open(self) -> "Connection":
        from devices.onvif.connection import Address, Connection  # noqa: PLC0415 - takes its time

        settings = self._settings
        user, file = settings.user, settings.password_file
        if settings.onvif_user:
            user, file = settings.onvif_user, settings.onvif_password_file
        password = read_secret(file, self.name)
        camera = Connection(Address(settings.onvif), user, password, self.name)
        camera.open()
        return camera


async def _end(task: "asyncio.Task[Any]") -> None:
    """Cancel it and wait; what it raised was seen, or does not matter any more."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
