"""One connection to an RTSP camera, from opening to loss, in the thread of its reader."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from urllib.parse import quote, urlsplit, urlunsplit

import av
from av.container import InputContainer
from av.error import (
    FFmpegError,
    HTTPClientError,
    HTTPError,
    HTTPForbiddenError,
    HTTPNotFoundError,
    HTTPUnauthorizedError,
    InvalidDataError,
)
from av.video.stream import VideoStream

from base.cause import Cause
from config.settings import RtspCamera as RtspCameraSettings
from devices.assembler import LONGEST_KEY_DISTANCE, Assembler, CodedPicture
from devices.camera_login import read_password
from devices.device import AccessUnit, DeviceError, Picture
from devices.timeline import TICKS, Timeline
from devices.transcode import Transcoder

HandOut = Callable[[AccessUnit, Picture, Cause | None], None]

_LATEST = 4.0
"""Seconds that transcoding may fall behind before it starts anew from the live picture."""
_BACKLOG_WAIT = 0.008
"""Seconds; a packet that had to be waited for longer than this did not lie waiting."""
_BACKLOG_LIMIT = 1.5
"""Seconds after which pictures count as live in any case."""
_KNOCK_TIMEOUT = 4.0
_OPEN_TIMEOUT, _READ_TIMEOUT = 8.0, 4.0
"""Backstops of libav, for a thread that was left behind; the watch on the loop is quicker."""
_REFUSALS: tuple[tuple[type[FFmpegError] | tuple[type[FFmpegError], ...], str], ...] = (
    ((HTTPUnauthorizedError, HTTPForbiddenError), "camera.wrong_password"),
    (HTTPNotFoundError, "camera.no_such_stream"),
    (HTTPError, "camera.rejected"),
    (HTTPClientError, "camera.rejected"),
    (InvalidDataError, "camera.no_video"),
)
_CODEC_NAMES = {"hevc": "H.265", "mjpeg": "MJPEG", "mpeg4": "MPEG-4", "av1": "AV1"}


class RtspSession:
    def __init__(
        self,
        settings: RtspCameraSettings,
        timeline: Timeline,
        key_wanted: threading.Event,
        hand_out: HandOut,
    ) -> None:
        """To be made on the event loop; `hand_out` is called there."""
        self._settings = settings
        self._timeline = timeline
        self._key_wanted = key_wanted
        self._hand_out = hand_out
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        self.host = urlsplit(settings.url).hostname or ""
        self.heard_at = time.monotonic()
        """When the last picture came; read by the loop's watch."""
        self.key_at = self.heard_at
        """When the last key frame was handed out."""
        self.silence = "camera.no_answer"
        """What it means if nothing more is heard."""
        self._impaired: Cause | None = None
        self._transcoder: Transcoder | None = None
        self._live = False
        self._began = self.heard_at
        self._newest: tuple[int | None, float] = (None, 0.0)
        self._held: list[CodedPicture] = []
        self._group: list[CodedPicture] = []
        """The pictures since the last key frame, for a decoder that has to begin in between."""
        self._group_began: int | None = None

    def read(self, stopped: threading.Event) -> None:
        """Read until stopped. Raises DeviceError, in which nothing of libav's error remains:
        its texts hold the address with the password."""
        self._stopped = stopped
        container: InputContainer | None = None
        failure: Cause | None = None
        address = self._address()
        self._knock()
        try:
            container = av.open(
                address,
                mode="r",
                options={
                    "rtsp_transport": self._settings.transport,
                    "allowed_media_types": "video",  # with sound, RTCP would move the timestamps
                    "analyzeduration": "0",
                    "fpsprobesize": "0",
                },
                timeout=(_OPEN_TIMEOUT, _READ_TIMEOUT),
            )
            self._demux(container)
        except FFmpegError as error:
            failure = self._cause(error, opened=container is not None)
        finally:
            if container is not None:
                container.close()
        if failure is not None:
            raise DeviceError(failure.code, **failure.params)

    def _knock(self) -> None:
        """Tell a camera that is away from one that is there and silent: libav cannot."""
        parts = urlsplit(self._settings.url)
        port = parts.port or (322 if parts.scheme == "rtsps" else 554)
        try:
            socket.create_connection((self.host, port), timeout=_KNOCK_TIMEOUT).close()
        except ConnectionRefusedError:
            raise DeviceError("camera.refused", name=self._settings.name, host=self.host) from None
        except OSError:
            raise DeviceError(
                "camera.no_answer", name=self._settings.name, host=self.host
            ) from None
        self.heard_at = time.monotonic()
        self.silence = "camera.silent"

    def _address(self) -> str:
        settings = self._settings
        if not settings.user:
            return settings.url
        password = read_password(settings)
        parts = urlsplit(settings.url)
        login = f"{quote(settings.user, safe='')}:{quote(password, safe='')}"
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))

    def _cause(self, error: FFmpegError, *, opened: bool) -> Cause:
        code = "camera.lost"
        if not opened:
            known = (code for kinds, code in _REFUSALS if isinstance(error, kinds))
            code = next(known, "camera.silent")
        if code == "camera.wrong_password" and not self._settings.user:
            code = "camera.needs_password"
        return Cause(code, name=self._settings.name, host=self.host)

    def _demux(self, container: InputContainer) -> None:
        if not container.streams.video:
            raise DeviceError("camera.no_video", name=self._settings.name, host=self.host)
        stream = container.streams.video[0]
        codec = stream.codec_context.name
        assembler: Assembler | None = None
        if codec == "h264":
            assembler = Assembler(stream.codec_context.extradata or b"")
        else:
            codec = _CODEC_NAMES.get(codec, codec.upper())
            self._transcode_from_now(
                stream, Cause("camera.other_codec", name=self._settings.name, codec=codec)
            )
        asked = self.heard_at = self._began = time.monotonic()
        for packet in container.demux(stream):
            if self._stopped.is_set():
                return
            arrived = time.monotonic()
            data = bytes(packet)
            if not data:
                continue  # the end of the stream
            self.silence = "camera.stalled"
            self.heard_at = arrived
            pts = _ticks(packet.pts, packet.time_base)
            waited = arrived - asked > _BACKLOG_WAIT or arrived - self._began > _BACKLOG_LIMIT
            if not self._live and waited and self._newest[1]:
                self._go_live(stream)
            self._newest = (pts, arrived)
            if assembler is None:
                self._encode(data, pts, arrived)
            else:
                for picture in assembler.push(data, pts, arrived):
                    self._take(stream, picture)
            asked = time.monotonic()
        raise DeviceError("camera.lost", name=self._settings.name, host=self.host)

    def _go_live(self, stream: VideoStream) -> None:
        """The backlog is over: what lay waiting begins at its newest key frame."""
        self._live = True
        self._timeline.begin(*self._newest)
        held, self._held = self._held, []
        step = round(TICKS / (stream.average_rate or 25))
        for earlier, later in zip(reversed(held[:-1]), reversed(held[1:]), strict=True):
            if earlier.pts is None and later.pts is not None:
                earlier.pts = later.pts - step
        for picture in held:
            self._pass_on(stream, picture)

    def _take(self, stream: VideoStream, picture: CodedPicture) -> None:
        if self._transcoder is None:
            self._remember(picture)
            if objection := self._objection(picture):
                self._held.clear()
                self._transcode_from_now(stream, objection)
                for earlier in self._group[:-1]:
                    self._decode(earlier.data, earlier.pts)
                self._group.clear()
        if self._transcoder is not None:
            self._encode(picture.data, picture.pts, picture.arrived)
        elif self._live:
            self._pass_on(stream, picture)
        else:
            if picture.key:
                self._held.clear()
            if picture.key or self._held:
                self._held.append(picture)

    def _remember(self, picture: CodedPicture) -> None:
        if picture.key:
            self._group.clear()
            self._group_began = picture.pts
        elif self._group_began is None:
            self._group_began = picture.pts
        self._group.append(picture)

    def _objection(self, picture: CodedPicture) -> Cause | None:
        """Why browsers cannot take this camera's pictures as they are."""
        if picture.has_b_slices:
            return Cause("camera.b_frames", name=self._settings.name)
        if picture.pts is not None and self._group_began is not None:
            distance = (picture.pts - self._group_began) / TICKS
            if distance > LONGEST_KEY_DISTANCE:
                return Cause("camera.key_frames_rare", name=self._settings.name)
        return None

    def _pass_on(self, stream: VideoStream, picture: CodedPicture) -> None:
        unit = AccessUnit(
            picture.data,
            self._timeline.stamp(picture.pts, picture.arrived),
            picture.key,
            picture.arrived,
        )
        codec = stream.codec_context
        rate = float(stream.average_rate or 25)
        self._post(unit, Picture(codec.width, codec.height, rate, passed_through=True))

    def _transcode_from_now(self, stream: VideoStream, cause: Cause) -> None:
        self._impaired = cause
        self._transcoder = Transcoder(stream.codec_context, self._timeline, self._key_wanted)

    def _decode(self, data: bytes, pts: int | None) -> None:
        assert self._transcoder is not None
        self._transcoder.decode(data, pts)

    def _encode(self, data: bytes, pts: int | None, arrived: float) -> None:
        assert self._transcoder is not None
        if not self._live:
            self._decode(data, pts)
            return
        if self._timeline.lateness(pts, arrived) > _LATEST:
            raise DeviceError("camera.too_late", name=self._settings.name)
        for unit in self._transcoder.transcode(data, pts, arrived):
            self._post(unit, self._transcoder.picture)

    def _post(self, unit: AccessUnit, picture: Picture) -> None:
        if unit.key:
            self.key_at = unit.arrived
        self._loop.call_soon_threadsafe(self._deliver, unit, picture, self._impaired)

    def _deliver(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        if not self._stopped.is_set():
            self._hand_out(unit, picture, impaired)


def _ticks(pts: int | None, time_base: Fraction) -> int | None:
    return None if pts is None else round(pts * time_base * TICKS)
