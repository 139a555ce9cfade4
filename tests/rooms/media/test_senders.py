"""Our own sending and aiortc's, to another aiortc on loopback: an upgrade that breaks one of the
private names behind them is told here."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtp import (
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
)

from base.latest import Latest
from devices import h264
from devices.device import AccessUnit, Condition, Health
from rooms.media.bridge import Bridge
from rooms.media.payloads import join_h264
from rooms.media.reports import ntp_time

CEILING_SECONDS = 30
SETS = b"\0\0\0\1\x67\x42\xe0\x1f" + b"s" * 20 + b"\0\0\0\1\x68\xce\x3c\x80"
KEY = SETS + b"\0\0\0\1\x65\x88" + b"k" * 9000
OTHER = b"\0\0\0\1\x41\x9a" + b"p" * 5000


class Camera:
    def __init__(self) -> None:
        self.health: Latest[Health] = Latest(Health(Condition.WORKING))
        self._sinks: list[Callable[[AccessUnit], None]] = []
        self.shown = 0

    def subscribe(self, sink: Callable[[AccessUnit], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def show(self, data: bytes) -> None:
        self.shown += 1
        for sink in tuple(self._sinks):
            sink(AccessUnit(data, self.shown * 3000, data is KEY, time.monotonic()))


class Idle(MediaStreamTrack):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        await asyncio.get_running_loop().create_future()


class Browser:
    """Takes packets and reports as they come out of SRTP."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        for kind in ("audio", "video", "video"):
            self.connection.addTransceiver(Idle(kind), direction="sendrecv")
        self.packets: list[RtpPacket] = []
        self.reports: list[RtcpSrPacket] = []
        self.heard_of: list[RtcpReceiverInfo] = []
        self.gone: set[int] = set()

    @property
    def dtls(self) -> Any:
        return cast(Any, self.connection.getTransceivers()[1].receiver).transport

    def watch(self) -> None:
        async def take_rtp(data: bytes, arrival_time_ms: int) -> None:
            self.packets.append(RtpPacket.parse(data))

        async def take_rtcp(data: bytes) -> None:
            for packet in RtcpPacket.parse(data):
                if isinstance(packet, RtcpSrPacket):
                    self.reports.append(packet)
                elif isinstance(packet, RtcpRrPacket):
                    self.heard_of += packet.reports
                elif isinstance(packet, RtcpByePacket):
                    self.gone.update(packet.sources)

        self.dtls._handle_rtp_data = take_rtp
        self.dtls._handle_rtcp_data = take_rtcp

    def of(self, ssrc: int) -> list[RtpPacket]:
        return [packet for packet in self.packets if packet.ssrc == ssrc]

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(CEILING_SECONDS):
            while not holds():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def meeting(*, stock: bool) -> AsyncIterator[tuple[Bridge, Camera, Browser]]:
    camera, browser = Camera(), Browser()
    bridge = Bridge([camera], None, stock_senders=stock)  # type: ignore[list-item]
    running = asyncio.create_task(bridge.run())
    connection = browser.connection
    await connection.setLocalDescription(await connection.createOffer())
    bridge.set_live(True)
    answer = await bridge.answer("a", connection.localDescription.sdp, hears=True)
    browser.watch()
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await browser.until(lambda: "a" in bridge.connected.value)
    try:
        yield bridge, camera, browser
    finally:
        await connection.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.mark.parametrize("stock", [False, True])
async def test_what_the_camera_coded_arrives_as_it_was(stock: bool) -> None:
    async with meeting(stock=stock) as (bridge, camera, browser):
        hall = bridge._guests["a"].peer.hall
        pictures = [KEY, OTHER, OTHER, KEY, OTHER]
        for picture in pictures:
            camera.show(picture)
        await browser.until(lambda: sum(p.marker for p in browser.of(hall.ssrc)) == 5)
        got: list[list[RtpPacket]] = [[]]
        for packet in browser.of(hall.ssrc):
            got[-1].append(packet)
            if packet.marker:
                got.append([])
        joined = [join_h264([p.payload for p in picture]) for picture in got[:-1]]
        assert [list(h264.split(one)) for one in joined] == [list(h264.split(p)) for p in pictures]
        times = [picture[0].timestamp for picture in got[:-1]]
        assert [later - times[0] & 0xFFFFFFFF for later in times] == [3000 * n for n in range(5)]
        assert all(len({p.timestamp for p in picture}) == 1 for picture in got[:-1])
        largest = max(len(packet.payload) for packet in browser.packets)
        assert largest <= (1300 if stock else h264.PAYLOAD_SIZE)
        sound = bridge._guests["a"].peer.audio.ssrc
        await browser.until(lambda: browser.of(sound))


