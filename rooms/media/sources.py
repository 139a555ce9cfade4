"""Streams that the house takes from a media server, each as a guest who is seen and heard and gets
nothing: pictures into a feed as they come, never decoded, sound through the jitter buffer.

    taking = sources.take("ward", on_lost=lost.set)      # a `whep_client.Viewer`
    sources.feed("ward")                                 # None while there is none
    sources.seen.value                                   # those whose pictures come
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from aiortc.rtp import RtpPacket

from base.cause import Refused
from base.latest import Latest
from rooms.media.assembler import FrameAssembler
from rooms.media.feed import Feed
from rooms.media.incoming import CalmKeyFrames, assemble
from rooms.media.offer import BadOffer
from rooms.media.one_way import GIVES, read_answer, read_offer
from rooms.media.payloads import Codec, Frame
from rooms.media.peer import Connection, as_voice
from rooms.media.sound import SoundBridge
from rooms.media.voice import Packet, Voice

KINDS: Final = ("audio", "video")
UNSEEN_SECONDS: Final = 3.0
"""Without a picture for so long, it is none of now."""
SILENT_SECONDS: Final = 20.0
"""Without anything at all for so long, the server only seems to send."""
LOOK_SECONDS: Final = 0.5

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Source:
    id: str
    connection: Connection
    on_lost: Callable[[], None]
    feed: Feed | None = None
    assembler: FrameAssembler | None = None
    pictured_at: float = 0.0
    """Monotonic, as the next one."""
    came_at: float = field(default_factory=time.monotonic)
    looking: asyncio.TimerHandle | None = None

    def show(self, feed: Feed, frame: Frame) -> None:
        self.pictured_at = time.monotonic()


class Sources:
    """Belongs to the event loop's thread, and to the bridge."""

    def __init__(
        self,
        sound: SoundBridge,
        connected: Latest[frozenset[str]],
        connect: Callable[[Sequence[str]], Connection],
        let_go: Callable[[Connection], None],
        changed: Callable[[Feed | None], None],
    ) -> None:
        """`connect` makes a connection that only receives; `changed` is told that feeds came, or
        which one went."""
        self.seen: Latest[frozenset[str]] = Latest(frozenset())
        self._sound = sound
        self._connected = connected
        self._connect = connect
        self._let_go = let_go
        self._changed = changed
        self._sources: dict[str, _Source] = {}

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._sources

    def feed(self, source_id: str | None) -> Feed | None:
        source = self._sources.get(source_id or "")
        return source.feed if source is not None else None

    def take(self, source_id: str, on_lost: Callable[[], None]) -> "Taking":
        """`on_lost` is called where the path dies, or nothing comes by it, unless it was dropped
        or taken anew."""
        return Taking(self, source_id, on_lost)

    def drop(self, source_id: str) -> None:
        if (source := self._sources.get(source_id)) is not None:
            self._end(source)

    def close(self) -> None:
        for source_id in tuple(self._sources):
            self.drop(source_id)

    def begin(self, source_id: str, kinds: Sequence[str], on_lost: Callable[[], None]) -> _Source:
        """A connection with these lines, in the place of an older one."""
        self.drop(source_id)
        source = _Source(source_id, self._connect(kinds), on_lost)
        self._sources[source_id] = source
        if (line := source.connection.line("video")) is not None:
            source.feed = Feed(f"picture of {source_id}", Codec.H264, CalmKeyFrames(line))
            source.assembler = assemble(line, source.feed)
            source.feed.add(source)
            take_picture = line.on_packet

            def take(packet: RtpPacket) -> None:
                source.came_at = time.monotonic()
                take_picture(packet)

            line.on_packet = take
        if (line := source.connection.line("audio")) is not None:
            voice = self._sound.add_voice(source_id)
            line.on_packet = partial(self._take_voice, source, voice)
        return source

    def negotiated(self, source: _Source) -> None:
        if self._sources.get(source.id) is not source:
            return  # dropped meanwhile
        source.connection.on_connected = lambda: self._is_there(source)
        source.connection.on_closed = lambda: self._lost(source)
        if source.connection.connected:
            self._is_there(source)
        self._changed(None)

    def _take_voice(self, source: _Source, voice: Voice, packet: RtpPacket) -> None:
        source.came_at = time.monotonic()
        voice.add(
            Packet(packet.sequence_number, packet.timestamp, packet.ssrc, packet.payload),
            self._sound.now(),
        )

    def _is_there(self, source: _Source) -> None:
        if self._sources.get(source.id) is source and source.looking is None:
            self._connected.set(self._connected.value | {source.id})
            source.came_at = time.monotonic()
            if source.feed is not None and source.feed.request_key_frame is not None:
                source.feed.request_key_frame()
            self._look(source)

    def _look(self, source: _Source) -> None:
        """Whether it is seen, and whether anything comes at all."""
        now = time.monotonic()
        seen = self.seen.value - {source.id}
        if now - source.pictured_at < UNSEEN_SECONDS:
            seen |= {source.id}
        self.seen.set(seen)
        if now - source.came_at > SILENT_SECONDS:
            self._lost(source)
            return
        source.looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look, source)

    def _lost(self, source: _Source) -> None:
        if self._sources.get(source.id) is source:
            logger.info("The media path of %s is lost", source.id)
            self._end(source)
            source.on_lost()

    def _end(self, source: _Source) -> None:
        del self._sources[source.id]
        if source.looking is not None:
            source.looking.cancel()
        if source.assembler is not None:
            source.assembler.close()
        self._sound.remove(source.id)
        self.seen.set(self.seen.value - {source.id})
        self._connected.set(self._connected.value - {source.id})
        self._let_go(source.connection)
        self._changed(source.feed)


class Taking:
    """The descriptions of one stream that is to be taken; a `whep_client.Viewer`."""

    def __init__(self, sources: Sources, source_id: str, on_lost: Callable[[], None]) -> None:
        self._sources = sources
        self._id = source_id
        self._on_lost = on_lost
        self._source: _Source | None = None

    async def offer(self) -> str:
        self._source = self._sources.begin(self._id, KINDS, self._on_lost)
        return as_voice(await self._source.connection.offer())

    async def accept(self, answer: str) -> None:
        """To our offer. Raises BadOffer."""
        source = self._source
        assert source is not None
        await source.connection.accept(read_answer(answer))
        self._sources.negotiated(source)

    async def answer(self, offer: str) -> str:
        """To the server's, whatever was offered before. Raises BadOffer."""
        try:
            asked = read_offer(offer, GIVES)
        except Refused as refused:
            raise BadOffer(refused.cause.code) from refused
        self._source = self._sources.begin(self._id, asked.kinds, self._on_lost)
        answer = as_voice(await self._source.connection.answer(asked.offer))
        self._sources.negotiated(self._source)
        return answer
