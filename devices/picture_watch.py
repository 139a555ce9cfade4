"""Looks at what cameras show, as long as it is told to, and says what is wrong with it.

    watch = PictureWatch(cameras)
    task_group.create_task(watch.run())
    watch.look(True)                       # nobody looks into the hall unsaid: `Room` decides
    watch.found.value.get("camera")        # None until it is measured

Of each camera one key frame every two seconds is decoded, in a worker thread: 3 ms at 720p.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from base.cause import Cause
from base.latest import Latest
from devices.device import AccessUnit, Condition, Health, VideoSource
from devices.judging import Judge, look_at

PAUSE_SECONDS: Final = 0.25
APART_SECONDS: Final = 1.5
"""Between two pictures that are looked at."""
STALE_SECONDS: Final = 10.0
"""After so long without a picture nothing is known of it any more."""

Found = Mapping[str, Health]
"""By the camera's id, those alone that are measured: WORKING, or IMPAIRED with the cause."""


class PictureWatch:
    """Belongs to the event loop's thread."""

    def __init__(self, cameras: Sequence[VideoSource] = ()) -> None:
        self.found: Latest[Found] = Latest(MappingProxyType({}))
        self._cameras = cameras
        self._looks = asyncio.Event()
        self._ended = 0
        """How many looks there were; another one begins from nothing."""
        self._kept: frozenset[str] = frozenset()
        """Cameras of which the last look found something wrong, until the next one has a finding
        of its own."""

    def look(self, looking: bool, *, keep: bool = False) -> None:
        """Begin, or end: from then on nothing is known, or with `keep` what was wrong alone."""
        if looking:
            self._looks.set()
            return
        if self._looks.is_set():
            self._looks.clear()
            self._ended += 1
        known = self.found.value
        ill = {id_: seen for id_, seen in known.items() if keep and seen.cause is not None}
        self._kept = frozenset(ill)
        if ill != known:
            self.found.set(MappingProxyType(ill))

    def measured(self, camera_id: str) -> Health | None:
        """What this look has found; None before it has found anything."""
        return None if camera_id in self._kept else self.found.value.get(camera_id)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for camera in self._cameras:
                group.create_task(self._watch(camera))

    async def _watch(self, camera: VideoSource) -> None:
        while True:
            await self._looks.wait()
            newest: list[AccessUnit] = []

            def keep(unit: AccessUnit, newest: list[AccessUnit] = newest) -> None:
                if unit.key:
                    newest[:] = [unit]

            leave = camera.subscribe(keep)
            try:
                await self._look(camera, newest)
            finally:
                leave()

    async def _look(self, camera: VideoSource, newest: list[AccessUnit]) -> None:
        """Until it is told to end."""
        judge, last, ended = Judge(), 0.0, self._ended
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            if self._ended != ended:
                return
            unit = newest[0] if newest else None
            if unit is not None and unit.arrived - last >= APART_SECONDS:
                last = unit.arrived
                look = await asyncio.to_thread(look_at, unit.data)
                if self._ended != ended:
                    return
                if look is not None:
                    judge.add(look, unit.arrived)
            elif time.monotonic() - last >= STALE_SECONDS:
                judge = Judge()
            self._tell(camera, judge)

    def _tell(self, camera: VideoSource, judge: Judge) -> None:
        known = dict(self.found.value)
        if judge.measured:
            known[camera.id] = finding(camera, judge)
            self._kept -= {camera.id}
        elif camera.id not in self._kept:
            known.pop(camera.id, None)
        if known != self.found.value:
            self.found.set(MappingProxyType(known))


def finding(camera: VideoSource, judge: Judge) -> Health:
    """What a judge says, as the health of the picture."""
    if judge.fault is None:
        return Health(Condition.WORKING)
    return Health(Condition.IMPAIRED, Cause(f"camera.{judge.fault}", name=camera.name))
