"""What goes over a call's WebSocket, and when the line counts as lost; `call.py` acts on it."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

PING_SECONDS: Final = 1.0
"""Both ends say so that they live, whatever else they say."""
SILENT_SECONDS: Final = 2.8
"""After this the line counts as lost. So does one that takes no word of ours for as long."""
_LOOK_AGAIN_SECONDS: Final = 0.1
"""A house that was held up itself finds what arrived meanwhile before it calls the line lost."""

Message = Mapping[str, Any]


class LineLostError(Exception):
    """The page is gone, or said nothing for too long."""


async def hear(socket: WebSocket) -> Message:
    """The next message of a page that has joined, and so is never silent for long.

    Raises TimeoutError and WebSocketDisconnect.
    """
    with suppress(TimeoutError):
        return await receive(socket, SILENT_SECONDS)
    return await receive(socket, _LOOK_AGAIN_SECONDS)


async def receive(socket: WebSocket, seconds: float) -> Message:
    """The next message that is an object. Raises TimeoutError and WebSocketDisconnect."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                message = json.loads(await socket.receive_text())
            except (ValueError, RecursionError, KeyError):  # no JSON, or no text at all
                continue
            if isinstance(message, dict):
                return message


async def send(socket: WebSocket, /, **message: Any) -> None:
    """Raises LineLostError, also where the line takes nothing for `SILENT_SECONDS`."""
    try:
        async with asyncio.timeout(SILENT_SECONDS):
            await socket.send_text(json.dumps(message, ensure_ascii=False))
    except (RuntimeError, WebSocketDisconnect, OSError) as error:
        raise LineLostError from error


async def close(socket: WebSocket) -> None:
    with suppress(RuntimeError, WebSocketDisconnect, OSError):  # it is closed already, or dead
        async with asyncio.timeout(SILENT_SECONDS):
            await socket.close()
