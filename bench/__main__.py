"""Measure the daemon and its peers, print a table, write build/bench.json.

Exit status 1 where a figure is not valid: where viewers did not get what the camera sent.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from bench.acknowledging import acknowledging
from bench.classifier import FROZEN, classifier_figures
from bench.figures import Conditions, Figure, invalid, table, write
from bench.hall import hall_of_phones
from bench.house import House, Surroundings, open_house
from bench.joining import browser, milliseconds_to_picture
from bench.loads import Load, Server, measure
from bench.processes import free_port, program, until_healthy
from bench.reading import reading
from bench.repeated import repeated_figures
from bench.switching import switches
from bench.ward import hub_with_houses
from devices.virtual.projector import virtual_projector
from devices.virtual.sound import virtual_sound
from feedback.classify import DATA
from feedback.training import read_sentences

BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def healthz(request):
    return PlainTextResponse("ok")

app = Starlette(routes=[Route("/healthz", healthz)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
BARE_PEER = "uvicorn and starlette with nothing else"
STOCK_PEER = "aiortc's own senders, same camera"
CORE = "% of a core"
CAMERA_SECONDS = 60.0


def say(words: str) -> None:
    sys.stderr.write(f"bench: {words}\n")


async def starts(hall: Surroundings, times: int) -> list[Figure]:
    say("starting")
    conditions = Conditions.now()
    took, bare = [], []
    for _ in range(times + 1):  # the first one makes the data folder
        async with open_house(hall, "starts") as (_, seconds):
            took.append(seconds)
        port = free_port()
        began = time.perf_counter()
        async with program("-c", BARE, str(port), log=hall.folder / "bare.log") as process:
            await until_healthy(process, port)
            bare.append(time.perf_counter() - began)
    floor = median(bare)
    return [
        Figure("start-new", took[0], "s", BARE_PEER, floor, conditions, "with a new data folder"),
        Figure("start", median(took[1:]), "s", BARE_PEER, floor, conditions, f"median of {times}"),
    ]


async def taps(house: House, times: int) -> Figure:
    """Leaves the meeting live."""
    say("starting meetings")
    conditions = Conditions.now()
    took = [await house.start_meeting()]
    for _ in range(times - 1):
        await house.end_meeting()
        took.append(await house.start_meeting())
    remark = f"median of {times}, worst {1000 * max(took):.0f}"
    return Figure("tap-to-live", 1000 * median(took), "ms", None, None, conditions, remark)


async def questions(house: House, times: int) -> Figure:
    say("asking")
    conditions = Conditions.now()
    took = [await house.ask() for _ in range(times)]
    remark = f"median of {times}, worst {1000 * max(took):.0f}, stored on the way"
    name = "question-to-panel"
    return Figure(name, 1000 * median(took), "ms", None, None, conditions, remark)


async def joins(link: str, stock: str, times: int) -> list[Figure]:
    say("joining")
    conditions = Conditions.now()
    took: dict[str, list[float]] = {link: [], stock: []}
    async with browser() as chromium:
        for address in took:  # once to warm up
            await milliseconds_to_picture(chromium, address)
        for _ in range(times):
            for address, values in took.items():
                values.append(await milliseconds_to_picture(chromium, address))
    ours, theirs, name, remark = took[link], took[stock], "join-to-picture", f"of {times}"
    return [
        Figure(
            f"{name}-median", median(ours), "ms", STOCK_PEER, median(theirs), conditions, remark
        ),
        Figure(f"{name}-worst", max(ours), "ms", STOCK_PEER, max(theirs), conditions, remark),
    ]


async def loads(
    house: Server, stock: Server, viewers: Sequence[int], seconds: float
) -> list[Figure]:
    """Both servers in turn, with each number of viewers."""
    figures: list[Figure] = []
    processor: list[tuple[float | None, float | None]] = []
    for count in viewers:
        say(f"{count} viewers" if count else "idle")
        conditions = Conditions.now()
        ours, theirs = [await measure(server, count, seconds) for server in (house, stock)]
        processor.append((ours.cpu(), theirs.cpu()))
        label = f"{count}-viewers" if count else "idle"
        remark = _remark(ours, theirs) if count else "no meeting"
        figures += [
            Figure(f"cpu-{label}", ours.cpu(), CORE, STOCK_PEER, theirs.cpu(), conditions, remark),
            Figure(f"cpu-sound-{label}", ours.cpu("sound"), CORE, None, None, conditions, remark),
            Figure(
                f"memory-{label}", ours.memory(), "MB", STOCK_PEER, theirs.memory(), conditions
            ),
            Figure(
                f"memory-sound-{label}", ours.memory("sound"), "MB", None, None, conditions
            ),
        ]  # fmt: skip
    if len(viewers) > 1:
        more = viewers[-1] - viewers[0]
        each, of_peer = (
            None if first is None or last is None else (last - first) / more
            for first, last in zip(processor[0], processor[-1], strict=True)
        )
        remark = f"between {viewers[0]} and {viewers[-1]}"
        figures.append(
            Figure("cpu-per-viewer", each, CORE, STOCK_PEER, of_peer, conditions, remark)
        )
    return figures


def _remark(ours: Load, theirs: Load) -> str:
    """How well the viewers were served, and whether they themselves were short of time."""
    return "; ".join(
        f"{name}: {load.share:.1%} of the pictures, viewers use {load.used['viewers'].cpu:.0f} %"
        for name, load in (("ours", ours), ("peer", theirs))
    )


@asynccontextmanager
async def surroundings(folder: Path) -> AsyncIterator[Surroundings]:
    """Everything in the hall; its logs and data are kept in the folder."""
    async with AsyncExitStack() as stack:
        # a short path: a Unix socket's may not be longer than 107 bytes
        short = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
        cache = folder.parent / "virtual"
        camera = await stack.enter_async_context(
            program(
                *("-m", "devices.virtual.camera", "--port", "0", "--cache", str(cache)),
                log=folder / "camera.log",
                speaks=True,
            )
        )
        assert camera.stdout is not None
        address = await asyncio.wait_for(camera.stdout.readline(), CAMERA_SECONDS)
        sound = await stack.enter_async_context(virtual_sound(Path(short)))
        projector = await stack.enter_async_context(virtual_projector(warm=2, cool=2))
        residents = asyncio.create_task(sound.residents())
        stack.callback(residents.cancel)
        yield Surroundings(folder, address.decode().strip(), sound, projector)


def topics(most: int) -> list[Figure]:
    say("suggesting topics")
    learned = read_sentences(DATA)
    some = learned[:: max(1, len(learned) // most)]
    return classifier_figures(some, read_sentences(FROZEN)) + repeated_figures()


def halls(number: int) -> list[Figure]:
    if not number:
        return []
    say("cancelling the echo of halls")
    # Their metrics come with `setup.sh bench` alone.
    from bench.echo import SCENES, echo_figures  # noqa: PLC0415

    figures = echo_figures(SCENES[:number])
    say("howling, and levelling the hall")
    from bench.howl import howl_figures  # noqa: PLC0415
    from bench.levels import level_figures  # noqa: PLC0415

    return figures + howl_figures() + level_figures()


def voices() -> list[Figure]:
    say("losing parts of voices")
    from bench.lossy import lossy_figures  # noqa: PLC0415 - its metric comes with the others

    return lossy_figures()


async def run(options: argparse.Namespace, folder: Path) -> list[Figure]:
    say("reading a camera")
    read = await reading(folder, options.seconds)
    say("acknowledging")
    acknowledged = await acknowledging(folder, options.acknowledged)
    say(f"a hub with {options.houses} houses")
    of_the_hub = await hub_with_houses(folder / "ward", options.houses, options.seconds)
    async with (
        surroundings(folder) as hall,
        AsyncExitStack() as stack,
    ):
        figures = await starts(hall, options.starts)
        house, _ = await stack.enter_async_context(open_house(hall, "house"))
        port = free_port()
        arguments = ("-m", "bench.stock", "--camera", hall.camera, "--port", str(port))
        process = await stack.enter_async_context(
            program(*arguments, log=hall.folder / "stock.log")
        )
        await until_healthy(process, port)
        pids = {"server": house.pid, "sound": house.sound_pid}
        log = hall.folder / "viewers.log"
        stock = Server("stock", f"http://127.0.0.1:{port}", {"server": process.pid}, log)
        idle = await loads(Server("house", "", pids, log), stock, [0], options.seconds)
        figures.append(await taps(house, options.taps))
        figures.append(await questions(house, options.questions))
        link = await house.invite()
        say(f"{options.phones} phones")
        figures += await hall_of_phones(house, link, folder, options.phones)
        figures += await joins(link, stock.address, options.joins)
        say("switching floors")
        async with browser() as chromium:
            figures += await switches(house, chromium, await house.invite(), options.joins)
        figures += idle
        figures += await loads(
            Server("house", link, pids, log), stock, options.viewers, options.seconds
        )
    return [*figures, *read, *acknowledged, *of_the_hub]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"))
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--taps", type=int, default=5)
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--acknowledged", type=int, default=4000, help="questions at once")
    parser.add_argument("--phones", type=int, default=1000, help="that ask within 10 s")
    parser.add_argument("--joins", type=int, default=7)
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--houses", type=int, default=50, help="of the ward's hub")
    parser.add_argument("--seconds", type=float, default=10, help="for each number of viewers")
    parser.add_argument("--halls", type=int, default=8, help="of the echo canceller")
    parser.add_argument("--sentences", type=int, default=10_000, help="that a classifier learns")
    options = parser.parse_args()
    folder = options.out.parent.resolve() / "bench"
    shutil.rmtree(folder, ignore_errors=True)  # of the last run
    folder.mkdir(parents=True)
    try:
        figures = topics(options.sentences)
        figures += halls(options.halls)
        figures += voices() if options.halls else []
        figures += asyncio.run(run(options, folder))
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"bench: {error}; the logs are in {folder}")
    write(figures, options.out)
    sys.stdout.write(f"\n{table(figures)}\n")
    if names := invalid(figures):
        sys.exit(f"bench: NOT VALID, viewers did not get the picture: {', '.join(names)}")


if __name__ == "__main__":
    main()
