"""Presets of the hall's cameras: which there are, and going to one."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Final, TypeVar

from base.cause import Cause, Refused
from devices.device import DeviceError, Steerable, VideoSource
from rooms.equipment import Equipment

CAMERA_SECONDS: Final = 4.0
"""How long a camera may keep a person waiting."""

log = logging.getLogger(__name__)

T = TypeVar("T")


async def presets_of(camera: VideoSource) -> tuple[tuple[str, str], ...]:
    """Token and name of each; none where it cannot be steered, or does not answer."""
    if not isinstance(camera, Steerable):
        return ()
    try:
        return tuple(await _answer(camera, camera.presets()))
    except DeviceError as error:
        log.info("%s: its presets cannot be read: %s", camera.id, error.cause)
        return ()


async def go_to_preset(equipment: Equipment, camera_id: str, token: str) -> None:
    """Raises Refused: `camera.unknown`, `camera.not_steerable`, or the camera's own cause."""
    camera = next((camera for camera in equipment.cameras if camera.id == camera_id), None)
    if camera is None:
        raise Refused("camera.unknown")
    if not isinstance(camera, Steerable):
        raise Refused("camera.not_steerable", name=camera.name)
    try:
        await _answer(camera, camera.go_to_preset(token))
    except DeviceError as error:
        raise Refused(error.cause.code, **error.cause.params) from error


async def point_all(equipment: Equipment, preset: str) -> tuple[Cause, ...]:
    """Turn every camera that has a preset of this name to it; what did not work is returned."""
    if not preset:
        return ()
    outcomes = await asyncio.gather(
        *(_point(camera, preset) for camera in equipment.cameras if isinstance(camera, Steerable))
    )
    if not any(found for found, _ in outcomes):
        return (Cause("room.preset_unknown", preset=preset),)
    return tuple(cause for _, cause in outcomes if cause is not None)


async def _point(camera: Steerable, preset: str) -> tuple[bool, Cause | None]:
    """Whether the camera could have the preset, and what went wrong."""
    assert isinstance(camera, VideoSource)
    try:
        tokens = {name: token for token, name in await _answer(camera, camera.presets())}
        if preset not in tokens:
            return False, None
        await _answer(camera, camera.go_to_preset(tokens[preset]))
    except DeviceError as error:
        return True, error.cause
    return True, None


async def _answer(camera: VideoSource, waiting: Awaitable[T]) -> T:
    """Raises DeviceError, whatever the driver's mistake."""
    try:
        async with asyncio.timeout(CAMERA_SECONDS):
            return await waiting
    except TimeoutError:
        raise DeviceError("camera.too_slow", name=camera.name) from None
    except DeviceError:
        raise
    except Exception as error:
        log.exception("%s: unexpected error in its driver", camera.id)
        raise DeviceError("device.unexpected", name=camera.name) from error
