"""Offers as they should be and as they should not, from another aiortc on loopback."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket

from base.cause import Refused
from rooms.media.bridge import Bridge
from rooms.media.offer import MOST_CANDIDATES
from rooms.media.peer import Peer
from rooms.media.uplink import Uplink
from rooms.relay import RelayAccount, RelayServers
from rooms.shown import Layer, LineState

CEILING_SECONDS = 20


class Silent(MediaStreamTrack):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        await asyncio.get_running_loop().create_future()


@pytest.fixture
async def browser() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )
    for kind in ("audio", "video", "video"):
        connection.addTransceiver(Silent(kind), direction="sendrecv")
    await connection.setLocalDescription(await connection.createOffer())
    yield connection
    await connection.close()


@pytest.fixture
async def offer(browser: RTCPeerConnection) -> str:
    sdp: str = browser.localDescription.sdp
    return sdp


@pytest.fixture
async def bridge() -> AsyncIterator[Bridge]:
    bridge = Bridge([], None)
    running = asyncio.create_task(bridge.run())
    yield bridge
    assert not running.done(), running
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_opus_is_the_only_sound(
    bridge: Bridge, browser: RTCPeerConnection, offer: str
) -> None:
    """Whatever the browser prefers: the mix is sent as Opus, so nothing else may be agreed on."""
    moved = re.sub(r"(m=audio \d+ \S+) 96 9 0 8", r"\1 0 8 9 96", offer)
    names = re.findall(r"a=rtpmap:(?:0|8|9|96) .*\r\n", moved)
    moved = moved.replace("".join(names), "".join(reversed(names)))
    assert moved.index("PCMA") < moved.index("opus")
    answer = await bridge.answer("a", moved, hears=True)
    assert re.findall(r"a=rtpmap:(\d+) (\w+)/\d+/2", answer) == [("96", "opus")]
    assert "PCM" not in answer
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(CEILING_SECONDS):
        while "a" not in bridge.connected.value:
            await asyncio.sleep(0.05)


async def test_an_offer_whose_fingerprint_was_altered_on_the_way_gets_no_media(
    bridge: Bridge,
    browser: RTCPeerConnection,
    offer: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever passes the signalling on, and puts a key of his own in, is not let between."""
    digest = r"(a=fingerprint:sha-\d+ )(\S\S)"
    altered = re.sub(digest, lambda f: f[1] + f"{int(f[2], 16) ^ 1:02X}", offer)
    assert altered != offer
    lost = asyncio.Event()
    answer = await bridge.answer("a", altered, hears=True, on_lost=lost.set)
    seen = asyncio.create_task(_ever_connected(bridge))
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(lost.wait(), CEILING_SECONDS)
    assert browser.iceConnectionState == "completed", "the way was open"
    assert not seen.done(), "the house saw who answered, and did not take him"
    assert "a was refused: not the key that the offer had promised" in caplog.text
    seen.cancel()


async def _ever_connected(bridge: Bridge) -> None:
    async for connected in bridge.connected.changes():
        if connected:
            return


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (r"opus/48000/2", "vorbis/48000/2"),
        (r"a=mid:2", "a=mid:1"),
        (r"a=mid:2", "a=mid:" + "2" * 17),
        (r"a=mid:2\r\n", ""),
        (r"a=mid:2", "a=mid:2\u2028a=mid:3"),
        (r"BUNDLE 0 1 2", "BUNDLE 9 0 1"),
        (r"a=group:BUNDLE 0 1 2\r\n", ""),
        (r"H264|VP8", "AV1"),
        (r"a=ice-ufrag:.*", "a=ice-ufrag:\ud800"),
        (r"a=sendrecv", "a=recvonly"),
        (r"a=fingerprint:.*\r\n", ""),
        (r"96 opus", "999999999999999999999 opus"),
        (r"(m=audio \d+ \S+) 96", r"\1 72"),
        (r"a=setup:actpass", "a=setup:nobody"),
        (r"a=rtpmap:\d+ rtx/90000\r\n", ""),
    ],
)
async def test_an_odd_offer_is_answered_or_refused_and_leaves_nothing_behind(
    bridge: Bridge, offer: str, found: str, put: str
) -> None:
    odd = re.sub(found, put, offer)
    assert odd != offer
    before = open_files()
    try:
        await bridge.answer("a", odd, hears=True)
    except Refused as refused:
        assert refused.cause.code == "call.bad_offer"
    bridge.drop("a")
    await files_closed(before)


