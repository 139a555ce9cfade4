"""RTSP 1.0 on the wire: answers, a camera's own requests, and binary data between them.

    reader = MessageReader()
    for item in reader.feed(data): ...     # Interleaved or Message

Sources: RFC 2326, sections 4, 6, 7 and 10.12. Cameras are not as exact as those, so: a header may
end its lines without a carriage return; what stands behind a message and begins nothing belongs to
its body (a Content-Length that is too small or missing); `give_up_body` takes what came of a body
that does not get longer (one that is too large); what makes no sense is skipped up to what does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

MOST_HEADER: Final = 64 * 1024
MOST_BODY: Final = 256 * 1024
"""Bytes; more is no camera."""
_DOLLAR: Final = 0x24
_CHANNELS: Final = 16
"""Below it binary data is believed where something unreadable stood before."""
_END: Final = re.compile(rb"\r?\n\r?\n")
_BEGINS: Final = re.compile(
    rb"RTSP/1\.\d |(?:OPTIONS|ANNOUNCE|GET_PARAMETER|SET_PARAMETER|REDIRECT|TEARDOWN|PLAY|PAUSE) \S"
)
_ANSWER: Final = b"RTSP/1.0 "
_LONGEST_BEGINNING: Final = 16


class UnreadableError(Exception):
    """What came is not RTSP, or more than any camera says."""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """One packet of RTP or RTCP inside the connection."""

    channel: int
    data: bytes


@dataclass(slots=True)
class Message:
    """An answer, or a request where `method` is set."""

    status: int = 0
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; of repeated ones the first."""
    challenges: tuple[str, ...] = ()
    """All `WWW-Authenticate` lines."""
    body: bytes = b""

    def number(self, name: str) -> int | None:
        """Of a header that is one; None where it is not."""
        value = self.headers.get(name, "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


class MessageReader:
    """Takes bytes as they come."""

    def __init__(self) -> None:
        self._buffer = b""
        self._pending: Message | None = None
        """Its body is not complete."""
        self._missing = 0

    def feed(self, data: bytes) -> Iterator[Interleaved | Message]:
        """Raises UnreadableError."""
        buffer = self._buffer + data if self._buffer else data
        position, size = 0, len(buffer)
        try:
            while position < size or (self._pending is not None and not self._missing):
                if self._pending is not None:
                    if size - position < self._missing:
                        return
                    position, message = self._take_body(buffer, position)
                    yield message
                elif buffer[position] == _DOLLAR:
                    start = position + 4
                    if start > size:
                        return
                    end = start + (buffer[position + 2] << 8 | buffer[position + 3])
                    if end > size:
                        return
                    yield Interleaved(buffer[position + 1], buffer[start:end])
                    position = end
                elif (after := self._take_header(buffer, position)) is not None:
                    position = after
                else:
                    return
        finally:
            self._buffer = buffer[position:]

    def give_up_body(self) -> Message | None:
        """The message whose body does not come, with what there is of it; None where there is
        none."""
        message, self._pending = self._pending, None
        if message is not None:
            message.body, self._buffer = self._buffer, b""
        return message

    def _take_header(self, buffer: bytes, position: int) -> int | None:
        """The place behind it, or behind what was skipped; None where more is needed."""
        if not _BEGINS.match(buffer, position):
            if len(buffer) - position < _LONGEST_BEGINNING and buffer.find(b"\n", position) < 0:
                return None
            return _next_beginning(buffer, position + 1)
        end = _END.search(buffer, position)
        if end is None:
            if len(buffer) - position > MOST_HEADER:
                raise UnreadableError("a header without an end")
            return None
        self._pending, self._missing = _read_header(buffer[position : end.start()])
        return end.end()

    def _take_body(self, buffer: bytes, position: int) -> tuple[int, Message]:
        message = self._pending
        assert message is not None
        end = position + self._missing
        if self._missing or "content-type" in message.headers:
            end = _end_of_body(buffer, end)
        message.body = buffer[position:end]
        self._pending, self._missing = None, 0
        return end, message


def _read_header(header: bytes) -> tuple[Message, int]:
    """The message without its body, and how long that is."""
    first, *rest = re.split(r"\r?\n", header.decode("utf-8", "replace"))
    headers: dict[str, str] = {}
    challenges: list[str] = []
    for line in rest:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
        if name.strip().lower() == "www-authenticate":
            challenges.append(value.strip())
    message = Message(headers=headers, challenges=tuple(challenges))
    words = first.split()
    if words[0].startswith("RTSP/"):
        status = words[1] if len(words) > 1 else ""
        if not re.fullmatch(r"[1-9]\d\d", status, re.ASCII):
            raise UnreadableError("an answer without a status")
        message.status = int(status)
    else:
        message.method = words[0]
    length = message.number("content-length") or 0
    if length > MOST_BODY:
        raise UnreadableError("more than a camera says")
    return message, length


def _end_of_body(buffer: bytes, end: int) -> int:
    """Behind what belongs to it though its length says less."""
    if end >= len(buffer) or buffer[end] == _DOLLAR or _BEGINS.match(buffer, end):
        return end
    return _next_beginning(buffer, end)


def _next_beginning(buffer: bytes, start: int) -> int:
    """Where something readable begins, or at least may; the end where nothing does."""
    found = _BEGINS.search(buffer, start)
    best = found.start() if found else len(buffer) - _begun(buffer, start)
    position = buffer.find(b"$", start, best)
    while position >= 0:
        if position + 1 >= len(buffer) or buffer[position + 1] < _CHANNELS:
            return position
        position = buffer.find(b"$", position + 1, best)
    return best


def _begun(buffer: bytes, start: int) -> int:
    """How many bytes at the end may be the beginning of an answer."""
    most = min(len(_ANSWER), len(buffer) - start)
    return next((size for size in range(most, 0, -1) if buffer.endswith(_ANSWER[:size])), 0)
