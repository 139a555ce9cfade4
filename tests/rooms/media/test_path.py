"""Packets on their way out: laid out once, protected by libsrtp itself, sent by a shared socket."""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path as File
from typing import Any

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from rooms.media.batch import socket_name
from rooms.media.layout import MOST_RUN_BYTES, MOST_SEGMENTS, Head, Layouts, lay_out
from rooms.media.path import Path, Workbench, tag_bytes

CEILING_SECONDS = 20
EXTENSION = b"\xbe\xde\x00\x01\x10\x31\x00\x00"
PICTURE = [b"s" * 40, *[bytes([number]) * 1180 for number in range(8)], b"e" * 700, b"x"]
PROFILES = {
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80: (30, 10),
    Policy.SRTP_PROFILE_AEAD_AES_128_GCM: (28, 16),
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM: (44, 16),
}
"""Bytes of key and salt, and of the tag."""


def sessions(profile: int) -> tuple[Session, Session]:
    key = os.urandom(PROFILES[profile][0])
    outbound, inbound = Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND
    return (
        Session(Policy(key=key, ssrc_type=outbound, srtp_profile=profile)),
        Session(Policy(key=key, ssrc_type=inbound, srtp_profile=profile)),
    )


class Receiver:
    """A browser's socket, and a path to it."""

    def __init__(
        self, profile: int = Policy.SRTP_PROFILE_AEAD_AES_128_GCM, host: str = "127.0.0.1"
    ) -> None:
        self._host = host
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(CEILING_SECONDS)
        self.outbound, self._inbound = sessions(profile)

    async def path(self) -> Path:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=(self._host, 0)
        )
        address = self.socket.getsockname()[:2]
        return Path(Workbench(), self.outbound, self.transport, address)

    def take(self, count: int) -> list[tuple[int, int, int, int, int, bytes]]:
        """First two bytes, sequence, timestamp, SSRC and payload."""
        packets = [self._inbound.unprotect(self.socket.recv(2048)) for _ in range(count)]
        ahead = 12 + len(EXTENSION)
        assert all(packet[12:ahead] == EXTENSION for packet in packets)
        return [(*struct.unpack("!BBHLL", packet[:12]), packet[ahead:]) for packet in packets]

    def close(self) -> None:
        self.transport.close()
        self.socket.close()


def head(tag: int) -> Head:
    return Head(102, EXTENSION, tag)


def expected(sequence: int) -> list[tuple[int, int, int, int, int, bytes]]:
    last = len(PICTURE) - 1
    return [
        (0x90, (number == last) << 7 | 102, sequence + number & 0xFFFF, 90_000, 77, payload)
        for number, payload in enumerate(PICTURE)
    ]


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_browser_reads_what_libsrtp_was_given_without_objects(
    profile: int, loop: Callable[[], Any]
) -> None:
    async def send() -> None:
        receiver = Receiver(profile)
        path = await receiver.path()
        assert path.tag == PROFILES[profile][1]
        layout = lay_out(PICTURE, head(path.tag))
        assert len(layout.runs) == 3, "the large ones go together"
        assert path.send(layout, 65_530, 90_000, 77)
        assert receiver.take(len(PICTURE)) == expected(65_530)
        assert path.segments, "this kernel cuts packets apart"
        path.close()
        receiver.close()

    run(send(), loop)


