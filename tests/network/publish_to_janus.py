"""In a network of its own: a bridge publishes to a real Janus, which sends on what came.

`python -m tests.network.publish_to_janus FOLDER` prints a JSON object: packets of pictures and of
sound that Janus passed on, before and after a restart of it, how it stood, and whether a key frame
was among them.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from aiortc.rtp import RtpPacket

from bench.janus import janus
from bench.janus_room import OTHER_PLUGINS, Janus
from config.publish import PublishSection
from devices.device import Condition
from devices.h264 import IDR, PPS, SPS
from devices.virtual.hall_picture import load_small_clip
from rooms.media.bridge import Bridge
from rooms.media.payloads import unit_types
from rooms.media.publishing import Publishing
from tests.network.janus_whip import endpoint
from tests.web.test_whep import Camera

HOST = "10.11.12.1"
JANUS, WHIP, VIDEO, SOUND = 8088, 8089, 5004, 5006
TOKEN = "mot-ma-kho-doan-2026"


class Heard(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.packets = 0
        self.kinds: set[int] = set()
        """Of the NAL units in it, where it is a picture."""

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.packets += 1
        self.kinds |= set(unit_types(RtpPacket.parse(data).payload))


async def until(holds: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.05)


async def more_than(count: int, heard: list[Heard], before: list[int]) -> None:
    await until(lambda: all(o.packets > n + count for o, n in zip(heard, before, strict=True)))


async def main(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    heard = []
    for port in (VIDEO, SOUND):
        _, protocol = await loop.create_datagram_endpoint(Heard, local_addr=(HOST, port))
        heard.append(protocol)
    token = folder / "token"
    token.write_text(TOKEN)
    camera = Camera(load_small_clip(folder))
    bridge = Bridge([camera], None)
    bridge.set_live(True)
    publishing = Publishing(
        PublishSection(url=f"http://{HOST}:{WHIP}/whip", token_file=token), bridge, first_pause=0.3
    )
    running = [asyncio.create_task(job.run()) for job in (camera, bridge, publishing)]
    told = []
    publishing.want(True)
    for attempt in range(2):
        async with janus(
            folder / f"janus-{attempt}",
            host=HOST,
            port=JANUS,
            video=VIDEO + 100,
            sound=SOUND + 100,
            without=OTHER_PLUGINS,
        ) as (_, address):
            room = Janus(address)
            await room.begin()
            app = endpoint(room, TOKEN, (HOST, VIDEO, SOUND))
            listening = socket.create_server((HOST, WHIP))
            server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            before = [one.packets for one in heard]
            await until(lambda: publishing.health.value.condition is Condition.WORKING)
            await more_than(50, heard, before)
            told.append([one.packets - n for one, n in zip(heard, before, strict=True)])
            server.should_exit = True
            await serving
            await room.close()
        await until(lambda: publishing.health.value.condition is Condition.FAILED)
        told.append(publishing.health.value.cause.code)
    publishing.want(False)
    for task in running:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    print(json.dumps({"told": told, "key": {SPS, PPS, IDR} <= heard[0].kinds}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
