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
from contextlib import AsyncExitStack, suppress
from typing import Final

import httpx

from base.cause import Cause, Refused
from base.latest import Latest
from config.publish import PublishSection
from devices.device import Condition, Health
from rooms.media.bridge import Bridge
from rooms.media.offer import BadOffer
from rooms.media.whip_client import NotTaken, offer_stream

PUBLISHER: Final = "publisher"
"""As whom the bridge knows it; no guest's id."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
GOOD_SPELL_SECONDS: Final = 30.0
ANSWER_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 15.0

logger = logging.getLogger(__name__)


class _Lost(Exception):  # noqa: N818 - a finding, not an error
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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
        self._wanted: Latest[bool] = Latest(False)
        self._host = httpx.URL(settings.url).host

    def want(self, wanted: bool) -> None:
        if wanted is not self._wanted.value:
            self._wanted.set(wanted)

    async def run(self) -> None:
        """Until cancelled; then the server is told."""
        while True:
            async for wanted in self._wanted.changes():
                if wanted:
                    break
            publishing = asyncio.create_task(self._keep_publishing())
            try:
                async for wanted in self._wanted.changes():
                    if not wanted:
                        break
            finally:
                publishing.cancel()
                await asyncio.wait({publishing})
            self._tell(Health(Condition.STANDBY))

    async def _keep_publishing(self) -> None:
        loop = asyncio.get_running_loop()
        pause = self._first_pause
        self._tell(Health(Condition.STARTING))
        while True:
            began = loop.time()
            try:
                await self._publish()
            except NotTaken as error:
                cause = Cause(f"publish.{error.code}", host=self._host, status=error.status)
            except _Lost as lost:
                cause = Cause(f"publish.{lost.code}", host=self._host)
            except OSError:
                cause = Cause("publish.no_token", host=self._host)
            except Refused as refused:
                cause = refused.cause
            except Exception:
                logger.exception("publishing failed")
                cause = Cause("publish.failed", host=self._host)
            self._tell(Health(Condition.FAILED, cause))
            if loop.time() - began >= GOOD_SPELL_SECONDS:
                pause = self._first_pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _publish(self) -> None:
        """Once, until it is lost. Raises NotTaken, _Lost, OSError where the token is not there."""
        token = await asyncio.to_thread(self._settings.token)
        lost = asyncio.Event()
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=ANSWER_SECONDS))
            stack.callback(self._bridge.drop, PUBLISHER)
            offering = await self._bridge.offer(
                PUBLISHER, hall_alone=self._settings.what == "hall", on_lost=lost.set
            )
            session = await offer_stream(client, self._settings.url, token, offering.sdp)
            stack.push_async_callback(session.end)
            try:
                await offering.accept(session.answer)
            except BadOffer as error:
                logger.warning("The media server's answer is none: %s", error)
                raise _Lost("bad_answer") from error
            await self._until_there(lost)
            self._tell(Health(Condition.WORKING))
            await lost.wait()
            raise _Lost("lost")

    async def _until_there(self, lost: asyncio.Event) -> None:
        """Raises _Lost."""

        async def there() -> None:
            async for connected in self._bridge.connected.changes():
                if PUBLISHER in connected:
                    return

        waiting = [asyncio.create_task(there()), asyncio.create_task(_wait(lost))]
        try:
            await asyncio.wait(
                waiting, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if PUBLISHER not in self._bridge.connected.value:
                raise _Lost("no_path")
        finally:
            for task in waiting:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*waiting, return_exceptions=True)

    def _tell(self, health: Health) -> None:
        if health != self.health.value:
            logger.info("publishing: %s %s", health.condition, health.cause or "")
            self.health.set(health)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
