"""Encoders that send a picture into the house (WHIP, RFC 9725): each is a camera of the settings.

    ingest = Ingest()
    answer = await ingest.answer(camera, read_offer(sdp, SENDS), on_over=forget)

The picture goes on as it came, never decoded; lost packets are asked for again. Its sound is taken
off the line and dropped: what is heard of the hall comes from the hall's own microphone, behind the
echo canceller.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from aiortc.rtp import RtpPacket

from base.cause import Refused
from devices.whip import WhipCamera
from rooms.media.assembler import FrameAssembler, VideoPacket
from rooms.media.offer import BadOffer
from rooms.media.one_way import OneWay
from rooms.media.path import Workbench
from rooms.media.payloads import Codec, Frame, join_h264
from rooms.media.peer import Connection, PeerLine, start_fast
from rooms.media.relaying import Relaying

CONNECT_SECONDS = 30.0
"""So long may an encoder take from the answer to its first packet."""

logger = logging.getLogger(__name__)


class _Sender:
    """One encoder, from its offer until it is over."""

    def __init__(
        self, camera: WhipCamera, connection: Connection, line: PeerLine, over: Callable[[], None]
    ) -> None:
        self.camera = camera
        self.connection = connection
        self._over = over
        self._line = line
        self._assembler = FrameAssembler(
            lambda: Codec.H264, self._deliver, line.ask_again, line.request_key_frame
        )
        line.on_packet = self._take
        connection.on_closed = self.end
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(CONNECT_SECONDS, self._look)
        self._ended = False

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            self._patience.cancel()
            self._assembler.close()
            self.camera.leave(self)
            self._over()

    def _look(self) -> None:
        if not self.connection.connected:
            self.end()

    def _take(self, packet: RtpPacket) -> None:
        self._assembler.add(
            VideoPacket(
                packet.sequence_number, packet.timestamp, bool(packet.marker), packet.payload
            )
        )

    def _deliver(self, frame: Frame) -> None:
        try:
            data = join_h264(frame.payloads)
        except ValueError:
            self._line.request_key_frame()
            return
        self.camera.take(data, frame.timestamp, time.monotonic())


class Ingest:
    """Belongs to the event loop's thread."""

    def __init__(self, relaying: Relaying | None = None) -> None:
        self._relaying = relaying or Relaying()
        self._senders: dict[str, _Sender] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def answer(
        self, camera: WhipCamera, offer: OneWay, on_over: Callable[[], None] = lambda: None
    ) -> str:
        """From now on the camera shows what this encoder sends; `on_over` is called once when it
        no longer does. Raises Refused: `stream.taken`, `stream.no_description`."""
        if camera.id in self._senders:
            raise Refused("stream.taken", name=camera.name)
        connection = Connection(
            offer.kinds, "recvonly", relay=self._relaying.for_house(), workbench=Workbench()
        )
        line = connection.line("video")
        assert line is not None  # `read_offer` has seen to it
        sender = _Sender(camera, connection, line, lambda: self._end(camera.id, on_over))
        self._senders[camera.id] = sender
        camera.come(sender, line.request_key_frame)
        try:
            return start_fast(await connection.answer(offer.offer))
        except BaseException as error:
            sender.end()
            if not isinstance(error, BadOffer):
                raise
            logger.warning("The offer of %s was refused: %s", camera.id, error)
            raise Refused("stream.no_description") from error

    def stop(self, camera_id: str) -> None:
        """Its encoder is sent away, if there is one."""
        if (sender := self._senders.get(camera_id)) is not None:
            sender.end()

    async def aclose(self) -> None:
        for camera_id in tuple(self._senders):
            self.stop(camera_id)
        if self._closing:
            await asyncio.wait(tuple(self._closing), timeout=2)

    def _end(self, camera_id: str, on_over: Callable[[], None]) -> None:
        task = asyncio.ensure_future(self._senders.pop(camera_id).connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        on_over()
