"""One browser: a peer connection with three fixed lines, and every private name of aiortc.

    line 0  audio   the voice up, the mix down
    line 1  video   the camera up, the hall down
    line 2  video   the shared screen up, the floor down

A `Connection` has other lines: one way, for a player, an encoder or a media server.

aiortc keeps ICE, DTLS, SRTP, the descriptions and the reports; its encoders, decoders, jitter
buffers and sending loops are left out. What is reached behind its public names is reached here
alone, what it would start by itself in `quiet`, aioice's in `pulse`; `tests/rooms/media` tells when
an upgrade breaks it.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from ipaddress import ip_address
from typing import Any, cast

from aioice.turn import TurnClientTcpProtocol
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.rtcdtlstransport import State
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    is_rtcp,
    unpack_remb_fci,
)
from pylibsrtp import Error as SrtpError

from rooms.media.estimate import PatientEstimate
from rooms.media.follow import follow_browser
from rooms.media.layout import Layouts
from rooms.media.offer import KINDS, BadOffer, Offer, read_offer
from rooms.media.path import Path, Workbench
from rooms.media.payloads import Codec
from rooms.media.pulse import Pulse, watch_path
from rooms.media.quiet import begin_reports, note_sender_report, quieten_receiver, quieten_sender
from rooms.media.reports import Reported, Reports
from rooms.media.stock import RATES, StockStream
from rooms.media.stream import Numbers, RtpStream
from rooms.relay import RelayServers

START_KILOBITS = 2000
"""Chromium begins at 300 kbit/s and takes half a minute to 720p unless it is told."""
VOICE = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000"
"""What a browser is asked for (RFC 7587, section 6.1): error correction, and nothing in silence."""
GATHER_SECONDS = 2
"""So long the relay may take to answer; after that the guest comes in by a direct path or not."""
MOST_WAITING_BYTES = 512 * 1024
"""On a TCP connection to the relay, which takes everything and sends it late: more is dropped, as a
network drops it. The kept pictures of two seconds, sent in one burst, are less."""


_KEY_FRAME_WANTED = (RTCP_PSFB_PLI, RTCP_PSFB_FIR)


class _PacketTap:
    """Stands in the place of aiortc's jitter buffer and hands every packet out as it came."""

    def __init__(self, line: "PeerLine", receiver: Any) -> None:
        self._line = line
        self._receiver = receiver

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        if self._line.source is None:
            begin_reports(self._receiver)
        self._line.source = packet.ssrc
        self._line.on_packet(packet)
        return False, None


