"""One browser: a peer connection with three fixed lines, and every private name of aiortc.

    line 0  audio   the voice up, the mix down
    line 1  video   the camera up, the hall down
    line 2  video   the shared screen up, the floor down

aiortc keeps ICE, DTLS, SRTP, the descriptions and the reports; its encoders, decoders, jitter
buffers and sending loops are left out. What is reached behind its public names is reached here
alone, behind aioice's in `pulse`; `tests/rooms/media/test_peer.py` tells when an upgrade breaks it.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from aioice.turn import TurnClientTcpProtocol
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
    clock,
)
from aiortc.rtp import RtpPacket
from pylibsrtp import Error as SrtpError

from rooms.media.follow import follow_browser
from rooms.media.payloads import Codec
from rooms.media.pulse import watch_path
from rooms.relay import RelayServers

KINDS = ("audio", "video", "video")
START_KILOBITS = 2000
"""Chromium begins at 300 kbit/s and takes half a minute to 720p unless it is told."""
VOICE = "minptime=10;useinbandfec=1;usedtx=1;stereo=0;maxaveragebitrate=32000"
"""What a browser is asked for (RFC 7587, section 6.1): error correction, and nothing in silence."""
MOST_CANDIDATES = 30
"""A browser has a handful. Each more is an address that the house would be made to knock at."""
GATHER_SECONDS = 2
"""So long the relay may take to answer; after that the guest comes in by a direct path or not."""
MOST_WAITING_BYTES = 512 * 1024
"""On a TCP connection to the relay, which takes everything and sends it late: more is dropped, as a
network drops it. The kept pictures of two seconds, sent in one burst, are less."""


class BadOffer(Exception):  # noqa: N818 - said of what the browser sent
    """The description is not one of ours: three lines in one bundle, Opus, a codec that we have."""


class _Idle(MediaStreamTrack):
    """Keeps the sender's reports alive and never has anything to send."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        await asyncio.get_running_loop().create_future()


class _PacketTap:
    """Stands in the place of aiortc's jitter buffer and hands every packet out as it came."""

    def __init__(self, line: "PeerLine") -> None:
        self._line = line

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._line.source = packet.ssrc
        self._line.on_packet(packet)
        return False, None


class PeerLine:
    """One of the three lines, both ways. Set the `on_…` fields before media flows."""

    def __init__(self, transceiver: RTCRtpTransceiver, keep: Callable[..., None]) -> None:
        self._transceiver = transceiver
        self._sender = cast(Any, transceiver.sender)
        self._receiver = cast(Any, transceiver.receiver)
        self._keep = keep
        self.on_packet: Callable[[RtpPacket], None] = lambda _: None
        self.on_key_frame_wanted: Callable[[], None] = lambda: None
        self.on_lost: Callable[[int], None] = lambda _: None
        """A sequence number that the browser reports lost."""
        self.on_loss: Callable[[float], None] = lambda _: None
        """The share of our packets that the browser reports lost, 0 to 1 (RFC 3550, 6.4.1)."""
        self.source: int | None = None
        """SSRC of what comes in; None before the first packet."""
        self.ssrc: int = self._sender._ssrc
        self.rtx_ssrc: int = self._sender._rtx_ssrc
        self.payload_type = 0
        self.rtx_payload_type: int | None = None
        self.extension = b""
        self.codec: Codec | None = None
        self._receiver._RTCRtpReceiver__jitter_buffer = _PacketTap(self)
        self._sender._send_keyframe = self._key_frame_wanted
        self._sender._retransmit = self._retransmit
        self._take_rtcp = self._sender._handle_rtcp_packet
        self._sender._handle_rtcp_packet = self._rtcp_came

    def negotiated(self) -> None:
        """Read payload types and header extension once both descriptions are known."""
        codecs: list[Any] = self._transceiver._codecs
        self.payload_type = codecs[0].payloadType
        self.rtx_payload_type = next(
            (
                codec.payloadType
                for codec in codecs
                if codec.name.lower() == "rtx" and codec.parameters["apt"] == self.payload_type
            ),
            None,
        )
        if self._transceiver.kind == "video":
            self.codec = Codec(codecs[0].name)
        self.extension = _extension_block(self._transceiver)
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
            watch_path(transport.transport._connection)
            follow_browser(transport.transport._connection)
            transport._register_rtp_receiver = register_with_rtx

    def send(self, packet: bytes) -> bool:
        """Protect and send one RTP packet, now. False while there is no path."""
        transport = self._sender.transport
        session = transport._tx_srtp
        pair = transport.transport._connection._nominated.get(1)
        if session is None or pair is None or transport.state != "connected":
            return False
        try:
            if not _is_full(pair.protocol.transport):
                pair.protocol.transport.sendto(session.protect(packet), pair.remote_addr)
        except (OSError, AttributeError, SrtpError):  # the path is going away
            return False
        return True

    def count(self, timestamp: int, packets: int, octets: int) -> None:
        """Keep the sender report true (RFC 3550, section 6.4.1)."""
        sender = self._sender
        sender._RTCRtpSender__ntp_timestamp = clock.current_ntp_time()
        sender._RTCRtpSender__rtp_timestamp = timestamp
        sender._RTCRtpSender__packet_count += packets
        sender._RTCRtpSender__octet_count += octets

    def request_key_frame(self) -> None:
        """Send the browser a picture loss indication (RFC 4585, section 6.3.1)."""
        if self.source is not None:
            self._keep(self._receiver._send_rtcp_pli(self.source))

    def ask_again(self, sequences: list[int]) -> None:
        """Ask the browser for lost packets (RFC 4585, section 6.2.1)."""
        if self.source is not None:
            self._keep(self._receiver._send_rtcp_nack(self.source, sequences))

    def _key_frame_wanted(self) -> None:
        self.on_key_frame_wanted()

    async def _rtcp_came(self, packet: Any) -> None:
        for report in getattr(packet, "reports", ()):
            if report.ssrc == self.ssrc:
                self.on_loss(report.fraction_lost / 256)
        await self._take_rtcp(packet)

    async def _retransmit(self, sequence: int) -> None:
        self.on_lost(sequence)


