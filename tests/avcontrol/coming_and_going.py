"""Viewers who join a house, watch for a while, leave, and come again, until the program is ended.

    python -m tests.avcontrol.coming_and_going LINK COUNT FOLDER SECONDS

Each stays for up to twice the seconds. Whoever is killed comes back, by what he keeps in the
folder, as the guest he was. A line of standard output for each visit: `{"pictures": 512,
"seconds": 17.3}`.
"""

import asyncio
import json
import random
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from bench.viewers import join_house

JOIN_SECONDS = 60.0


async def visit(link: str, name: str, kept: Path, seconds: float) -> None:
    resume = kept.read_text() if kept.exists() else ""
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(JOIN_SECONDS):
            counter = await join_house(stack, link, name, resume, kept.write_text)
        began = time.monotonic()
        await asyncio.sleep(random.uniform(0, 2 * seconds))
        stayed = time.monotonic() - began
    kept.unlink()
    sys.stdout.write(json.dumps({"pictures": counter.pictures, "seconds": stayed}) + "\n")
    sys.stdout.flush()


async def come_and_go(link: str, name: str, kept: Path, seconds: float) -> None:
    while True:
        await visit(link, name, kept, seconds)


async def run(link: str, count: int, folder: Path, seconds: float) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            kept = folder / f"{number}"
            name = f"Ông {folder.name}.{number}"
            group.create_task(come_and_go(link, name, kept, seconds))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])))
