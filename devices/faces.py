"""Looks for faces in a live picture, some times a second, in a thread of its own.

    finder = FaceFinder()
    finder.look(frame, now)           # None, or what the last look found
    finder.close()

OpenCV's Haar cascade for faces seen from the front takes 15 to 25 ms for a picture of 640×360. A
machine for which that is much looks more rarely, so that no more than a quarter of one core is
taken.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from av.video.frame import VideoFrame
from cv2.data import haarcascades
from numpy.typing import NDArray

from devices.framing import Box
from devices.transcode import fit, lines

LARGEST: Final = (640, 360)
"""Width and height of the picture that is searched."""
LEAST: Final = 20
"""Pixels of it: a face that is smaller is not found."""
APART_SECONDS: Final = 0.25
"""From look to look."""
SHARE: Final = 0.25
"""Of one core, at most."""
_CASCADE: Final = "haarcascade_frontalface_alt2.xml"

log = logging.getLogger(__name__)


class FaceFinder:
    """Belongs to the thread that reads the camera."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="faces")
        self._under_way: Future[tuple[list[Box], float]] | None = None
        self._began = 0.0
        self._next = 0.0
        self._cascade: cv2.CascadeClassifier | None = None
        self._complained = False

    def look(self, frame: VideoFrame, now: float) -> list[Box] | None:
        """What a look that has ended found; None where there is nothing new. Begins the next one
        with this picture when it is time. Never waits, `now` is on `time.monotonic()`."""
        found: list[Box] | None = None
        if self._under_way is not None and self._under_way.done():
            found, cost = self._outcome(self._under_way)
            self._under_way = None
            self._next = self._began + max(APART_SECONDS, cost / SHARE)
        if self._under_way is None and now >= self._next:
            self._began = now
            self._under_way = self._pool.submit(self._find, _small(frame))
        return found

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _outcome(self, look: "Future[tuple[list[Box], float]]") -> tuple[list[Box], float]:
        try:
            return look.result()
        except Exception:
            if not self._complained:
                self._complained = True
                log.exception("faces cannot be looked for; the whole picture is shown")
            return [], 0.0

    def _find(self, grey: NDArray[np.uint8]) -> tuple[list[Box], float]:
        """And how many seconds of the processor it took."""
        began = time.thread_time()
        if self._cascade is None:
            cv2.setNumThreads(1)  # the other cores are for the meeting
            self._cascade = cv2.CascadeClassifier(str(Path(haarcascades) / _CASCADE))
        return find(self._cascade, grey), time.thread_time() - began


def find(cascade: cv2.CascadeClassifier, grey: NDArray[np.uint8]) -> list[Box]:
    """Faces in a grey picture, height × width. Blocks."""
    height, width = grey.shape
    found = cascade.detectMultiScale(grey, 1.15, 4, minSize=(LEAST, LEAST))
    return [
        Box(left / width, top / height, across / width, down / height)
        for left, top, across, down in np.asarray(found).reshape(-1, 4).tolist()
    ]


def _small(frame: VideoFrame) -> NDArray[np.uint8]:
    width, height = fit(frame.width, frame.height, *LARGEST)
    grey = frame.reformat(width, height, format="gray")
    return lines(grey.planes[0])[:height, :width].copy()