@dataclass(frozen=True, slots=True)
class _Offer:
    sdp: str
    takes: tuple[Codec, ...]


class Peer:
    """`await peer.negotiate(offer)`, then media; `await peer.close()` in the end."""

    def __init__(self, relay: RelayServers | None = None) -> None:
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
        transceivers = [
            self._connection.addTransceiver(_Idle(kind), direction="sendrecv") for kind in KINDS
        ]
        self.audio, self.hall, self.floor = (PeerLine(t, self._keep) for t in transceivers)
        self._transceivers = transceivers
        self.on_connected: Callable[[], None] = lambda: None
        self.on_closed: Callable[[], None] = lambda: None
        self._connection.on("connectionstatechange", self._state_changed)

    async def negotiate(self, sdp: str) -> str:
        """The whole answer to a browser's whole offer; called once. Raises BadOffer.

        Goes on where the caller is cancelled: sockets that are being opened would be lost.
        """
        self._negotiation = asyncio.ensure_future(self._negotiate(sdp))
        return await asyncio.shield(self._negotiation)

    async def _negotiate(self, sdp: str) -> str:
        offer = _read_offer(sdp)
        for transceiver, name in zip(self._transceivers, ("mix", "hall", "floor"), strict=True):
            sender: Any = transceiver.sender
            sender._stream_id = name
        # Only preferences set before the remote description have an effect.
        _prefer(self._transceivers[0], "opus")
        for transceiver in self._transceivers[1:]:
            _prefer(transceiver, offer.takes[0])
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            for line in (self.audio, self.hall, self.floor):
                line.negotiated()
            self._hurry()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        except Exception as error:  # aiortc raises whatever the description makes it stumble over
            raise BadOffer(repr(error)) from error
        answer = re.sub(
            r"(a=fmtp:\d+ [^\r\n]*profile-level-id[^\r\n]*)",
            rf"\1;x-google-start-bitrate={START_KILOBITS}",
            self._connection.localDescription.sdp,
        )
        return re.sub(r"(a=rtpmap:(\d+) opus/48000/2)", rf"\1\r\na=fmtp:\2 {VOICE}", answer)

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

    async def close(self) -> None:
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
            self.on_connected()
        elif state in {"failed", "closed"}:
            self.on_closed()

    def _keep(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _is_full(transport: Any) -> bool:
    relay = getattr(transport, "_TurnTransport__inner_protocol", None)
    return (
        isinstance(relay, TurnClientTcpProtocol)
        and relay.transport.get_write_buffer_size() > MOST_WAITING_BYTES
    )


def _read_offer(sdp: str) -> _Offer:
    """Take the offer apart. Raises BadOffer.

    Candidates with `.local` names are left out: looking them up costs a second, and the path is
    found without them (peer-reflexive). The others stand with the first line of the bundle, where
    browsers put them, and aiortc reads those of the last: they go there.
    """
    every = sdp.splitlines()
    lines = [line for line in every if not line.startswith("a=candidate")]
    candidates = [line for line in every if line.startswith("a=candidate") and ".local" not in line]
    kinds = tuple(line[2:].split(" ", 1)[0] for line in lines if line.startswith("m="))
    if kinds != KINDS:
        raise BadOffer(f"lines {kinds} instead of {KINDS}")
    mids = [line.removeprefix("a=mid:") for line in lines if line.startswith("a=mid:")]
    # one byte of length in the header extension: at most 16 (RFC 8285, section 4.2)
    if len(set(mids)) != len(KINDS) or not all(re.fullmatch(r"[!-~]{1,16}", mid) for mid in mids):
        raise BadOffer(f"lines are named {mids}")
    if f"a=group:BUNDLE {' '.join(mids)}" not in lines:
        raise BadOffer("its lines are not in one bundle")
    if not any(re.match(r"a=rtpmap:\d+ opus/48000/2", line) for line in lines):
        raise BadOffer("no Opus")
    takes = tuple(
        codec
        for codec in (Codec.H264, Codec.VP8)
        if any(re.match(rf"a=rtpmap:\d+ {codec}/90000", line) for line in lines)
    )
    if not takes:
        raise BadOffer("neither H264 nor VP8")
    return _Offer("\r\n".join([*lines, *candidates[:MOST_CANDIDATES]]) + "\r\n", takes)


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
