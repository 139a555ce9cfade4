"""How long a voice takes from a mouth to an ear: hall to official and official to hall.

    python -m bench.mouth_to_ear

A whole house, and an official's page in a real Chromium; both have their sound cards in one
PulseAudio. Chirps are played before one's microphone and looked for at the other's loudspeaker;
what is recorded of both has one clock, so the distance between them is the delay: browser, network
(loopback), jitter buffers, mixer, echo canceller and sound cards. Then a process stands still for
200 ms, and it is seen how much later the chirps of the second after next are.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright

from bench.figures import Conditions, Figure, table, write
from bench.house import House, Surroundings, open_house
from bench.joining import FLAGS
from devices.device import Samples
from devices.virtual.projector import virtual_projector
from devices.virtual.sound import RATE, VirtualSound, virtual_sound, write_wav

SPACING = 0.6
CHIRP_SECONDS = 0.1
LONGEST = 0.5
"""A chirp that comes later than this, or not at all, is not counted."""
GOAL = "goal 120"
STALL_SECONDS = 0.2
SETTLING_SECONDS = 8.0
OFFICIAL = (
    ("module-null-sink", "sink_name=official_ears", "rate=48000", "channels=1"),
    ("module-null-sink", "sink_name=official_air", "rate=48000", "channels=1"),
    ("module-remap-source", "source_name=official_mouth", "master=official_air.monitor"),
)


def chirps(count: int) -> Samples:
    """So many, after a second of silence."""
    sound = np.zeros(round((1 + SPACING * count) * RATE), np.int16)
    for number in range(count):
        begin = round((1 + number * SPACING) * RATE)
        sound[begin : begin + len(chirp())] = (chirp() * 9_000).astype(np.int16)
    return sound


def chirp() -> NDArray[np.float64]:
    """400 to 3400 Hz, full scale at 1."""
    at = np.arange(round(CHIRP_SECONDS * RATE)) / RATE
    swept = np.sin(2 * np.pi * (400 * at + 1500 / CHIRP_SECONDS * at * at))
    return np.asarray(swept * np.hanning(len(at)))


class Recorder:
    """What goes to a sink, with the moment of its first sample."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._data = bytearray()
        self.began = float("inf")
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while data := await self._process.stdout.read(65536):
            self._data += data
            # The chunk that was on its way for the shortest time tells best.
            self.began = min(self.began, time.monotonic() - len(self._data) / 2 / RATE)

    async def end(self) -> Samples:
        self._process.terminate()
        await self._process.wait()
        await self._reading
        return np.frombuffer(bytes(self._data[: len(self._data) // 2 * 2]), np.dtype("<i2"))


def when_heard(sound: Samples, began: float) -> list[float]:
    """The moments of the chirps in a recording."""
    template = chirp()
    size = 2 ** int(np.ceil(np.log2(len(sound) + len(template))))
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(template, size))
    found = np.abs(np.fft.irfft(spectrum))[: len(sound)]
    least = 0.3 * float(np.percentile(found, 99.9))
    moments: list[float] = []
    while len(moments) < 1000 and found.max() > least:
        at = int(found.argmax())
        moments.append(began + at / RATE)
        found[max(0, at - RATE // 4) : at + RATE // 4] = 0
    return sorted(moments)


class Rig:
    """The house, its hall and an official who takes part."""

    def __init__(self, hall: VirtualSound, house: House, page: Page, folder: Path) -> None:
        self.hall = hall
        self.house = house
        self.page = page
        """The official's."""
        self._folder = folder

    async def delays(
        self, air: str, ear: str, count: int, meanwhile: Callable[[], object] = lambda: None
    ) -> tuple[list[tuple[float, float]], float]:
        """Seconds since the first chirp and milliseconds of each, and when `meanwhile` was called,
        in the middle."""
        wav = self._folder / "chirps.wav"
        write_wav(wav, chirps(count))
        recorders = [await self._record(sink) for sink in (air, ear)]
        await asyncio.sleep(1)
        player = await self._run("paplay", f"--device={air}", "--latency-msec=20", str(wav))
        await asyncio.sleep(1 + SPACING * count / 2)
        called = time.monotonic()
        await asyncio.to_thread(meanwhile)
        await player.wait()
        await asyncio.sleep(1)
        said, heard = [when_heard(await one.end(), one.began) for one in recorders]
        first = said[0] if said else called
        pairs = []
        for moment in said:
            later = [ear for ear in heard if 0 < ear - moment < LONGEST]
            if later:
                pairs.append((moment - first, 1000 * (later[0] - moment)))
        return pairs, called - first

    async def _record(self, sink: str) -> Recorder:
        return Recorder(
            await self._run(
                "pacat", "--record", f"--device={sink}.monitor", "--raw", "--format=s16le",
                f"--rate={RATE}", "--channels=1", "--latency-msec=10",
            )
        )  # fmt: skip

    async def _run(self, *command: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **self.hall.environment},
        )


@asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    """Entered once the official is heard."""
    async with AsyncExitStack() as stack:
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
        hall = await stack.enter_async_context(virtual_sound(Path(short)))
        environment = {**os.environ, **hall.environment}
        for module in OFFICIAL:
            loading = await asyncio.create_subprocess_exec(
                "pactl", "load-module", *module, env=environment, stdout=asyncio.subprocess.DEVNULL
            )
            if await loading.wait():
                raise RuntimeError(f"PulseAudio does not load {module}")
        projector = await stack.enter_async_context(virtual_projector(warm=2, cool=2))
        nothing = "rtsp://127.0.0.1:9/none"  # sound alone is looked at
        surroundings = Surroundings(folder, nothing, hall, projector)
        house, _ = await stack.enter_async_context(open_house(surroundings, "house"))
        await house.start_meeting()
        playwright = await stack.enter_async_context(async_playwright())
        chromium = await playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[flag for flag in FLAGS if "fake-device" not in flag],
            ignore_default_args=["--mute-audio"],
            env={**environment, "PULSE_SINK": "official_ears", "PULSE_SOURCE": "official_mouth"},
        )
        stack.push_async_callback(chromium.close)
        context = await chromium.new_context(locale="vi-VN")
        await context.grant_permissions(["camera", "microphone"], origin=house.url)
        page = await context.new_page()
        await page.goto(await house.invite())
        if await page.query_selector("#name"):
            await page.fill("#name", "Bà Hoa")
        await page.wait_for_selector("[data-action=join]:not([disabled])")
        await page.click("[data-action=join]")
        await page.wait_for_selector("[data-action=leave]", state="visible")
        await asyncio.sleep(SETTLING_SECONDS)
        yield Rig(hall, house, page, folder)


def _stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    time.sleep(STALL_SECONDS)
    os.kill(pid, signal.SIGCONT)


def _figures(
    name: str, pairs: list[tuple[float, float]], count: int, conditions: Conditions
) -> list[Figure]:
    delays = [delay for _, delay in pairs]
    enough = len(delays) > count / 2
    remark = f"{len(delays)} of {count} chirps; {GOAL}"
    return [
        Figure(f"{name}-{which}", value if enough else None, "ms", None, None, conditions, remark)
        for which, value in (
            ("median", median(delays or [0])),
            ("p95", float(np.percentile(delays or [0], 95))),
        )
    ]


def _after(
    name: str, pairs: list[tuple[float, float]], stopped: float, conditions: Conditions
) -> Figure:
    before = [delay for at, delay in pairs if at < stopped - 0.5]
    first = stopped + STALL_SECONDS + 1
    after = [delay for at, delay in pairs if first <= at < first + 4]
    valid = bool(before and after)
    more = median(after) - median(before) if valid else None
    shown = " ".join(f"{delay:.0f}" for at, delay in pairs if at >= stopped - 1)
    return Figure(name, more, "ms", None, None, conditions, f"goal ±5; from then on: {shown}")


async def measure(folder: Path, count: int) -> list[Figure]:
    figures: list[Figure] = []
    ways = {
        "hall-to-official": ("room_air", "official_ears"),
        "official-to-hall": ("official_air", "house_speakers"),
    }
    async with rig(folder) as ready:
        for name, (air, ear) in ways.items():
            conditions = Conditions.now()
            pairs, _ = await ready.delays(air, ear, count)
            figures += _figures(name, pairs, count, conditions)
        for name, (air, ear) in ways.items():
            for which, pid in (("sound", ready.house.sound_pid), ("daemon", ready.house.pid)):
                conditions = Conditions.now()
                pairs, stopped = await ready.delays(air, ear, 24, lambda pid=pid: _stop(pid))  # type: ignore[misc]
                figures.append(_after(f"{name}-after-{which}-stall", pairs, stopped, conditions))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mouth_to_ear", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/mouth-to-ear.json"))
    parser.add_argument("--chirps", type=int, default=40)
    options = parser.parse_args()
    folder = options.out.parent.resolve() / "mouth-to-ear"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    figures = asyncio.run(measure(folder, options.chirps))
    write(figures, options.out)
    sys.stdout.write(f"\n{table(figures)}\n")


if __name__ == "__main__":
    main()
