"""How much gets through between a house and its hub, each way: a WebSocket beside the link, opened
for one measurement with the house's key, for at most `MOST_BYTES` and `MOST_SECONDS` a way.

    found = await measure_speed(hub)
    found.down, found.up        # megabits a second

1. Hub: binary frames, then a text, `{}`. The house takes the time from its first frame to its last.
2. House: binary frames, then a text, `{}`. Hub: `{"bytes": …, "seconds": …}`, by its
   own clock from the first to the last: only there is it known when they arrived.

What is sent cannot be compressed on the way. A line that is faster than what `MOST_BYTES` can tell
is called as fast as it was seen to be.
"""

import asyncio
import json
import os
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from rooms.line_speed import LineSpeed
from web.link.house import Hub, authorization

PATH: Final = "/link/speed"
MOST_BYTES: Final = 2_000_000
MOST_SECONDS: Final = 1.5
LEAST_BYTES: Final = 32_000
"""With less, nothing is known."""
PATIENCE_SECONDS: Final = 8.0
AT_ONCE: Final = 4
"""Houses that measure at the same time; who comes later waits, or is not measured."""
_FRAME: Final = 16 * 1024


async def measure_speed(hub: Hub, tls: ssl.SSLContext | None = None) -> LineSpeed | None:
    """None where it could not be measured: no answer, a hub that does not know of it, too little
    got through."""
    try:
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            connect(
                f"{hub.url}/speed",
                ssl=(tls or True) if hub.url.startswith("wss:") else None,
                additional_headers=authorization(hub),
                user_agent_header=None,
                compression=None,
                ping_interval=None,
                close_timeout=1,
                max_size=2 * _FRAME,
            ) as line,
        ):
            down = await _read(line)
            async for frame in _noise():
                await line.send(frame)
            await line.send("{}")
            told = json.loads(await line.recv())
            return LineSpeed(down, _megabits(int(told["bytes"]), float(told["seconds"])))
    except (OSError, TimeoutError, WebSocketException, ValueError, KeyError, TypeError):
        return None


async def _read(line: ClientConnection) -> float:
    """Megabits a second. Raises ValueError where too little came."""
    began, arrived = 0.0, 0
    while isinstance(frame := await line.recv(), bytes):
        if not began:  # the first frame's own way is not known
            began = time.monotonic()
        else:
            arrived += len(frame)
    return _megabits(arrived, time.monotonic() - began)


async def serve_speed(socket: WebSocket, places: asyncio.Semaphore) -> None:
    """The hub's end, for a house whose key was right."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), places:
            await socket.accept()
            async for frame in _noise():
                await socket.send_bytes(frame)
            await socket.send_text("{}")
            began, last, arrived = 0.0, 0.0, 0
            while (frame_in := (await _receive(socket)).get("bytes")) is not None:
                last = time.monotonic()
                if not began:
                    began = last
                else:
                    arrived += len(frame_in)
                if arrived > 2 * MOST_BYTES:
                    return
            await socket.send_text(json.dumps({"bytes": arrived, "seconds": last - began}))
            await socket.close()
    except (TimeoutError, WebSocketDisconnect, RuntimeError):
        return  # whoever waits for it, waits no longer


async def _receive(socket: WebSocket) -> Any:
    message = await socket.receive()
    if message["type"] != "websocket.receive":
        raise WebSocketDisconnect
    return message


async def _noise() -> AsyncIterator[bytes]:
    began = time.monotonic()
    for _ in range(MOST_BYTES // _FRAME):
        if time.monotonic() - began > MOST_SECONDS:
            return
        yield os.urandom(_FRAME)


def _megabits(count: int, seconds: float) -> float:
    """Raises ValueError where it cannot be told."""
    if count < LEAST_BYTES or seconds <= 0:
        raise ValueError("too little to tell")
    return count * 8 / seconds / 1e6