def run(work: Coroutine[Any, Any, None], loop: Callable[[], Any]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(work)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_picture_is_one_call_to_the_kernel(host: str) -> None:
    receiver = Receiver(host=host)
    path = await receiver.path()
    refused = OSError(errno.EIO, "no")
    path._socket = Refusing(path._socket, refused, single=True)  # type: ignore[assignment,arg-type]
    assert path.send(lay_out(PICTURE, head(path.tag)), 5, 90_000, 77)
    assert receiver.take(len(PICTURE)) == expected(5)
    assert path.segments
    path.close()
    receiver.close()


async def test_what_the_kernel_did_not_take_goes_by_itself() -> None:
    receiver = Receiver()
    path = await receiver.path()
    path._workbench.send = lambda *_: 1  # type: ignore[method-assign]
    layout = lay_out(PICTURE, head(path.tag))
    assert path.send(layout, 5, 90_000, 77)
    assert receiver.take(len(PICTURE) - 1) == expected(5)[1:], "the first was said to be taken"
    path.close()
    receiver.close()


def test_an_address_is_written_as_the_kernel_reads_it() -> None:
    assert socket_name(("192.0.2.1", 0x1234)) == b"\x02\0\x12\x34\xc0\0\x02\x01" + bytes(20)
    six = socket_name(("2001:db8::1", 0x1234))
    assert six == b"\x0a\0\x12\x34" + bytes(4) + bytes.fromhex("20010db8") + bytes(
        11
    ) + b"\1" + bytes(4)
    assert socket_name(("fe80::1%eth0", 9)) is None
    assert socket_name(("relay.example", 9)) is None


class Refusing:
    """A socket that refuses what a test wants it to."""

    def __init__(self, own: socket.socket, error: OSError, *, single: bool) -> None:
        self._own = own
        self._error = error
        self._single = single

    def sendto(self, data: bytes, address: Any) -> int:
        if self._single:
            raise self._error
        return self._own.sendto(data, address)

    def sendmsg(self, *_: Any) -> int:
        raise self._error

    def close(self) -> None:
        self._own.close()


def replace_socket(path: Path, refusing: Refusing) -> None:
    """The kernel takes nothing by `batch`, and says why to who asks it again."""
    path._descriptor = -1
    path._socket = refusing  # type: ignore[assignment]


@pytest.mark.parametrize("code", [errno.EIO, errno.EINVAL])
async def test_where_the_kernel_takes_one_at_a_time_they_are_sent_so(code: int) -> None:
    receiver = Receiver()
    path = await receiver.path()
    assert path._socket is not None
    replace_socket(path, Refusing(path._socket, OSError(code, "no"), single=False))
    layout = lay_out(PICTURE, head(path.tag))
    path.send(layout, 5, 90_000, 77)
    await asyncio.sleep(0)
    assert receiver.take(len(PICTURE)) == expected(5)
    assert not path.segments
    path.send(layout, 100, 90_000, 77)
    assert receiver.take(len(PICTURE)) == expected(100)
    path.close()
    receiver.close()


async def test_what_a_full_socket_does_not_take_waits_in_the_loop() -> None:
    receiver = Receiver()
    path = await receiver.path()
    assert path._socket is not None
    replace_socket(path, Refusing(path._socket, BlockingIOError(), single=True))
    assert path.send(lay_out(PICTURE, head(path.tag)), 5, 90_000, 77)
    assert await asyncio.to_thread(receiver.take, len(PICTURE)) == expected(5)
    assert path.segments
    path.close()
    receiver.close()


async def test_what_was_sent_one_by_one_before_the_socket_was_full_is_not_sent_twice() -> None:
    receiver = Receiver()
    path = await receiver.path()
    own, taken = path._socket, 0
    assert own is not None

    class Filling(Refusing):
        def sendto(self, data: bytes, address: Any) -> int:
            nonlocal taken
            taken += 1
            if taken > 4:
                raise BlockingIOError
            return own.sendto(data, address)

    path.segments = False
    replace_socket(path, Filling(own, OSError(), single=True))
    assert path.send(lay_out(PICTURE, head(path.tag)), 5, 90_000, 77)
    assert await asyncio.to_thread(receiver.take, len(PICTURE)) == expected(5)
    receiver.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.socket.recv(2048)
    path.close()
    receiver.close()


async def test_a_network_that_is_away_costs_packets_and_no_more() -> None:
    receiver = Receiver()
    path = await receiver.path()
    own = path._socket
    assert own is not None
    path._descriptor, path._socket = (
        -1,
        Refusing(own, OSError(errno.ENETUNREACH, "no"), single=True),
    )  # type: ignore[assignment]
    layout = lay_out(PICTURE, head(path.tag))
    assert path.send(layout, 5, 90_000, 77)
    path._socket = own
    assert path.send(layout, 5 + len(PICTURE), 90_000, 77)
    assert receiver.take(len(PICTURE)) == expected(5 + len(PICTURE))
    path.close()
    receiver.close()


class Relay:
    """Passes for a transport, as aioice's does in front of a relay."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def get_extra_info(self, name: str) -> None:
        return None

    def sendto(self, data: bytes, address: Any) -> None:
        assert isinstance(data, bytes)
        self.sent.append(data)


def test_in_front_of_a_relay_packets_go_one_by_one_and_are_dropped_where_it_is_full() -> None:
    outbound, inbound = sessions(Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
    relay, full = Relay(), [False]
    path = Path(Workbench(), outbound, relay, ("192.0.2.1", 9), lambda: full[0])
    layout = lay_out(PICTURE, head(path.tag))
    assert path.send(layout, 5, 90_000, 77)
    assert [inbound.unprotect(data)[20:] for data in relay.sent] == PICTURE
    full[0] = True
    assert path.send(layout, 50, 90_000, 77)
    assert len(relay.sent) == len(PICTURE)


async def test_a_path_that_is_closed_leaves_no_open_file() -> None:
    before = len(list(File("/proc/self/fd").iterdir()))
    receiver = Receiver()
    path = await receiver.path()
    path.close()
    path.close()
    receiver.close()
    await asyncio.sleep(0.05)
    assert len(list(File("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_socket_that_asyncio_has_closed_costs_packets_and_no_more(
    loop: Callable[[], Any],
) -> None:
    async def send() -> None:
        receiver = Receiver()
        path = await receiver.path()
        receiver.transport.close()
        await asyncio.sleep(0.05)
        layout = lay_out(PICTURE, head(path.tag))
        assert path.send(layout, 5, 90_000, 77)
        path.close()
        assert path.send(layout, 50, 90_000, 77)
        late = Path(Workbench(), receiver.outbound, receiver.transport, ("127.0.0.1", 9))
        assert late.send(layout, 500, 90_000, 77)
        late.close()
        receiver.close()

    run(send(), loop)


def test_a_picture_larger_than_the_buffer_is_sent_whole() -> None:
    outbound, inbound = sessions(Policy.SRTP_PROFILE_AEAD_AES_128_GCM)
    relay = Relay()
    path = Path(Workbench(), outbound, relay, ("192.0.2.1", 9))
    picture = [bytes([number % 251]) * 1200 for number in range(500)]
    assert path.send(lay_out(picture, Head(102, b"", path.tag)), 65_000, 1, 77)
    assert [inbound.unprotect(data)[12:] for data in relay.sent] == picture


@pytest.mark.parametrize("profile", PROFILES)
def test_the_trial_leaves_nothing_behind(profile: int) -> None:
    outbound, _ = sessions(profile)
    assert tag_bytes(outbound) == tag_bytes(outbound) == PROFILES[profile][1]


@given(st.lists(st.integers(1, 1300), min_size=1, max_size=150), st.sampled_from([0, 10, 16]))
def test_runs_hold_every_packet_once_and_only_what_the_kernel_can_cut_apart(
    sizes: list[int], tag: int
) -> None:
    layout = lay_out([bytes(size) for size in sizes], head(tag))
    assert [size for _, size in layout.packets] == [20 + size for size in sizes]
    assert [start for start, *_ in layout.runs[1:]] == [end for _, end, *_ in layout.runs[:-1]]
    assert layout.runs[-1].end == len(layout.data)
    cut = []
    for start, end, step, ancillary in layout.runs:
        count = -(-(end - start) // step)
        assert count <= MOST_SEGMENTS
        assert end - start <= MOST_RUN_BYTES
        assert bool(ancillary) == (count > 1)
        cut += range(start, end, step)
    assert cut == [at for at, _ in layout.packets]


def test_a_second_guest_gets_the_same_layout_and_another_picture_another() -> None:
    layouts = Layouts()
    first, second = (b"one",), (b"two",)
    layout = layouts.of(first, head(10))
    assert layouts.of(first, head(10)) is layout
    assert layouts.of(first, head(16)) is not layout
    assert layouts.of(second, head(10)).octets == 3
    assert b"two" in layouts.of(second, head(10)).data
