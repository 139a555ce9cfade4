"""One device, tried with settings that are not in use yet: does it show, is it heard, does it
answer?

    tried = await try_camera(RtspCamera(kind="rtsp", id="camera", name="Camera", onvif="http://…"))
    tried.outcome, tried.cause, tried.jpeg

The drivers are those of the house, each opened for this and closed again. Nothing is kept of the
hall's sound but the figures of a chirp, and of its picture but one still.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from base.cause import Cause
from config.settings import (
    Camera,
    HdmiSection,
    PjlinkProjector,
    Projector,
    RtspCamera,
    SoundSection,
)
from devices.camera_login import lets_in
from devices.catalog import open_device
from devices.device import (
    AccessUnit,
    Adjustable,
    Condition,
    DeviceError,
    HallSound,
    Kind,
    Power,
    VideoSource,
)
from devices.hdmi import HdmiInput, shows_something
from devices.judging import look_at
from devices.picture import to_jpeg
from devices.pjlink import PjlinkLine
from devices.sound.hall import ProcessSound
from rooms.rehearsal import Outcome
from rooms.sound_test import FALLBACK, run_sound_test

PICTURE_SECONDS = 15.0
RTSP_PORT = 554
"""Where a camera has it of which no more is known (RFC 7826, section 18)."""
ADVICE_SECONDS = 1.0
"""For what a camera that shows its picture says of its coding, or the driver notices."""
LOGIN_SECONDS = 6.0
"""The same for one whose ONVIF is not needed to find its picture, and asked beside it."""
PROJECTOR_SECONDS = 14.0
_SOUND_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Tried:
    outcome: Outcome
    cause: Cause
    jpeg: bytes | None = None
    """Of a camera: what it saw."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Of a projector: code and name of those that it has; empty where it does not tell."""


async def try_camera(settings: Camera | HdmiSection) -> Tried:
    """Until its first whole picture, or the reason why there is none."""
    camera = HdmiInput(settings) if isinstance(settings, HdmiSection) else open_device(settings)
    pictures: asyncio.Queue[bytes] = asyncio.Queue(1)

    def keep(unit: AccessUnit) -> None:
        if unit.key:
            with suppress(asyncio.QueueFull):
                pictures.put_nowait(unit.data)

    both = isinstance(settings, RtspCamera) and settings.url and settings.onvif
    seconds = LOGIN_SECONDS if both else ADVICE_SECONDS
    unsubscribe = camera.subscribe(keep)
    try:
        tried = await _until_lost(
            camera.run,
            _look(camera, pictures, seconds),
            PICTURE_SECONDS + seconds,
            "setup.no_picture",
            settings.name,
        )
    finally:
        unsubscribe()
    refused = tried.cause.code == "camera.wrong_password"
    if refused and isinstance(settings, RtspCamera) and await _has_other_users(settings):
        return Tried(Outcome.BAD, Cause("setup.onvif_login", name=settings.name))
    return tried


async def _has_other_users(settings: RtspCamera) -> bool:
    """It was its ONVIF that refused us, and its picture lets us in."""
    asked = settings.onvif and not settings.url and not settings.onvif_user
    return bool(asked and await asyncio.to_thread(lets_in, settings, RTSP_PORT))


