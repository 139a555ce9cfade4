"""The socket between the daemon and the sound process, from both ends."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from base.cause import Cause
from devices.device import DeviceError
from devices.sound.link import Link
from devices.sound.protocol import FRAME_BYTES, Heartbeat, Hello, Message, Peaks, Play, encode

CEILING = 20.0


@asynccontextmanager
async def linked(taken: list[Message]) -> AsyncIterator[tuple[Link, socket.socket]]:
    """A link, and the bare other end of its socket."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        transport, link = await loop.create_unix_connection(lambda: Link(taken.append), sock=ours)
        try:
            yield link, theirs
        finally:
            transport.abort()


async def test_messages_are_taken_until_the_process_ends() -> None:
    taken: list[Message] = []
    async with linked(taken) as (link, process):
        process.send(encode(Hello()) + encode(Peaks(-20, -30)) + encode(Heartbeat()))
        process.close()
        async with asyncio.timeout(CEILING):
            await link.watch()
    assert taken == [Hello(), Peaks(-20, -30)]


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400", encode(Heartbeat()), encode(Hello(7))])
async def test_a_process_that_breaks_the_protocol_is_given_up(
    garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[Message] = []
    async with linked(taken) as (link, process):
        process.send(garbage)
        with pytest.raises(DeviceError) as raised:
            async with asyncio.timeout(CEILING):
                await link.watch()
    assert raised.value.cause == Cause("sound.process_garbled")
    assert taken == []
    assert "broke the protocol" in caplog.text


async def test_no_more_sound_is_queued_for_a_process_that_does_not_read() -> None:
    async with linked([]) as (link, process):
        assert not link.congested
        sent = 0
        while not link.congested and sent < 10_000:
            link.send(Play(bytes(FRAME_BYTES)))
            sent += 1
        assert link.congested
        async with asyncio.timeout(CEILING):
            while link.congested:
                await asyncio.get_running_loop().sock_recv(process, 65536)


async def test_the_sound_process_ends_when_it_is_spoken_to_wrongly() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "devices.sound.child",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stderr=asyncio.subprocess.PIPE,
            )
        ours.send(encode(Hello()) + b"\0\0\xff")
        try:
            async with asyncio.timeout(CEILING):
                _, words = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    assert b"the daemon broke the protocol" in words
