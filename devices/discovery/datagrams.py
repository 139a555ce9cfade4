"""A question to everybody in a network, and whatever comes back within a while."""

import asyncio
import contextlib
import socket
from collections.abc import Iterable

_MOST_ANSWERS = 500
"""A house has a dozen devices; whoever floods us is not one."""

Datagram = tuple[bytes, str]
"""What came, and the address that it came from."""


class _Collector(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: list[Datagram] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(self.answers) < _MOST_ANSWERS:
            self.answers.append((data, addr[0]))

    def error_received(self, exc: Exception) -> None:
        """Nobody listens at one address: others may."""


async def ask_everybody(
    sockets: Iterable[tuple[socket.socket, Iterable[tuple[str, int]]]],
    question: bytes,
    seconds: float,
) -> list[Datagram]:
    """Ask out of each socket at each of its destinations, twice, because datagrams are lost, and
    listen so long. The sockets are closed at the end."""
    loop = asyncio.get_running_loop()
    collector = _Collector()
    async with contextlib.AsyncExitStack() as stack:
        asking = []
        for own, destinations in sockets:
            own.setblocking(False)
            transport, _ = await loop.create_datagram_endpoint(lambda: collector, sock=own)
            stack.callback(transport.close)
            asking += [(transport, destination) for destination in destinations]
        for _ in range(2):
            for transport, destination in asking:
                with contextlib.suppress(OSError):
                    transport.sendto(question, destination)
            await asyncio.sleep(seconds / 2)
    return collector.answers
