"""Lists the webcams of this machine with what they can do, and reads pictures of them.

python -m devices.video4linux                     # a JSON object a line
python -m devices.video4linux --read 30           # and thirty coded pictures of each
python -m devices.video4linux --read 30 --only /dev/v4l/by-path/…
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config.settings import Webcam as WebcamSettings
from devices.device import AccessUnit, DeviceError
from devices.video4linux.modes import read_modes, ways
from devices.video4linux.nodes import Plugged, webcams
from devices.webcam import Webcam

PATIENCE_SECONDS = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m devices.video4linux", description=__doc__)
    parser.add_argument("--read", type=int, default=0, metavar="N", help="pictures of each")
    parser.add_argument("--only", metavar="PATH", help="the address of one webcam")
    chosen = parser.parse_args()
    found = [one for one in webcams() if chosen.only in (None, one.address)]
    if chosen.only and not found:
        found = [Plugged("", chosen.only, str(Path(chosen.only).resolve()))]
    fine = bool(found)
    for one in found:
        told = asdict(one) | _capabilities(one.address)
        if chosen.read:
            told |= asyncio.run(_read(one, chosen.read))
        fine = fine and "error" not in told
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0 if fine else 1


def _capabilities(address: str) -> dict[str, Any]:
    try:
        modes = read_modes(address)
    except OSError as error:
        return {"error": str(error)}
    best = ways(modes, 1280, 720, 30)
    return {"modes": [asdict(mode) for mode in modes], "best": best[0].options if best else None}


async def _read(one: Plugged, count: int) -> dict[str, Any]:
    """By the driver that a house uses."""
    stanza = {"kind": "webcam", "id": "webcam", "name": one.name or "webcam", "input": one.address}
    webcam = Webcam(WebcamSettings.model_validate(stanza))
    units: list[AccessUnit] = []
    enough = asyncio.Event()

    def take(unit: AccessUnit) -> None:
        units.append(unit)
        if len(units) >= count:
            enough.set()

    webcam.subscribe(take)
    began = time.monotonic()
    running, waiting = asyncio.create_task(webcam.run()), asyncio.create_task(enough.wait())
    try:
        await asyncio.wait(
            {running, waiting}, timeout=PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        told: dict[str, Any] = {"read": len(units), "seconds": round(time.monotonic() - began, 2)}
        if (picture := webcam.picture.value) is not None:
            told |= asdict(picture)
        if running.done() and isinstance(error := running.exception(), DeviceError):
            told["error"] = str(error.cause)
        elif not enough.is_set():
            told["error"] = "too few pictures"
        return told
    finally:
        running.cancel()
        waiting.cancel()
        await asyncio.wait({running, waiting})


if __name__ == "__main__":
    sys.exit(main())
