"""A browser on a bad line: what it loses is mended, and what its line does not carry is not sent.
Sound comes first. The line is in software (`slow_line.py`), the browser and the media are real."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.network.conftest import Daemon, Namespace

pytestmark = [pytest.mark.network, pytest.mark.timeout(300)]

PHONE, WORLD = "55.2.0.2", "55.2.0.1"
HERE = Path(__file__).parent
ROUND_TRIP = 0.05


class SlowLine:
    def __init__(self, near: Namespace, far: Namespace) -> None:
        ends = [f"/run/netns/{near.name}", PHONE, f"/run/netns/{far.name}", WORLD]
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "slow_line.py"), *ends],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear("ready")

    def set(self, *, delay: float = ROUND_TRIP / 2, **down: float) -> None:
        """From now on. `down` is of the way to the phone: `rate`, `queue`, `loss`, `cut`."""
        self._tell(down={"delay": delay, **down}, up={"delay": delay})

    def cut(self) -> None:
        self._tell(down={"cut": True}, up={"cut": True})

    def _tell(self, **ways: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(ways) + "\n")
        self._process.stdin.flush()
        self._hear("done")

    def _hear(self, word: str) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline().strip() == word

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass
class Guest:
    page: Page
    line: SlowLine
    log: Callable[[], str]

    async def now(self) -> float:
        moment: float = await self.page.evaluate("() => performance.now()")
        return moment

    async def layer(self) -> str:
        lines = await self.page.evaluate("async () => (await fetch('/lines')).json()")
        layer: str = lines.get("phone", "main")
        return layer

    async def until(self, holds: str, ceiling: float = 60) -> float:
        """ms of the page when it came to hold."""
        await self.page.wait_for_function(holds, timeout=1000 * ceiling, polling=20)
        return await self.now()

    async def pauses(self, since: float) -> list[tuple[float, float]]:
        """Between two pictures, those above 120 ms: when after a moment, and how long, in ms."""
        found = await self.page.evaluate("(since) => window.pauses(since)", since)
        return [(round(at - since), round(long)) for at, long in found]

    async def heard(self) -> dict[str, float]:
        found: dict[str, float] = await self.page.evaluate("() => window.heard()")
        return found


@pytest.fixture
async def guest(
    tmp_path: Path, hall_cache: Path, launch_browser: Callable[..., Awaitable[Browser]]
) -> AsyncIterator[Guest]:
    """Joined, on a good line, and sees the main picture."""
    with ExitStack() as stack:
        near, far = (Namespace(f"av{os.getpid()}-{name}") for name in ("phone", "far"))
        for namespace in (near, far):
            stack.callback(namespace.end)
            namespace.sh("ip", "link", "set", "lo", "up")
        line = SlowLine(near, far)
        stack.callback(line.end)
        line.set()
        command = [sys.executable, "-m", "tests.network.bare_house", WORLD, "8000"]
        house = Daemon(far, tmp_path / "house.log", *command, str(hall_cache))
        stack.callback(house.end)
        await asyncio.to_thread(house.until, "ready")
        script = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False))
        stack.callback(Path(script.name).unlink)
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        script.write(f'#!/bin/sh\nexec {" ".join(near.prefix)} {chromium} "$@"\n')
        script.close()
        Path(script.name).chmod(0o755)
        browser = await launch_browser(executable=script.name)
        page = await browser.new_page()
        await page.goto(f"http://{WORLD}:8000/")
        await page.wait_for_function("window.ready")
        guest = Guest(page, line, house.log)
        began = await page.evaluate("join('phone')")
        first = await guest.until("shown.length > 0") - began
        await guest.until("shown.length > 60")
        print(f"first picture after {first:.0f} ms; ", end="")
        yield guest
        await browser.close()


async def test_a_line_that_falls_gets_the_small_picture(guest: Guest) -> None:
    """The short one: it comes at all, and the house says so."""
    since = await guest.now()
    guest.line.set(rate=300_000)
    small = await guest.until("shown.at(-1)[1] === 640") - since
    print(f"to 300 kbit/s: small picture after {small:.0f} ms")
    assert await guest.layer() == "small"


@pytest.mark.soak
async def test_a_minute_of_losses(guest: Guest) -> None:
    since = await guest.now()
    guest.line.set(loss=0.03)
    await asyncio.sleep(60)
    pauses = await guest.pauses(since)
    print(f"3 % lost for a minute: pauses of the picture above 120 ms: {pauses}")
    assert await guest.layer() == "main"
    assert max((long for _, long in pauses), default=0) < 3000


@pytest.mark.soak
async def test_an_outage(guest: Guest) -> None:
    await asyncio.sleep(3)
    guest.line.cut()
    await asyncio.sleep(2)
    since = await guest.now()
    guest.line.set()
    back = await guest.until(f"shown.at(-1)[0] > {since}") - since
    moving = await guest.until(f"shown.filter(([at]) => at > {since}).length > 10") - since
    print(f"an outage of 2 s: picture back {back:.0f} ms after it, ten of them {moving:.0f} ms;")
    assert moving < 10_000
    assert await guest.layer() == "main"


@pytest.mark.soak
@pytest.mark.parametrize("queue", [0.15, 0.5, 1.5])
async def test_falling_to_sound_and_rising_again(guest: Guest, queue: float) -> None:
    await asyncio.sleep(6)
    before, since = await guest.heard(), await guest.now()
    guest.line.set(rate=300_000, queue=queue)
    small = await guest.until("shown.at(-1)[1] === 640", 30) - since
    await asyncio.sleep(8)
    print(f"to 300 kbit/s, a queue of {queue} s: small picture after {small:.0f} ms, ", end="")
    print(f"sound {await missed(guest, before)}, pauses {await guest.pauses(since)}")
    before, since = await guest.heard(), await guest.now()
    guest.line.set(rate=64_000, queue=queue)
    async with asyncio.timeout(30):
        while await guest.layer() != "sound":
            await asyncio.sleep(0.1)
    alone = await guest.now() - since
    await asyncio.sleep(8)
    print(f"to 64: sound alone after {alone:.0f} ms, {await missed(guest, before)}")
    assert await guest.layer() == "sound"
    before = await guest.heard()
    await asyncio.sleep(8)
    print(f"then: {await missed(guest, before)}")
    since = await guest.now()
    guest.line.set()
    seen = f"shown.at(-1)[0] > {since} && shown.at(-1)[1]"
    back = await guest.until(f"{seen} === 640", 90) - since
    main = await guest.until(f"{seen} === 1280", 90) - since
    print(f"recovered: small picture after {back:.0f} ms, the main one after {main:.0f} ms")


async def missed(guest: Guest, before: dict[str, float]) -> str:
    """What of the sound was lost since then, and made up."""
    after = await guest.heard()
    gone = {key: after[key] - before[key] for key in after}
    made_up = gone["concealed"] / 48
    return f"{gone['lost']:.0f} of {gone['received']:.0f} packets lost, {made_up:.0f} ms made up"