async def test_a_sender_report_says_how_much_was_sent_and_when() -> None:
    async with meeting(stock=False) as (bridge, camera, browser):
        hall = bridge._guests["a"].peer.hall
        for picture in (KEY, OTHER, OTHER):
            camera.show(picture)
        sent = ntp_time()
        await browser.until(lambda: any(r.ssrc == hall.ssrc for r in browser.reports))
        packets = browser.of(hall.ssrc)
        info = next(r.sender_info for r in browser.reports if r.ssrc == hall.ssrc)
        assert info.packet_count == len(packets)
        assert info.octet_count == sum(len(packet.payload) for packet in packets)
        passed = (info.rtp_timestamp - packets[-1].timestamp) / 90_000
        assert passed == pytest.approx((info.ntp_timestamp - sent) / 2**32, abs=0.25)
        assert 0 <= passed < CEILING_SECONDS


async def test_who_only_watches_has_no_thread_and_hears_goodbye() -> None:
    before = threading.active_count()
    async with meeting(stock=False) as (bridge, camera, browser):
        peer = bridge._guests["a"].peer
        names = [thread.name for thread in threading.enumerate()]
        assert sum("decoder" in name for name in names) <= 3, "those of the test's own browser"
        camera.show(KEY)
        await browser.until(lambda: browser.of(peer.hall.ssrc) and browser.of(peer.audio.ssrc))
        senders = [cast(Any, line)._sender for line in (peer.audio, peer.hall, peer.floor)]
        receivers = [cast(Any, line)._receiver for line in (peer.audio, peer.hall, peer.floor)]
        assert all(one._RTCRtpSender__rtp_task.done() for one in senders)
        assert all(one._RTCRtpSender__rtcp_task.done() for one in senders)
        assert all(one._RTCRtpReceiver__rtcp_task.done() for one in receivers)
        await browser.until(lambda: browser.reports)
        bridge.drop("a")
        await browser.until(lambda: browser.gone)
        assert browser.gone == {peer.audio.ssrc, peer.hall.ssrc}, "the floor's line sent nothing"
    assert threading.active_count() <= before


async def test_what_comes_in_is_reported() -> None:
    async with meeting(stock=False) as (_, _, browser):
        sender = cast(Any, browser.connection.getTransceivers()[0].sender)
        sender._RTCRtpSender__ntp_timestamp = 0x12345678 << 16  # its own reports say so
        payload_type = browser.connection.getTransceivers()[0]._codecs[0].payloadType
        for number in range(3):
            packet = RtpPacket(payload_type, 0, 100 + number, 960 * number, sender._ssrc, b"\xf8")
            await browser.dtls._send_rtp(packet.serialize())
        await browser.until(
            lambda: any((b.highest_sequence, b.lsr) == (102, 0x12345678) for b in browser.heard_of)
        )


async def test_what_is_asked_for_again_comes_again_and_a_lost_picture_from_what_is_kept() -> None:
    async with meeting(stock=False) as (bridge, camera, browser):
        hall = bridge._guests["a"].peer.hall
        for picture in (KEY, OTHER):
            camera.show(picture)
        await browser.until(lambda: sum(p.marker for p in browser.of(hall.ssrc)) == 2)
        first = browser.of(hall.ssrc)
        lost = first[2]
        again: int = cast(Any, hall)._sender._rtx_ssrc
        nack = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=hall.ssrc, lost=[lost.sequence_number])
        await browser.dtls._send_rtp(bytes(nack))
        await browser.until(lambda: browser.of(again))
        (repeated,) = browser.of(again)
        assert repeated.payload == lost.sequence_number.to_bytes(2, "big") + lost.payload
        assert repeated.timestamp == lost.timestamp
        bridge._guests["a"].hall_line._replayed = -10.0
        pli = RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=hall.ssrc)
        await browser.dtls._send_rtp(bytes(pli))
        await browser.until(lambda: bridge._guests["a"].hall_line._replay_due)
        camera.show(OTHER)
        await browser.until(lambda: len(browser.of(hall.ssrc)) > 2 * len(first))
        replayed = browser.of(hall.ssrc)[len(first) :]
        assert [p.payload for p in replayed[: len(first)]] == [p.payload for p in first]
