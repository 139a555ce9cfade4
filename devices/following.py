"""A picture that follows the faces in it, for a camera whose pictures are encoded in this house.

Belongs to the thread that reads the camera.
"""

import threading
from collections.abc import Callable

from av.video.frame import VideoFrame

from devices.cropping import cropped
from devices.faces import FaceFinder
from devices.framing import WIDE, Framer


class FaceFollower:
    def __init__(self, wanted: threading.Event, tell: Callable[[int], None]) -> None:
        """It follows while it is `wanted`; `tell` is called with how many faces are followed,
        whenever that changes."""
        self._wanted = wanted
        self._tell = tell
        self._finder = FaceFinder()
        self._framer = Framer()
        self._told = 0

    def cut(self, frame: VideoFrame, width: int, height: int, now: float) -> VideoFrame:
        """What of this picture goes out, of this size where it is not all of it. `now` is on
        `time.monotonic()`."""
        if self._wanted.is_set():
            found = self._finder.look(frame, now)
            if found is not None:
                self._framer.see(found, now)
        else:
            self._framer.let_go()
        crop = self._framer.crop(now)
        if self._framer.people != self._told:
            self._told = self._framer.people
            self._tell(self._told)
        return frame if crop == WIDE else cropped(frame, crop, width, height)

    def rest(self) -> None:
        """Nobody watches: the next picture is a whole one."""
        self._framer = Framer()
        if self._told:
            self._told = 0
            self._tell(0)

    def close(self) -> None:
        self.rest()
        self._finder.close()
