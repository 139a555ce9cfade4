"""What a projector of class 2 says by itself: that its power, its input or its lamp changed.

    async with heard_from("192.168.1.30", look_soon):
        ...

It sends `%2POWR=1` and the like by UDP to port 4352 of the computer that its menu names. Whoever
sends such a datagram in its name can do no more than have it asked, once in a second.

Source: PJLink Specifications Class 2 (JBMIA, 2017), section 3.3 (status notification).
"""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

PORT: Final = 4352
MOST_OFTEN: Final = 1.0
_NOTICE: Final = re.compile(rb"%2(POWR|ERST|INPT|LKUP)=", re.IGNORECASE)

log = logging.getLogger(__name__)


@asynccontextmanager
async def heard_from(
    host: str, changed: Callable[[], None], port: int = PORT
) -> AsyncIterator[None]:
    """`changed` is called when the projector says so; where this computer's port is taken, or the
    projector has no address here, it is found out by asking, as with those of class 1."""
    try:
        own, theirs = await _addresses(host)
        heard = _shared(own, port)
    except OSError as error:
        log.info("what the projector at %s says by itself is not heard: %s", host, error)
        yield
        return
    loop = asyncio.get_running_loop()
    notices = _Notices(theirs, changed)
    transport, _ = await loop.create_datagram_endpoint(lambda: notices, sock=heard)
    try:
        yield
    finally:
        notices.end()
        transport.close()


class _Notices(asyncio.DatagramProtocol):
    def __init__(self, projector: str, changed: Callable[[], None]) -> None:
        self._projector, self._changed = projector, changed
        self._due: asyncio.TimerHandle | None = None
        self._last = -MOST_OFTEN

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr[0] != self._projector or not _NOTICE.match(data) or self._due is not None:
            return
        loop = asyncio.get_running_loop()
        self._due = loop.call_at(max(loop.time(), self._last + MOST_OFTEN), self._tell)

    def _tell(self) -> None:
        self._due = None
        self._last = asyncio.get_running_loop().time()
        self._changed()

    def end(self) -> None:
        if self._due is not None:
            self._due.cancel()


async def _addresses(host: str) -> tuple[str, str]:
    """Ours, as the projector there has it, and its own. Nothing is sent. Raises OSError."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(host, PORT), family=socket.AF_INET
    )
    try:
        return transport.get_extra_info("sockname")[0], transport.get_extra_info("peername")[0]
    finally:
        transport.close()


def _shared(host: str, port: int) -> socket.socket:
    """Beside the search for projectors, which listens there for a while. Raises OSError."""
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        heard.bind((host, port))
    except OSError:
        heard.close()
        raise
    heard.setblocking(False)
    return heard
