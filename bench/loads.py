"""What a server with some viewers uses, and whether they really see what the camera sends."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.processes import Meter, Use, program
from devices.virtual.hall_picture import FRAMES_PER_SECOND

LEAST_SHARE = 0.95
"""Of the camera's pictures, that every viewer must get whole."""
SETTLING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Server:
    kind: Literal["house", "stock"]
    address: str
    """An invitation's link, or the address of the stock server."""
    pids: dict[str, int]
    """`server`, and `sound` in a house."""
    log: Path
    """Of its viewers."""


@dataclass(frozen=True, slots=True)
class Load:
    used: dict[str, Use]
    """By the server's processes, and by its `viewers`."""
    share: float = 1.0
    """Of the camera's pictures, that the worst viewer got whole."""

    @property
    def valid(self) -> bool:
        return self.share >= LEAST_SHARE

    def cpu(self, name: str = "server") -> float | None:
        return self.used[name].cpu if self.valid else None

    def memory(self, name: str = "server") -> float | None:
        return self.used[name].memory if self.valid else None


async def measure(server: Server, count: int, seconds: float) -> Load:
    """Raises RuntimeError where the viewers do not get in."""
    if count == 0:
        meter = Meter(**server.pids)
        await asyncio.sleep(seconds)
        return Load(meter.read())
    arguments = ("-m", "bench.viewers", server.kind, server.address, "--count", str(count))
    async with program(*arguments, log=server.log, speaks=True) as viewers:
        stdin, stdout = viewers.stdin, viewers.stdout
        assert stdin is not None
        assert stdout is not None

        async def pictures() -> list[int]:
            stdin.write(b"\n")
            if not (line := await stdout.readline()):
                raise RuntimeError(f"the viewers ended: see {server.log}")
            counted: list[int] = json.loads(line)["pictures"]
            return counted

        await pictures()
        await asyncio.sleep(SETTLING_SECONDS)
        before, began = await pictures(), time.monotonic()
        meter = Meter(viewers=viewers.pid, **server.pids)
        await asyncio.sleep(seconds)
        used = meter.read()
        after, elapsed = await pictures(), time.monotonic() - began
        stdin.close()
        await viewers.wait()
    whole = min(end - start for start, end in zip(before, after, strict=True))
    return Load(used, whole / (elapsed * FRAMES_PER_SECOND))
