"""The way to one browser: its packets are protected in one shared buffer and sent, now.

    workbench = Workbench()                        # one for all
    path = Path(workbench, session, transport, address)
    path.send(layout, sequence, timestamp, ssrc)
    path.close()

This calls libsrtp itself, past pylibsrtp, which makes three objects for each packet; what is
reached behind its public names is reached here alone (`tests/rooms/media/test_path.py` tells when
an upgrade breaks it). And it sends past asyncio: all packets of a picture in one call
(`batch`), many at once where the kernel cuts them apart (UDP_SEGMENT, Linux 4.18). Where that is
refused, they go one by one by a socket that shares asyncio's. What the socket does not take now
waits in asyncio's queue, as everything does on the way to a relay.
"""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import repeat
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from rooms.media.batch import NAME_BYTES, Batch, find_sendmmsg, socket_name
from rooms.media.layout import Layout

FIRST_BUFFER_BYTES, FIRST_PACKETS = 256 * 1024, 256
NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.ENOPROTOOPT, errno.EMSGSIZE, errno.EOPNOTSUPP}
"""How a kernel, a network card or a packet too long for the line refuse them."""

_NUMBERS = struct.Struct("!HLL")


class Workbench:
    """Where packets are protected; belongs to the event loop's thread.

    All guests get the same layouts, one after the other: what depends on the layout alone is made
    for the first of them. Pointers are made beforehand too; a packet costs one call and no object.
    """

    def __init__(self) -> None:
        function = int(ffi.cast("intptr_t", ffi.addressof(lib, "srtp_protect")))
        # Python's lock is kept: whoever took it in this microsecond would hold it for five
        # milliseconds, at each packet.
        self._protect = ctypes.PYFUNCTYPE(ctypes.c_int)(function)
        self._sendmmsg = find_sendmmsg()
        name = (ctypes.c_char * NAME_BYTES)()
        self._name_address = ctypes.addressof(name)
        self._name = memoryview(name).cast("B")
        self._layout: Layout | None = None
        self._batch: Batch | None = None
        self._reserve(FIRST_BUFFER_BYTES, FIRST_PACKETS)

    def protect(
        self, layout: Layout, context: ctypes.c_void_p, sequence: int, timestamp: int, ssrc: int
    ) -> bool:
        """The packets of a layout, protected, where the layout says in `buffer`; False where
        libsrtp refused one."""
        if layout is not self._layout:
            self._prepare(layout)
        buffer = self.buffer
        buffer[: self._size] = layout.data
        self._lengths[: len(self._sizes)] = self._sizes
        number = _NUMBERS.pack_into
        for place in self._number_places:
            number(buffer, place, sequence, timestamp, ssrc)
            sequence = sequence + 1 & 0xFFFF
        return not any(map(self._protect, repeat(context), self._packets_at, self._lengths_at))

    def send(self, descriptor: int, name: bytes) -> int:
        """How many runs of the newest layout the kernel took; at most 0 where it took none."""
        self._name[:] = name
        if self._sendmmsg is None or self._batch is None:
            return 0
        return self._batch.send(self._sendmmsg, descriptor)

    def _prepare(self, layout: Layout) -> None:
        count, self._size = len(layout.packets), len(layout.data)
        if self._size > len(self.buffer) or count > len(self._lengths_at):
            self._reserve(2 * self._size, 2 * count)
        self._number_places = [at + 2 for at, _ in layout.packets]
        self._packets_at = [ctypes.c_void_p(self._address + at) for at, _ in layout.packets]
        self._sizes = struct.pack(f"@{count}i", *(size for _, size in layout.packets))
        self._batch = Batch(layout.runs, self._address, self._name_address)
        self._layout = layout

    def _reserve(self, size: int, packets: int) -> None:
        raw = (ctypes.c_char * max(size, FIRST_BUFFER_BYTES))()
        self._address = ctypes.addressof(raw)
        self.buffer = memoryview(raw).cast("B")
        lengths = (ctypes.c_int * packets)()
        first, step = ctypes.addressof(lengths), ctypes.sizeof(ctypes.c_int)
        self._lengths = memoryview(lengths).cast("B")
        self._lengths_at = [ctypes.c_void_p(first + step * number) for number in range(packets)]


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
        self._context = ctypes.c_void_p(int(ffi.cast("intptr_t", session._srtp[0])))
        self._transport = transport
        self._address = address
        self._is_full = is_full
        self.tag = tag_bytes(session)
        self._socket = _share(transport)
        self._name = socket_name(address) or b""
        self._descriptor = self._socket.fileno() if self._socket and self._name else -1
        self.segments = True
        """Whether the kernel takes many at once."""

    def send(self, layout: Layout, sequence: int, timestamp: int, ssrc: int) -> bool:
        """The packets of a layout, numbered from `sequence` on; all numbers as they are on the
        wire. False where libsrtp refused one."""
        bench = self._workbench
        if not bench.protect(layout, self._context, sequence, timestamp, ssrc):
            return False
        sent = 0
        if self._descriptor >= 0 and self.segments and not self._waits():
            sent = max(0, bench.send(self._descriptor, self._name))
        if sent < len(layout.runs):
            self._send_slowly(layout, sent)
        return True

    def report(self, data: bytes) -> None:
        """Protect and send a compound RTCP packet."""
        with suppress(OSError, RuntimeError, AttributeError):
            self._transport.sendto(self._session.protect_rtcp(data), self._address)

    def _send_slowly(self, layout: Layout, first: int) -> None:
        """The runs from this one on, and whatever the network says to each."""
        buffer, own = self._workbench.buffer, self._socket
        if own is None or self._waits():
            self._queue(buffer, layout, layout.runs[first].start)
            return
        for start, end, step, ancillary in layout.runs[first:]:
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

    def _waits(self) -> bool:
        """Whether asyncio still has something to send, which goes first."""
        try:
            return bool(self._transport.get_write_buffer_size() > 0)
        except RuntimeError:  # uvloop's, of a socket that is closed
            return False

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket, self._descriptor = None, -1

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
