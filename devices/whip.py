"""A camera whose picture another program sends here: OBS, or any encoder that speaks WHIP.

`rooms.media.ingest` takes the packets; this is what the house sees of it. Its H.264 is handed on as
it came, never decoded. There is nobody to dial: it waits until somebody sends.
"""

import asyncio
import time
from collections.abc import Callable

from base.cause import Cause
from config.settings import WhipCamera as WhipCameraSettings
from devices import h264
from devices.device import AccessUnit, DeviceError, Kind, Picture
from devices.outlet import FromOutlet, Outlet
from devices.timeline import Timeline

LOOK_SECONDS = 0.5


class WhipCamera(FromOutlet):
    """A `VideoSource`. Its subscribers outlive every encoder."""

    kind = Kind.CAMERA

    def __init__(
        self,
        settings: WhipCameraSettings,
        *,
        patience: float = 5.0,
        silent_after: float = 6.0,
    ) -> None:
        """`patience`: seconds until it is said that nobody sends; `silent_after`: seconds without
        a picture that count as a loss."""
        self.id = settings.id
        self.name = settings.name
        self.token_file = settings.token_file
        self._patience = patience
        self._silent_after = silent_after
        self._outlet = Outlet(settings.id)
        self._timeline = Timeline()
        self._sender: object | None = None
        self._request_key_frame: Callable[[], None] = lambda: None
        self._came = asyncio.Event()
        self._heard_at = 0.0
        self._size: tuple[int, int] = (0, 0)
        self._rate = _Rate()

    def request_key_frame(self) -> None:
        self._request_key_frame()

    def come(self, sender: object, request_key_frame: Callable[[], None]) -> None:
        """Somebody sends from now on."""
        self._sender = sender
        self._request_key_frame = request_key_frame
        self._heard_at = time.monotonic()
        self._timeline.begin()
        self._came.set()

    def leave(self, sender: object) -> None:
        """This one sends no more; nothing happens where another has come meanwhile."""
        if sender is self._sender:
            self._sender = None
            self._request_key_frame = lambda: None
            self._came.clear()

    def take(self, data: bytes, pts: int, arrived: float) -> None:
        """One picture: Annex B; its time in 90 kHz, as the encoder counts, without wrapping."""
        nals = list(h264.split(data))
        self._heard_at = arrived
        key = h264.decodable_alone(nals)
        stamp = self._timeline.stamp(pts, arrived)
        self._rate.add(stamp)
        if key:
            sps = next(nal for nal in nals if h264.nal_type(nal) == h264.SPS)
            self._size = h264.picture_size(sps) or self._size
        impaired = None
        if any(h264.is_b_slice(nal) for nal in nals):
            impaired = Cause("camera.sends_b_frames", name=self.name)
        picture = Picture(*self._size, self._rate.per_second, passed_through=True)
        self._outlet.hand_out(AccessUnit(data, stamp, key, arrived), picture, impaired)

    async def run(self) -> None:
        """Raises DeviceError: `camera.nobody_sends`, `camera.sender_gone`, `camera.silent`."""
        self._outlet.starting()
        try:
            async with asyncio.timeout(self._patience):
                await self._came.wait()
        except TimeoutError:
            raise DeviceError("camera.nobody_sends", name=self.name) from None
        while self._sender is not None:
            if time.monotonic() - self._heard_at > self._silent_after:
                raise DeviceError("camera.sender_silent", name=self.name)
            await asyncio.sleep(LOOK_SECONDS)
        raise DeviceError("camera.sender_gone", name=self.name)


class _Rate:
    """Pictures a second, over the last thirty."""

    def __init__(self) -> None:
        self._stamps: list[int] = []

    def add(self, stamp: int) -> None:
        self._stamps = [*self._stamps[-30:], stamp]

    @property
    def per_second(self) -> float:
        count, span = len(self._stamps) - 1, self._stamps[-1] - self._stamps[0]
        return round(90_000 * count / span, 1) if count and span else 0.0
