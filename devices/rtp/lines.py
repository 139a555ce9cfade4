"""The two sockets on which a camera sends by UDP, and what is sent back on them (RFC 3550, 11)."""

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Take = Callable[[bytes, float], None]
"""One datagram, and when it came, seconds on `time.monotonic()`."""

_BUFFER: Final = 2 * 1024 * 1024
"""Bytes; a large key frame comes faster than a busy machine reads it."""
_TRIES: Final = 50


@dataclass(slots=True)
class _Receiver(asyncio.DatagramProtocol):
    source: str
    take: Take

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if address[0] == self.source:
            self.take(data, time.monotonic())


@dataclass(slots=True)
class UdpPair:
    """An even port for pictures, the next one for reports."""

    port: int
    _transports: tuple[asyncio.DatagramTransport, ...]
    _receivers: tuple[_Receiver, ...]
    _target: tuple[str, int] | None = None

    @classmethod
    async def open(cls, local: str, camera: str, take: Take, take_report: Take) -> "UdpPair":
        """`local` is the address on which the camera reaches this machine, `camera` its own; what
        others send is not looked at. Raises OSError."""
        loop = asyncio.get_running_loop()
        transports: list[asyncio.DatagramTransport] = []
        receivers: list[_Receiver] = []
        pair = _bind(local)
        for one, taker in zip(pair, (take, take_report), strict=True):
            receiver = _Receiver(camera, taker)
            transport, _ = await loop.create_datagram_endpoint(lambda r=receiver: r, sock=one)  # type: ignore[misc]
            transports.append(transport)
            receivers.append(receiver)
        return cls(pair[0].getsockname()[1], tuple(transports), tuple(receivers))

    def reach(self, camera: str, ports: tuple[int, int]) -> None:
        """The camera sends from there. A word to it opens the way through firewalls between."""
        for receiver in self._receivers:
            receiver.source = camera
        self._target = (camera, ports[1])
        empty = bytes((0x80, 0)) + secrets.token_bytes(10)
        with contextlib.suppress(OSError):
            self._transports[0].sendto(empty, (camera, ports[0]))

    def report(self, data: bytes) -> None:
        if self._target is not None:
            with contextlib.suppress(OSError):
                self._transports[1].sendto(data, self._target)

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


def _bind(local: str) -> tuple[socket.socket, socket.socket]:
    """Raises OSError where no two neighbours are free."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(_TRIES):
        first = socket.socket(family, socket.SOCK_DGRAM)
        second = socket.socket(family, socket.SOCK_DGRAM)
        try:
            first.bind((local, 0))
            port = first.getsockname()[1]
            if port % 2 == 0:
                second.bind((local, port + 1))
                for one in (first, second):
                    one.setblocking(False)
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
                return first, second
        except OSError:
            pass
        first.close()
        second.close()
    raise OSError("no two neighbouring ports are free")