class PeerLine:
    """One of the three lines, both ways. Set the `on_…` fields before media flows."""

    def __init__(
        self,
        transceiver: RTCRtpTransceiver,
        stream: RtpStream | StockStream,
        keep: Callable[..., None],
    ) -> None:
        self._transceiver = transceiver
        self._sender = cast(Any, transceiver.sender)
        self._receiver = cast(Any, transceiver.receiver)
        self._stream = stream
        self._keep = keep
        self.on_packet: Callable[[RtpPacket], None] = lambda _: None
        self.on_key_frame_wanted: Callable[[], None] = lambda: None
        self.on_loss: Callable[[float], None] = lambda _: None
        """The share of our packets that the browser reports lost, 0 to 1 (RFC 3550, 6.4.1)."""
        self.on_estimate: Callable[[int], None] = lambda _: None
        """Bits a second of all pictures that the browser thinks it can take (REMB)."""
        self.on_asked_again: Callable[[int], None] = lambda _: None
        """He misses a packet that was sent so many packets ago (RFC 4585, section 6.2.1)."""
        self.pulse: Pulse | None = None
        """Of the path that the three lines share; the first has it."""
        self.source: int | None = None
        """SSRC of what comes in; None before the first packet."""
        self.ssrc: int = self._sender._ssrc
        self.codec: Codec | None = None
        self._receiver._RTCRtpReceiver__jitter_buffer = _PacketTap(self, self._receiver)
        if (estimator := self._receiver._RTCRtpReceiver__remote_bitrate_estimator) is not None:
            self._receiver._RTCRtpReceiver__remote_bitrate_estimator = PatientEstimate(estimator)
        quieten_receiver(self._receiver)
        if isinstance(stream, RtpStream):
            quieten_sender(self._sender)

    def negotiated(self) -> None:
        """Read payload types and header extension once both descriptions are known."""
        codecs: list[Any] = self._transceiver._codecs
        payload_type = codecs[0].payloadType
        again = (
            codec.payloadType
            for codec in codecs
            if codec.name.lower() == "rtx" and codec.parameters["apt"] == payload_type
        )
        if self._transceiver.kind == "video":
            self.codec = Codec(codecs[0].name)
        if isinstance(self._stream, StockStream):
            self._stream.codec = self.codec
        else:
            self._stream.numbers = Numbers(
                self.ssrc,
                payload_type,
                self._sender._rtx_ssrc,
                next(again, None),
                _extension_block(self._transceiver),
            )
        transport = self._receiver.transport
        register = transport._register_rtp_receiver

        def register_with_rtx(receiver: Any, parameters: Any) -> None:
            # With two bundled video lines aiortc never learns whose retransmissions come in.
            register(receiver, parameters)
            for encoding in parameters.encodings:
                if encoding.rtx:
                    transport._rtp_router.ssrc_table[encoding.rtx.ssrc] = receiver

        if not hasattr(transport, "_learns_rtx"):  # the three share one transport
            transport._learns_rtx = True
            self.pulse = watch_path(transport.transport._connection)
            follow_browser(transport.transport._connection)
            transport._register_rtp_receiver = register_with_rtx

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        """Protect and send one picture, or 20 ms of sound, now. False while there is no path."""
        return self._stream.send(payloads, timestamp, marked=marked)

    @property
    def counted(self) -> tuple[int, int]:
        """Packets and octets of payload that were sent so far, without those sent again."""
        return self._stream.counted

    def give_up(self) -> None:
        """Send nothing again of what was sent so far."""
        self._stream.give_up()

    def repeat(self, octets: float) -> float:
        """Send so much once more that nobody misses; how much it was."""
        return self._stream.repeat(octets)

    def request_key_frame(self) -> None:
        """Send the browser a picture loss indication (RFC 4585, section 6.3.1)."""
        if self.source is not None:
            self._keep(self._receiver._send_rtcp_pli(self.source))

    def ask_again(self, sequences: list[int]) -> None:
        """Ask the browser for lost packets (RFC 4585, section 6.2.1)."""
        if self.source is not None:
            self._keep(self._receiver._send_rtcp_nack(self.source, sequences))

    def take_feedback(self, packet: Any) -> None:
        """What came from the browser, about this line or another."""
        for report in getattr(packet, "reports", ()):
            if report.ssrc == self.ssrc:
                self.on_loss(report.fraction_lost / 256)
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            with suppress(ValueError):
                self.on_estimate(unpack_remb_fci(packet.fci)[0])
        if isinstance(packet, RtcpSrPacket):
            if packet.ssrc == self.source:
                note_sender_report(self._receiver, packet)
        elif getattr(packet, "media_ssrc", None) == self.ssrc:
            if isinstance(packet, RtcpPsfbPacket) and packet.fmt in _KEY_FRAME_WANTED:
                self.on_key_frame_wanted()
            elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
                for sequence in packet.lost:
                    self._send_again(sequence)

    def _send_again(self, sequence: int) -> None:
        if isinstance(self._stream, RtpStream):
            self.on_asked_again(self._stream.behind(sequence))
            self._stream.send_again(sequence)
        else:
            self._keep(self._sender._retransmit(sequence))