async def test_somebody_who_goes_while_he_is_answered_leaves_nothing_behind(
    bridge: Bridge, offer: str
) -> None:
    before = open_files()
    broken_off = 0
    for moments in range(12):
        answering = asyncio.create_task(bridge.answer("a", offer, hears=True))
        for _ in range(moments):
            await asyncio.sleep(0)
        broken_off += answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        bridge.drop("a")
    assert broken_off > 6
    await files_closed(before)


async def test_the_house_does_not_knock_at_any_number_of_addresses(offer: str) -> None:
    line = "a=candidate:1 1 udp 2130706431 192.0.2.{} 9 typ host\r\n"
    many = "".join(line.format(number) for number in range(1, 200))
    peer = Peer()
    await peer.negotiate(offer + many)
    transport: Any = peer.audio._receiver.transport.transport
    assert 0 < len(transport._connection.remote_candidates) <= MOST_CANDIDATES
    await peer.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def files_closed(before: int) -> None:
    async with asyncio.timeout(CEILING_SECONDS):
        while open_files() > before:
            await asyncio.sleep(0.05)


async def test_a_browser_that_falls_silent_is_noticed_without_its_word(
    bridge: Bridge, browser: RTCPeerConnection, offer: str
) -> None:
    """Its sockets are gone, as when a telephone is out of reach: nobody says goodbye."""
    lost = asyncio.Event()
    answer = await bridge.answer("a", offer, hears=True, on_lost=lost.set)
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(CEILING_SECONDS):
        while "a" not in bridge.connected.value:
            await asyncio.sleep(0.05)
    transport: Any = browser.getTransceivers()[0].receiver.transport.transport
    for protocol in transport._connection._protocols:
        protocol.transport.abort()
    async with asyncio.timeout(CEILING_SECONDS):
        await lost.wait()
    assert bridge.connected.value == frozenset()


async def test_who_was_dropped_is_not_told_of_a_loss(bridge: Bridge, offer: str) -> None:
    lost = asyncio.Event()
    await bridge.answer("a", offer, hears=True, on_lost=lost.set)
    bridge.drop("a")
    await asyncio.sleep(0.1)
    assert not lost.is_set()


async def test_a_relay_that_does_not_answer_holds_up_nobody_for_long(
    offer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aioice alone would wait for five seconds before the answer goes out."""
    monkeypatch.setattr("rooms.media.peer.GATHER_SECONDS", 0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        urls = (f"turn:127.0.0.1:{port}", f"stun:127.0.0.1:{port}")
        peer = Peer(RelayServers(urls, RelayAccount("1:to-5", "s3cret")))
        try:
            async with asyncio.timeout(4.5):
                answer = await peer.negotiate(offer)
        finally:
            await peer.close()
        assert silent.recv(2048)
    assert "typ host" in answer


async def test_a_browser_is_asked_for_error_correction_and_silence(
    bridge: Bridge, offer: str
) -> None:
    answer = await bridge.answer("a", offer, hears=True)
    (parameters,) = re.findall(r"a=fmtp:96 (\S+)", answer)
    assert {"useinbandfec=1", "usedtx=1", "stereo=0"} < set(parameters.split(";"))


async def test_what_a_browser_reports_lost_is_told() -> None:
    peer = Peer()
    told: list[float] = []
    peer.audio.on_loss = told.append
    about = {"packets_lost": 9, "highest_sequence": 1, "jitter": 0, "lsr": 0, "dlsr": 0}
    reports = [
        RtcpReceiverInfo(ssrc=ssrc, fraction_lost=64, **about)
        for ssrc in (peer.audio.ssrc, peer.hall.ssrc)
    ]
    peer.audio.take_feedback(RtcpRrPacket(7, reports))
    await peer.close()
    assert told == [0.25]


async def test_a_house_whose_line_does_not_carry_a_picture_says_so_and_sends_sound(
    browser: RTCPeerConnection, offer: str
) -> None:
    bridge = Bridge([], None, uplink=Uplink(100_000), is_near=lambda _: False)
    bridge.set_live(True)
    running = asyncio.create_task(bridge.run())
    answer = await bridge.answer("a", offer, hears=True, goes_first=False)
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(CEILING_SECONDS):
        async for lines in bridge.lines.changes():
            if lines == {"a": LineState(Layer.SOUND, house=True)}:
                break
    bridge.drop("a")
    assert not bridge.lines.value
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_whoever_is_in_the_houses_own_network_takes_nothing_of_its_line(
    browser: RTCPeerConnection, offer: str
) -> None:
    bridge = Bridge([], None, uplink=Uplink(1_000))
    running = asyncio.create_task(bridge.run())
    answer = await bridge.answer("a", offer, hears=True)
    await browser.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(CEILING_SECONDS):
        while "a" not in bridge.connected.value:
            await asyncio.sleep(0.05)
    assert all(guest.peer.is_near for guest in bridge._guests.values())
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
