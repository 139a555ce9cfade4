"""Presets of the hall's cameras: which there are, and going to one."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Protocol, TypeVar

from base.cause import Cause, Refused
from devices.device import DeviceError, Steerable, VideoSource
from rooms.equipment import Equipment

log = logging.getLogger(__name__)

T = TypeVar("T")


class SteerableCamera(VideoSource, Steerable, Protocol):
    """Both, as the type checker knows it."""


async def presets_of(camera: VideoSource, seconds: float) -> tuple[tuple[str, str], ...]:
    """Token and name of each; none where it cannot be steered, or does not answer."""
    if not isinstance(camera, Steerable):
        return ()
    try:
        return tuple(await _answer(camera, camera.presets(), seconds))
    except DeviceError as error:
        log.info("%s: its presets cannot be read: %s", camera.id, error.cause)
        return ()


async def go_to_preset(equipment: Equipment, camera_id: str, token: str, seconds: float) -> None:
    """Raises Refused: `camera.unknown`, `camera.not_steerable`, or the camera's own cause."""
    camera = steerable(equipment, camera_id)
    assert isinstance(camera, VideoSource)
    await ask(camera, camera.go_to_preset(token), seconds)


def find(equipment: Equipment, camera_id: str) -> VideoSource:
    """Raises Refused: `camera.unknown`."""
    for camera in equipment.cameras:
        if camera.id == camera_id:
            return camera
    raise Refused("camera.unknown")


def steerable(equipment: Equipment, camera_id: str) -> "SteerableCamera":
    """Raises Refused: `camera.unknown`, `camera.not_steerable`."""
    camera = find(equipment, camera_id)
    if not isinstance(camera, Steerable):
        raise Refused("camera.not_steerable", name=camera.name)
    return camera


async def ask(camera: VideoSource, waiting: Awaitable[T], seconds: float) -> T:
    """Raises Refused with the camera's own cause."""
    try:
        return await _answer(camera, waiting, seconds)
    except DeviceError as error:
        raise Refused(error.cause.code, **error.cause.params) from error


async def point_all(equipment: Equipment, preset: str, seconds: float) -> tuple[Cause, ...]:
    """Turn every camera that has a preset of this name to it; what did not work is returned."""
    if not preset:
        return ()
    outcomes = await asyncio.gather(
        *(
            _point(camera, preset, seconds)
            for camera in equipment.cameras
            if isinstance(camera, Steerable)
        )
    )
    if not any(found for found, _ in outcomes):
        return (Cause("room.preset_unknown", preset=preset),)
    return tuple(cause for _, cause in outcomes if cause is not None)


async def stop_all(found: Iterable[VideoSource], seconds: float) -> None:
    """No camera goes on turning by itself; one that does not answer is left alone."""

    async def stop(camera: VideoSource) -> None:
        if isinstance(camera, Steerable):
            try:
                await _answer(camera, camera.stop_moving(), seconds)
            except DeviceError as error:
                log.warning("%s may still be turning: %s", camera.id, error.cause)

    await asyncio.gather(*(stop(camera) for camera in found))


async def _point(camera: Steerable, preset: str, seconds: float) -> tuple[bool, Cause | None]:
    """Whether the camera could have the preset, and what went wrong."""
    assert isinstance(camera, VideoSource)
    try:
        return await _answer(camera, _go(camera, preset), seconds), None
    except DeviceError as error:
        return True, error.cause


async def _go(camera: Steerable, preset: str) -> bool:
    """Whether there is such a preset. Raises DeviceError."""
    for token, name in await camera.presets():
        if name == preset:
            await camera.go_to_preset(token)
            return True
    return False


async def _answer(camera: VideoSource, waiting: Awaitable[T], seconds: float) -> T:
    """Raises DeviceError, whatever the driver's mistake."""
    try:
        async with asyncio.timeout(seconds):
            return await waiting
    except TimeoutError:
        raise DeviceError("camera.too_slow", name=camera.name) from None
    except DeviceError:
        raise
    except Exception as error:
        log.exception("%s: unexpected error in its driver", camera.id)
        raise DeviceError("device.unexpected", name=camera.name) from error
