"""What is wrong with what comes by mail and with what goes out to other systems.

    post = Post(database, ["city", "hop@phuong.example"], mailbox="hop@phuong.example")
    for trouble in await post.troubles(): …       # PostTrouble("target/city", "city", Cause(…))

It is read from the database and therefore the same in every process of a hub. That a single
resident's address takes no receipt is no trouble of ours: it is on the technician's page, and
nobody is called for it.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from base.cause import Cause, Refused
from base.latest import Latest
from feedback import post_health
from feedback.delivery import WRITER, receiver_of
from feedback.out_tray import stopped
from feedback.tables import outbox
from storage.engine import Database

MAILBOX: Final = "mailbox"
TARGET: Final = "target"
GIVEN_UP: Final = "given-up"
LOOK_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PostTrouble:
    key: str
    """`mailbox`, `target/city`, `given-up/city`; at most 40 characters."""
    name: str
    """The mailbox's address, or what the target is called in the settings."""
    cause: Cause

    @property
    def kind(self) -> str:
        return self.key.partition("/")[0]


class Post:
    def __init__(
        self, database: Database, receivers: Sequence[str], *, mailbox: str | None
    ) -> None:
        """`receivers` as in `WardSettings.receivers`; `mailbox` is the address of the one that is
        read, whose receipts go out, too."""
        self._database = database
        self._receivers = receivers
        self._mailbox = mailbox

    async def troubles(self) -> tuple[PostTrouble, ...]:
        """In the order of the settings. Raises StorageError."""
        return await self._database.read(self._troubles)

    async def keep_known(self, known: Latest[tuple[PostTrouble, ...]]) -> None:
        """Until cancelled."""
        failing = False
        while True:
            try:
                known.set(await self.troubles())
                failing = False
            except Refused as refused:
                if not failing:
                    logger.warning("how mail and targets stand is not known: %s", refused.cause)
                failing = True
            await asyncio.sleep(LOOK_SECONDS)

    def _troubles(self, connection: Connection) -> tuple[PostTrouble, ...]:
        found: list[PostTrouble] = []
        if self._mailbox is not None:
            problem = post_health.read(connection, mailbox_of(self._mailbox)).problem
            if problem is not None:
                found.append(PostTrouble(MAILBOX, self._mailbox, problem))
        for name in self._receivers:
            found += self._of_receiver(connection, name)
        return tuple(found)

    def _of_receiver(self, connection: Connection, name: str) -> Sequence[PostTrouble]:
        """What it does not take, and what was given up: the one passes by itself, the other does
        not."""
        called = "receipts" if name == self._mailbox else name
        receiver = receiver_of(name)
        problem = stopped(connection, name) or post_health.read(connection, receiver).problem
        count: int = connection.execute(
            select(func.count()).where(
                outbox.c.receiver == receiver,
                outbox.c.given_up_at.is_not(None),
                outbox.c.problem.not_like(f'["{WRITER}"%'),
            )
        ).scalar_one()
        found: list[PostTrouble] = []
        if problem is not None:
            found.append(PostTrouble(f"{TARGET}/{called}", name, problem))
        if count:
            cause = Cause("delivery.given_up", count=count)
            found.append(PostTrouble(f"{GIVEN_UP}/{called}", name, cause))
        return found


def mailbox_of(address: str) -> str:
    """What a mailbox that is read is called in `post_health`, where targets have names, too."""
    return f"{MAILBOX}/{address}"
