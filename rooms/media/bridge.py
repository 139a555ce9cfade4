"""Brings guests and hall together: who sees what, who hears whom.

    bridge = Bridge(cameras, sound)
    task_group.create_task(bridge.run())
    answer = await bridge.answer(guest_id, offer, hears=True)
    bridge.set_live(True); bridge.set_heard(guest_id, True); bridge.set_floor(floor)

`Room` decides; this carries it out. A guest who comes back gets a new peer connection in the place
of the old one (aiortc has no ICE restart), and what he may be heard and seen in stays as it was.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from aiortc.rtp import RtpPacket

from base.cause import Refused
from base.latest import Latest
from devices.device import (
    HallSound,
    Samples,
    Unsubscribe,
    VideoSource,
)
from rooms.media.adapting import LOOK_SECONDS
from rooms.media.fanout import OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.guest_media import GuestMedia, guest_media
from rooms.media.judge import Rates
from rooms.media.layout import Layouts
from rooms.media.offer import BadOffer
from rooms.media.one_way import OneWay
from rooms.media.outside import Outside
from rooms.media.own_pictures import OwnPictures
from rooms.media.path import Workbench
from rooms.media.payloads import Codec
from rooms.media.peer import Connection, Peer, PeerLine
from rooms.media.programme import Programme
from rooms.media.relaying import Relaying
from rooms.media.sound import AddSink, SoundBridge
from rooms.media.sources import Taking
from rooms.media.uplink import SOUND_BITS, Claim, Uplink, share
from rooms.media.variants import Variants
from rooms.media.voice import Packet, Voice
from rooms.media.watching import Offering
from rooms.shown import Floor, FloorKind, Layer, LineState

MOST_GUESTS = 60

logger = logging.getLogger(__name__)


class Bridge:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        cameras: Sequence[VideoSource],
        sound: HallSound | None,
        relaying: Relaying | None = None,
        *,
        stock_senders: bool = False,
        most_guests: int = MOST_GUESTS,
        uplink: Uplink | None = None,
        is_near: Callable[[Connection], bool] = lambda connection: connection.is_near,
        hdmi: VideoSource | None = None,
        hdmi_sound: AddSink | None = None,
    ) -> None:
        """`relaying` is asked before each new connection which relay it may use. `stock_senders`
        are aiortc's own, at several times the price. `uplink` is the house's line, of which
        whoever `is_near` takes nothing. `hdmi` is what a laptop in the hall shows,
        `hdmi_sound` what it plays."""
        self.connected: Latest[frozenset[str]] = Latest(frozenset())
        self.lines: Latest[Mapping[str, LineState]] = Latest({})
        self._uplink = uplink or Uplink()
        self._is_near = is_near
        self._shares: Mapping[str, Layer] = {}
        self._pictures = OwnPictures(cameras, hdmi)
        self._hall, self._hdmi = self._pictures.hall, self._pictures.hdmi
        self._sound = SoundBridge(sound, hdmi_sound)
        self._relaying = relaying or Relaying()
        self._workbench = None if stock_senders else Workbench()
        self._layouts = Layouts()
        self._most_guests = most_guests
        self._guests: dict[str, GuestMedia] = {}
        self._variants = Variants()
        self._fell: list[str] = []
        """Whose lines were found to be full since the house's own was looked at."""
        self._known_lines: dict[str, Layer] = {}
        """What was found of those who may come back."""
        self._floor = Floor()
        self._live = False
        self._closing: set[asyncio.Task[None]] = set()
        self._outside = Outside(
            self._hall,
            self._sound,
            self.connected,
            connect=self._connect,
            watch=self._watch,
            let_go=self._let_go,
            changed=self._stream_changed,
        )

    @property
    def speaking(self) -> Latest[tuple[str, ...]]:
        """Who speaks, loudest first; the hall is `hall`."""
        return self._sound.speaking

    @property
    def returning(self) -> Latest[frozenset[str]]:
        return self._sound.returning

    @property
    def seen(self) -> Latest[frozenset[str]]:
        """Of the streams that are taken: those whose pictures come."""
        return self._outside.seen

    async def run(self) -> None:
        """Carry pictures and sound until cancelled; then every guest is closed."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._sound.run())
                group.create_task(self._adapt())
                group.create_task(self._pictures.run())
        finally:
            for guest_id in tuple(self._guests):
                self.drop(guest_id)
            self._outside.close()
            if self._closing:
                await asyncio.wait(tuple(self._closing), timeout=2)

    async def answer(
        self,
        guest_id: str,
        offer: str,
        *,
        hears: bool,
        goes_first: bool = True,
        on_lost: Callable[[], None] = lambda: None,
    ) -> str:
        """A browser's whole offer to our whole answer. Refuses what is not one of ours.

        `hears` is False for the stage, whose sound is the hall's own loudspeaker; `goes_first` for
        whoever only watches, where the house's line does not carry everybody. `on_lost` is
        called where the path dies by itself: nobody dropped it, no newer one took its place.
        """
        self.drop(guest_id)
        self._check_room()
        relay = self._relaying.for_house()
        peer = Peer(relay, self._workbench, self._layouts)
        known = self._known_lines.get(guest_id, Layer.MAIN)
        guest = guest_media(guest_id, peer, known, goes_first=goes_first, on_lost=on_lost)
        try:
            answer = await peer.negotiate(offer)
        except BaseException as error:  # he may also go away while this goes on
            guest.close()
            self._let_go(peer)
            if not isinstance(error, BadOffer):
                raise
            logger.warning("An offer was refused: %s", error)
            raise Refused("call.bad_offer") from error
        if relay is not None and not peer.relayed:
            self._relaying.doubt()
        guest.camera.codec = guest.screen.codec = peer.hall.codec or Codec.H264
        if guest_id in self._guests:  # two offers at once: the later one stands
            self.drop(guest_id)
        self._guests[guest_id] = guest
        peer.on_connected = lambda: self._connected(guest)
        peer.on_closed = lambda: self._died(guest)
        if hears:
            voice = self._sound.add(guest_id, peer.audio)
            peer.audio.on_packet = partial(self._take_voice, voice)
            peer.audio.on_loss = partial(self._sound.note_loss, guest_id)
        self._direct()
        return answer

    async def show(
        self, guest_id: str, offer: OneWay, *, on_lost: Callable[[], None] = lambda: None
    ) -> str:
        """A player's offer to our answer: it gets the programme, and sends nothing. `on_lost` as
        in `answer`. Raises Refused: `call.full`, `stream.no_description`."""
        self.drop(guest_id)
        self._check_room()
        return await self._outside.show(guest_id, offer, on_lost)

    async def offer(
        self, guest_id: str, programme: Programme, *, on_lost: Callable[[], None]
    ) -> Offering:
        """The programme, or what of it is said, to a media server."""
        self.drop(guest_id)
        return await self._outside.offer(guest_id, programme, on_lost)

    def set_programme(self, guest_id: str, programme: Programme) -> None:
        """What a media server gets from now on. One that is apart stays so, and one that is not."""
        self._outside.set_programme(guest_id, programme)

    def take(self, source_id: str, on_lost: Callable[[], None]) -> Taking:
        """A stream of a media server: seen and heard here as a guest is, and sent nothing."""
        return self._outside.take(source_id, on_lost)

    def _connect(self, kinds: Sequence[str], direction: str) -> Connection:
        return Connection(
            kinds,
            direction,
            relay=self._relaying.for_house(),
            workbench=self._workbench,
            layouts=self._layouts,
        )

    def _check_room(self) -> None:
        if len(self._guests) + self._outside.takers >= self._most_guests:
            raise Refused("call.full", most=self._most_guests)

    def set_live(self, live: bool) -> None:
        """Outside a meeting nobody sees or hears anything."""
        self._live = live
        if not live:
            self._known_lines.clear()
        self._direct()

    def set_floor(self, floor: Floor) -> None:
        self._floor = floor
        self._direct()

    def set_heard(self, guest_id: str, heard: bool) -> None:
        self._sound.set_heard(guest_id, heard)

    def add_ear(self, ear: Callable[[Samples], None]) -> Unsubscribe:
        """It is given what everybody together hears, 20 ms at a time, at 48 kHz."""
        return self._sound.add_ear(ear)

    def drop(self, guest_id: str) -> None:
        """End his media, if there is any."""
        if (guest := self._guests.get(guest_id)) is not None:
            self._end(guest)
        self._outside.drop(guest_id)

    def _connected(self, guest: GuestMedia) -> None:
        if self._guests.get(guest.id) is not guest:
            return
        guest.adapting.begin()
        guest.adapting.on_flood = partial(self._hurry, guest)
        self._direct()
        guest.hall_line.begin()
        guest.floor_line.begin()
        self.connected.set(self.connected.value | {guest.id})

    def _died(self, guest: GuestMedia) -> None:
        if self._guests.get(guest.id) is guest:
            if guest.peer.wrong_key:
                logger.warning("%s was refused: not the key that the offer had promised", guest.id)
            else:
                logger.info("The media path of %s is lost", guest.id)
            self._end(guest)
            guest.on_lost()

    def _end(self, guest: GuestMedia) -> None:
        del self._guests[guest.id]
        self._sound.remove(guest.id)
        guest.close()
        self._direct()
        for feed in (guest.camera, guest.screen):
            self._variants.forget(feed)
        self.connected.set(self.connected.value - {guest.id})
        self._tell_lines()
        self._let_go(guest.peer)

    def _let_go(self, peer: Connection) -> None:
        """Let a connection go, without waiting for its last words."""
        task = asyncio.ensure_future(peer.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _direct(self) -> None:
        """Let every line watch what it should."""
        for guest in self._guests.values():
            self._direct_guest(guest)
        self._outside.direct(self._live, self._floor_feed(), self._own_floor())

    def _stream_changed(self, gone: Feed | None) -> None:
        if gone is not None:
            self._variants.forget(gone)
        self._direct()

    def _direct_guest(self, guest: GuestMedia, *, waits: bool = False) -> None:
        """`waits` for the next key frames: his line has no room for the pictures since the last."""
        sends = guest.adapting.judge.sends
        for outgoing, line, feed in self._wanted(guest):
            if feed is None or sends is Layer.SOUND:
                outgoing.watch(None)
            else:
                variant = self._variants.of(feed, line.codec, small=sends is Layer.SMALL)
                outgoing.watch(variant, waits=waits)

    def _watch(
        self, outgoing: OutgoingVideo, line: PeerLine, feed: Feed | None, layer: Layer
    ) -> None:
        """Of who merely takes the programme: his own line is not looked at."""
        if feed is None or layer is Layer.SOUND:
            outgoing.watch(None)
        else:
            outgoing.watch(self._variants.of(feed, line.codec, small=layer is Layer.SMALL))

    def _wanted(self, guest: GuestMedia) -> tuple[tuple[OutgoingVideo, PeerLine, Feed | None], ...]:
        """What he is to see, as it is."""
        hall = self._hall if self._live else None
        own = self._floor.guest_id == guest.id
        floor = None if own or not self._live else self._floor_feed()
        return (
            (guest.hall_line, guest.peer.hall, hall),
            (guest.floor_line, guest.peer.floor, floor),
        )

    async def _adapt(self) -> None:
        """Give every line what it carries, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = loop.time()
            floor = self._floor_feed()
            self._variants.count(now, (self._hall, floor) if floor else (self._hall,))
            for guest in tuple(self._guests.values()):
                self._adapt_guest(guest, now)
            fell, self._fell = self._fell, []
            self._spend(now, fell)
            self._tell_lines()

    def _adapt_guest(self, guest: GuestMedia, now: float) -> None:
        if guest.id not in self.connected.value:
            return
        adapting = guest.adapting
        most = self._shares.get(guest.id, Layer.MAIN)
        if adapting.look(now, self._rates(guest), most):
            self._direct_guest(guest, waits=True)
            self._sound.set_narrow(guest.id, adapting.layer is not Layer.MAIN)
            if adapting.judge.drains:
                self._fell.append(guest.id)

    def _hurry(self, guest: GuestMedia) -> None:
        if self._guests.get(guest.id) is guest:
            self._adapt_guest(guest, asyncio.get_running_loop().time())

    def _rates(self, guest: GuestMedia) -> Rates:
        return self._variants.rates(feed for *_, feed in self._wanted(guest) if feed is not None)

    def _spend(self, now: float, fell: Sequence[str]) -> None:
        """Share the house's own line."""
        outside = [
            guest
            for guest in self._guests.values()
            if guest.id in self.connected.value and not self._is_near(guest.peer)
        ]
        outside.sort(key=lambda g: (g.id != self._floor.guest_id, not g.goes_first))
        servers, players = self._outside.claims(self._is_near, self._variants.rates)
        guests = [Claim(g.id, self._rates(g), g.adapting.layer) for g in outside]
        claims = [*servers, *guests, *players]
        sent = sum(SOUND_BITS + claim.rates.of(claim.has) for claim in claims)
        near = self._guests.keys() - {claim.guest for claim in guests}
        self._uplink.note(now, sent, [who for who in fell if who not in near], len(guests))
        self._shares = share(self._uplink.bits, claims)
        self._outside.give(self._shares)

    def _tell_lines(self) -> None:
        found = {guest.id: guest.adapting.layer for guest in self._guests.values()}
        self._known_lines.update(found)
        lines = {
            g: LineState(layer, house=self._shares.get(g) is layer)
            for g, layer in found.items()
            if layer is not Layer.MAIN
        }
        if lines != self.lines.value:
            why = {g: self._guests[g].adapting.judge.why for g in lines}
            logger.info("lines that do not carry everything: %s, %s", lines, why)
            self.lines.set(lines)

    def _floor_feed(self) -> Feed | None:
        """None where the hall has it."""
        is_camera = self._floor.kind is FloorKind.CAMERA
        stream = self._outside.feed(self._floor.guest_id) if is_camera else None
        return stream or self._own_floor()

    def _own_floor(self) -> Feed | None:
        """A guest's of this house, or a laptop's in the hall."""
        if self._floor.kind is FloorKind.HDMI:
            return self._hdmi
        guest = self._guests.get(self._floor.guest_id or "")
        if guest is None or self._floor.kind in (FloorKind.HALL, FloorKind.PAPER):
            return None
        return guest.screen if self._floor.kind is FloorKind.SCREEN else guest.camera

    def _take_voice(self, voice: Voice, packet: RtpPacket) -> None:
        voice.add(
            Packet(packet.sequence_number, packet.timestamp, packet.ssrc, packet.payload),
            self._sound.now(),
        )
