"""Speaks to a Chromium that Playwright serves, without a driver in between.

`playwright.chromium.connect` does the same through a Node.js of its own, whose start takes longer
than most tests that look at a page, and which passes each message on. Here the messages of
Playwright's protocol go over the WebSocket at once.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright._impl.connection import Connection
from playwright._impl.utils.tasks import wait_for_next_task
from playwright.async_api import Browser
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed


@asynccontextmanager
async def connect(address: str) -> AsyncIterator[Browser]:
    """What was opened in it ends with it; the Chromium stays."""
    options: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None}
    async with open_socket(address, max_size=None, **options) as socket:
        connection = Connection(asyncio.get_running_loop())
        connection.mark_as_remote()
        waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        connection.onmessage = waiting.put_nowait
        jobs = [_send(socket, waiting), _receive(socket, connection)]
        running = [asyncio.ensure_future(job) for job in jobs]
        try:
            playwright = await connection.initialize_playwright()
            yield Browser(playwright._pre_launched_browser())
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
            connection.close()


async def _send(socket: ClientConnection, waiting: asyncio.Queue[dict[str, Any]]) -> None:
    with suppress(ConnectionClosed):  # whoever receives tells it
        while True:
            await socket.send(json.dumps(await waiting.get()))


async def _receive(socket: ClientConnection, connection: Connection) -> None:
    async for message in socket:
        connection.dispatch(json.loads(message))
        await wait_for_next_task()  # as Playwright's own transport does
    connection.close("Chromium has ended")
