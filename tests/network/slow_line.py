"""A line of a mobile telephone, in software: slow, late and lossy, as it is told on standard input.

    python slow_line.py /run/netns/phone 55.2.0.2 /run/netns/world 55.2.0.1

makes a network of two between the namespaces, over TUN (Linux' tuntap.txt), says `ready`, and takes
lines of JSON: {"down": {"rate": 300000, "queue": 0.3, "delay": 0.025, "loss": 0.03}, "up": {…}}.
What is not told is unlimited: bits a second, seconds of waiting at most, seconds, a share.
"""

import asyncio
import ctypes
import fcntl
import json
import os
import random
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x1, 0x1000
CLONE_NEWNET = 0x40000000
NAME = "slow"


@dataclass
class Way:
    """One direction."""

    to: int
    """File descriptor of its end."""
    rate: float = 0.0
    queue: float = 0.3
    delay: float = 0.0
    loss: float = 0.0
    cut: bool = False
    free: float = 0.0
    """When the last packet that waits will be out."""
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def take(self, packet: bytes) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self.cut or self.chance.random() < self.loss:
            return
        if self.rate:
            if self.free - now > self.queue:
                return
            self.free = max(self.free, now) + 8 * len(packet) / self.rate
            loop.call_at(self.free + self.delay, self.pass_on, packet)
        elif self.delay:
            loop.call_at(now + self.delay, self.pass_on, packet)
        else:
            self.pass_on(packet)

    def pass_on(self, packet: bytes) -> None:
        try:
            os.write(self.to, packet)
        except OSError:
            return  # it is being taken away


def open_end(namespace: str, address: str, *more: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(namespace).open() as place:
        if libc.setns(place.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22x", NAME.encode(), IFF_TUN | IFF_NO_PI))
    for command in (
        ("address", "add", f"{address}/30", "dev", NAME),
        ("link", "set", NAME, "up", "mtu", "1500"),
        *([("route", "add", *more)] if more else []),
    ):
        subprocess.run(["ip", *command], check=True)
    return end


async def run(near: str, near_address: str, far: str, far_address: str) -> None:
    phone = open_end(near, near_address, "default", "via", far_address)
    world = open_end(far, far_address)
    loop = asyncio.get_running_loop()
    ways = {"up": Way(world), "down": Way(phone)}

    def read(end: int, way: Way) -> None:
        try:
            while True:
                way.take(os.read(end, 65_536))
        except BlockingIOError:
            return

    loop.add_reader(phone, read, phone, ways["up"])
    loop.add_reader(world, read, world, ways["down"])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    while line := await told.readline():
        message: dict[str, dict[str, Any]] = json.loads(line)
        for name, settings in message.items():
            way = ways[name]
            way.rate, way.queue, way.delay, way.loss, way.cut = 0.0, 0.3, 0.0, 0.0, False
            for key, value in settings.items():
                setattr(way, key, value)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
