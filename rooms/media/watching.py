"""Whoever takes the programme: one picture, of whoever has the floor or of the hall, and what all
hear. Players ask for it (WHEP); a media server is offered it (WHIP).

They are connected as guests are, and dropped as those are. Nothing that they send is taken.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from base.cause import Refused
from base.latest import Latest
from rooms.media.fanout import OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.offer import BadOffer
from rooms.media.one_way import OneWay, read_answer
from rooms.media.peer import Connection, PeerLine
from rooms.media.sound import SoundBridge
from rooms.shown import Layer

Watch = Callable[[OutgoingVideo, PeerLine, Feed | None, Layer], None]

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Watcher:
    """One player, or media server."""

    id: str
    connection: Connection
    picture: OutgoingVideo | None
    on_lost: Callable[[], None]
    goes_first: bool = False
    """A media server, by which many watch."""
    layer: Layer = Layer.MAIN
    """What the house's line has to spare."""


@dataclass(frozen=True, slots=True)
class Offering:
    sdp: str
    accept: Callable[[str], Awaitable[None]]
    """Takes the answer. Raises BadOffer."""


class Watching:
    """Belongs to the event loop's thread, and to the bridge."""

    def __init__(
        self,
        sound: SoundBridge,
        connected: Latest[frozenset[str]],
        watch: Watch,
        let_go: Callable[[Connection], None],
    ) -> None:
        """`watch` lets a line watch a feed in its own codec."""
        self._sound = sound
        self._connected = connected
        self._watch = watch
        self._let_go = let_go
        self._watchers: dict[str, Watcher] = {}
        self._programme: Callable[[str], Feed | None] = lambda _: None

    def __len__(self) -> int:
        return len(self._watchers)

    async def answer(
        self, guest_id: str, offer: OneWay, connection: Connection, on_lost: Callable[[], None]
    ) -> str:
        """A player's offer, to the answer; `connection` has its lines. Raises Refused:
        `stream.no_description`."""
        watcher = self._add(guest_id, connection, on_lost)
        try:
            answer = await connection.answer(offer.offer)
        except BaseException as error:  # he may also go away while this goes on
            self._end(watcher)
            if not isinstance(error, BadOffer):
                raise
            logger.warning("A player's offer was refused: %s", error)
            raise Refused("stream.no_description") from error
        self._begin(watcher)
        return answer

    async def offer(
        self,
        guest_id: str,
        connection: Connection,
        on_lost: Callable[[], None],
        hears: Callable[[str], bool] | None = None,
    ) -> "Offering":
        """Our offer to a media server, and what takes its answer. `hears`: as
        `OutgoingAudio.hears`."""
        watcher = self._add(guest_id, connection, on_lost)
        watcher.goes_first = True
        try:
            sdp = await connection.offer()
        except BaseException:
            self._end(watcher)
            raise

        async def accept(answer: str) -> None:
            await connection.accept(read_answer(answer))
            self._begin(watcher)
            if hears is not None:
                self._sound.set_hears(guest_id, hears)

        return Offering(sdp, accept)

    def direct(self, programme: Callable[[str], Feed | None]) -> None:
        """What whom is to be shown from now on, by guest."""
        self._programme = programme
        for watcher in self._watchers.values():
            self._show(watcher)

    def there(self) -> Iterator[Watcher]:
        """Those who are connected."""
        return (one for one in self._watchers.values() if one.id in self._connected.value)

    def give(self, shares: Mapping[str, Layer]) -> None:
        """What the house's line has to spare for each; of whom nothing is said, everything."""
        for watcher in self._watchers.values():
            layer = shares.get(watcher.id, Layer.MAIN)
            if layer is not watcher.layer:
                watcher.layer = layer
                self._sound.set_narrow(watcher.id, layer is not Layer.MAIN)
                self._show(watcher)

    def drop(self, guest_id: str) -> None:
        """End his media, if there is any."""
        if (watcher := self._watchers.get(guest_id)) is not None:
            self._end(watcher)

    def close(self) -> None:
        for guest_id in tuple(self._watchers):
            self.drop(guest_id)

    def _add(self, guest_id: str, connection: Connection, on_lost: Callable[[], None]) -> Watcher:
        self.drop(guest_id)
        line = connection.line("video")
        picture = None
        if line is not None:
            picture = OutgoingVideo(line)
            line.on_key_frame_wanted = picture.key_frame_wanted
        watcher = self._watchers[guest_id] = Watcher(guest_id, connection, picture, on_lost)
        return watcher

    def _begin(self, watcher: Watcher) -> None:
        if self._watchers.get(watcher.id) is not watcher:
            return  # dropped meanwhile
        connection = watcher.connection
        connection.on_connected = lambda: self._is_there(watcher)
        connection.on_closed = lambda: self._died(watcher)
        if (line := connection.line("audio")) is not None:
            self._sound.add(watcher.id, line)
            line.on_loss = lambda share: self._sound.note_loss(watcher.id, share)
        self._show(watcher)

    def _show(self, watcher: Watcher) -> None:
        line = watcher.connection.line("video")
        if watcher.picture is not None and line is not None:
            self._watch(watcher.picture, line, self._programme(watcher.id), watcher.layer)

    def _is_there(self, watcher: Watcher) -> None:
        if self._watchers.get(watcher.id) is watcher:
            self._show(watcher)
            if watcher.picture is not None:
                watcher.picture.begin()
            self._connected.set(self._connected.value | {watcher.id})

    def _died(self, watcher: Watcher) -> None:
        if self._watchers.get(watcher.id) is watcher:
            logger.info("The media path of %s is lost", watcher.id)
            self._end(watcher)
            watcher.on_lost()

    def _end(self, watcher: Watcher) -> None:
        if self._watchers.get(watcher.id) is watcher:
            del self._watchers[watcher.id]
            self._sound.remove(watcher.id)
            self._connected.set(self._connected.value - {watcher.id})
        if watcher.picture is not None:
            watcher.picture.close()
        self._let_go(watcher.connection)
