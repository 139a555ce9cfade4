"""From a camera's whole pictures to what viewers take, whoever reads them.

What lay waiting in the camera at the start is dropped up to its newest key frame; then each picture
is handed on as it came, or, where browsers could not show it, encoded once for everybody.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from base.cause import Cause
from devices.assembler import LONGEST_KEY_DISTANCE, CodedPicture
from devices.device import AccessUnit, DeviceError, Picture
from devices.timeline import TICKS, Timeline
from devices.transcode import Transcoder

HandOut = Callable[[AccessUnit, Picture, Cause | None], None]

BACKLOG_WAIT = 0.008
"""Seconds; a picture that had to be waited for longer than this did not lie waiting."""
BACKLOG_LIMIT = 1.5
"""Seconds after which pictures count as live in any case."""
_LATEST = 4.0
"""Seconds that transcoding may fall behind before it starts anew from the live picture."""


@dataclass(slots=True)
class Signs:
    """Of life; read by the loop's watch."""

    heard_at: float
    """When the last picture came, seconds on `time.monotonic()`."""
    key_at: float
    """When the last key frame was handed out."""
    silence: str = "camera.no_answer"
    """What it means if nothing more is heard."""

    @classmethod
    def now(cls) -> "Signs":
        return cls(time.monotonic(), time.monotonic())


class LivePictures:
    """Of one connection. Belongs to one thread at a time."""

    def __init__(
        self,
        name: str,
        *,
        timeline: Timeline,
        signs: Signs,
        hand_out: HandOut,
        picture: Callable[[CodedPicture], Picture],
        transcoder: Callable[[], Transcoder],
    ) -> None:
        """`picture` says how one is that is passed on, `transcoder` makes one for all others."""
        self.live = False
        self.impaired: Cause | None = None
        """Why they are encoded anew; None while they are passed on."""
        self._name = name
        self._timeline = timeline
        self._signs = signs
        self._hand_out = hand_out
        self._picture = picture
        self._make_transcoder = transcoder
        self._transcoder: Transcoder | None = None
        self._newest: tuple[int | None, float] | None = None
        self._held: list[CodedPicture] = []
        self._group: list[CodedPicture] = []
        """The pictures since the last key frame, for a decoder that has to begin in between."""
        self._group_began: int | None = None

    def note(self, pts: int | None, arrived: float) -> None:
        """Something came, of which a picture will be."""
        self._newest = (pts, arrived)

    def go_live(self, frames_per_second: float) -> None:
        """The backlog is over: what lay waiting begins at its newest key frame."""
        if self.live or self._newest is None:
            return
        self.live = True
        self._timeline.begin(*self._newest)
        held, self._held = self._held, []
        step = round(TICKS / frames_per_second)
        for earlier, later in zip(reversed(held[:-1]), reversed(held[1:]), strict=True):
            if earlier.pts is None and later.pts is not None:
                earlier.pts = later.pts - step
        for picture in held:
            self._pass_on(picture)

    def objection(self, picture: CodedPicture) -> Cause | None:
        """Why browsers cannot take this camera's pictures as they are. Each is shown here before it
        is taken, until there is one."""
        if picture.key:
            self._group.clear()
            self._group_began = picture.pts
        elif self._group_began is None:
            self._group_began = picture.pts
        self._group.append(picture)
        if picture.has_b_slices:
            return Cause("camera.b_frames", name=self._name)
        if picture.pts is not None and self._group_began is not None:
            distance = (picture.pts - self._group_began) / TICKS
            if distance > LONGEST_KEY_DISTANCE:
                return Cause("camera.key_frames_rare", name=self._name)
        return None

    def transcode(self, cause: Cause) -> None:
        """From now on they are encoded anew. The one that was objected to is yet to be taken."""
        self.impaired = cause
        self._transcoder = self._make_transcoder()
        self._held.clear()
        for earlier in self._group[:-1]:
            self._transcoder.decode(earlier.data, earlier.pts)
        self._group.clear()

    def take(self, picture: CodedPicture) -> None:
        if self._transcoder is not None:
            self.encode(picture.data, picture.pts, picture.arrived)
        elif self.live:
            self._pass_on(picture)
        else:
            if picture.key:
                self._held.clear()
            if picture.key or self._held:
                self._held.append(picture)

    def encode(self, data: bytes, pts: int | None, arrived: float) -> None:
        """Raises DeviceError where this computer is too slow for it."""
        assert self._transcoder is not None
        if not self.live:
            self._transcoder.decode(data, pts)
            return
        if self._timeline.lateness(pts, arrived) > _LATEST:
            raise DeviceError("camera.too_late", name=self._name)
        for unit in self._transcoder.transcode(data, pts, arrived):
            self._post(unit, self._transcoder.picture)

    def _pass_on(self, picture: CodedPicture) -> None:
        stamp = self._timeline.stamp(picture.pts, picture.arrived)
        unit = AccessUnit(picture.data, stamp, picture.key, picture.arrived)
        self._post(unit, self._picture(picture))

    def _post(self, unit: AccessUnit, picture: Picture) -> None:
        if unit.key:
            self._signs.key_at = unit.arrived
        self._hand_out(unit, picture, self.impaired)
