"""What a viewer costs: the bridge, aiortc's own senders and Janus, each with the same picture.

    python -m bench.fanout                                  1, 5, 20 and 50 viewers
    python -m bench.fanout --viewers 1 50 200 --servers bridge --seconds 20

720p30 at 1.5 Mbit/s and Opus come in as RTP and go out to N viewers (`raw_viewers`), in a network
namespace of its own, because Janus refuses loopback. What is said of processors is time that the
processes used, not time that passed; that includes what the kernel does for them. Figures go to
`build/fanout.json`; `--profile` is the SRTP profile that the viewers offer, by default the one that
Chromium agrees on with a house.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.figures import Conditions, Figure, invalid, table, write
from bench.janus import have_janus, janus
from bench.processes import Meter, Use, program, until_healthy

INSIDE = "AVCONTROL_BENCH_INSIDE"
HOST = "10.77.0.1"
WEB_PORT, JANUS_PORT, VIDEO_PORT, SOUND_PORT = 8090, 8088, 5004, 5006
CORE = "% of a core"
SETTLING_SECONDS = 3.0
LEAST_PICTURES = 0.97
"""Of what the camera sends, that every viewer must get."""
PICTURES_PER_SECOND = 30
SATURATED = 85.0
"""Percent of a core from which on the viewers themselves are what is slow."""


@dataclass(frozen=True, slots=True)
class Measured:
    server: str
    count: int
    used: dict[str, Use]
    """`server` and `viewers`."""
    packets_per_second: float
    lost: int
    share: float
    """Of the camera's pictures, that the worst viewer got."""
    late: list[float]

    @property
    def valid(self) -> bool:
        return self.share >= LEAST_PICTURES and self.used["viewers"].cpu < SATURATED

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        late = sorted(self.late)
        return 1000 * late[min(len(late) - 1, int(share * len(late)))] if late else float("nan")

    def words(self) -> str:
        saturated = " SATURATED" if self.used["viewers"].cpu >= SATURATED else ""
        return (
            f"{self.packets_per_second:.0f} packets/s, {self.lost} lost, late p50"
            f" {self.percentile(0.5):.1f} p99 {self.percentile(0.99):.1f} ms, viewers"
            f" {self.used['viewers'].cpu:.0f} %{saturated}"
        )


@asynccontextmanager
async def server(kind: str, folder: Path) -> AsyncIterator[tuple[int, str, str]]:
    """Its process, address and kind of viewers."""
    if kind == "janus":
        running = janus(folder, host=HOST, port=JANUS_PORT, video=VIDEO_PORT, sound=SOUND_PORT)
        async with running as (pid, address):
            yield pid, address, "janus"
        return
    arguments = ["-m", "bench.fanout_server", "--port", str(WEB_PORT)]
    arguments += ["--host", HOST, "--video", str(VIDEO_PORT), "--sound", str(SOUND_PORT)]
    arguments += ["--stock"] if kind == "stock" else []
    async with program(*arguments, log=folder / f"{kind}.log") as process:
        await until_healthy(process, WEB_PORT, HOST)
        yield process.pid, f"http://{HOST}:{WEB_PORT}", "bridge"


async def measure(kind: str, count: int, options: argparse.Namespace, folder: Path) -> Measured:
    """Raises RuntimeError where something ended."""
    async with server(kind, folder) as (pid, address, viewers_of):
        arguments = ["-m", "bench.raw_viewers", viewers_of, address, "--count", str(count)]
        arguments += ["--profile", options.profile]
        log = folder / f"{kind}-viewers.log"
        async with program(*arguments, log=log, speaks=True) as viewers:

            async def totals() -> dict[str, Any]:
                assert viewers.stdin is not None
                assert viewers.stdout is not None
                viewers.stdin.write(b"\n")
                if not (line := await viewers.stdout.readline()):
                    raise RuntimeError(f"the viewers ended: see {log}")
                told: dict[str, Any] = json.loads(line)
                return told

            loop = asyncio.get_running_loop()
            await totals()
            await asyncio.sleep(SETTLING_SECONDS)
            before, began = await totals(), loop.time()
            meter = Meter(server=pid, viewers=viewers.pid)
            await asyncio.sleep(options.seconds)
            used, after = meter.read(), await totals()
            passed = loop.time() - began
    pictures = zip(before["pictures"], after["pictures"], strict=True)
    return Measured(
        kind,
        count,
        used,
        (after["packets"] - before["packets"]) / passed,
        after["lost"] - before["lost"],
        min(end - start for start, end in pictures) / (passed * PICTURES_PER_SECOND),
        after["late"],
    )


