"""Many viewers in one process that count packets by their numbers and decode nothing.

    python -m bench.raw_viewers bridge http://10.77.0.1:8090 --count 50
    python -m bench.raw_viewers janus http://10.77.0.1:8088/janus --count 50

ICE and DTLS are aiortc's; from then on a packet is looked at where it leaves the socket, whose
header is not encrypted. Of one picture in fifteen the first packet is decrypted, for the moment at
which it was sent; its last packet tells how long the whole took. Each viewer reports once a second
as a browser does. Every line on standard input is answered with one line of JSON; it ends when its
input does.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aioice.ice
import httpx
import uvloop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import SRTP_PROFILES
from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtcpReceiverInfo, RtcpRrPacket, pack_remb_fci

from bench.fanout_source import read_stamp

JOIN_SECONDS = 120.0
AT_ONCE = 5
SAMPLED = 15
"""Of so many pictures one is timed."""
LARGEST_SOUND = 500
"""Bytes of a packet."""
REMB_BITS = 5_000_000


class Stream:
    """One SSRC at one viewer."""

    __slots__ = ("first", "highest", "is_video", "packets", "pictures")

    def __init__(self, sequence: int) -> None:
        self.first = self.highest = sequence
        self.packets = 0
        self.pictures = 0
        self.is_video = False

    @property
    def lost(self) -> int:
        return self.highest - self.first + 1 - self.packets


class Viewer:
    """What comes to one connection."""

    def __init__(self, number: int) -> None:
        self.streams: dict[int, Stream] = {}
        self.late: list[float] = []
        """Seconds from the source to the last packet of a picture."""
        self.seen = asyncio.Event()
        self.dtls: Any = None
        self._turn = number % SAMPLED
        self._begun: int | None = None
        self._begins = False

    def take(self, data: bytes) -> None:
        ssrc = int.from_bytes(data[8:12], "big")
        sequence = data[2] << 8 | data[3]
        stream = self.streams.get(ssrc)
        if stream is None:
            stream = self.streams[ssrc] = Stream(sequence)
            self.seen.set()
        ahead = (sequence - stream.highest) & 0xFFFF
        if ahead < 0x8000:
            stream.highest += ahead
        stream.packets += 1
        if len(data) > LARGEST_SOUND:
            stream.is_video = True
        if not stream.is_video:
            return
        if self._begins:
            self._begins = False
            self._begun = read_stamp(self.dtls._rx_srtp.unprotect(data))
        if data[1] & 0x80:
            stream.pictures += 1
            if self._begun is not None:
                self.late.append((time.monotonic_ns() - self._begun) / 1e9)
                self._begun = None
            self._begins = self.dtls is not None and stream.pictures % SAMPLED == self._turn


class Idle(MediaStreamTrack):
    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__()

    async def recv(self) -> Any:
        await asyncio.get_running_loop().create_future()


def look_at_packets(viewers: dict[Any, Viewer]) -> None:
    """Take media from every connection of this process, before anything is made of it."""
    protocol: Any = aioice.ice.StunProtocol
    pass_on = protocol.datagram_received

    def datagram_received(self: Any, data: bytes, addr: Any) -> None:
        if 127 < data[0] < 192 and not 191 < data[1] < 224:
            viewer = viewers.get(self.receiver)
            if viewer is not None:
                viewer.take(data)
        else:
            pass_on(self, data, addr)

    protocol.datagram_received = datagram_received


def connection_with(profile: str) -> RTCPeerConnection:
    """One whose DTLS offers this SRTP profile alone."""
    SRTP_PROFILES[:] = [p for p in SRTP_PROFILES if p.openssl_profile.decode() == profile]
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


def watch(viewers: dict[Any, Viewer], connection: RTCPeerConnection, number: int) -> Viewer:
    """To be called before media flows."""
    viewer = Viewer(number)
    for transceiver in connection.getTransceivers():
        viewers[transceiver.receiver.transport.transport._connection] = viewer
    return viewer


async def connected(connection: RTCPeerConnection) -> None:
    while connection.connectionState != "connected":
        if connection.connectionState in {"failed", "closed"}:
            raise RuntimeError("a viewer was not connected")
        await asyncio.sleep(0.02)


async def join_bridge(
    client: httpx.AsyncClient, url: str, number: int, made: Callable[[], RTCPeerConnection]
) -> RTCPeerConnection:
    connection = made()
    for kind in ("audio", "video", "video"):
        connection.addTransceiver(Idle(kind), direction="sendrecv")
    await connection.setLocalDescription(await connection.createOffer())
    asked = {"name": str(number), "sdp": connection.localDescription.sdp}
    answer = await client.post(f"{url}/offer", json=asked)
    answer.raise_for_status()
    await connection.setRemoteDescription(RTCSessionDescription(answer.json()["sdp"], "answer"))
    return connection


async def join_janus(
    client: httpx.AsyncClient, url: str, number: int, made: Callable[[], RTCPeerConnection]
) -> RTCPeerConnection:
    """https://janus.conf.meetecho.com/docs/streaming.html"""

    async def ask(path: str, **fields: Any) -> dict[str, Any]:
        answer = await client.post(url + path, json=fields | {"transaction": f"{number}"})
        told: dict[str, Any] = answer.json()
        return told

    session = (await ask("", janus="create"))["data"]["id"]
    attached = await ask(f"/{session}", janus="attach", plugin="janus.plugin.streaming")
    handle = f"/{session}/{attached['data']['id']}"
    await ask(handle, janus="message", body={"request": "watch", "id": 1})
    while "jsep" not in (event := (await client.get(f"{url}/{session}?maxev=1")).json()):
        if event.get("plugindata", {}).get("data", {}).get("error"):
            raise RuntimeError(f"Janus: {event}")
    connection = made()
    await connection.setRemoteDescription(RTCSessionDescription(event["jsep"]["sdp"], "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    jsep = {"type": "answer", "sdp": connection.localDescription.sdp}
    await ask(handle, janus="message", body={"request": "start"}, jsep=jsep)
    return connection


JOINS: dict[str, Callable[..., Awaitable[RTCPeerConnection]]] = {
    "bridge": join_bridge,
    "janus": join_janus,
}


async def report(viewer: Viewer) -> None:
    """Receiver reports and REMB, as Chromium sends them."""
    while True:
        await asyncio.sleep(0.7 + 0.6 * random.random())
        reports = [
            RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=0,
                packets_lost=0,
                highest_sequence=stream.highest & 0xFFFFFFFF,
                jitter=10,
                lsr=0,
                dlsr=0,
            )
            for ssrc, stream in list(viewer.streams.items())[:8]
        ]
        remb = pack_remb_fci(REMB_BITS, [one.ssrc for one in reports])
        about = RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=remb)
        if reports:
            await viewer.dtls._send_rtp(bytes(RtcpRrPacket(ssrc=1, reports=reports)) + bytes(about))


