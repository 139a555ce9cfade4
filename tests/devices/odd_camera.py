"""A camera for the tests whose every oddity can be chosen; pictures of the virtual hall."""

import asyncio
import base64
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from devices import h264
from devices.virtual.hall_picture import Clip

FRAME = 1 / 30


@dataclass
class Oddities:
    login: Callable[[str, str], str | None] = lambda _method, _authorization: None
    """Gives the challenge where it is not content."""
    moved: str = ""
    """To where DESCRIBE is sent on."""
    content_length: int = 0
    """Added to the true one."""
    content_base: str = ""
    control: str = "track1"
    rtpmap: str = "H264/90000"
    session: str = "12;timeout=60"
    channels: tuple[int, int] = (0, 1)
    early: bool = False
    """Pictures come before the answer to PLAY."""
    markers: bool = True
    stop_after: int = 10**9
    """Pictures."""
    goodbye: bool = False
    """Behind the last one."""
    clock: int = 3_900_000_000
    mix: Callable[[list[bytes]], list[bytes]] = lambda packets: packets
    """What a line of UDP makes of one picture's packets."""
    tls: ssl.SSLContext | None = None


@dataclass
class OddCamera:
    clip: Clip
    odd: Oddities
    asked: list[str] = field(default_factory=list)
    """The first line of each request."""
    authorizations: list[str] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)
    sent: int = 0
    """Pictures."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"rtsp{'s' if self.odd.tls else ''}://127.0.0.1:{self.port}/cam"

    async def start(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._sequence = 65_500
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=self.odd.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def send_inside(data: bytes, part: int) -> None:
            head = b"$" + bytes((self.odd.channels[part],)) + len(data).to_bytes(2, "big")
            writer.write(head + data)

        send: Callable[[bytes, int], None] = send_inside
        while True:
            while (first := await reader.readexactly(1)) == b"$":
                size = (await reader.readexactly(3))[1:]
                self.reports.append(await reader.readexactly(int.from_bytes(size, "big")))
            line, *rest = (first + await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(one.split(": ", 1) for one in rest if one)
            self.asked.append(line)
            self.authorizations.append(headers.get("Authorization", ""))
            method, url, _ = line.split(" ")
            answer, body, status = {"CSeq": headers["CSeq"]}, b"", "200 OK"
            if challenge := self.odd.login(method, headers.get("Authorization", "")):
                status, answer["WWW-Authenticate"] = "401 Unauthorized", challenge
            elif method == "OPTIONS":
                answer["Public"] = "DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"
            elif method == "DESCRIBE" and self.odd.moved:
                status, answer["Location"] = "302 Moved", self.odd.moved
            elif method == "DESCRIBE":
                body = self._sdp()
                answer["Content-Type"] = "application/sdp"
                answer["Content-Base"] = self.odd.content_base or url
                answer["Content-Length"] = str(len(body) + self.odd.content_length)
            elif method == "SETUP":
                answer["Session"] = self.odd.session
                answer["Transport"] = "RTP/AVP/TCP;interleaved={}-{}".format(*self.odd.channels)
                if "client_port=" in headers["Transport"]:
                    port = int(headers["Transport"].split("client_port=")[1].split("-")[0])
                    send = await self._udp(port, answer)
            elif method == "PLAY":
                playing = asyncio.create_task(self._play(send, writer))
                self._tasks.add(playing)
                if self.odd.early:
                    await asyncio.sleep(0.2)
            said = [f"RTSP/1.0 {status}", *(f"{name}: {value}" for name, value in answer.items())]
            writer.write("\r\n".join(said).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            if method == "TEARDOWN":
                return

    def _sdp(self) -> bytes:
        sets = ",".join(base64.b64encode(one).decode() for one in self.clip.parameter_sets())
        return "\r\n".join(
            (
                "v=0",
                "m=audio 0 RTP/AVP 8",
                "a=control:sound",
                "m=video 0 RTP/AVP 96",
                f"a=rtpmap:96 {self.odd.rtpmap}",
                f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}",
                f"a=control:{self.odd.control}",
                "",
            )
        ).encode()

    async def _udp(self, port: int, answer: dict[str, str]) -> Callable[[bytes, int], None]:
        loop = asyncio.get_running_loop()
        reports = self.reports

        class Heard(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, _address: object) -> None:
                reports.append(data)

        lines = [
            (await loop.create_datagram_endpoint(Heard, ("127.0.0.1", 0), ("127.0.0.1", port + n)))
            for n in (0, 1)
        ]
        ports = "-".join(str(line[0].get_extra_info("sockname")[1]) for line in lines)
        answer["Transport"] = f"RTP/AVP;unicast;client_port={port}-{port + 1};server_port={ports}"
        return lambda data, part: lines[part][0].sendto(data)

    async def _play(self, send: Callable[[bytes, int], None], writer: asyncio.StreamWriter) -> None:
        began = asyncio.get_running_loop().time()
        for number in range(self.odd.stop_after):
            await asyncio.sleep(began + number * FRAME - asyncio.get_running_loop().time())
            stamp = (2**32 - 30_000 + 3000 * number) % 2**32
            if number == 5:
                ntp = self.odd.clock * 2**32 + int(number * FRAME * 2**32)
                send(struct.pack("!BBHIQIII", 0x80, 200, 6, 7, ntp, stamp, 0, 0), 1)
            for packet in self.odd.mix(self._packets(number, stamp)):
                send(packet, 0)
            self.sent += 1
        if self.odd.goodbye:
            send(struct.pack("!BBHI", 0x81, 203, 1, 7), 1)
        await asyncio.Event().wait()

    def _packets(self, number: int, stamp: int) -> list[bytes]:
        unit = self.clip.units[number % len(self.clip.units)]
        payloads = h264.payloads(unit)
        found = []
        for payload in payloads:
            marker = 0x80 if payload is payloads[-1] and self.odd.markers else 0
            head = struct.pack("!BBHII", 0x80, marker | 96, self._sequence, stamp, 7)
            found.append(head + payload)
            self._sequence = (self._sequence + 1) % 65_536
        return found
