"""What every live page's WebSocket does, whatever it shows; `live.py` tells the messages."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

NOT_ALLOWED: Final = 4403
"""Close code: this browser may not look, or not any longer."""
BEAT_SECONDS: Final = 1.0


async def beat(socket: WebSocket) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await send(socket)


async def until_gone(socket: WebSocket, heard: Callable[[], None] = lambda: None) -> None:
    """Whatever the page may send is read and thrown away; `heard` is told that it did."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        heard()


async def first_to_end(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run all until one ends; a line that breaks is an end like any other."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except WebSocketDisconnect:
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send(socket: WebSocket, **message: object) -> None:
    """Raises WebSocketDisconnect."""
    await socket.send_text(json.dumps(message, ensure_ascii=False))


async def close(socket: WebSocket) -> None:
    """With the reason, where somebody is still there to read it."""
    try:
        await socket.close(NOT_ALLOWED)
    except (RuntimeError, WebSocketDisconnect):
        return
