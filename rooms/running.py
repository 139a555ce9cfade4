"""The machinery under the room's commands: one change at a time, and what the devices say.

A command checks, stores and only then takes effect (`_do`); what follows from it stands in
`directing`, and how it is shown in `drawn`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from base.cause import Parameter, Refused
from base.latest import Latest
from devices.device import Condition, Controls, Device, Health, VideoSource
from rooms import health_history, store
from rooms.cameras import presets_of
from rooms.change import Change
from rooms.directing import DirectedRoom
from rooms.meeting import GUESTS, Action, Actor, Meeting, check_allowed
from rooms.view import (
    Role,
)
from storage.errors import StorageError

log = logging.getLogger(__name__)

T = TypeVar("T")


class RunningRoom(DirectedRoom):
    """State, storing, drawing. Belongs to the event loop's thread."""

    # One change at a time

    async def _do(
        self,
        action: Action,
        by: Actor | None,
        change: Callable[[], Change],
        **params: Parameter,
    ) -> None:
        """Check, store, take effect, draw. A caller that goes away does not break it off."""
        await self._finished(self._command(action, by, change, params))
        await self._drawing.request()

    async def _finished(self, work: Awaitable[T]) -> T:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def _command(
        self,
        action: Action,
        by: Actor | None,
        change: Callable[[], Change],
        params: dict[str, Parameter],
    ) -> None:
        self._check(action, by)
        async with self._lock:
            self._check(action, by)
            await self._make(change(), self._line(action, by, **params))
        if by is None or by.role not in GUESTS:
            self._touch()
        if by is not None and by.role in (Role.LEADER, Role.SECRETARY):
            self._restored = None

    async def _house_does(
        self, action: str, change: Callable[[], Change | None], **params: Parameter
    ) -> None:
        """What happens by itself. `change` is None where there is no need for it any more."""
        async with self._lock:
            made = change()
            if made is not None:
                await self._make(made, self._line(action, None, **params))

    async def _make(self, change: Change, line: store.Line) -> None:
        def write(connection: Connection) -> None:
            change.store(connection)
            store.append(connection, line)

        if change.protects:
            self._take_effect(change)
        await self._store(write)
        if not change.protects:
            self._take_effect(change)

    async def _store(self, write: Callable[[Connection], object]) -> None:
        with self._minding_the_disk():
            await self._database.write(write)

    @contextmanager
    def _minding_the_disk(self) -> Iterator[None]:
        """What the disk refuses is a notice until it takes something again."""
        try:
            yield
        except StorageError as error:
            if self._storage_notice != error.cause:
                self._storage_fault = Health(Condition.FAILED, error.cause)
            self._storage_notice = error.cause
            self._drawing.request()
            raise
        if self._storage_notice is not None:
            self._storage_notice = self._storage_fault = None
            self._drawing.request()

    def _take_effect(self, change: Change) -> None:
        change.apply()
        self._update_floor()
        self._direct()
        self._drawing.request()

    def _check(self, action: Action, by: Actor | None) -> None:
        if not self.ready.is_set():
            raise Refused("room.starting")
        check_allowed(action, self._meeting.phase, by)

    def _line(self, action: str, by: Actor | None, **params: Parameter) -> store.Line:
        return store.Line(
            at=self._clock.now(),
            meeting_id=self._meeting.id,
            role=by.role.value if by else "house",
            name=by.name if by else "",
            action=action,
            params=params,
        )

    def _alter(self, *, protects: bool = False, **fields: Any) -> Change:
        """A change of the meeting itself."""
        changed = replace(self._meeting, **fields)
        return Change(
            lambda connection: store.save_meeting(connection, changed),
            partial(self._put, changed),
            protects,
        )

    def _put(self, meeting: Meeting) -> None:
        self._meeting = meeting

    def _touch(self) -> None:
        self._touched = self._clock.monotonic()
        self._alone_notice = None

    # From the devices

    async def _watch(self, latest: Latest[Any]) -> None:
        async for _ in latest.changes():
            self._drawing.request()

    async def _watch_health(self, device: Device) -> None:
        await self._keep_noting(device.id, device.health, lambda health: health)

    async def _keep_noting(
        self, signal: str, latest: Latest[T], health_of: Callable[[T], Health | None]
    ) -> None:
        noted: Health | None = None
        async for value in latest.changes():
            self._drawing.request()
            health = health_of(value)
            if health is None or health.condition in health_history.NO_NEWS or health == noted:
                continue
            noted = health
            await self._note(signal, health)

    async def _watch_pictures(self) -> None:
        """What was wrong with one, and that it is over."""
        noted: dict[str, Health] = {}
        async for found in self._equipment.pictures.found.changes():
            self._drawing.request()
            for camera_id, health in found.items():
                before = noted.get(camera_id)
                noted[camera_id] = health
                if health != before and (health.cause or before):
                    await self._note(camera_id, health)

    async def _note(self, device_id: str, health: Health) -> None:
        if health.condition in health_history.FAULTS:
            self._last_faults[device_id] = health
        try:
            await self._store(partial(health_history.note, device=device_id, health=health))
        except StorageError as error:
            log.warning("%s: its health cannot be kept: %s", device_id, error.cause)

    async def _watch_media(self, latest: Latest[Any]) -> None:
        async for _ in latest.changes():
            self._update_floor()
            self._direct_picture()
            self._drawing.request()

    async def _watch_camera(self, camera: VideoSource) -> None:
        async for health in camera.health.changes():
            if health.condition in (Condition.WORKING, Condition.IMPAIRED):
                await self._read_presets(camera)

    async def _watch_controls(self, camera: VideoSource, controls: Latest[Controls]) -> None:
        """A camera whose picture is there may be found to be steerable only later."""
        async for _ in controls.changes():
            await self._read_presets(camera)

    async def _read_presets(self, camera: VideoSource) -> None:
        self._presets[camera.id] = await presets_of(camera, self._clock.patience_seconds)
        self._drawing.request()
