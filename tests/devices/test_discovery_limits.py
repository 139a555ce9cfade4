"""What a look for devices leaves out, and what it does not wait for."""

import asyncio
import socket
from types import SimpleNamespace

import pytest

from devices.discovery import found, pjlink_search, scan
from devices.discovery.datagrams import ask_everybody
from devices.discovery.found import Found, FoundKind, Network


async def test_a_question_is_asked_twice_and_a_flood_of_answers_is_cut_off():
    asked: list[bytes] = []

    class Flood(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            self.transport = transport

        def datagram_received(self, data, addr):
            asked.append(data)
            for number in range(40):
                self.transport.sendto(b"%d" % number, addr)

    loop = asyncio.get_running_loop()
    peer, _ = await loop.create_datagram_endpoint(Flood, local_addr=("127.0.0.1", 0))
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.bind(("127.0.0.1", 0))
    address = peer.get_extra_info("sockname")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("devices.discovery.datagrams._MOST_ANSWERS", 30)
        answers = await ask_everybody([(own, [address])], b"who", 1.0)
    peer.close()
    assert asked == [b"who", b"who"]
    assert len(answers) == 30


async def test_what_hangs_is_not_waited_for(monkeypatch):
    webcam = Found(FoundKind.WEBCAM, "Cam", "/dev/v4l/by-id/x", "x")
    hangs = asyncio.Event()

    async def for_ever(*_: object) -> list[Found]:
        await hangs.wait()
        return []

    monkeypatch.setattr(scan, "find_cameras", for_ever)
    monkeypatch.setattr(scan, "find_projectors", for_ever)
    monkeypatch.setattr(scan, "find_webcams", lambda: [webcam])
    monkeypatch.setattr(scan, "find_sound", lambda _: [])
    async with asyncio.timeout(20):
        assert await scan.scan(Network(()), at_most=0.5) == (webcam,)


def test_nobody_looks_for_devices_in_the_internet(monkeypatch):
    def adapter(address: str, prefix: int) -> SimpleNamespace:
        return SimpleNamespace(
            ips=[SimpleNamespace(is_IPv4=True, ip=address, network_prefix=prefix)]
        )

    adapters = [adapter("192.168.1.5", 24), adapter("8.8.8.8", 24), adapter("127.0.0.1", 8)]
    monkeypatch.setattr(found.ifaddr, "get_adapters", lambda: adapters)
    assert [one.address for one in Network.of(()).interfaces] == ["192.168.1.5"]


def test_a_projector_that_refuses_its_name_has_none():
    assert pjlink_search._NAME_ANSWER.match(b"%1NAME=ERR3\r") is None
    assert pjlink_search._NAME_ANSWER.match(b"%1NAME=Hall\r")
