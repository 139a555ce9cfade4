"""One connection to an RTSP camera through libav, from opening to loss, in a thread of its own.

For what `devices.rtp` does not read: other codecs than H.264, and cameras that speak oddly.
"""

import asyncio
import socket
import threading
import time
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

from base.cause import Cause
from config.settings import RtspCamera as RtspCameraSettings
from devices.assembler import Assembler
from devices.camera_login import read_password
from devices.device import AccessUnit, DeviceError, Picture
from devices.live_pictures import BACKLOG_LIMIT, BACKLOG_WAIT, HandOut, LivePictures, Signs
from devices.timeline import TICKS, Timeline
from devices.transcode import Transcoder

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
        self.signs = Signs.now()

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
        self.signs.heard_at = time.monotonic()
        self.signs.silence = "camera.silent"

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
        context = stream.codec_context
        rate = float(stream.average_rate or 25)
        pictures = LivePictures(
            self._settings.name,
            timeline=self._timeline,
            signs=self.signs,
            hand_out=self._post,
            picture=lambda _: Picture(context.width, context.height, rate, passed_through=True),
            transcoder=lambda: Transcoder(context, self._timeline, self._key_wanted),
        )
        assembler: Assembler | None = None
        if context.name == "h264":
            assembler = Assembler(context.extradata or b"")
        else:
            codec = _CODEC_NAMES.get(context.name, context.name.upper())
            pictures.transcode(Cause("camera.other_codec", name=self._settings.name, codec=codec))
        began = asked = self.signs.heard_at = time.monotonic()
        for packet in container.demux(stream):
            if self._stopped.is_set():
                return
            arrived = time.monotonic()
            data = bytes(packet)
            if not data:
                continue  # the end of the stream
            self.signs.silence = "camera.stalled"
            self.signs.heard_at = arrived
            pts = _ticks(packet.pts, packet.time_base)
            if arrived - asked > BACKLOG_WAIT or arrived - began > BACKLOG_LIMIT:
                pictures.go_live(rate)
            pictures.note(pts, arrived)
            if assembler is None:
                pictures.encode(data, pts, arrived)
            else:
                for picture in assembler.push(data, pts, arrived):
                    if not pictures.impaired and (cause := pictures.objection(picture)):
                        pictures.transcode(cause)
                    pictures.take(picture)
            asked = time.monotonic()
        raise DeviceError("camera.lost", name=self._settings.name, host=self.host)

    def _post(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        self._loop.call_soon_threadsafe(self._deliver, unit, picture, impaired)

    def _deliver(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        if not self._stopped.is_set():
            self._hand_out(unit, picture, impaired)


def _ticks(pts: int | None, time_base: Fraction) -> int | None:
    return None if pts is None else round(pts * time_base * TICKS)
