"""An hour of meeting with twenty viewers who join, leave and fall silent: the house does not grow,
keeps no file open that it needs no more, and knows soon who is gone.

`AVCONTROL_SOAK_SECONDS` makes it shorter or longer.
"""

import asyncio
import json
import os
import re
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
import pytest

from bench.__main__ import surroundings
from bench.house import House, open_house
from devices.virtual.sound import missing_programs

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio"),
]
SOAK_SECONDS = float(os.environ.get("AVCONTROL_SOAK_SECONDS", "3600"))
CEILING_SECONDS = 60
LOOK_EVERY = 5.0
MB = 1e6


@dataclass
class Crowd:
    """A program full of viewers."""

    process: Process
    folder: Path
    visits: list[dict[str, float]] = field(default_factory=list)

    async def hear(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.visits.append(json.loads(line))

    @property
    def fell(self) -> bool:
        return self.process.returncode is not None


@asynccontextmanager
async def crowd(link: str, count: int, folder: Path, seconds: float) -> AsyncIterator[Crowd]:
    folder.mkdir(exist_ok=True)
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.avcontrol.coming_and_going"),
            *(link, str(count), str(folder), str(seconds)),
            stdout=PIPE,
            stderr=log,
        )
    one = Crowd(process, folder)
    hearing = asyncio.create_task(one.hear())
    try:
        yield one
    finally:
        if not one.fell:
            process.kill()
        await process.wait()
        await hearing


@dataclass(frozen=True)
class Look:
    at: float
    connected: int
    memory: float
    """Bytes."""
    files: float


async def look(client: httpx.AsyncClient) -> Look:
    text = (await client.get("/metrics")).text

    def value(name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        assert found, name
        return float(found[1])

    return Look(
        time.monotonic(),
        round(value(r'avcontrol_guests\{presence="connected"\}')),
        value("process_resident_memory_bytes"),
        value("process_open_fds"),
    )


async def until(client: httpx.AsyncClient, *, at_least: int = 0, at_most: int = 99) -> float:
    """Seconds until so many are connected."""
    began = time.monotonic()
    async with asyncio.timeout(CEILING_SECONDS):
        while not at_least <= (await look(client)).connected <= at_most:
            await asyncio.sleep(0.1)
    return time.monotonic() - began


@asynccontextmanager
async def meeting(folder: Path) -> AsyncIterator[tuple[House, httpx.AsyncClient, str]]:
    async with surroundings(folder) as hall, open_house(hall, "house") as (house, _):
        await house.start_meeting()
        link = await house.invite()
        async with httpx.AsyncClient(base_url=house.url, timeout=20) as client:
            yield house, client, link


@pytest.mark.timeout(120)
async def test_viewers_who_fall_silent_are_soon_gone_and_come_back(tmp_path: Path) -> None:
    (tmp_path / "hall").mkdir()
    async with meeting(tmp_path / "hall") as (_, client, link):
        async with crowd(link, 3, tmp_path / "a", 300) as silent:
            await until(client, at_least=3)
            silent.process.send_signal(signal.SIGSTOP)
            gone = await until(client, at_most=0)
        print(f"three who fell silent were gone after {gone:.1f} s")
        async with crowd(link, 3, tmp_path / "a", 300):
            await until(client, at_least=3)
            text = (await client.get("/metrics")).text
            assert re.search(r'avcontrol_guests\{presence="away"\} 0\.0', text), "not who he was"


@pytest.mark.soak
@pytest.mark.timeout(SOAK_SECONDS + 600)
async def test_an_hour_with_viewers_who_come_and_go(tmp_path: Path) -> None:
    (tmp_path / "hall").mkdir()
    looks: list[Look] = []
    gone: list[float] = []
    visits = pictures = 0
    watched = 0.0
    async with meeting(tmp_path / "hall") as (_, client, link):
        ends = time.monotonic() + SOAK_SECONDS
        async with crowd(link, 14, tmp_path / "stay", 20) as steady:
            while time.monotonic() < ends:
                async with crowd(link, 6, tmp_path / "killed", 20) as killed:
                    next_kill = time.monotonic() + 60
                    while time.monotonic() < next_kill:
                        await asyncio.sleep(LOOK_EVERY)
                        looks.append(await look(client))
                        assert not steady.fell and not killed.fell, "somebody was not let in"
                    killed.process.send_signal(signal.SIGSTOP)  # as a telephone without a battery
                    gone.append(await until(client, at_most=14))
                for one in killed.visits:
                    visits, pictures = visits + 1, pictures + int(one["pictures"])
                    watched += one["seconds"]
            for one in steady.visits:
                visits, pictures = visits + 1, pictures + int(one["pictures"])
                watched += one["seconds"]
        await until(client, at_most=0)
        looks.append(await look(client))
    warm = [one for one in looks if one.at > looks[0].at + SOAK_SECONDS / 4]
    at = np.array([one.at for one in warm]) / 3600
    slope = float(np.polyfit(at, [one.memory / MB for one in warm], 1)[0])
    files = [one.files for one in warm]
    third = len(files) // 3
    print(
        f"{visits} visits, {pictures / watched:.1f} pictures a second each; memory "
        f"{looks[0].memory / MB:.0f} MB at first, {looks[-1].memory / MB:.0f} at the end, "
        f"{slope:+.1f} MB an hour; open files {max(files[:third])} at most, later "
        f"{max(files[-third:])}; who fell silent was gone after {max(gone):.1f} s at most, "
        f"{np.median(gone):.1f} in the median"
    )
    assert visits > SOAK_SECONDS / 10
    assert slope * SOAK_SECONDS / 3600 < 15, "it grows"
    assert max(files[-third:]) < max(files[:third]) + 10
    assert max(gone) < 20
