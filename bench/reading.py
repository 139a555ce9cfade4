"""What a camera's reader adds, beside libav's at the same camera in the same seconds.

    python -m bench.reading

A virtual camera in a process of its own writes into each picture when it sends it, just before its
bytes go to the socket, all at once. Two other processes read it, each with one of the readers, and
compare that with the moment in which the picture is handed out on their event loop.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import uvloop

from bench.figures import Conditions, Figure, table
from bench.processes import program
from config.settings import RtspCamera as Settings
from devices.device import AccessUnit
from devices.rtsp import RtspCamera
from devices.virtual.camera import VirtualCamera
from devices.virtual.hall_picture import load_clip
from devices.virtual.rtsp_server import Broadcast

LIBAV: Final = "libav through PyAV, same camera"
_SENT: Final = b"sent at "
_DIGITS: Final = 20
_CAMERA_SECONDS: Final = 60.0
_WARM_UP: Final = 30
"""Pictures; at first others lie waiting."""


class StampedBroadcast(Broadcast):
    """Each picture begins with an SEI that says when it was sent."""

    def payloads(self, number: int) -> list[bytes]:
        now = b"%0*d" % (_DIGITS, time.monotonic_ns())
        said = _SENT.rjust(16, b"-") + now
        return [b"\x06\x05" + bytes((len(said),)) + said + b"\x80", *super().payloads(number)]


async def serve(cache: Path) -> None:
    """Prints its address, and serves until its standard input is closed."""
    clip = await asyncio.to_thread(load_clip, cache)
    camera = VirtualCamera(StampedBroadcast(clip), "127.0.0.1", 0, None)
    await camera.start()
    sys.stdout.write(f"{camera.url}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await camera.stop()


async def read(url: str, reader: str, seconds: float) -> None:
    """Prints the milliseconds of each picture, and the share of a core that it took."""
    settings = Settings.model_validate(
        {"kind": "rtsp", "id": "camera", "name": "camera", "url": url, "reader": reader}
    )
    camera = RtspCamera(settings)
    took: list[float] = []
    began = used = 0.0
    warm = asyncio.Event()

    def note(unit: AccessUnit) -> None:
        nonlocal began, used
        now = time.monotonic_ns()
        place = unit.data.index(_SENT) + len(_SENT)
        took.append((now - int(unit.data[place : place + _DIGITS])) / 1e6)
        if len(took) == _WARM_UP:
            began, used = time.monotonic(), time.process_time()
            warm.set()

    camera.subscribe(note)
    running = asyncio.create_task(camera.run())
    await asyncio.wait_for(warm.wait(), _CAMERA_SECONDS)
    await asyncio.sleep(seconds)
    share = (time.process_time() - used) / (time.monotonic() - began)
    running.cancel()
    await asyncio.wait({running})
    sys.stdout.write(json.dumps({"took": took[_WARM_UP:], "cpu": 100 * share}))


async def reading(folder: Path, seconds: float) -> list[Figure]:
    conditions = Conditions.now()
    log = folder / "reading.log"
    cache = folder.parent / "virtual"
    async with program(
        "-m", "bench.reading", "--serve", str(cache), log=log, speaks=True
    ) as camera:
        assert camera.stdout is not None
        address = await asyncio.wait_for(camera.stdout.readline(), _CAMERA_SECONDS)
        url = address.decode().strip()
        ours, theirs = await asyncio.gather(
            *(_measured(url, reader, seconds, log) for reader in ("own", "libav"))
        )
    count = f"{len(ours['took'])} and {len(theirs['took'])} pictures"
    figures = []
    for name, of in (("median", median), ("p99", lambda took: quantiles(took, n=100)[98])):
        values = of(ours["took"]), of(theirs["took"])
        figures.append(
            Figure(f"reader-{name}", values[0], "ms", LIBAV, values[1], conditions, count)
        )
    used = ours["cpu"], theirs["cpu"]
    return [
        *figures,
        Figure(
            "reader-cpu", used[0], "% of a core", LIBAV, used[1], conditions, "720p30, 1.5 Mbit/s"
        ),
    ]


async def _measured(url: str, reader: str, seconds: float, log: Path) -> dict[str, Any]:
    """Raises RuntimeError where nothing was read."""
    arguments = ("-m", "bench.reading", "--read", url, reader, str(seconds))
    async with program(*arguments, log=log, speaks=True) as process:
        assert process.stdout is not None
        said = await asyncio.wait_for(process.stdout.read(), seconds + 2 * _CAMERA_SECONDS)
        await process.wait()
    found: dict[str, Any] = json.loads(said or b"{}")
    if len(found.get("took", ())) < 2:
        raise RuntimeError(f"the {reader} reader got no pictures")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        asyncio.run(serve(options.serve))
    elif options.read is not None:
        url, reader, seconds = options.read
        uvloop.run(read(url, reader, float(seconds)))
    else:
        with tempfile.TemporaryDirectory(prefix="avcontrol-") as folder:
            within = Path(folder) / "bench"
            within.mkdir()
            figures = asyncio.run(reading(within, options.seconds))
        sys.stdout.write(f"{table(figures)}\n")


if __name__ == "__main__":
    main()
