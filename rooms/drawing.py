"""Draws the `RoomView` from the parts of the room, at most 20 times a second."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from base.cause import Cause
from devices.device import (
    Adjustable,
    Condition,
    Device,
    Display,
    Echo,
    Following,
    Health,
    Power,
    Steerable,
)
from rooms.equipment import Equipment
from rooms.meeting import Meeting
from rooms.view import DeviceView, Phase, SoundView

PAUSE_SECONDS = 0.05

log = logging.getLogger(__name__)

Presets = Mapping[str, tuple[tuple[tuple[str, str], ...], frozenset[str]]]
"""Of each camera, by its id; and the tokens of those of which there is a picture."""
Faults = Mapping[str, Health]
"""The last one of each device, by its id."""


class Drawing:
    """Calls `draw` soon, however often it is asked to."""

    def __init__(self, draw: Callable[[], None]) -> None:
        self._draw = draw
        self._drawn_at = -PAUSE_SECONDS
        self._next: asyncio.Future[None] | None = None

    def request(self) -> asyncio.Future[None]:
        """Done once it is drawn as things stand now. Each who waits has one of his own: whoever is
        cancelled takes nobody else with him."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.create_future()
            loop.call_at(self._drawn_at + PAUSE_SECONDS, self._draw_now)
        return asyncio.shield(self._next)

    def _draw_now(self) -> None:
        self._drawn_at = asyncio.get_running_loop().time()
        done, self._next = self._next, None
        try:
            self._draw()
        except Exception:
            log.exception("the room could not be drawn")
        if done is not None and not done.done():
            done.set_result(None)


@dataclass(frozen=True, slots=True)
class Hall:
    """What the hall's equipment looks like at one moment."""

    devices: tuple[DeviceView, ...]
    sound: SoundView
    safe_to_switch_off: bool


def look_at(
    equipment: Equipment, presets: Presets, faults: Faults, meeting: Meeting, volume: int
) -> Hall:
    """`volume` is what is remembered, for a hall without sound."""
    sound = equipment.sound
    display = equipment.display
    devices = equipment.devices()
    return Hall(
        devices=tuple(_device(device, equipment, presets, faults) for device in devices),
        sound=SoundView(
            microphone_open=sound is not None and sound.microphone_open.value,
            muted=meeting.muted,
            volume=volume if sound is None else sound.volume.value,
            echo=Echo() if sound is None else sound.echo.value,
            gain=sound.gain.value if sound is not None else None,
            knob=sound.knob.value if sound is not None else None,
        ),
        safe_to_switch_off=meeting.phase is Phase.IDLE
        and (display is None or display.state.value.power is Power.OFF),
    )


def device_notices(equipment: Equipment) -> tuple[Cause, ...]:
    """What failed, then what is impaired, then what takes its time."""
    found: list[Cause] = []
    for condition in (Condition.FAILED, Condition.IMPAIRED):
        for device in equipment.devices():
            health = equipment.health_of(device)
            if health.condition is condition:
                found.append(health.cause or Cause(f"room.device_{condition}", name=device.name))
    display = equipment.display
    if display is not None and display.state.value.power is Power.WARMING:
        found.append(Cause("room.projector_warming", name=display.name))
    if display is not None and display.state.value.power is Power.COOLING:
        found.append(Cause("room.projector_cooling", name=display.name))
    return tuple(found)


def _device(device: Device, equipment: Equipment, presets: Presets, faults: Faults) -> DeviceView:
    known, pictured = presets.get(device.id, ((), frozenset()))
    return DeviceView(
        id=device.id,
        kind=device.kind,
        name=device.name,
        health=equipment.health_of(device),
        display=device.state.value if isinstance(device, Display) else None,
        presets=known,
        pictured=pictured,
        controls=device.controls.value if isinstance(device, Steerable) else None,
        advice=device.advice.value if isinstance(device, Adjustable) else None,
        framing=device.framing.value if isinstance(device, Following) else None,
        last_fault=faults.get(device.id),
        picture=equipment.pictures.found.value.get(device.id),
    )