class Connection:
    """A peer connection with fixed lines: one description each way, then media, then `close`."""

    def __init__(
        self,
        kinds: Sequence[str],
        direction: str,
        *,
        relay: RelayServers | None = None,
        workbench: Workbench | None = None,
        layouts: Layouts | None = None,
        streams: Sequence[str] = (),
    ) -> None:
        """`kinds` and `direction` of the lines, as SDP says them; `streams` names what each sends,
        without it they are one. All connections of a house share `workbench` and `layouts`.
        Without the first, aiortc's own senders send."""
        self._workbench = workbench
        self._path: Path | None = None
        self._pair: Any = None
        """The pair of candidates whose path it is."""
        self._dtls: Any = None
        self._nominated: dict[int, Any] = {}
        """Of one component; aioice changes it."""
        # an empty list where there is no relay: aiortc would otherwise ask a public STUN server
        servers: list[RTCIceServer] = []
        if relay is not None:
            account = relay.account
            servers = [RTCIceServer(u, account.username, account.credential) for u in relay.urls]
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._negotiation: asyncio.Task[str] | None = None
        sending: list[RtpStream | StockStream] = [
            StockStream(kind, lambda: self.connected)
            if workbench is None
            else RtpStream(layouts or Layouts(), self._way)
            for kind in kinds
        ]
        self._transceivers = [
            self._connection.addTransceiver(
                stream.track if isinstance(stream, StockStream) else kind,
                direction=direction,
            )
            for kind, stream in zip(kinds, sending, strict=True)
        ]
        self.lines = tuple(
            PeerLine(transceiver, stream, self._keep)
            for transceiver, stream in zip(self._transceivers, sending, strict=True)
        )
        self._reports = Reports(
            self._way,
            [
                Reported(stream, RATES[kind])
                for kind, stream in zip(kinds, sending, strict=True)
                if isinstance(stream, RtpStream)
            ],
            cast(Any, self._connection)._RTCPeerConnection__cname,
        )
        names = streams or ("programme",) * len(kinds)
        for transceiver, name in zip(self._transceivers, names, strict=True):
            sender: Any = transceiver.sender
            sender._stream_id = name
        self.on_connected: Callable[[], None] = lambda: None
        self.on_closed: Callable[[], None] = lambda: None
        self._connection.on("connectionstatechange", self._state_changed)

    def line(self, kind: str) -> PeerLine | None:
        """The first of this kind."""
        kinds = [transceiver.kind for transceiver in self._transceivers]
        return self.lines[kinds.index(kind)] if kind in kinds else None

    async def answer(self, offer: Offer) -> str:
        """The whole answer to a whole offer; called once. Raises BadOffer.

        Goes on where the caller is cancelled: sockets that are being opened would be lost.
        """
        self._negotiation = asyncio.ensure_future(self._answer(offer))
        return await asyncio.shield(self._negotiation)

    async def _answer(self, offer: Offer) -> str:
        self._prefer(offer.takes[0])
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            self._negotiated()
            self._hurry()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # aiortc raises whatever the description makes it stumble over
            raise BadOffer(repr(error)) from error
        sdp: str = self._connection.localDescription.sdp
        return sdp

    async def offer(self) -> str:
        """Our whole offer; `accept` takes what comes back."""
        self._prefer(Codec.H264)
        self._hurry()
        await self._connection.setLocalDescription(await self._connection.createOffer())
        sdp: str = self._connection.localDescription.sdp
        return sdp

    async def accept(self, sdp: str) -> None:
        """The whole answer to our offer. Raises BadOffer."""
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
            self._negotiated()
        except Exception as error:  # as in `answer`
            raise BadOffer(repr(error)) from error

    def _negotiated(self) -> None:
        self._dtls = cast(Any, self._transceivers[0].sender).transport
        ice = self._dtls.transport._connection
        self._nominated = ice._nominated
        ice.data_received = partial(self._take, ice.data_received)
        for line in self.lines:
            line.negotiated()

    def _prefer(self, codec: Codec) -> None:
        """Only preferences set before the remote description have an effect."""
        for transceiver in self._transceivers:
            _prefer(transceiver, "opus" if transceiver.kind == "audio" else codec)

    def _hurry(self) -> None:
        """The answer waits for the relay's; aioice would give it five seconds."""
        for transceiver in self._transceivers:
            sender: Any = transceiver.sender
            ice = sender.transport.transport.iceGatherer._connection
            ice.get_component_candidates = partial(
                type(ice).get_component_candidates, ice, timeout=GATHER_SECONDS
            )

    @property
    def relayed(self) -> bool:
        """Whether the relay answered in time, once it is negotiated."""
        return "typ relay" in self._connection.localDescription.sdp

    @property
    def pulse(self) -> Pulse:
        """Of its path, once it is negotiated."""
        pulse = self.lines[0].pulse
        assert pulse is not None
        return pulse

    @property
    def is_near(self) -> bool:
        """His browser is in a network of the house's own, and costs nothing of its line."""
        pair = self._nominated.get(1)
        if pair is None or pair.local_candidate.type == "relay":
            return False
        with suppress(ValueError):  # a name
            address = ip_address(pair.remote_addr[0].partition("%")[0])
            return address.is_private or address.is_link_local
        return False

    @property
    def connected(self) -> bool:
        return bool(self._connection.connectionState == "connected")

    @property
    def wrong_key(self) -> bool:
        """There is a way, but whoever is at its end did not show the key whose fingerprint is in
        the offer (RFC 8122, section 5)."""
        return any(
            sender.transport.state == "failed"
            and sender.transport.transport.state in {"connected", "completed"}
            for sender in self._connection.getSenders()
        )

    def _take(self, pass_on: Callable[[bytes, int], None], data: bytes, component: int) -> None:
        """Feedback is read as it arrives, past the queue, tasks and statistics of aiortc."""
        session = self._dtls._rx_srtp
        if session is None or not (is_rtcp(data) and 127 < data[0] < 192):
            pass_on(data, component)
            return
        with suppress(ValueError, SrtpError):
            for packet in RtcpPacket.parse(session.unprotect_rtcp(data)):
                for line in self.lines:
                    line.take_feedback(packet)

    def _way(self) -> Path | None:
        """The path that is used now; None while there is none. Asked at each picture."""
        dtls = self._dtls
        pair = self._nominated.get(1)
        if pair is None or dtls._state is not State.CONNECTED or self._workbench is None:
            return None
        return self._path if pair is self._pair else self._take_way(pair)

    def _take_way(self, pair: Any) -> Path | None:
        session, transport = self._dtls._tx_srtp, pair.protocol.transport
        if self._path is not None:
            self._path.close()
        self._pair = self._path = None
        if session is not None and transport is not None and self._workbench is not None:
            full = partial(_is_full, transport)
            self._path = Path(self._workbench, session, transport, pair.remote_addr, full)
            self._pair = pair
        return self._path

    async def close(self) -> None:
        self._reports.stop()
        self._workbench = None
        if self._path is not None:
            self._path.close()
        if self._negotiation is not None:
            await asyncio.wait({self._negotiation})
        try:
            await self._connection.close()
        finally:
            for task in tuple(self._tasks):
                task.cancel()

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self._reports.start()
            self.on_connected()
        elif state in {"failed", "closed"}:
            self.on_closed()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Peer(Connection):
    """`await peer.negotiate(offer)`, then media; `await peer.close()` in the end."""

    def __init__(
        self,
        relay: RelayServers | None = None,
        workbench: Workbench | None = None,
        layouts: Layouts | None = None,
    ) -> None:
        super().__init__(
            KINDS,
            "sendrecv",
            relay=relay,
            workbench=workbench,
            layouts=layouts,
            streams=("mix", "hall", "floor"),
        )
        self.audio, self.hall, self.floor = self.lines

    async def negotiate(self, sdp: str) -> str:
        """The whole answer to a browser's whole offer; called once. Raises BadOffer."""
        return as_voice(start_fast(await self.answer(read_offer(sdp))))


