"""Publishes the meeting to a media server by WHIP, for more viewers than the line has room for.

    publishing = Publishing(settings.publish, bridge)
    task_group.create_task(publishing.run())
    publishing.want(True)          # a meeting is live; False ends it
    publishing.health.value        # in words, as a device's

The pictures go as the camera sends them, with what everybody together hears. Whatever ends it, it
is tried again with growing pauses for as long as it is wanted.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

import httpx

from base.latest import Latest
from config.publish import PublishSection
from devices.device import Condition, Health
from rooms.media.bridge import Bridge
from rooms.media.programme import Programme
from rooms.media.trying import (
    ANSWER_SECONDS,
    FIRST_PAUSE,
    Lost,
    keep_trying,
    until_there,
    while_wanted,
)
from rooms.media.whip_client import offer_stream
from rooms.ward_meeting import Stream

PUBLISHER: Final = "publisher"
"""As whom the bridge knows it; no guest's id."""

logger = logging.getLogger(__name__)


class Publishing:
    """Belongs to the event loop's thread."""

    def __init__(
        self, settings: PublishSection, bridge: Bridge, *, first_pause: float = FIRST_PAUSE
    ) -> None:
        self.health: Latest[Health | None] = Latest(Health(Condition.STANDBY))
        """STANDBY while nothing is to be published."""
        self._settings = settings
        self._bridge = bridge
        self._first_pause = first_pause
        self._wanted: Latest[Programme | None] = Latest(None)
        self._host = httpx.URL(settings.url).host

    def want(self, wanted: bool) -> None:
        what = Programme.HALL if self._settings.what == "hall" else Programme.WHOLE
        self._wanted.set(what if wanted else None)

    async def run(self) -> None:
        """Until cancelled; then the server is told."""
        await while_wanted(self._wanted, self._keep_publishing)

    async def _keep_publishing(self, what: Programme) -> None:
        try:
            await keep_trying(
                partial(self._publish, what),
                self._tell,
                part="publish",
                host=self._host,
                first_pause=self._first_pause,
            )
        finally:
            self._tell(Health(Condition.STANDBY))

    async def _publish(self, what: Programme) -> None:
        """Once, until it is lost. Raises OSError where the token is not there, and those of
        `publish`."""
        token = await asyncio.to_thread(self._settings.token)
        works = partial(self._tell, Health(Condition.WORKING))
        stream = Stream(self._settings.url, token)
        await publish(self._bridge, PUBLISHER, lambda: what, stream, works)

    def _tell(self, health: Health) -> None:
        if health != self.health.value:
            logger.info("publishing: %s %s", health.condition, health.cause or "")
            self.health.set(health)


async def publish(
    bridge: Bridge,
    as_whom: str,
    what: Callable[[], Programme],
    stream: Stream,
    works: Callable[[], None],
) -> None:
    """Once, until it is lost; `works` is called when there is a path. Raises NotTaken, Lost,
    BadOffer."""
    lost = asyncio.Event()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=ANSWER_SECONDS))
        stack.callback(bridge.drop, as_whom)
        offering = await bridge.offer(as_whom, what(), on_lost=lost.set)
        session = await offer_stream(client, stream.url, stream.token, offering.sdp)
        stack.push_async_callback(session.end)
        await offering.accept(session.description)
        await until_there(as_whom, bridge.connected, lost)
        works()
        await lost.wait()
        raise Lost("lost")
