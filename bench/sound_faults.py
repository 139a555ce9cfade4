"""How soon a loss of the hall's sound is told in a live meeting, and how soon sound is back.

    python -m bench.sound_faults

A whole house with an official in a real Chromium (`mouth_to_ear`'s rig). One after the other the
sound process is killed, the microphone and the loudspeaker are taken away and given back, and the
sound server is killed and started again. `/healthz` says when the loss has words and when both
devices work again, which they do once sound flows.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.figures import Conditions, Figure, invalid, table, write
from bench.house import House
from bench.mouth_to_ear import Rig, rig
from devices.virtual.sound import VirtualSound

SOUND = ("microphone", "loudspeaker")
LOOK_SECONDS = 0.02
AWAY_SECONDS = 3.0
PATIENCE_SECONDS = 30.0
CALM_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    harm: Callable[[], Awaitable[None]]
    heal: Callable[[], Awaitable[None]] | None
    """None where the house has to heal it by itself."""


def faults(hall: VirtualSound, house: House) -> list[Fault]:
    async def kill_process() -> None:
        os.kill(house.sound_pid, signal.SIGKILL)

    return [
        Fault("sound-process-killed", kill_process, None),
        Fault("microphone-gone", hall.remove_microphone, hall.add_microphone),
        Fault("loudspeaker-gone", hall.remove_loudspeaker, hall.add_loudspeaker),
        Fault("sound-server-killed", hall.kill, hall.start),
    ]


class Watch:
    """What `/healthz` says of the hall's sound."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self._url = f"{house.url}/healthz"
        self._client = client

    async def look(self) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._client.get(self._url)).json()
        return answer

    async def until(self, right: Callable[[list[dict[str, Any]]], bool]) -> float:
        """When it became so, monotonic. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                signals = (await self.look())["signals"]
                if right([one for one in signals if one["kind"] in SOUND]):
                    return time.monotonic()
                await asyncio.sleep(LOOK_SECONDS)


def told(signals: list[dict[str, Any]]) -> bool:
    return any(one["condition"] == "failed" and one["words"] for one in signals)


def works(signals: list[dict[str, Any]]) -> bool:
    return bool(signals) and all(one["condition"] in ("working", "impaired") for one in signals)


async def suffer(fault: Fault, watch: Watch) -> list[Figure]:
    """One fault. Raises RuntimeError where the meeting did not outlive it."""
    conditions = Conditions.now()
    begun = time.monotonic()
    await fault.harm()
    named: float | None
    back: float | None
    named = back = None
    try:
        named = await watch.until(told) - begun
        if fault.heal is not None:
            await asyncio.sleep(AWAY_SECONDS)
            await fault.heal()
            begun = time.monotonic()
        back = await watch.until(works) - begun
    except TimeoutError:
        pass
    if (await watch.look())["phase"] != "live":
        raise RuntimeError(f"{fault.name}: the meeting is over")
    after = "after it was killed" if fault.heal is None else "after the device"
    return [
        Figure(f"{fault.name}-told", named, "s", None, None, conditions, "goal 2"),
        Figure(f"{fault.name}-back", back, "s", None, None, conditions, f"goal 5, {after}"),
    ]


async def measure(folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    async with rig(folder) as ready, httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
        watch = Watch(ready.house, client)
        await watch.until(works)
        for fault in faults(ready.hall, ready.house):
            await asyncio.sleep(CALM_SECONDS)
            figures += await suffer(fault, watch)
            if not await _takes_part(ready):
                raise RuntimeError(f"{fault.name}: the official is not in the meeting any more")
    return figures


async def _takes_part(ready: Rig) -> bool:
    return await ready.page.is_visible("[data-action=leave]")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sound_faults", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/sound-faults.json"))
    options = parser.parse_args()
    folder = options.out.parent.resolve() / "sound-faults"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    figures = asyncio.run(measure(folder))
    write(figures, options.out)
    sys.stdout.write(f"\n{table(figures)}\n")
    if names := invalid(figures):
        sys.exit(f"bench: NOT VALID: {', '.join(names)}")


if __name__ == "__main__":
    main()
