"""An IP camera over RTSP (RFC 2326). Its H.264 is handed on as it came, never decoded.

H.264 is read on the event loop (`devices.rtp`); another codec, and a camera that speaks too oddly
for that, by libav in a thread (`devices.rtsp_session`). What browsers cannot take over WebRTC
(another codec, B-frames, key frames too rare) is encoded once for everybody, and the camera's
health says how to set the camera so that this is not needed.

The camera's own faults, and what is made of them: the end of the stream is a loss; a camera that
accepts and then sends no picture has no viewer to spare; pictures waiting in the camera at the
start are dropped up to the newest key frame.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from base.cause import Cause
from config.settings import RtspCamera as RtspCameraSettings
from devices.camera_login import read_password
from devices.device import AccessUnit, DeviceError, Kind, Picture
from devices.outlet import FromOutlet, Outlet
from devices.reader import read_in_thread, watched
from devices.rtp.opening import NotForUsError
from devices.rtp.session import Session
from devices.rtsp_session import RtspSession
from devices.timeline import Timeline

log = logging.getLogger(__name__)


class RtspCamera(FromOutlet):
    """A `VideoSource`. Its subscribers outlive every reconnect."""

    kind = Kind.CAMERA

    def __init__(
        self,
        settings: RtspCameraSettings,
        *,
        silent_after: float = 6.0,
        stalled_after: float = 3.5,
        no_key_after: float = 30.0,
        damaged: Callable[[], None] = lambda: None,
    ) -> None:
        """`silent_after`: seconds without a first picture that count as a loss, `stalled_after`
        without a next one (libav hands out its last one 4 s late); `no_key_after`: seconds of
        pictures without any key frame among them. `damaged` is called where pictures are missing
        up to the next key frame."""
        self.id = settings.id
        self.name = settings.name
        self.address = settings.url
        """Where its picture is, without a login; the next run opens it."""
        self._settings = settings
        self._silent_after = silent_after
        self._stalled_after = stalled_after
        self._no_key_after = no_key_after
        self._damaged = damaged
        self._outlet = Outlet(settings.id)
        self.timeline = Timeline()
        """Its pictures' times, and the clock it has itself."""
        self._key_wanted = threading.Event()

    def request_key_frame(self) -> None:
        """Heard only while transcoding: RTSP has no way to ask a camera."""
        self._key_wanted.set()

    async def run(self) -> None:
        """Raises DeviceError with the cause of the loss."""
        self._outlet.starting()
        self.timeline.renew()
        settings = self._settings.model_copy(update={"url": self.address})
        if settings.reader == "own":
            try:
                await self._read(settings)
            except NotForUsError as reason:
                log.debug("%s is read by libav: %s", self.id, reason)
        session = RtspSession(settings, self.timeline, self._key_wanted, self._hand_out)
        await read_in_thread(session.read, lambda: self._watch(session), name=f"camera-{self.id}")

    async def _read(self, settings: RtspCameraSettings) -> None:
        """Raises DeviceError and NotForUsError."""
        password = await asyncio.to_thread(read_password, settings)
        session = Session(
            settings,
            password,
            timeline=self.timeline,
            key_wanted=self._key_wanted,
            hand_out=self._hand_out,
            damaged=self._damaged,
        )
        await watched(session.read(), lambda: self._watch(session))

    def _hand_out(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        self._outlet.hand_out(unit, picture, impaired)

    def _watch(self, session: Session | RtspSession) -> None:
        now, signs = time.monotonic(), session.signs
        flows = signs.silence == "camera.stalled"
        if now - signs.heard_at > (self._stalled_after if flows else self._silent_after):
            raise DeviceError(signs.silence, name=self.name, host=session.host)
        if now - signs.key_at > self._no_key_after:
            raise DeviceError("camera.no_key_frame", name=self.name)
