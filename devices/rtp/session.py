"""One connection to an RTSP camera, from opening to loss, on the event loop.

Each picture is handed out in the step in which its last packet came. Only where browsers cannot
take the pictures as they are does a thread begin, which encodes them anew.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Final
from urllib.parse import urlsplit

from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext

from base.cause import Cause
from config.settings import RtspCamera as RtspCameraSettings
from devices import h264
from devices.assembler import Assembler, CodedPicture
from devices.device import AccessUnit, DeviceError, Picture
from devices.live_pictures import BACKLOG_LIMIT, BACKLOG_WAIT, HandOut, LivePictures, Signs
from devices.rtp.conversation import LostError
from devices.rtp.description import Offer
from devices.rtp.messages import UnreadableError
from devices.rtp.opening import open_camera
from devices.rtp.rate import USUAL_RATE, Rate
from devices.rtp.stream import Stream
from devices.rtp.thread import WorkThread
from devices.rtp.units import Unit
from devices.timeline import Timeline
from devices.transcode import Transcoder

_SETTLE_SECONDS: Final = 0.001
log = logging.getLogger(__name__)


class Session:
    def __init__(
        self,
        settings: RtspCameraSettings,
        password: str,
        *,
        timeline: Timeline,
        key_wanted: threading.Event,
        hand_out: HandOut,
        damaged: Callable[[], None],
    ) -> None:
        """`hand_out` and `damaged` are called on the event loop; the latter where pictures are
        missing up to the next key frame."""
        self.host = urlsplit(settings.url).hostname or ""
        self.signs = Signs.now()
        self._settings = settings
        self._password = password
        self._timeline = timeline
        self._key_wanted = key_wanted
        self._hand_out = hand_out
        self._tell_damaged = damaged
        self._loop = asyncio.get_running_loop()
        self._failed: asyncio.Future[None] = self._loop.create_future()
        self._encoding: WorkThread | None = None
        self._assembler = Assembler(b"")
        self._pictures = LivePictures(
            settings.name,
            timeline=timeline,
            signs=self.signs,
            hand_out=self._post,
            picture=self._describe,
            transcoder=self._make_transcoder,
        )
        self._live = False
        self._over = False
        self._began: float | None = None
        self._units = 0
        self._quiet: asyncio.TimerHandle | None = None
        self._begun = False
        """A key frame was among what came."""
        self._damaged = False
        """Nothing is handed on up to the next key frame."""
        self._picture = Picture(0, 0, USUAL_RATE, passed_through=True)
        self._rate = Rate()

    async def read(self) -> None:
        """Read until the camera is lost. Raises DeviceError, and NotForUsError before anything was
        handed out."""
        client = await open_camera(self._settings, self._password, self.signs, self._stream)
        staying = asyncio.create_task(client.stay())
        try:
            await asyncio.wait(
                {client.ended, self._failed, staying}, return_when=asyncio.FIRST_COMPLETED
            )
            for one in (self._failed, client.ended):
                if one.done():
                    one.result()
        except (LostError, UnreadableError):
            raise DeviceError("camera.lost", name=self._settings.name, host=self.host) from None
        finally:
            self._over = True
            staying.cancel()
            if self._quiet is not None:
                self._quiet.cancel()
            if self._encoding is not None:
                self._encoding.end()
            client.close()
            await asyncio.wait({staying})
            if not staying.cancelled():
                staying.exception()
        raise DeviceError("camera.lost", name=self._settings.name, host=self.host)

    def _stream(self, offer: Offer, *, in_order: bool) -> Stream:
        self._rate = Rate(offer.frames_per_second)
        self._assembler = Assembler(h264.join(offer.parameter_sets))
        return Stream(offer.payload_type, self._take, self._timeline.report, in_order=in_order)

    # What comes

    def _take(self, unit: Unit) -> None:
        if self._over:
            return
        self.signs.heard_at = unit.arrived
        self.signs.silence = "camera.stalled"
        picture = self._assembler.whole(unit.nals, unit.pts, unit.arrived)
        if self._encoding is not None:  # a decoder makes something of damaged pictures
            if picture is not None:
                self._go_live_in_time(picture)
                self._encoding.do(self._take_late, picture)
            return
        if unit.damaged or (unit.behind_gap and not _begins_anew(picture)):
            self._damage()
        if picture is None:
            return
        if picture.key and not unit.damaged:
            self._begun, self._damaged = True, False
        if not self._damaged:
            self._go_live_in_time(picture)
            if (cause := self._pictures.objection(picture)) is not None:
                self._encode(cause, picture)
            elif self._begun:
                self._rate.note(picture.pts, key=picture.key)
                self._pictures.take(picture)

    def _damage(self) -> None:
        self._rate.interrupt()
        if not self._damaged:
            self._damaged = True
            log.debug("%s: packets are missing", self._settings.id)
        self._tell_damaged()

    def _go_live_in_time(self, picture: CodedPicture) -> None:
        """Once nothing lies waiting: the camera lets us wait for the next one."""
        if self._live:
            return
        if self._began is None:
            self._began = picture.arrived
        if picture.arrived - self._began > BACKLOG_LIMIT:
            self._go_live()
            return
        if self._encoding is None:
            self._pictures.note(picture.pts, picture.arrived)
        if self._quiet is not None:
            self._quiet.cancel()
        self._units += 1
        self._quiet = self._loop.call_later(BACKLOG_WAIT, self._look_again, self._units)

    def _look_again(self, units: int) -> None:
        """What came while the loop was busy is read first."""
        self._quiet = self._loop.call_later(_SETTLE_SECONDS, self._go_live, units)

    def _go_live(self, units: int | None = None) -> None:
        if self._over or self._live or units not in (None, self._units):
            return
        self._live = True
        if self._encoding is None:
            self._pictures.go_live(USUAL_RATE)
        else:
            self._encoding.do(self._pictures.go_live, USUAL_RATE)

    # Encoding anew

    def _encode(self, cause: Cause, picture: CodedPicture) -> None:
        """From now on all of it belongs to a thread."""
        self._encoding = WorkThread(f"camera-{self._settings.id}", self._fail)
        self._encoding.do(self._pictures.transcode, cause)
        self._encoding.do(self._take_late, picture)

    def _take_late(self, picture: CodedPicture) -> None:
        """How far behind it is, is counted from now."""
        picture.arrived = time.monotonic()
        self._pictures.note(picture.pts, picture.arrived)
        self._pictures.take(picture)

    def _fail(self, error: BaseException) -> None:
        """In the thread."""
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            self._loop.call_soon_threadsafe(self._failed_with, error)

    def _failed_with(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
            self._failed.exception()  # seen

    def _make_transcoder(self) -> Transcoder:
        source = CodecContext.create("h264", "r")
        assert isinstance(source, VideoCodecContext)
        source.extradata = h264.join(self._assembler.parameter_sets) or None
        source.framerate = Fraction(self._rate.value).limit_denominator(1001)
        return Transcoder(source, self._timeline, self._key_wanted)

    # What goes out

    def _post(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        if impaired is None:
            self._hand_out(unit, picture, None)
        else:
            with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
                self._loop.call_soon_threadsafe(self._deliver, unit, picture, impaired)

    def _deliver(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        if not self._over:
            self._hand_out(unit, picture, impaired)

    def _describe(self, picture: CodedPicture) -> Picture:
        if picture.key:
            sps = next(nal for nal in picture.nals if h264.nal_type(nal) == h264.SPS)
            width, height = h264.picture_size(sps) or (0, 0)
            self._picture = Picture(width, height, self._rate.value, passed_through=True)
        return self._picture


def _begins_anew(picture: CodedPicture | None) -> bool:
    """What is missing in front of it does not matter."""
    if picture is None or not picture.key:
        return False
    return next(
        (h264.begins_picture(n) for n in picture.nals if h264.nal_type(n) == h264.IDR), False
    )
