"""Datagrams to one address, all in one call to the kernel, without an object for any of them.

    sendmmsg = find_sendmmsg()                    # None where the system has none
    batch = Batch(layout.runs, address)           # of the buffer in which they stand
    names[:] = socket_name(("192.0.2.1", 5004))
    sent = batch.send(sendmmsg, descriptor)

Python's own `socket.sendmsg` reads the address and builds the same for each call anew.
"""

import ctypes
import socket
import struct
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, ip_address
from typing import Any

from rooms.media.layout import Run

NAME_BYTES = 28
"""Of an IPv6 address (`sockaddr_in6`); one of IPv4 is shorter and is padded."""
_NOT_NOW = int(socket.MSG_DONTWAIT)


class _Vector(ctypes.Structure):
    """`struct iovec`, see `man 2 readv`."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Header(ctypes.Structure):
    """`struct msghdr`, see `man 2 sendmsg`."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """`struct mmsghdr`, see `man 2 sendmmsg`."""

    _fields_ = (("header", _Header), ("sent", ctypes.c_uint))


def find_sendmmsg() -> Callable[..., int] | None:
    """Called with Python's lock kept: it never waits."""
    found = getattr(ctypes.PyDLL(None), "sendmmsg", None)
    return found if callable(found) else None


def socket_name(address: tuple[Any, ...]) -> bytes | None:
    """An address as the kernel reads it (`man 7 ip`, `man 7 ipv6`); None for one with a scope."""
    try:
        host = ip_address(address[0])
    except ValueError:
        return None
    port = int(address[1]).to_bytes(2, "big")
    if isinstance(host, IPv4Address):
        name = struct.pack("@H", socket.AF_INET) + port + host.packed
    elif host.scope_id is None:
        name = struct.pack("@H", socket.AF_INET6) + port + bytes(4) + host.packed
    else:
        return None
    return name.ljust(NAME_BYTES, b"\0")


class Batch:
    """The runs of a layout. `send` gives them to whoever's name stands at `name_address`."""

    def __init__(self, runs: Sequence[Run], buffer_address: int, name_address: int) -> None:
        count = len(runs)
        self._vectors = (_Vector * count)()
        self._messages = (_Message * count)()
        self._controls: list[Any] = []  # the kernel reads them as long as this lives
        for run, vector, message in zip(runs, self._vectors, self._messages, strict=True):
            vector.base, vector.length = buffer_address + run.start, run.end - run.start
            header = message.header
            header.name, header.name_length = name_address, NAME_BYTES
            header.vectors, header.vector_count = ctypes.addressof(vector), 1
            for level, kind, data in run.ancillary:
                control = ctypes.create_string_buffer(_control(level, kind, data))
                header.control = ctypes.addressof(control)
                header.control_length = socket.CMSG_SPACE(len(data))
                self._controls.append(control)
        self._pointer = ctypes.c_void_p(ctypes.addressof(self._messages))
        self._count = count

    def send(self, sendmmsg: Callable[..., int], descriptor: int) -> int:
        """How many runs were taken; -1 where the first was not."""
        return sendmmsg(descriptor, self._pointer, self._count, _NOT_NOW)


def _control(level: int, kind: int, data: bytes) -> bytes:
    """`struct cmsghdr` and its data, see `man 3 cmsg`."""
    head = struct.pack("@Nii", socket.CMSG_LEN(len(data)), level, kind)
    return (head + data).ljust(socket.CMSG_SPACE(len(data)), b"\0")
