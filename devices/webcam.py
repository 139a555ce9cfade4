"""A USB webcam (or whatever else PyAV opens as a live picture), encoded once for everybody.

It is read as long as it runs, also while nobody watches: the first viewer then has a picture at
once, and a webcam that would fail is found before the meeting and not in it. Resting, it decodes
and encodes one picture every two seconds and drops the others as they come. While it is watched it
follows the faces in its picture, where that is wanted. Where it is not, and the webcam codes H.264
itself with key frames often enough, that is passed on as it is.
"""

import asyncio
import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import av
from av.container import InputContainer
from av.error import ArgumentError, FFmpegError, InvalidDataError
from av.video.frame import VideoFrame

from base.cause import Cause
from base.latest import Latest
from config.settings import Webcam as WebcamSettings
from devices.assembler import LONGEST_KEY_DISTANCE, Assembler
from devices.device import (
    AccessUnit,
    DeviceError,
    Framing,
    Kind,
    Picture,
)
from devices.following import FaceFollower
from devices.outlet import FromOutlet, Outlet
from devices.reader import read_in_thread
from devices.timeline import TICKS, Timeline
from devices.transcode import Encoder, fit
from devices.video4linux.modes import read_modes, ways
from devices.video4linux.nodes import is_shared
from devices.video4linux.plugs import plugged_in

log = logging.getLogger(__name__)

RESTING_SECONDS = 2.0
"""From picture to picture, while nobody watches."""
ASKED_SECONDS = 0.5
"""The same where somebody asks for one."""
_OPEN_TIMEOUT, _READ_TIMEOUT = 8.0, 4.0
"""Backstops of libav, for a thread that was left behind; the watch on the loop is quicker."""
_CAUSES = {
    errno.ENOENT: "webcam.missing",
    errno.ENXIO: "webcam.missing",
    errno.ENODEV: "webcam.unplugged",
    errno.EIO: "webcam.unplugged",
    errno.EBUSY: "webcam.busy",
    errno.EACCES: "webcam.forbidden",
    errno.EPERM: "webcam.forbidden",
}


