"""Things handed over for good: kept here until the other end has stored them durably.

Each side has its own. They go out in order, a few ahead of their acknowledgements; what was not
acknowledged when the line broke goes out again, and the other end knows it by its id.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from base.cause import Refused
from web.link.line import Line
from web.link.messages import Ack, Deliver, ProtocolError, decode, encode

MOST_AHEAD: Final = 32
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to hand over. Raises ValueError where it could never be sent (it is larger than
    a frame, or not JSON), so that it is never kept either."""

    id: str
    """At most 64 visible ASCII characters; the same thing always under the same."""
    kind: str
    body: Mapping[str, Any]
    """JSON."""

    def __post_init__(self) -> None:
        message = self.message()
        try:
            same = decode(encode(message)) == message
        except ProtocolError as error:
            raise ValueError(str(error)) from error
        if not same:
            raise ValueError("it would arrive as something else")

    def message(self) -> Deliver:
        return Deliver(self.id, self.kind, dict(self.body))


class Deliveries(Protocol):
    """What one side has for the other, and takes from it; kept by whoever has the storage."""

    @property
    def takes(self) -> Collection[str]:
        """The kinds that it takes in, and makes use of."""

    async def pending(self, most: int, takes: Collection[str]) -> Sequence[Delivery]:
        """The oldest that are not delivered yet, in order; waits while there are none. `takes` are
        the kinds that the other end makes use of: what can wait for one that does, waits."""

    async def delivered(self, delivery_id: str) -> None:
        """The other side has it durably. May be told twice."""

    async def receive(self, delivery_id: str, kind: str, body: Mapping[str, Any]) -> None:
        """Store it durably before returning; the same id may come again and changes nothing.

        Raises Refused where it cannot be stored now (a full disk): it is offered again, and what
        follows waits. To return is to acknowledge, also what one can make no use of.
        """


class Courier:
    """Hands over and takes in, for as long as one line lasts."""

    def __init__(self, line: Line, deliveries: Deliveries, takes: Collection[str] = ()) -> None:
        self.takes = takes
        """By the other end; set before `hand_over` runs."""
        self._line = line
        self._deliveries = deliveries
        self._incoming: asyncio.Queue[Deliver] = asyncio.Queue(MOST_AHEAD)
        self._acknowledged: asyncio.Queue[str] = asyncio.Queue(MOST_AHEAD)

    def take(self, message: Deliver | Ack) -> None:
        """From the reader. Raises ProtocolError where the other end runs too far ahead."""
        try:
            if isinstance(message, Deliver):
                self._incoming.put_nowait(message)
            else:
                self._acknowledged.put_nowait(message.id)
        except asyncio.QueueFull:
            raise ProtocolError("more deliveries than were agreed") from None

    async def hand_over(self) -> None:
        """Until cancelled. Raises LineLostError."""
        while True:
            pending = partial(self._deliveries.pending, MOST_AHEAD, self.takes)
            batch = await _patiently(pending)
            for delivery in batch[:MOST_AHEAD]:
                await self._line.send(delivery.message())
            waiting = [delivery.id for delivery in batch[:MOST_AHEAD]]
            while waiting:
                acknowledged = await self._all_acknowledged()
                done = [known for known in waiting if known in acknowledged]
                waiting = [known for known in waiting if known not in acknowledged]
                delivered = self._deliveries.delivered
                await asyncio.gather(*(_patiently(partial(delivered, known)) for known in done))

    async def _all_acknowledged(self) -> set[str]:
        """At least one. What came while the last ones were noted is noted together: the storage
        has one commit for all."""
        known = {await self._acknowledged.get()}
        while not self._acknowledged.empty():
            known.add(self._acknowledged.get_nowait())
        return known

    async def take_in(self) -> None:
        """Until cancelled. Raises LineLostError."""
        while True:
            new = await self._incoming.get()
            await _patiently(partial(self._deliveries.receive, new.id, new.kind, new.body))
            await self._line.send(Ack(new.id))


async def _patiently(job: Callable[[], Awaitable[T]]) -> T:
    """Do it until it succeeds: trouble with the storage holds up deliveries, not the meeting."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return await job()
        except Refused as refused:
            logger.warning("deliveries wait: %s", refused.cause)
        except Exception:
            logger.exception("deliveries wait")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
