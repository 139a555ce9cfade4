"""Cases between the meetings: what a meeting left open is handed up to the ward, whose word on it
is followed; and what anybody does about a case shows in the room.

A house without a ward, or with a hub of an older version, keeps its cases and deals with them
itself.
"""

import asyncio
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from feedback import handoff
from feedback import store as case_store
from rooms import question_store
from rooms.running import RunningRoom
from rooms.view import LinkState
from storage.errors import StorageError
from storage.signals import Watch

LOOK_SECONDS: Final = 30.0
"""Each change is told; in case one was not."""
COALESCE_SECONDS: Final = 0.3

log = logging.getLogger(__name__)


class CaseCommands(RunningRoom):
    async def follow_ward(self, body: Mapping[str, Any]) -> None:
        """How a case stands that is at home at the ward (`feedback.handoff.Standing`); durable
        before it returns. An older word, or the same again, changes nothing."""
        standing = handoff.read_standing(body)
        if standing is not None:
            await self._finished(self._store(partial(handoff.follow, standing=standing)))

    async def _mind_cases(self) -> None:
        watch = self._database.watch(case_store.WORKED)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._mind_link(watch))
            offered: LinkState | None = None
            while True:
                link = self._equipment.link.value
                try:
                    async with self._lock:
                        await self._offer(link, again=link != offered)
                        await self._read_again()
                    offered = link
                except StorageError as error:
                    log.warning("cases cannot be minded: %s", error.cause)
                except Exception:
                    log.exception("unexpected error while cases are minded")
                await watch.wait(LOOK_SECONDS)
                await asyncio.sleep(COALESCE_SECONDS)

    async def _mind_link(self, watch: Watch) -> None:
        async for _ in self._equipment.link.changes():
            watch.ring()

    async def _offer(self, link: LinkState, *, again: bool) -> None:
        """To a hub that takes them. `again` after every new link: it may be another hub that
        answers now."""
        outbox, rules = self._outbox, self._rules
        if outbox is None or handoff.Handoff.kind not in link.takes:
            return

        def read(connection: Connection) -> bool:
            return bool(question_store.to_offer(connection, rules, again=again))

        def write(connection: Connection) -> None:
            for question in question_store.to_offer(connection, rules, again=again):
                handoff.offer(connection, outbox, question.id, number=question.number)

        if await self._database.read(read):
            await self._store(write)

    async def _read_again(self) -> None:
        """What is stored, with the room's lock: nobody else changes a question meanwhile."""
        ids, meeting_id = self._questions.ids(), self._meeting.id
        known = await self._database.read(lambda c: question_store.open_or_of(c, meeting_id))
        self._questions.refresh(ids, known)
        self._questions.attached = await self.album.of_cases([one.id for one in known])
        self._drawing.request()
