"""What everybody sees of the hall: one of its cameras, or a sentence where none shows anything.

    hall = HallPicture(cameras, draw)
    task_group.create_task(hall.run())
    hall.show(cameras[1])                  # from its next key frame on
    hall.show(None, Cause("picture.lost", name="Camera sân khấu"))

It is one stream for its viewers, whatever stands behind it: times go on, and each change comes with
a key frame, so that a browser plays on and nothing is negotiated again. A camera that falls silent
is covered by the sentence before its driver has given it up, and is back by itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from base.cause import Cause
from base.latest import Latest
from devices.device import (
    AccessUnit,
    Kind,
    Picture,
    Restable,
    Unsubscribe,
    VideoSource,
)
from devices.outlet import FromOutlet, Outlet
from devices.still import PER_SECOND, Drawn, Still
from devices.timeline import TICKS

SILENT_SECONDS: Final = 3.0
"""Without a picture, in a meeting; the longest pause of a camera that works is a tenth of it."""

log = logging.getLogger(__name__)


class HallPicture(FromOutlet):
    """A `VideoSource` whose health never fails, whatever the cameras do. Belongs to the event
    loop's thread."""

    kind = Kind.CAMERA
    id = "hall"
    name = "hall"

    def __init__(self, cameras: Sequence[VideoSource], draw: Callable[[Cause], Drawn]) -> None:
        """`draw` makes a picture of what is the matter; it is called in a thread of its own."""
        self.shown: Latest[VideoSource | None] = Latest(None)
        """Whose pictures they are; None is the sentence."""
        self._cameras = tuple(cameras)
        self._draw = draw
        self._outlet = Outlet(self.id)
        self._wanted: VideoSource | None = None
        self._cause: Cause | None = None
        self._leave: dict[VideoSource, Unsubscribe] = {}
        self._heard = time.monotonic()
        self._watched = False
        self._last = 0
        """Timestamp of the newest picture that went out."""
        self._shift = 0
        self._stills: dict[Cause, Still] = {}
        self._number = 0
        if cameras:
            self.show(cameras[0])

    def request_key_frame(self) -> None:
        if self._wanted is not None:
            self._wanted.request_key_frame()

    def show(self, camera: VideoSource | None, cause: Cause | None = None) -> None:
        """From now on this camera, or the sentence; `cause` is what is said where there is no
        picture, None that the camera's is awaited."""
        self._cause = cause
        if camera is self._wanted:
            return
        before, self._wanted = self._wanted, camera
        if before is not None and before is not self.shown.value:
            self._leave.pop(before)()
        if camera is None:
            self._cover()
        elif camera not in self._leave:
            self._leave[camera] = camera.subscribe(partial(self._take, camera))
            camera.request_key_frame()
        self._tell_cameras()

    def watch(self, watched: bool) -> None:
        """Whether somebody sees it: cameras do no more than they must where nobody does."""
        if watched is not self._watched:
            self._watched = watched
            self._heard = time.monotonic()
            self._tell_cameras()

    async def run(self) -> None:
        """Cover what is not there, until cancelled."""
        while True:
            await asyncio.sleep(1 / PER_SECOND)
            silent = time.monotonic() - self._heard > SILENT_SECONDS
            if self.shown.value is not None and silent and self._watched:
                log.warning("%s: no picture for some seconds", self.shown.value.id)
                self._cover()
            if self.shown.value is None and self._watched:
                await self._show_still()

    def _tell_cameras(self) -> None:
        for camera in self._cameras:
            if isinstance(camera, Restable):
                camera.rest(not (self._watched and camera in (self._wanted, self.shown.value)))

    def _take(self, camera: VideoSource, unit: AccessUnit) -> None:
        if camera is not self.shown.value:
            if camera is not self._wanted or not unit.key:
                return
            before = self.shown.value
            self.shown.set(camera)
            if before is not None:
                self._leave.pop(before)()
            self._shift = max(0, self._last + TICKS // 30 - unit.timestamp)
            self._tell_cameras()
        self._heard = time.monotonic()
        if self._shift:
            unit = replace(unit, timestamp=unit.timestamp + self._shift)
        self._hand_out(unit, camera.picture.value)

    def _cover(self) -> None:
        shown = self.shown.value
        self.shown.set(None)
        self._number = 0
        if shown is not None and shown is not self._wanted:
            self._leave.pop(shown)()

    async def _show_still(self) -> None:
        name = (self._wanted or self._cameras[0]).name if self._cameras else ""
        cause = self._cause or Cause("picture.lost", name=name)
        if cause not in self._stills:
            self._stills[cause] = await asyncio.to_thread(lambda: Still(self._draw(cause)))
            self._number = 0
        if self.shown.value is not None:
            return  # it came back meanwhile
        still = self._stills[cause]
        now = time.monotonic()
        stamp = max(round(now * TICKS), self._last + TICKS // 30)
        self._hand_out(still.unit(self._number, stamp, now), still.picture)
        self._number += 1

    def _hand_out(self, unit: AccessUnit, picture: Picture | None) -> None:
        self._last = unit.timestamp
        if picture is None:
            self._outlet.send(unit)
        else:
            self._outlet.hand_out(unit, picture, None)
