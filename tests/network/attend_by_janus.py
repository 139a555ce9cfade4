"""In a network of its own: three houses and a ward take part in one meeting through a real Janus.

`python -m tests.network.attend_by_janus FOLDER` prints a JSON object: what each heard and saw, and
how it stood after Janus was restarted under way.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import uvicorn

from bench.janus import janus
from bench.janus_room import OTHER_PLUGINS, Janus
from bench.janus_streams import Front
from devices.device import Condition
from devices.virtual.hall_picture import load_small_clip
from rooms.media.attending import Attending
from rooms.media.bridge import Bridge
from rooms.shown import Floor, FloorKind
from rooms.ward_meeting import THE_WARD, OtherHouse, Part, Stream, guest_id_of
from tests.network.publish_to_janus import HOST, JANUS, TOKEN, WHIP, until
from tests.tones import Sound
from tests.web.test_whep import Camera

TONES = {"ward": 440.0, "to-1": 700.0, "to-2": 1000.0, "to-3": 1500.0}


def stream(kind: str, name: str) -> Stream:
    return Stream(f"http://{HOST}:{WHIP}/{kind}/{name}", TOKEN)


class House:
    """One of them; the ward is one that always has the floor."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.camera = Camera(load_small_clip(folder))
        self.sound = Sound(TONES[name])
        self.bridge = Bridge([self.camera], self.sound)
        self.attending = Attending(self.bridge, first_pause=0.3)
        self.bridge.set_live(True)
        for guest in (THE_WARD, *map(guest_id_of, TONES)):
            self.bridge.set_heard(guest, True)
        self.bridge.set_floor(Floor(FloorKind.CAMERA, THE_WARD))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for one in (self.bridge, self.camera, self.sound, self.attending):
                group.create_task(one.run())

    def takes_part(self, floor: str) -> None:
        """The ward watches whoever has the floor, the houses the ward and him."""
        called = floor == self.name or self.name == "ward"
        watched = floor if self.name == "ward" else "ward"
        other = OtherHouse(floor, floor, stream("whep", floor))
        third = None if called else other
        own = stream("whip", self.name)
        self.attending.attend(Part(own, stream("whep", watched), third, called))

    def works(self) -> bool:
        health = self.attending.state.value.health
        return health is not None and health.condition is Condition.WORKING

    def hears(self) -> list[str]:
        return [name for name, hertz in TONES.items() if self.sound.plays(hertz)]


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[None]:
    ports = {"video": 5104, "sound": 5106}
    async with janus(folder, host=HOST, port=JANUS, without=OTHER_PLUGINS, **ports) as (_, address):
        room = Janus(address)
        await room.begin()
        front = Front(address, TOKEN)
        listening = socket.create_server((HOST, WHIP))
        serving = uvicorn.Server(uvicorn.Config(front.app(), log_config=None, lifespan="off"))
        task = asyncio.create_task(serving.serve(sockets=[listening]))
        yield
        serving.should_exit = serving.force_exit = True
        await task
        await front.close()
        await room.close()


async def meet(houses: list[House], floor: str, told: dict[str, object]) -> None:
    """Until everybody hears whom he should; what each hears then."""
    for house in houses:
        house.takes_part(floor)
    wanted = {house.name: {"ward", floor} - {house.name} for house in houses}
    await until(lambda: all(wanted[h.name] <= set(h.hears()) for h in houses), 120)
    await until(lambda: all(THE_WARD in h.attending.state.value.seen for h in houses), 120)
    told[floor] = {house.name: house.hears() for house in houses}


async def main(folder: Path) -> None:
    houses = [House(name, folder) for name in TONES]
    running = [asyncio.create_task(house.run()) for house in houses]
    told: dict[str, object] = {}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(server(folder / "first"))
        await meet(houses, "to-1", told)
        await meet(houses, "to-2", told)
    await until(lambda: not any(house.works() for house in houses), 120)
    async with server(folder / "second"):
        await meet(houses, "to-3", told)
        for house in houses:
            house.attending.attend(None)
        await until(lambda: not any(house.bridge.connected.value for house in houses))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