def as_voice(sdp: str) -> str:
    """Tell who sends sound what it is for."""
    return re.sub(r"(a=rtpmap:(\d+) opus/48000/2)", rf"\1\r\na=fmtp:\2 {VOICE}", sdp)


def start_fast(answer: str) -> str:
    """Tell a browser that encodes how much it may send at once."""
    return re.sub(
        r"(a=fmtp:\d+ [^\r\n]*profile-level-id[^\r\n]*)",
        rf"\1;x-google-start-bitrate={START_KILOBITS}",
        answer,
    )


def _is_full(transport: Any) -> bool:
    relay = getattr(transport, "_TurnTransport__inner_protocol", None)
    return (
        isinstance(relay, TurnClientTcpProtocol)
        and relay.transport.get_write_buffer_size() > MOST_WAITING_BYTES
    )


def _prefer(transceiver: RTCRtpTransceiver, codec: str) -> None:
    """Take this codec and no other, with retransmission where there is any."""
    capabilities = RTCRtpSender.getCapabilities(transceiver.kind)
    assert capabilities is not None
    wanted = [c for c in capabilities.codecs if c.name.lower() == codec.lower()]
    # Constrained baseline first: it is what every browser and encoder has.
    wanted.sort(key=lambda c: c.parameters.get("profile-level-id") != "42e01f")
    retransmission = [c for c in capabilities.codecs if c.mimeType == "video/rtx"]
    transceiver.setCodecPreferences(wanted + retransmission)


def _extension_block(transceiver: RTCRtpTransceiver) -> bytes:
    """One-byte header extension with the line's mid (RFC 8285, RFC 9143), or nothing."""
    mid = (transceiver.mid or "").encode()
    for extension in transceiver._headerExtensions:
        if extension.uri == "urn:ietf:params:rtp-hdrext:sdes:mid" and 0 < extension.id < 15:
            element = bytes([extension.id << 4 | len(mid) - 1]) + mid
            element += bytes(-len(element) % 4)
            return b"\xbe\xde" + (len(element) // 4).to_bytes(2, "big") + element
    return b""
