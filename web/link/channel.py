"""One browser's connection within the link: messages in order, in pieces, within a window.

Each end may have `WINDOW_BYTES` on the way to the other; more only once the other end has used
some up. A browser that does not read therefore stops its own channel, in the house, and nothing
grows. A piece costs `PIECE_COST` bytes more than it holds, so that empty ones are not free.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from web.link.messages import (
    MOST_PIECE_BYTES,
    Accept,
    Answer,
    Credit,
    Data,
    End,
    Message,
    ProtocolError,
)

WINDOW_BYTES: Final = 256 * 1024
PIECE_COST: Final = 64
MOST_MESSAGE_BYTES: Final = 1024 * 1024
MOST_REASON_BYTES: Final = 123
"""RFC 6455, 5.5: what a close frame holds beside its code."""

LOST: Final = 1012
"""RFC 6455's registry: "service restart", so the browser may come back at once."""
TRY_AGAIN_LATER: Final = 1013
FAILED: Final = 1011
NOT_TEXT: Final = 1007
TOO_LARGE: Final = 1009


class ChannelEndedError(Exception):
    """The other end, or the loss of the link, has ended this channel."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Channel:
    """`send` and `receive` belong to whoever serves the channel, `take_…` to the line."""

    def __init__(
        self,
        number: int,
        send: Callable[[Message], Awaitable[None]],
        post: Callable[[Message], None],
    ) -> None:
        self.number = number
        self._send = send
        self._post = post
        self._allowance = WINDOW_BYTES
        self._allowed = asyncio.Event()
        self._sending = asyncio.Lock()
        self._pieces: deque[Data] = deque()
        self._waiting_bytes = 0
        self._used_bytes = 0
        self._arrived = asyncio.Event()
        self._end = (0, "")
        self.answer: Accept | Answer | None = None
        """Of the house to the hub's `Open`."""
        self.ended = asyncio.Event()
        """Over, from whichever side; what had arrived by then can still be received."""

    # For whoever serves it

    async def send(self, payload: bytes, *, text: bool = False, more: bool = False) -> None:
        """A whole message; with `more`, a part of one. Waits for the other end to make room.

        Raises ChannelEndedError. Cancelled in the middle of a message, the channel ends.
        """
        async with self._sending:
            last = max(0, len(payload) - 1) // MOST_PIECE_BYTES
            for index in range(last + 1):
                piece = payload[index * MOST_PIECE_BYTES :][:MOST_PIECE_BYTES]
                try:
                    await self._room_for(len(piece) + PIECE_COST)
                    await self.tell(Data(self.number, piece, text, more or index < last))
                except asyncio.CancelledError:
                    if last or more:
                        self.end(FAILED)
                    raise

    async def tell(self, message: Message) -> None:
        """Something else about this channel, in order with what was sent. Raises
        ChannelEndedError."""
        if self.ended.is_set():
            raise ChannelEndedError(*self._end)
        await self._send(message)

    async def answered(self) -> Accept | Answer:
        """What the house says to the opening. Raises ChannelEndedError."""
        while self.answer is None:
            if self.ended.is_set():
                raise ChannelEndedError(*self._end)
            self._arrived.clear()
            await self._arrived.wait()
        return self.answer

    async def receive(self) -> Data:
        """The next piece. Raises ChannelEndedError once everything was received."""
        while not self._pieces:
            if self.ended.is_set():
                raise ChannelEndedError(*self._end)
            self._arrived.clear()
            await self._arrived.wait()
        piece = self._pieces.popleft()
        cost = len(piece.payload) + PIECE_COST
        self._waiting_bytes -= cost
        self._used_bytes += cost
        if self._used_bytes >= WINDOW_BYTES // 4 and not self.ended.is_set():
            self._post(Credit(self.number, self._used_bytes))
            self._used_bytes = 0
        return piece

    async def receive_message(self, most: int = MOST_MESSAGE_BYTES) -> str | bytes:
        """The next message, put together. Raises ChannelEndedError, also for one that is larger
        than `most` or is no text though it says so."""
        parts: list[bytes] = []
        size = 0
        while True:
            piece = await self.receive()
            parts.append(piece.payload)
            size += len(piece.payload)
            if size > most:
                raise self._fault(TOO_LARGE)
            if not piece.more:
                break
        whole = b"".join(parts)
        if not piece.text:
            return whole
        try:
            return whole.decode()
        except UnicodeDecodeError:
            raise self._fault(NOT_TEXT) from None

    def end(self, code: int = 1000, reason: str = "") -> None:
        """End it at both ends; does nothing where it has ended."""
        if not self.ended.is_set():
            reason = reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore")
            self.take_end(code, reason)
            self._post(End(self.number, code, reason))

    # For the line

    def take_answer(self, answer: Accept | Answer) -> None:
        """Raises ProtocolError for a second one."""
        if self.answer is not None:
            raise ProtocolError("answered twice")
        self.answer = answer
        self._arrived.set()

    def take_piece(self, piece: Data) -> None:
        """Raises ProtocolError where there was no room for it."""
        self._waiting_bytes += len(piece.payload) + PIECE_COST
        if self._waiting_bytes + self._used_bytes > WINDOW_BYTES:
            raise ProtocolError("more than the window")
        if not self.ended.is_set():
            self._pieces.append(piece)
            self._arrived.set()

    def take_credit(self, count: int) -> None:
        """Raises ProtocolError where more is given back than was taken."""
        self._allowance += count
        if self._allowance > WINDOW_BYTES:
            raise ProtocolError("credit for what was never sent")
        self._allowed.set()

    def take_end(self, code: int, reason: str = "") -> None:
        if not self.ended.is_set():
            self._end = (code, reason)
            self.ended.set()
            self._arrived.set()
            self._allowed.set()

    def lose(self) -> None:
        """The link is gone, and with it what had arrived."""
        self._pieces.clear()
        self.take_end(LOST)

    async def _room_for(self, cost: int) -> None:
        while self._allowance < cost:
            if self.ended.is_set():
                raise ChannelEndedError(*self._end)
            self._allowed.clear()
            await self._allowed.wait()
        self._allowance -= cost

    def _fault(self, code: int) -> ChannelEndedError:
        self.end(code)
        return ChannelEndedError(code)