async def _login(camera: VideoSource, seconds: float) -> Cause | None:
    """What the camera says of our login at its ONVIF within so long, beside its picture."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            if not isinstance(camera, Adjustable):
                await asyncio.sleep(seconds)
                return None
            async for advice in camera.advice.changes():
                for cause in advice.causes:
                    if cause.code == "camera.onvif_login":
                        return cause
    return None


async def _look(camera: VideoSource, pictures: "asyncio.Queue[bytes]", seconds: float) -> Tried:
    key_frame = await pictures.get()
    jpeg = await asyncio.to_thread(to_jpeg, key_frame)
    seen = await asyncio.to_thread(look_at, key_frame)
    login = await _login(camera, seconds)
    health = camera.health.value
    if jpeg is None:
        return Tried(Outcome.BAD, Cause("setup.no_picture", name=camera.name))
    if camera.kind is Kind.HDMI and seen is not None:
        if not shows_something(seen):
            return Tried(Outcome.ADVICE, Cause("hdmi.no_signal", name=camera.name), jpeg)
    elif seen is not None and (fault := seen.fault) is not None:
        return Tried(Outcome.ADVICE, Cause(f"camera.{fault}", name=camera.name), jpeg)
    if login is not None:
        return Tried(Outcome.ADVICE, login, jpeg)
    if health.condition is Condition.IMPAIRED and health.cause is not None:
        return Tried(Outcome.ADVICE, health.cause, jpeg)
    picture = camera.picture.value
    size = f"{picture.width}×{picture.height}" if picture else "?"
    return Tried(Outcome.GOOD, Cause("setup.picture_good", name=camera.name, size=size), jpeg)


async def try_projector(settings: Projector) -> Tried:
    """Whether it answers, and lets us in; it is not switched on."""
    projector = open_device(settings)

    async def ask() -> Tried:
        await projector.look()
        health, power = projector.health.value, projector.state.value.power
        if health.cause is not None and health.cause.code in ("projector.asleep", "tv.asleep"):
            # To a driver silence is standby; to whoever sets it up it is a question unanswered.
            return Tried(Outcome.BAD, Cause("setup.projector_silent", **health.cause.params))
        if health.condition is Condition.IMPAIRED and health.cause is not None:
            return Tried(Outcome.ADVICE, health.cause, inputs=await _inputs(settings))
        on = power in (Power.ON, Power.WARMING)
        code = "setup.projector_on" if on else "setup.projector_off"
        return Tried(Outcome.GOOD, Cause(code, name=settings.name), inputs=await _inputs(settings))

    return await _until_lost(
        projector.run, ask(), PROJECTOR_SECONDS, "setup.projector_silent", settings.name
    )


async def _inputs(settings: Projector) -> Mapping[str, str]:
    with suppress(DeviceError):
        if isinstance(settings, PjlinkProjector):
            return await PjlinkLine(settings).list_inputs()
    return {}


async def try_sound(
    settings: SoundSection, environment: Mapping[str, str] | None, running: HallSound | None = None
) -> Tried:
    """A chirp out of the loudspeaker, found in the microphone. `running` is the house's own sound
    where it holds these very devices: most cannot be opened twice."""
    if running is not None:
        return await _chirp(running)
    sound = ProcessSound(settings, environment=environment)

    async def chirp() -> Tried:
        async for ready in sound.microphone.health.changes():
            if ready.condition is not Condition.UNKNOWN:
                break  # the process answers: it takes a slow machine longer than a chirp does
        async for opened in sound.loudspeaker.health.changes():
            if opened.condition not in (Condition.UNKNOWN, Condition.STARTING):
                break
        return await _chirp(sound)

    return await _until_lost(
        sound.run, chirp(), _SOUND_SECONDS, "sound.test_closed", settings.microphone_name
    )


async def _chirp(sound: HallSound) -> Tried:
    sound.open_microphone()
    try:
        heard = await _broken_or(sound, run_sound_test(sound, tone=False))
        stood_in = sound.microphone.health.value.cause
    finally:
        sound.close_microphone()
    if stood_in is not None and stood_in.code == FALLBACK:
        return Tried(Outcome.BAD, stood_in)  # another microphone was tried than the one meant
    good = {
        "sound.test_heard": Outcome.GOOD,
        "sound.test_too_loud": Outcome.ADVICE,
        "sound.test_rattles": Outcome.ADVICE,
    }
    return Tried(good.get(heard.code, Outcome.BAD), heard)


async def _broken_or(sound: HallSound, testing: Awaitable[Cause]) -> Cause:
    """What came of the test; or, at once, why one of the two does not open."""

    async def broken() -> Cause:
        while True:
            for end in (sound.microphone, sound.loudspeaker):
                health = end.health.value
                if health.condition is Condition.FAILED and health.cause is not None:
                    return health.cause
            await asyncio.sleep(0.2)

    tasks = [asyncio.ensure_future(testing), asyncio.ensure_future(broken())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        await _end(*tasks)


async def _until_lost(
    run: Callable[[], Awaitable[None]],
    trying: Awaitable[Tried],
    seconds: float,
    too_long: str,
    name: str,
) -> Tried:
    """What `trying` found while the driver ran; or why it could not."""
    tasks: list[asyncio.Future[Tried | None]] = [
        asyncio.ensure_future(trying),
        asyncio.ensure_future(run()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if tasks[0] in done and (found := tasks[0].result()) is not None:
            return found
        if tasks[1] in done:
            tasks[1].result()
    except DeviceError as error:
        return Tried(Outcome.BAD, error.cause)
    finally:
        await _end(*tasks)
    return Tried(Outcome.BAD, Cause(too_long, name=name))


async def _end(*tasks: "asyncio.Future[Tried | None] | asyncio.Future[Cause]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
