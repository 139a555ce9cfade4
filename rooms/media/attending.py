"""A house's pictures and sound in a meeting of the whole ward.

    attending = Attending(bridge)
    task_group.create_task(attending.run())
    attending.attend(part)              # Part, from `rooms.ward_meeting`; None is no more of it
    attending.state.value               # how it stands, and whose pictures come

The house sends its own hall by WHIP and takes the ward, and the house that has the floor, by WHEP.
It sends a picture now and then and silence until it is given the floor: its line stays free, and
what is then wanted is there at once. What the others send never goes out again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import httpx

from base.cause import Cause
from base.latest import Latest
from devices.device import Condition, Health
from rooms.media.bridge import Bridge
from rooms.media.programme import Programme
from rooms.media.publishing import publish
from rooms.media.trying import (
    ANSWER_SECONDS,
    FIRST_PAUSE,
    Lost,
    keep_trying,
    until_there,
    while_wanted,
)
from rooms.media.whep_client import ask_for_stream
from rooms.ward_meeting import THE_WARD, Attended, OtherHouse, Part, Stream, guest_id_of, is_safe

OWN: Final = "own stream"
"""As whom the bridge knows what goes out; no guest's id."""
FLOOR: Final = "floor"

logger = logging.getLogger(__name__)


class Attending:
    """Belongs to the event loop's thread."""

    def __init__(self, bridge: Bridge, *, first_pause: float = FIRST_PAUSE) -> None:
        self.state: Latest[Attended] = Latest(Attended())
        self._bridge = bridge
        self._first_pause = first_pause
        self._publish: Latest[Stream | None] = Latest(None)
        self._ward: Latest[Stream | None] = Latest(None)
        self._floor: Latest[OtherHouse | None] = Latest(None)
        self._programme = Programme.STILLS
        self._healths: dict[str, Health] = {}

    def attend(self, part: Part | None) -> None:
        self._programme = Programme.OWN if part and part.called else Programme.STILLS
        if part is not None and self._publish.value is not None:
            self._bridge.set_programme(OWN, self._programme)
        self._publish.set(part.publish if part else None)
        self._ward.set(part.ward if part else None)
        self._floor.set(part.floor if part else None)

    async def run(self) -> None:
        """Until cancelled; then the servers are told."""
        async with asyncio.TaskGroup() as group:
            group.create_task(while_wanted(self._publish, self._keep_publishing))
            group.create_task(while_wanted(self._ward, partial(self._keep_taking, THE_WARD)))
            group.create_task(while_wanted(self._floor, self._keep_taking_floor))
            group.create_task(self._watch_pictures())

    async def _keep_publishing(self, stream: Stream) -> None:
        async def once() -> None:
            works = partial(self._tell, OWN, Health(Condition.WORKING))
            await publish(self._bridge, OWN, lambda: self._programme, stream, works)

        await self._keep(OWN, stream, once)

    async def _keep_taking_floor(self, house: OtherHouse) -> None:
        await self._keep_taking(guest_id_of(house.house), house.stream, part=FLOOR)

    async def _keep_taking(self, source: str, stream: Stream, part: str = THE_WARD) -> None:
        works = partial(self._tell, part, Health(Condition.WORKING))
        await self._keep(part, stream, partial(take, self._bridge, source, stream, works))

    async def _keep(self, part: str, stream: Stream, once: Callable[[], Awaitable[None]]) -> None:
        host = httpx.URL(stream.url).host
        try:
            if not is_safe(stream.url):
                self._tell(part, Health(Condition.FAILED, Cause("attend.unsafe", host=host)))
                await asyncio.Event().wait()  # until the hub says something else
            await keep_trying(
                once,
                partial(self._tell, part),
                part="attend",
                host=host,
                first_pause=self._first_pause,
            )
        finally:
            self._healths.pop(part, None)
            self._show()

    def _tell(self, part: str, health: Health) -> None:
        if health != self._healths.get(part):
            logger.info("ward meeting, %s: %s %s", part, health.condition, health.cause or "")
            self._healths[part] = health
            self._show()

    async def _watch_pictures(self) -> None:
        async for _ in self._bridge.seen.changes():
            self._show()

    def _show(self) -> None:
        own = self._healths.get(OWN)
        sends = own is not None and own.condition is Condition.WORKING
        self.state.set(Attended(_together(self._healths), sends, self._bridge.seen.value))


def _together(healths: Mapping[str, Health]) -> Health | None:
    """What sends and what receives, as one device. That the house which has the floor is not there
    yet says nothing of this one."""
    main = [health for part, health in healths.items() if part != FLOOR]
    if not main:
        return None
    failed = [one for one in healths.values() if one.condition is Condition.FAILED]
    if failed:
        nothing_works = all(one.condition is Condition.FAILED for one in main)
        return Health(Condition.FAILED if nothing_works else Condition.IMPAIRED, failed[0].cause)
    starting = [one for one in main if one.condition is Condition.STARTING]
    if starting:
        causes = (one.cause for one in starting if one.cause is not None)
        return Health(Condition.STARTING, next(causes, None))
    return Health(Condition.WORKING)


async def take(bridge: Bridge, source: str, stream: Stream, works: Callable[[], None]) -> None:
    """Once, until it is lost; `works` is called when there is a path. Raises NotTaken, Lost,
    BadOffer."""
    lost = asyncio.Event()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=ANSWER_SECONDS))
        stack.callback(bridge.drop, source)
        taking = bridge.take(source, lost.set)
        session = await ask_for_stream(client, stream.url, stream.token, taking)
        stack.push_async_callback(session.end)
        await until_there(source, bridge.connected, lost)
        works()
        await lost.wait()
        raise Lost("lost")
