"""A ward's hub with many houses in a meeting: what it uses, and how long a message takes.

Each house has officials whose browsers say something now and then, as in a call: through the hub,
the link and the house's application and back. The peer is the same application in the same process,
asked straight.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

import httpx
from websockets.asyncio.client import connect

from bench.figures import Conditions, Figure
from bench.processes import Meter, free_port, program, until_healthy
from storage.engine import Database
from ward.houses import Houses

SETTINGS = """
data = "ward"

[ward]
name = "Phường Hòa Bình"

[web]
port = {port}

[metrics]
token_file = "metrics.token"
"""
TOKEN = "bench"  # noqa: S105 - lets a machine read figures that say nothing
OFFICIALS = 2
"""In each house's meeting."""
EVERY_SECONDS = 0.5
"""Each of them says something; a call's own beat is slower."""
MESSAGE = json.dumps({"type": "candidate", "candidate": "x" * 120})
LINK_SECONDS = 60.0
STRAIGHT = "the same application asked straight"


async def hub_with_houses(folder: Path, count: int, seconds: float) -> list[Figure]:
    """Raises RuntimeError, TimeoutError."""
    port, straight = free_port(), free_port()
    settings = _settings(folder, port)
    keys = await _enrolled(folder, count)
    hub = ("-m", "avcontrol", "ward", "--config", str(settings))
    many = ("-m", "bench.many_houses", "--hub", f"ws://127.0.0.1:{port}/link")
    rest = ("--keys", str(keys), "--port", str(straight))
    conditions = Conditions.now()
    async with program(*hub, log=folder / "ward.log") as process:
        await until_healthy(process, port)
        async with program(*many, *rest, log=folder / "houses.log") as houses:
            await until_healthy(houses, straight)
            await _linked(port, count)
            addresses = [f"/h/house-{number}" for number in range(count)] * OFFICIALS
            meter = Meter(hub=process.pid)
            through = await _talk(port, addresses, seconds)
            used = meter.read()["hub"]
            direct = await _talk(straight, [""] * len(addresses), seconds)
    remark = f"{count} houses in a meeting, {OFFICIALS} officials each"
    name = f"{count}-houses"
    said = f"of {len(through)} messages"
    return [
        Figure(f"hub-cpu-{name}", used.cpu, "% of a core", None, None, conditions, remark),
        Figure(f"hub-memory-{name}", used.memory, "MB", None, None, conditions, remark),
        *(
            Figure(
                f"hub-round-trip-{what}-{name}",
                1000 * _percentile(through, percent),
                "ms",
                STRAIGHT,
                1000 * _percentile(direct, percent),
                conditions,
                said,
            )
            for what, percent in (("median", 50), ("p99", 99))
        ),
    ]


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _settings(folder: Path, port: int) -> Path:
    (folder / "ward").mkdir(parents=True)
    token = folder / "metrics.token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    settings = folder / "ward.toml"
    settings.write_text(SETTINGS.format(port=port))
    return settings


async def _enrolled(folder: Path, count: int) -> Path:
    """The file with the houses' keys. The hub does not run yet: SQLite is of one process."""
    found: dict[str, str] = {}
    async with await Database.open(folder / "ward" / "ward.db") as database:
        houses = Houses(database)
        for number in range(count):
            code = await houses.invite(f"house-{number}", f"Nhà văn hóa Tổ {number}")
            house_id, key = await houses.enrol(code)
            found[house_id] = key
    path = folder / "keys.json"
    path.write_text(json.dumps(found))
    return path


async def _linked(port: int, count: int) -> None:
    """Until all houses are linked. Raises TimeoutError."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        asyncio.timeout(LINK_SECONDS),
        httpx.AsyncClient(trust_env=False, headers=headers) as client,
    ):
        while True:
            text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            if re.search(rf"^avcontrol_hub_links {count}\.0$", text, re.MULTILINE):
                return
            await asyncio.sleep(0.1)


async def _talk(port: int, roots: Sequence[str], seconds: float) -> list[float]:
    """Every round trip, in seconds, of one browser for each root."""
    took: list[float] = []

    async def talk(root: str, delay: float) -> None:
        url = f"ws://127.0.0.1:{port}{root}/ws/call"
        async with connect(url, origin=f"http://127.0.0.1:{port}", proxy=None) as line:  # type: ignore[arg-type]
            await asyncio.sleep(delay)
            until = time.monotonic() + seconds
            while (began := time.monotonic()) < until:
                await line.send(MESSAGE)
                await line.recv()
                took.append(time.monotonic() - began)
                await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))

    async with asyncio.TaskGroup() as group:
        for index, root in enumerate(roots):
            group.create_task(talk(root, EVERY_SECONDS * index / len(roots)))
    return took
