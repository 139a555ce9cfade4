"""The deliveries of one end of the link: out of an outbox, and into what each kind is for.

    deliveries = Parcels(outbox, {"case": keep_copy}, album)

Whoever takes a kind in has to know what he has already: the same parcel may come again.
"""

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from feedback.album import Album
from feedback.attachment_way import Piece, is_piece
from feedback.outbox import Outbox
from web.link.courier import Delivery

TakeIn = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Stores the body of a delivery durably, and nothing a second time. Raises Refused where that is
impossible now. What it can make no use of, it logs and drops: an older end must not hold up what
follows."""

logger = logging.getLogger(__name__)


class Parcels:
    """`web.link.courier.Deliveries` over an outbox in the database."""

    def __init__(
        self, outbox: Outbox, take_in: Mapping[str, TakeIn], album: Album | None = None
    ) -> None:
        """`album` has the photos of the cases that go between these two sides."""
        self._outbox = outbox
        self._album = album
        self._take_in = dict(take_in)
        if album is not None:
            self._take_in[Piece.kind] = album.receiver().take

    @property
    def takes(self) -> Collection[str]:
        return self._take_in.keys()

    async def pending(self, most: int, takes: Collection[str]) -> Sequence[Delivery]:
        """Photos fill what cases and answers leave of the line."""
        if self._album is not None and Piece.kind in takes:
            parcels = await self._outbox.oldest(most, self._album.pieces)
        else:
            parcels = await self._outbox.oldest(most)
        return [Delivery(parcel.id, parcel.kind, parcel.body) for parcel in parcels]

    async def delivered(self, delivery_id: str) -> None:
        if self._album is not None and is_piece(delivery_id):
            await self._album.piece_sent(delivery_id)
        else:
            await self._outbox.handed_over(delivery_id)

    async def receive(self, delivery_id: str, kind: str, body: Mapping[str, Any]) -> None:
        take_in = self._take_in.get(kind)
        if take_in is None:
            logger.warning("nothing here knows what to do with %s %s", kind, delivery_id)
            return
        await take_in(body)
