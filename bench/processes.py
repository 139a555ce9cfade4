"""Programs under measurement: start them, wait for their web server, see what they use."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

START_SECONDS = 30.0
STOP_SECONDS = 15.0
LOOK_EVERY_SECONDS = 0.005


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def program(
    *arguments: str, log: Path, environment: Mapping[str, str] | None = None, speaks: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python …` in a process of its own, ended with the block. Its errors go to `log`, and its
    output too, unless it `speaks` through pipes."""
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE if speaks else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if speaks else file,
            stderr=file,
            env=os.environ | (environment or {}),
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()


async def until_healthy(
    process: asyncio.subprocess.Process, port: int, host: str = "127.0.0.1"
) -> None:
    """Until /healthz answers 200. Raises RuntimeError when the program ends before, or does not
    answer within `START_SECONDS`."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _is_healthy(host, port):
                if process.returncode is not None:
                    raise RuntimeError(f"a program ended with status {process.returncode}")
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise RuntimeError(f"no answer on port {port}") from None


async def _is_healthy(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.write(f"GET /healthz HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
    try:
        status = await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()
    return status.split(b" ")[1:2] == [b"200"]


@dataclass(frozen=True, slots=True)
class Use:
    cpu: float
    """Percent of one core."""
    memory: float
    """Resident, MB (10⁶ bytes), at the end."""


class Meter:
    """What some processes use from now on."""

    def __init__(self, **pids: int) -> None:
        self._processes = {name: psutil.Process(pid) for name, pid in pids.items()}
        self._before = self._seconds()
        self._began = time.monotonic()

    def read(self) -> dict[str, Use]:
        elapsed = time.monotonic() - self._began
        after = self._seconds()
        return {
            name: Use(
                100 * (after[name] - self._before[name]) / elapsed, process.memory_info().rss / 1e6
            )
            for name, process in self._processes.items()
        }

    def _seconds(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: spent.user + spent.system for name, spent in times.items()}
