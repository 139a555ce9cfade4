"""A feed is one picture on its way to anybody who wants to see it.

    feed = Feed("camera", Codec.H264)
    feed.publish(frame)             # the source, once for each picture
    feed.add(outgoing)              # a viewer: gets the pictures since the last key frame at once

The pictures since the last key frame are kept, so that a late viewer sees something within a
quarter of a second instead of waiting for the next key frame.
"""

import logging
from collections.abc import Callable
from typing import Protocol

from rooms.media.payloads import Codec, Frame

KEPT_BYTES = 8_000_000
"""A group of pictures larger than this is not kept; a late viewer then waits for the next."""

logger = logging.getLogger(__name__)


class Viewer(Protocol):
    def show(self, feed: "Feed", frame: Frame) -> None:
        """Take one picture; must not block."""


class Feed:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        name: str,
        codec: Codec,
        request_key_frame: Callable[[], None] | None = None,
        wanted: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`request_key_frame` is None where the source cannot be asked: then the kept pictures are
        shown again. `wanted` is told when the first viewer comes (True) and the last one goes."""
        self.name = name
        self.codec = codec
        self.request_key_frame = request_key_frame
        self.recent: list[Frame] = []
        """Since the last key frame, which is the first."""
        self.octets = 0
        """Of all pictures so far."""
        self._recent_bytes = 0
        self._wanted = wanted
        self._viewers: dict[Viewer, None] = {}

    @property
    def viewers(self) -> int:
        return len(self._viewers)

    def add(self, viewer: Viewer) -> None:
        first = not self._viewers
        self._viewers[viewer] = None
        if first:
            self._wanted(True)

    def remove(self, viewer: Viewer) -> None:
        if self._viewers.pop(viewer, self) is None and not self._viewers:
            self._wanted(False)

    def publish(self, frame: Frame) -> None:
        size = sum(map(len, frame.payloads))
        self.octets += size
        if frame.key:
            self.recent.clear()
            self._recent_bytes = 0
        if frame.key or self.recent:
            self.recent.append(frame)
            self._recent_bytes += size
            if self._recent_bytes > KEPT_BYTES:
                self.recent.clear()
                self._recent_bytes = 0
        for viewer in tuple(self._viewers):
            viewer.show(self, frame)

    def forget(self) -> None:
        """The source was lost: what is kept is no picture of now."""
        self.recent.clear()
        self._recent_bytes = 0
