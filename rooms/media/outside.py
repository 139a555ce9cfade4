"""Whatever comes and goes in one direction: players and media servers that take what the house
gives, streams of media servers that the house takes.

    outside.direct(live, floor, own)            # what there is to be shown now
    await outside.offer("publisher", Programme.WHOLE, on_lost=lost.set)
    outside.take("ward", on_lost=lost.set)

What the house takes is seen and heard in it, and never goes out again where that is `apart`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from base.latest import Latest
from rooms.media.feed import Feed
from rooms.media.judge import Rates
from rooms.media.one_way import OneWay
from rooms.media.peer import Connection
from rooms.media.programme import Programme, Stills
from rooms.media.sound import SoundBridge
from rooms.media.sources import Sources, Taking
from rooms.media.uplink import Claim
from rooms.media.watching import Offering, Watch, Watching
from rooms.shown import Layer

Connect = Callable[[Sequence[str], str], Connection]
"""A connection with lines of these kinds, in this direction."""


class Outside:
    """Belongs to the event loop's thread, and to the bridge."""

    def __init__(
        self,
        hall: Feed,
        sound: SoundBridge,
        connected: Latest[frozenset[str]],
        *,
        connect: Connect,
        watch: Watch,
        let_go: Callable[[Connection], None],
        changed: Callable[[Feed | None], None],
    ) -> None:
        """`watch` lets a line watch a feed in its own codec; `changed` is told that a stream came,
        or which one went."""
        self._hall = hall
        self._connect = connect
        self._stills = Stills(hall)
        self._programmes: dict[str, Programme] = {}
        """The whole of it where nothing else is said."""
        self._live = False
        self._floor: Feed | None = None
        self._own: Feed | None = None
        self._watching = Watching(sound, connected, watch, let_go)
        self._sources = Sources(
            sound, connected, lambda kinds: connect(kinds, "recvonly"), let_go, changed
        )

    @property
    def takers(self) -> int:
        return len(self._watching)

    @property
    def seen(self) -> Latest[frozenset[str]]:
        """Of the streams that are taken: those whose pictures come."""
        return self._sources.seen

    def feed(self, source_id: str | None) -> Feed | None:
        """Of a stream that is taken."""
        return self._sources.feed(source_id)

    async def show(self, guest_id: str, offer: OneWay, on_lost: Callable[[], None]) -> str:
        """A player's offer to our answer. Raises Refused: `stream.no_description`."""
        connection = self._connect(offer.kinds, "sendonly")
        return await self._watching.answer(guest_id, offer, connection, on_lost)

    async def offer(
        self, guest_id: str, programme: Programme, on_lost: Callable[[], None]
    ) -> Offering:
        """Our offer to a media server."""
        self.set_programme(guest_id, programme)
        hears = partial(self._may_hear, guest_id) if programme.is_apart else None
        connection = self._connect(("audio", "video"), "sendonly")
        return await self._watching.offer(guest_id, connection, on_lost, hears)

    def take(self, source_id: str, on_lost: Callable[[], None]) -> Taking:
        """A stream of a media server."""
        return self._sources.take(source_id, on_lost)

    def set_programme(self, guest_id: str, programme: Programme) -> None:
        """What he gets from now on. One that is apart stays so, and one that is not."""
        self._programmes[guest_id] = programme
        self._watching.direct(self.programme_of)

    def direct(self, live: bool, floor: Feed | None, own: Feed | None) -> None:
        """Whoever has the floor, and the same where it is a guest of the house; None is the
        hall."""
        self._live, self._floor, self._own = live, floor, own
        self._watching.direct(self.programme_of)

    def programme_of(self, guest_id: str) -> Feed | None:
        """The picture that he is shown; None while there is no meeting."""
        if not self._live:
            return None
        match self._programmes.get(guest_id):
            case Programme.HALL:
                return self._hall
            case Programme.STILLS:
                return self._stills.feed
            case Programme.OWN:
                return self._own or self._hall
        return self._floor or self._hall

    def claims(
        self, is_near: Callable[[Connection], bool], rates: Callable[[Iterable[Feed]], Rates]
    ) -> tuple[list[Claim], list[Claim]]:
        """Of the house's own line: media servers', by which many watch, and players'."""
        first: list[Claim] = []
        last: list[Claim] = []
        for watcher in self._watching.there():
            if not is_near(watcher.connection):
                feed = self.programme_of(watcher.id)
                moves = () if feed is None or feed is self._stills.feed else (feed,)
                claim = Claim(watcher.id, rates(moves), watcher.layer)
                (first if watcher.goes_first else last).append(claim)
        return first, last

    def give(self, shares: Mapping[str, Layer]) -> None:
        """What the house's line has to spare for each of them."""
        self._watching.give(shares)

    def drop(self, guest_id: str) -> None:
        """End his media, if there is any."""
        self._watching.drop(guest_id)
        self._sources.drop(guest_id)
        self._programmes.pop(guest_id, None)

    def close(self) -> None:
        self._watching.close()
        self._sources.close()

    def _may_hear(self, guest_id: str, name: str) -> bool:
        own = self._programmes.get(guest_id) is Programme.OWN
        return own and name not in self._sources