READINGS: tuple[tuple[str, str, Callable[[Measured], float]], ...] = (
    ("cpu", CORE, lambda one: one.used["server"].cpu),
    ("memory", "MB", lambda one: one.used["server"].memory),
    ("late-p50", "ms", lambda one: one.percentile(0.5)),
    ("late-p99", "ms", lambda one: one.percentile(0.99)),
)


def figures(measured: Sequence[Measured], conditions: Conditions) -> list[Figure]:
    """The bridge beside each of its peers."""
    found: list[Figure] = []
    by = {(one.server, one.count): one for one in measured}
    kinds = list(dict.fromkeys(one.server for one in measured))
    counts = sorted({one.count for one in measured})
    first = kinds[0]
    peers: list[str | None] = [*kinds[1:]] or [None]
    for peer in peers:
        label = f" ({peer})" if peer else ""
        for count in counts:
            ours, theirs = by.get((first, count)), by.get((peer or "", count))
            if ours is None:
                continue
            remark = f"{first}: {ours.words()}" + (f"; {peer}: {theirs.words()}" if theirs else "")
            both = [one if one is not None and one.valid else None for one in (ours, theirs)]
            for name, unit, read in READINGS:
                value, of_peer = (None if one is None else read(one) for one in both)
                note = remark if name == "cpu" else ""
                found.append(
                    Figure(f"{name}-{count}{label}", value, unit, peer, of_peer, conditions, note)
                )
        each, of_peer = (
            _marginal([one for one in measured if one.server == kind]) for kind in (first, peer)
        )
        note = f"between {counts[0]} and {counts[-1]} viewers"
        found.append(Figure(f"per-packet{label}", each, "µs", peer, of_peer, conditions, note))
    return found


def _marginal(measured: Sequence[Measured]) -> float | None:
    """Microseconds of a processor for each RTP packet more."""
    valid = sorted((one for one in measured if one.valid), key=lambda one: one.count)
    if len(valid) < 2:
        return None
    few, many = valid[0], valid[-1]
    cpu = (many.used["server"].cpu - few.used["server"].cpu) / 100
    return 1e6 * cpu / (many.packets_per_second - few.packets_per_second)


async def run(options: argparse.Namespace, folder: Path) -> list[Figure]:
    conditions = Conditions.now()
    arguments = ["-m", "bench.fanout_source", "--host", HOST, "--cache", str(options.cache)]
    arguments += ["--video", str(VIDEO_PORT), "--sound", str(SOUND_PORT)]
    measured: list[Measured] = []
    async with program(*arguments, log=folder / "source.log", speaks=True) as source:
        assert source.stdout is not None
        await source.stdout.readline()
        for count in options.viewers:
            for kind in options.servers:
                sys.stderr.write(f"bench: {count} viewers of {kind}: ")
                one = await measure(kind, count, options, folder)
                measured.append(one)
                sys.stderr.write(f"{one.used['server'].cpu:.1f} % of a core, {one.words()}\n")
                if source.returncode is not None:
                    raise RuntimeError(f"the source ended: see {folder / 'source.log'}")
    return figures(measured, conditions)


def enter_namespace() -> None:
    """Start this program again in a network of its own, with one address; as root."""
    os.execvpe(  # noqa: S606
        "unshare",
        ["unshare", "--net", "--", sys.executable, "-m", "bench.fanout", *sys.argv[1:]],
        os.environ | {INSIDE: "1"},
    )


def lay_network() -> None:
    for command in (
        "link set lo up",
        "link add viewers type veth peer name other",
        f"addr add {HOST}/24 dev viewers",
        "link set viewers up",
        "link set other up",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/fanout.json"))
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 5, 20, 50])
    kinds = ["bridge", "stock", "janus"]
    parser.add_argument("--servers", nargs="+", choices=kinds, default=kinds)
    parser.add_argument("--seconds", type=float, default=10, help="for each number of viewers")
    parser.add_argument("--profile", default="SRTP_AES128_CM_SHA1_80")
    parser.add_argument("--cache", type=Path, default=Path("build/virtual"))
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench: a network namespace needs root")
    if INSIDE not in os.environ:
        enter_namespace()
    if "janus" in options.servers and not have_janus():
        sys.exit("bench: no janus here; scripts/setup.sh bench installs it")
    lay_network()
    folder = options.out.parent.resolve() / "fanout"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        found = asyncio.run(run(options, folder))
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"bench: {error}; the logs are in {folder}")
    write(found, options.out)
    sys.stdout.write(f"\n{table(found)}\n")
    if names := invalid(found):
        sys.exit(f"bench: NOT VALID: {', '.join(names)}")


if __name__ == "__main__":
    main()
