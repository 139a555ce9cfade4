"""The way to one browser: its packets are protected in one shared buffer and sent, now.

    workbench = Workbench()                        # one for all
    path = Path(workbench, session, transport, address)
    path.send(layout, sequence, timestamp, ssrc)
    path.close()

This calls libsrtp itself, past pylibsrtp, which makes three objects for each packet; what is
reached behind its public names is reached here alone (`tests/rooms/media/test_path.py` tells when
an upgrade breaks it). And it sends by a socket of its own that shares asyncio's: many packets at
once where the kernel cuts them apart (UDP_SEGMENT, Linux 4.18), one by one where it does not. What
the socket does not take now waits in asyncio's queue, as everything does on the way to a relay.
"""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from rooms.media.layout import Layout

FIRST_BUFFER_BYTES = 256 * 1024
NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.ENOPROTOOPT, errno.EMSGSIZE, errno.EOPNOTSUPP}
"""How a kernel, a network card or a packet too long for the line refuse them."""

_NUMBERS = struct.Struct("!HLL")


class Workbench:
    """Where packets are protected; a buffer and a function. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        function = int(ffi.cast("intptr_t", ffi.addressof(lib, "srtp_protect")))
        # Python's lock is kept: whoever took it in this microsecond would hold it for five
        # milliseconds, at each packet.
        self.protect = ctypes.PYFUNCTYPE(
            ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
        )(function)
        self.length = ctypes.c_int()
        self.length_address = ctypes.addressof(self.length)
        self._reserve(FIRST_BUFFER_BYTES)

    def put(self, data: bytes) -> None:
        """What is to be protected, from the buffer's beginning on."""
        if len(data) > len(self.buffer):
            self._reserve(2 * len(data))
        self.buffer[: len(data)] = data

    def _reserve(self, size: int) -> None:
        raw = (ctypes.c_char * size)()
        self.address = ctypes.addressof(raw)
        self.buffer = memoryview(raw).cast("B")


class Path:
    """Belongs to the event loop's thread; `close` it when the connection goes."""

    def __init__(
        self,
        workbench: Workbench,
        session: Session,
        transport: Any,
        address: tuple[str, int],
        is_full: Callable[[], bool] = lambda: False,
    ) -> None:
        """`transport` is asyncio's, or what passes for one in front of a relay; what it shall send
        while it `is_full` is dropped, as a network drops it."""
        self._workbench = workbench
        self._session = session  # libsrtp's context lives as long
        self._context = int(ffi.cast("intptr_t", session._srtp[0]))
        self._transport = transport
        self._address = address
        self._is_full = is_full
        self.tag = tag_bytes(session)
        self._socket = _share(transport)
        self.segments = True
        """Whether the kernel takes many at once."""

    def send(self, layout: Layout, sequence: int, timestamp: int, ssrc: int) -> bool:
        """The packets of a layout, numbered from `sequence` on; all numbers as they are on the
        wire. False where libsrtp refused one."""
        bench = self._workbench
        bench.put(layout.data)
        buffer, address, length = bench.buffer, bench.address, bench.length
        protect, context, length_address = bench.protect, self._context, bench.length_address
        number = _NUMBERS.pack_into
        for at, size in layout.packets:
            number(buffer, at + 2, sequence, timestamp, ssrc)
            length.value = size
            if protect(context, address + at, length_address):
                return False
            sequence = sequence + 1 & 0xFFFF
        own = self._socket
        if own is None or self._waits():
            self._queue(buffer, layout, 0)
            return True
        for start, end, step, ancillary in layout.runs:
            unsent = start
            try:
                if not ancillary:
                    own.sendto(buffer[start:end], self._address)
                elif self.segments:
                    own.sendmsg((buffer[start:end],), ancillary, 0, self._address)
                else:
                    for unsent in range(start, end, step):
                        own.sendto(buffer[unsent : min(unsent + step, end)], self._address)
            except BlockingIOError:
                self._queue(buffer, layout, unsent)
                break
            except OSError as error:
                if not ancillary or not self.segments or error.errno not in NO_SEGMENTS:
                    continue  # a network that is away for a moment loses packets, no more
                self.segments = False
                self._queue(buffer, layout, start)
                break
        return True

    def _waits(self) -> bool:
        """Whether asyncio still has something to send, which goes first."""
        try:
            return bool(self._transport.get_write_buffer_size() > 0)
        except RuntimeError:  # uvloop's, of a socket that is closed
            return False

    def is_through(self, transport: Any, address: tuple[str, int]) -> bool:
        return transport is self._transport and address == self._address

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _queue(self, buffer: memoryview, layout: Layout, first: int) -> None:
        """Give asyncio the packets from this place on."""
        tag = self.tag
        for at, size in layout.packets:
            if at >= first and not self._is_full():
                # What asyncio and uvloop raise where they have closed it is no OSError.
                with suppress(OSError, RuntimeError, AttributeError):
                    self._transport.sendto(bytes(buffer[at : at + size + tag]), self._address)


def tag_bytes(session: Session) -> int:
    """How much the session adds to each packet; a trial shows it."""
    trial = struct.pack("!BBHLL", 0x80, 0, 0, 0, 0)
    size = len(session.protect(trial)) - len(trial)
    session.remove_stream(0)
    return size


def _share(transport: Any) -> socket.socket | None:
    """A second hand on asyncio's own socket; None in front of a relay, which has none."""
    own = transport.get_extra_info("socket")
    if own is None:
        return None
    with suppress(OSError, ValueError):  # it is being closed
        shared = socket.socket(fileno=os.dup(own.fileno()))
        shared.setblocking(False)
        return shared
    return None
