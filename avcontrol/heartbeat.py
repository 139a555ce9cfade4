"""The daemon asks itself how it is, the way anybody else would, over its own web server.

An answer proves that the event loop turns, the web server serves and the database reads. While
none comes, systemd gets no sign of life and starts the daemon anew.

    async with open_house(settings) as house:
        await live_until(stop, house.url)
"""

import asyncio
import time
from contextlib import closing
from urllib.parse import urlsplit

from avcontrol.notify import Notifier

EVERY_SECONDS = 5.0
FRESH_SECONDS = 20.0
_ANSWER_SECONDS = 5.0


class Heartbeat:
    def __init__(self, url: str) -> None:
        """`url` is the daemon's own, without a path."""
        self._address = urlsplit(url)
        self._heard = time.monotonic()

    def fresh(self) -> bool:
        return time.monotonic() - self._heard < FRESH_SECONDS

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            if await self._well():
                self._heard = time.monotonic()
            await asyncio.sleep(EVERY_SECONDS)

    async def _well(self) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                reader, writer = await asyncio.open_connection(
                    self._address.hostname, self._address.port
                )
                with closing(writer):
                    writer.write(
                        f"GET /healthz HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
                        "Connection: close\r\n\r\n".encode()
                    )
                    status = await reader.readline()
        except (OSError, TimeoutError):
            return False
        return b" 200 " in status


async def live_until(stop: asyncio.Event, url: str, anew: asyncio.Event | None = None) -> None:
    """Until `stop` is set: tell systemd that the daemon at `url` is ready, and that it lives; then
    that it stops, or, where `anew` is set, too, that the same process will be ready again."""
    notifier = Notifier()
    notifier.ready()
    heartbeat = Heartbeat(url)
    async with asyncio.TaskGroup() as group:
        signs = [
            group.create_task(heartbeat.run()),
            group.create_task(notifier.run(heartbeat.fresh)),
        ]
        await stop.wait()
        for task in signs:
            task.cancel()
    if anew is not None and anew.is_set():
        notifier.reloading()
    else:
        notifier.stopping()
