"""An IP camera over RTSP (RFC 2326). Its H.264 is handed on as it came, never decoded.

A thread reads (`devices.rtsp_session`) and the loop hands out. What browsers cannot take over
WebRTC (another codec, B-frames, key frames too rare) is encoded once for everybody, and the
camera's health says how to set the camera so that this is not needed.

The camera's own faults, and what is made of them: the end of the stream is a loss, for libav
reports none; a camera that accepts and then sends no picture has no viewer to spare; pictures
waiting in the camera at the start are dropped up to the newest key frame.
"""

import threading
import time

from base.cause import Cause
from config.settings import RtspCamera as RtspCameraSettings
from devices.device import AccessUnit, DeviceError, Kind, Picture
from devices.outlet import FromOutlet, Outlet
from devices.reader import read_in_thread
from devices.rtsp_session import RtspSession
from devices.timeline import Timeline


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
    ) -> None:
        """`silent_after`: seconds without a first picture that count as a loss, `stalled_after`
        without a next one (libav hands out its last one 4 s late); `no_key_after`: seconds of
        pictures without any key frame among them."""
        self.id = settings.id
        self.name = settings.name
        self.address = settings.url
        """Where its picture is, without a login; the next run opens it."""
        self._settings = settings
        self._silent_after = silent_after
        self._stalled_after = stalled_after
        self._no_key_after = no_key_after
        self._outlet = Outlet(settings.id)
        self._timeline = Timeline()
        self._key_wanted = threading.Event()

    def request_key_frame(self) -> None:
        """Heard only while transcoding: RTSP has no way to ask a camera."""
        self._key_wanted.set()

    async def run(self) -> None:
        """Raises DeviceError with the cause of the loss."""
        self._outlet.starting()
        settings = self._settings.model_copy(update={"url": self.address})
        session = RtspSession(settings, self._timeline, self._key_wanted, self._hand_out)
        await read_in_thread(session.read, lambda: self._watch(session), name=f"camera-{self.id}")

    def _hand_out(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        self._outlet.hand_out(unit, picture, impaired)

    def _watch(self, session: "RtspSession") -> None:
        now = time.monotonic()
        flows = session.silence == "camera.stalled"
        if now - session.heard_at > (self._stalled_after if flows else self._silent_after):
            raise DeviceError(session.silence, name=self.name, host=session.host)
        if now - session.key_at > self._no_key_after:
            raise DeviceError("camera.no_key_frame", name=self.name)
