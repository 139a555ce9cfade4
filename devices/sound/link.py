"""The daemon's end of the socket to one sound process, and the deadline for its heartbeat."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import cast

from devices.device import DeviceError
from devices.sound.body import ProtocolError
from devices.sound.protocol import (
    FRAME_BYTES,
    FROM_SOUND,
    MOST_FRAMES,
    Decoder,
    Heartbeat,
    Message,
    encode,
)

logger = logging.getLogger(__name__)

_HUNG_AFTER = 5.0
_STARTS_WITHIN = 15.0


class Link(asyncio.Protocol):
    """The socket to one sound process."""

    def __init__(self, take: Callable[[Message], None]) -> None:
        self._take = take
        self._decoder = Decoder(FROM_SOUND)
        self._transport: asyncio.Transport | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._deadline = time.monotonic() + _STARTS_WITHIN

    @property
    def congested(self) -> bool:
        """The process does not read; more sound would only come too late."""
        transport = self._transport
        return transport is None or transport.get_write_buffer_size() > MOST_FRAMES * FRAME_BYTES

    def send(self, message: Message) -> None:
        if self._transport is not None:
            self._transport.write(encode(message))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def watch(self) -> None:
        """Until the process has closed its end. Raises DeviceError `sound.process_hung` when it
        stays silent and `sound.process_garbled` when it breaks the protocol."""
        while not self._ended.done():
            await asyncio.wait({self._ended}, timeout=1.0)
            if time.monotonic() > self._deadline and not self._ended.done():
                raise DeviceError("sound.process_hung")
        self._ended.result()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not inherit from asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if not self._ended.done():
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self._ended.done():
            return
        try:
            for message in self._decoder.feed(data):
                if isinstance(message, Heartbeat):
                    self._deadline = time.monotonic() + _HUNG_AFTER
                else:
                    self._take(message)
        except ProtocolError as error:
            logger.error("the sound process broke the protocol: %s", error)
            self._ended.set_exception(DeviceError("sound.process_garbled"))
            self.close()
