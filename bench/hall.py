"""A hall full of phones asks at once, behind one address, while viewers are in the meeting: how
long until each has its receipt, and until the leader's panel shows the question.

The peer is the least that could do it: an application of starlette's with one table, which has each
question on the disk before it answers. Nobody looks on and no meeting runs there.
"""

import asyncio
import json
import math
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from bench.figures import Conditions, Figure
from bench.house import House
from bench.phones import Asked
from bench.processes import Meter, free_port, program, until_healthy

PLAIN = """
import sqlite3, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route

table = sqlite3.connect(sys.argv[2], isolation_level=None)
table.execute("PRAGMA journal_mode = WAL")
table.execute("PRAGMA synchronous = FULL")
table.execute("CREATE TABLE questions (number INTEGER PRIMARY KEY, text TEXT, key TEXT UNIQUE)")

async def healthz(request):
    return PlainTextResponse("ok")

async def form(request):
    return HTMLResponse("<form method=post><textarea name=text></textarea></form>")

async def ask(request):
    form = await request.form()
    values = (form["text"], form["key"])
    number = table.execute("INSERT INTO questions (text, key) VALUES (?, ?)", values).lastrowid
    told = {"receipt": f"R-{number}", "number": number, "url": f"/receipt/R-{number}"}
    return JSONResponse(told, 201)

async def receipt(request):
    number = int(request.path_params["code"].removeprefix("R-"))
    row = table.execute("SELECT text FROM questions WHERE number = ?", (number,)).fetchone()
    return HTMLResponse(f"<p>R-{number} {row[0]}</p>")

uvicorn.run(Starlette(routes=[
    Route("/healthz", healthz),
    Route("/ask", form),
    Route("/ask", ask, methods=["POST"]),
    Route("/receipt/{code}", receipt),
]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
"""
PLAIN_PEER = "starlette and one table, nobody looking on"
CONNECT_SECONDS, ASK_SECONDS = 2.0, 10.0
VIEWERS = 5


async def hall_of_phones(house: House, link: str, folder: Path, count: int) -> list[Figure]:
    """The meeting is live, `link` an invitation of it. Raises RuntimeError, TimeoutError."""
    conditions = Conditions.now()
    plain = await _plain(folder, count)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_viewers(link, folder / "hall-viewers.log"))
        seen = await stack.enter_async_context(house.watch_waiting())
        before = seen.waiting
        meter = Meter(server=house.pid)
        ours = await _phones(house.url, folder, count)
        used = meter.read()["server"].cpu
        async with asyncio.timeout(10):
            await seen.until(before + len(ours.asked))
    panel = _until_seen(ours, seen.moments)
    remark = (
        f"{ours.receipts} of {count} have a receipt, {VIEWERS} viewers, "
        f"{used:.0f} % of a core; refused: {ours.refused or 'none'}"
    )
    whole = ours.receipts == count

    def figure(name: str, unit: str, value: float, peer: float | None, remark: str = "") -> Figure:
        named = PLAIN_PEER if peer is not None else None
        return Figure(name, value if whole else None, unit, named, peer, conditions, remark)

    waits, theirs = [[took for _, took, _ in one.asked] for one in (ours, plain)]
    return [
        figure("phones-connected", "s", ours.connected, plain.connected, remark),
        figure("phones-form-p99", "ms", _p(99, ours.opening), _p(99, plain.opening)),
        figure("phones-receipt-median", "ms", 1000 * median(waits), 1000 * median(theirs)),
        figure("phones-receipt-p99", "ms", _p(99, waits), _p(99, theirs)),
        figure("phones-receipt-page-p99", "ms", _p(99, ours.reading), _p(99, plain.reading)),
        figure("phones-panel-p95", "ms", _p(95, panel), None, "until the leader's panel counts it"),
    ]


async def _plain(folder: Path, count: int) -> Asked:
    port = free_port()
    arguments = ("-c", PLAIN, str(port), str(folder / "plain.db"))
    async with program(*arguments, log=folder / "plain.log") as process:
        await until_healthy(process, port)
        return await _phones(f"http://127.0.0.1:{port}", folder, count)


async def _phones(url: str, folder: Path, count: int) -> Asked:
    wanted = ("--count", str(count), "--connect", str(CONNECT_SECONDS))
    arguments = ("-m", "bench.phones", url, *wanted, "--seconds", str(ASK_SECONDS))
    log = folder / "phones.log"
    async with program(*arguments, log=log, speaks=True) as phones:
        assert phones.stdout is not None
        told, _ = await asyncio.wait_for(phones.communicate(), 120)
    if not told:
        raise RuntimeError(f"the phones ended: see {log}")
    return Asked(**json.loads(told))


@asynccontextmanager
async def _viewers(link: str, log: Path) -> AsyncIterator[None]:
    arguments = ("-m", "bench.viewers", "house", link, "--count", str(VIEWERS))
    async with program(*arguments, log=log, speaks=True) as viewers:
        assert viewers.stdin is not None
        assert viewers.stdout is not None
        viewers.stdin.write(b"\n")
        if not await viewers.stdout.readline():
            raise RuntimeError(f"the viewers ended: see {log}")
        yield
        viewers.stdin.close()
        await viewers.wait()


def _until_seen(asked: Asked, moments: Sequence[tuple[int, float]]) -> list[float]:
    """Seconds from the tap until the panel counts the question: numbers go up with the meeting."""
    counts = [count for count, _ in moments]
    first = min(number for _, _, number in asked.asked)
    start = counts[0]
    return [
        moments[bisect_left(counts, start + number - first + 1)][1] - sent
        for sent, _, number in asked.asked
    ]


def _p(percent: int, seconds: Sequence[float]) -> float:
    """This percentile, in milliseconds: the smallest value that so many are not above."""
    ordered = sorted(seconds)
    return 1000 * ordered[math.ceil(percent / 100 * len(ordered)) - 1]
