"""One connection of the link, the same at both ends: who is alive, and which frame is whose.

Both ends say something every second. Whatever arrives counts as a sign of life, so that a slow
line full of data is not taken for a dead one; after three seconds of silence the line is lost.

Nothing that reads ever waits for a write: what the reader has to say (a pong, an end) is posted
and goes out in a task of its own. What serves a channel waits for its writes, and for nothing else.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol

from base.cause import Cause, Parameter
from web.link.channel import LOST, Channel, ChannelEndedError
from web.link.messages import (
    Accept,
    Answer,
    Credit,
    Data,
    End,
    Message,
    Ping,
    Pong,
    ProtocolError,
    decode,
    encode,
)

PING_SECONDS: Final = 1.0
SILENT_SECONDS: Final = 2.9
_LOOK_AGAIN_SECONDS: Final = 0.1
"""A process that was held up itself finds what arrived meanwhile before it calls the line lost."""
_MOST_POSTED: Final = 2000

REFUSED: Final = 4406
"""Close code: the hub has said why."""
REPLACED: Final = 4409
"""Close code: the same house has come again."""


class LineLostError(Exception):
    """The connection is over; the cause says why."""

    def __init__(self, code: str, /, **params: Parameter) -> None:
        super().__init__(code)
        self.cause = Cause(code, **params)


class Wire(Protocol):
    """A WebSocket of either library. Both methods raise LineLostError."""

    async def send(self, frame: str | bytes) -> None:
        """Waits while the write buffer is full; cancelled, the frame went out whole or not."""

    async def receive(self) -> str | bytes: ...


class Line:
    """`take` gets every message that belongs to no open channel, and must not wait."""

    def __init__(self, wire: Wire, take: Callable[[Message], None]) -> None:
        self._wire = wire
        self._take = take
        self._channels: dict[int, Channel] = {}
        self._posted: deque[Message] = deque()
        self._to_write = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._pinged: tuple[int, float] = (0, 0.0)
        self.lost = False
        self.round_trip: float | None = None
        """Seconds, of the last ping that was answered."""

    @property
    def open_channels(self) -> int:
        return len(self._channels)

    async def run(self, *more: Coroutine[Any, Any, None]) -> None:
        """Carry frames, and run `more` beside it, until the line is lost.

        Raises LineLostError, and whatever `more` raises; every channel has ended then.
        """
        self._heard = self._loop.time()
        try:
            await first_to_end(self._read(), self._write(), self._beat(), self._watch(), *more)
        except ProtocolError as error:
            raise LineLostError("link.protocol", detail=str(error)) from error
        finally:
            self.end()

    def end(self) -> None:
        """No more of it, and of its channels."""
        self.lost = True
        for channel in self._channels.values():
            channel.lose()
        self._channels.clear()

    async def send(self, message: Message) -> None:
        """Raises LineLostError, and ValueError where the message is too large."""
        if self.lost:
            raise LineLostError("link.closed")
        await self._wire.send(encode(message))

    def post(self, message: Message) -> None:
        """Send soon, without waiting."""
        self._posted.append(message)
        self._to_write.set()

    def channel(self, number: int) -> Channel:
        """A new one; `forget` it in the end. Raises ProtocolError where the number is in use."""
        if number in self._channels:
            raise ProtocolError(f"channel {number} is open")
        channel = self._channels[number] = Channel(number, self._send_in_channel, self.post)
        return channel

    def forget(self, channel: Channel) -> None:
        if self._channels.get(channel.number) is channel:
            del self._channels[channel.number]

    async def _send_in_channel(self, message: Message) -> None:
        try:
            await self.send(message)
        except LineLostError as error:
            raise ChannelEndedError(LOST) from error

    async def _read(self) -> None:
        while True:
            frame = await self._wire.receive()
            self._heard = self._loop.time()
            message = decode(frame)
            if message is not None:
                self._dispatch(message)
            if len(self._posted) > _MOST_POSTED:
                raise ProtocolError("asks faster than it reads")

    def _dispatch(self, message: Message) -> None:
        match message:
            case Ping(number):
                self.post(Pong(number))
            case Pong(number):
                if number == self._pinged[0]:
                    self.round_trip = self._heard - self._pinged[1]
            case Data() | Accept() | Answer() | Credit() | End():
                # One that is not there has just ended here; the other end does not know yet.
                if channel := self._channels.get(message.channel):
                    _hand_over(message, channel)
            case _:
                self._take(message)

    async def _write(self) -> None:
        while True:
            while self._posted:
                await self.send(self._posted.popleft())
            self._to_write.clear()
            await self._to_write.wait()

    async def _beat(self) -> None:
        number = 0
        while True:
            number += 1
            self._pinged = (number, self._loop.time())
            self.post(Ping(number))
            await asyncio.sleep(PING_SECONDS)

    async def _watch(self) -> None:
        while (left := self._heard + SILENT_SECONDS - self._loop.time()) > 0:
            await asyncio.sleep(left)
            if self._loop.time() >= self._heard + SILENT_SECONDS:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        raise LineLostError("link.silent")


def _hand_over(message: Data | Accept | Answer | Credit | End, channel: Channel) -> None:
    match message:
        case Data():
            channel.take_piece(message)
        case Accept() | Answer():
            channel.take_answer(message)
        case Credit():
            channel.take_credit(message.bytes)
        case End():
            channel.take_end(message.code, message.reason)


async def first_to_end(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends or raises; the others are cancelled and awaited."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