class Webcam(FromOutlet):
    """A `VideoSource`, `Restable`, `Following` and `Pluggable`. Its subscribers outlive its being
    unplugged."""

    kind = Kind.CAMERA

    def __init__(self, settings: WebcamSettings, *, silent_after: float = 8.0) -> None:
        """`silent_after`: seconds without a picture that count as a loss."""
        self.id = settings.id
        self.name = settings.name
        self._settings = settings
        self._silent_after = silent_after
        self._outlet = Outlet(settings.id)
        self._timeline = Timeline()
        self._key_wanted = threading.Event()
        self._heard_at = 0.0
        self._resting = threading.Event()
        self._follows = threading.Event()
        self._impaired: Cause | None = None
        self._codes_badly = False
        """What it codes itself was seen not to suit."""
        self._framing = Latest(Framing(settings.follow_faces))
        self.follow_faces(settings.follow_faces)

    def request_key_frame(self) -> None:
        """The next picture is coded as a key frame."""
        self._key_wanted.set()

    def rest(self, resting: bool) -> None:
        if not resting and self._resting.is_set():
            self._key_wanted.set()
        (self._resting.set if resting else self._resting.clear)()

    @property
    def framing(self) -> Latest[Framing]:
        return self._framing

    def follow_faces(self, wanted: bool) -> None:
        (self._follows.set if wanted else self._follows.clear)()
        self._framing.set(replace(self._framing.value, wanted=wanted))

    async def plugged_in(self) -> None:
        await plugged_in("video4linux", self._appears())

    def _appears(self) -> Callable[[], bool]:
        path = Path(self._settings.input)
        was_there = path.exists()
        return lambda: not was_there and path.exists()

    async def run(self) -> None:
        """Raises DeviceError with the cause of the loss."""
        self._outlet.starting()
        self._heard_at = time.monotonic()
        loop = asyncio.get_running_loop()

        def read(stopped: threading.Event) -> None:
            def hand_out(unit: AccessUnit, picture: Picture) -> None:
                if not stopped.is_set():
                    self._outlet.hand_out(unit, picture, self._impaired)

            def tell(people: int) -> None:
                if not stopped.is_set():
                    loop.call_soon_threadsafe(self._tell_people, people)

            follower = FaceFollower(self._follows, tell)
            try:
                for unit, picture in self._read(stopped, follower):
                    loop.call_soon_threadsafe(hand_out, unit, picture)
            finally:
                follower.close()

        try:
            await read_in_thread(read, self._watch, name=f"webcam-{self.id}")
        finally:
            self._tell_people(0)

    def _tell_people(self, people: int) -> None:
        self._framing.set(replace(self._framing.value, people=people))

    def _watch(self) -> None:
        if time.monotonic() - self._heard_at > self._silent_after:
            raise DeviceError("webcam.stalled", name=self.name)

    def _read(
        self, stopped: threading.Event, follower: FaceFollower
    ) -> Iterator[tuple[AccessUnit, Picture]]:
        failure, again, opened = "webcam.unplugged", True, False
        try:
            while again and not stopped.is_set():
                with self._open() as container:
                    opened = True
                    self._timeline.begin()
                    if self._takes_as_it_is(container):
                        again = yield from self._pass_on(container, stopped)
                    else:
                        again = False
                        yield from self._encode(container, stopped, follower)
        except FFmpegError as error:
            # Of one that was pulled out while it was read, the kernel says EINVAL.
            unknown = "webcam.unplugged" if opened else "webcam.unusable"
            failure = _CAUSES.get(error.errno or 0, unknown)
        if not stopped.is_set():
            raise DeviceError(failure, name=self.name, input=self._settings.input)

    def _open(self) -> InputContainer:
        """The way that suits best, then the next best, then as the webcam itself would have it."""
        settings = self._settings
        attempts: list[dict[str, str]] = []
        shared = is_shared(settings.input)
        self._impaired = Cause("webcam.two_alike", name=self.name) if shared else None
        if settings.format == "v4l2":
            with contextlib.suppress(OSError):  # libav says what is the matter, as a cause
                modes = read_modes(settings.input)
                wanted = settings.width, settings.height, settings.frames_per_second
                own = not self._follows.is_set() and not self._codes_badly
                attempts = [way.options for way in ways(modes, *wanted, own_h264=own)]
        for options in attempts:
            with contextlib.suppress(ArgumentError):
                return self._open_with(options)
        return self._open_with({})

    def _open_with(self, options: dict[str, str]) -> InputContainer:
        return av.open(
            self._settings.input,
            mode="r",
            format=self._settings.format,
            options=options,
            timeout=(_OPEN_TIMEOUT, _READ_TIMEOUT),
        )

    def _takes_as_it_is(self, container: InputContainer) -> bool:
        is_h264 = container.streams.video[0].codec_context.name == "h264"
        return is_h264 and not self._follows.is_set() and not self._codes_badly

    def _pass_on(
        self, container: InputContainer, stopped: threading.Event
    ) -> Generator[tuple[AccessUnit, Picture], None, bool]:
        """Returns whether to open it anew, because its pictures are to be cut from now on, or
        cannot be taken as they are."""
        stream = container.streams.video[0]
        codec = stream.codec_context
        assembler = Assembler(codec.extradata or b"")
        rate = float(stream.average_rate or self._settings.frames_per_second)
        key_at = time.monotonic()
        for packet in container.demux(stream):
            if stopped.is_set() or self._follows.is_set():
                return not stopped.is_set()
            arrived = self._heard_at = time.monotonic()
            pts = packet.pts and round(packet.pts * packet.time_base * TICKS)
            for picture in assembler.push(bytes(packet), pts, arrived):
                key_at = picture.arrived if picture.key else key_at
                if picture.has_b_slices or picture.arrived - key_at > LONGEST_KEY_DISTANCE:
                    log.info("%s: its own H.264 does not suit; it is encoded here", self.id)
                    self._codes_badly = True
                    return True
                stamp = self._timeline.stamp(picture.pts, picture.arrived)
                unit = AccessUnit(picture.data, stamp, picture.key, picture.arrived)
                yield unit, Picture(codec.width, codec.height, rate, passed_through=True)
        return False

    def _encode(
        self, container: InputContainer, stopped: threading.Event, follower: FaceFollower
    ) -> Iterator[tuple[AccessUnit, Picture]]:
        encoder: Encoder | None = None
        settings = self._settings
        coded_at = 0.0
        rests_on_others = container.streams.video[0].codec_context.name == "h264"
        for packet in container.demux(video=0):
            if stopped.is_set():
                return
            arrived = self._heard_at = time.monotonic()
            resting = self._resting.is_set()
            pause = ASKED_SECONDS if self._key_wanted.is_set() else RESTING_SECONDS
            due = not resting or arrived - coded_at >= pause
            frames: list[VideoFrame] = []
            if due or rests_on_others:
                with contextlib.suppress(InvalidDataError):  # webcams break a JPEG now and then
                    frames = packet.decode()
            if not due:
                continue
            if resting:
                self._key_wanted.set()
                follower.rest()
            coded_at = arrived
            for frame in frames:
                if encoder is None:
                    width, height = fit(frame.width, frame.height, settings.width, settings.height)
                    encoder = Encoder(
                        width,
                        height,
                        settings.frames_per_second,
                        settings.bitrate,
                        self._key_wanted,
                    )
                pts = None if frame.time is None else round(frame.time * TICKS)
                timestamp = self._timeline.stamp(pts, arrived)
                seen = frame
                if not resting:
                    size = encoder.picture.width, encoder.picture.height
                    seen = follower.cut(frame, *size, time.monotonic())
                for unit in encoder.encode(seen, timestamp, arrived):
                    yield unit, encoder.picture