async def serve(options: argparse.Namespace) -> None:
    by_connection: dict[Any, Viewer] = {}
    viewers: list[Viewer] = []
    look_at_packets(by_connection)

    async def join(number: int) -> None:
        connection = await JOINS[options.server](
            client, options.address, number, lambda: connection_with(options.profile)
        )
        viewer = watch(by_connection, connection, number)
        await connected(connection)
        transports = [one.receiver.transport for one in connection.getTransceivers()]
        viewer.dtls = next(one for one in transports if one._rx_srtp is not None)
        viewers.append(viewer)
        await viewer.seen.wait()
        reporting.append(asyncio.create_task(report(viewer)))

    reporting: list[asyncio.Task[None]] = []
    async with httpx.AsyncClient(timeout=30) as client, asyncio.timeout(JOIN_SECONDS):
        for first in range(0, options.count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, options.count))
            await asyncio.gather(*map(join, numbers))
    while await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(json.dumps(totals(viewers)) + "\n")
        sys.stdout.flush()


def totals(viewers: list[Viewer]) -> dict[str, Any]:
    """Since the last time, but for the counts, which are from the beginning on."""
    streams = [stream for viewer in viewers for stream in viewer.streams.values()]
    late = [one for viewer in viewers for one in viewer.late]
    for viewer in viewers:
        viewer.late.clear()
    return {
        "packets": sum(stream.packets for stream in streams),
        "lost": sum(stream.lost for stream in streams),
        "pictures": [max(s.pictures for s in viewer.streams.values()) for viewer in viewers],
        "late": late,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Viewers that count packets.")
    parser.add_argument("server", choices=sorted(JOINS))
    parser.add_argument("address")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--profile", default="SRTP_AES128_CM_SHA1_80")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(options))


if __name__ == "__main__":
    main()
