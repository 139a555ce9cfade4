"""Many houses with a meeting each, in one process: what a hub has to do with, without the rest.

    python -m bench.many_houses --hub ws://127.0.0.1:8090/link --keys keys.json --port 9000

Their links are the real ones, and each tells every second that somebody came or went. Behind a
house's `/ws/call` an application sends back what it gets; at `--port` it answers without a hub.
"""

import argparse
import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from base.latest import Latest
from config.settings import WebSection
from rooms.shown import Floor
from rooms.view import Phase, RoomView, SoundView
from web.link.courier import Delivery
from web.link.house import HouseLink, Hub
from web.server import WebServer

NEWS_SECONDS = 1.0


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


async def healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


APP = Starlette(routes=[Route("/healthz", healthz), WebSocketRoute("/ws/call", echo)])


class Nothing:
    """These houses hand nothing over."""

    takes: Collection[str] = ()

    async def pending(self, most: int, takes: Collection[str]) -> Sequence[Delivery]:
        await asyncio.Event().wait()
        raise AssertionError

    async def delivered(self, delivery_id: str) -> None: ...

    async def receive(self, delivery_id: str, kind: str, body: Mapping[str, Any]) -> None: ...


def meeting(house_id: str) -> RoomView:
    return RoomView(
        house=house_id,
        ward="",
        phase=Phase.LIVE,
        meeting_id="m",
        title="",
        started_at=None,
        devices=(),
        sound=SoundView(microphone_open=True, muted=False, volume=70),
        guests=(),
        floor=Floor(),
        floor_follows_speaker=True,
        questions=(),
    )


async def live(view: Latest[RoomView]) -> None:
    number = 0
    while True:
        await asyncio.sleep(NEWS_SECONDS)
        number += 1
        view.set(replace(view.value, title=f"Họp tổ dân phố, {number}"))


async def run(hub: str, keys: Mapping[str, str], port: int) -> None:
    server = WebServer(APP, WebSection(port=port))
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        for house_id, key in keys.items():
            view = Latest(meeting(house_id))
            group.create_task(live(view))
            link = HouseLink(Hub(hub, house_id, key), APP, view, Nothing())
            group.create_task(link.run())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hub", required=True)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    keys = json.loads(options.keys.read_text())
    asyncio.run(run(options.hub, keys, options.port))


if __name__ == "__main__":
    main()
