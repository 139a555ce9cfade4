"""The daemon is stopped while the projector warms up or cools down: it goes at once, and what comes
after it finds the projector on its way and sends it nowhere else."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from devices.device import Power
from devices.virtual.projector import VirtualProjector, virtual_projector
from tests.ports import free_port
from web.tokens import Tokens, load_key

pytestmark = pytest.mark.peer

CEILING_SECONDS = 40
LONG = 600.0
"""The projector is on its way until the test is over."""


@dataclass
class Daemon:
    config: Path
    url: str
    process: asyncio.subprocess.Process

    @asynccontextmanager
    async def leader(self) -> AsyncIterator[httpx.AsyncClient]:
        tokens = Tokens(load_key(self.config.with_name("signing.key")))
        until = datetime.now(UTC) + timedelta(minutes=5)
        link = tokens.sign("open", {"role": "leader", "name": "Bác Lan"}, until=until)
        headers = {"Origin": self.url, "Accept": "text/html"}
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, trust_env=False, timeout=30
        ) as client:
            assert (await client.get(f"/open/{link}")).status_code == 303
            yield client


@asynccontextmanager
async def daemon(config: Path, port: int) -> AsyncIterator[Daemon]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "avcontrol", "house", "--config", str(config)),
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(CEILING_SECONDS):
            while True:
                try:
                    assert (await client.get(f"{url}/healthz")).status_code == 200
                    break
                except httpx.TransportError:
                    assert process.returncode is None
                    await asyncio.sleep(0.1)
        yield Daemon(config, url, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_it_is(projector: VirtualProjector, power: Power) -> None:
    async with asyncio.timeout(CEILING_SECONDS):
        while projector.power is not power:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("power", [Power.WARMING, Power.COOLING])
async def test_the_projector_goes_on_as_it_was(tmp_path: Path, power: Power) -> None:
    port = free_port()
    warm = LONG if power is Power.WARMING else 0.1
    async with virtual_projector(warm=warm, cool=LONG) as projector:
        config = tmp_path / "house.toml"
        config.write_text(
            f'data = "{tmp_path}"\n[house]\nname = "Tổ dân phố 5"\nward = "Phường Mẫu"\n'
            f"[web]\nport = {port}\n[meeting]\nundo_end_seconds = 3\n"
            f'[projector]\nkind = "pjlink"\nhost = "127.0.0.1"\nport = {projector.port}\n'
        )
        async with daemon(config, port) as first:
            async with first.leader() as leader:
                assert (await leader.post("/do/start-meeting")).status_code == 303
                if power is Power.COOLING:
                    await until_it_is(projector, Power.ON)
                    assert (await leader.post("/do/end-meeting")).status_code == 303
                await until_it_is(projector, power)
            first.process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(first.process.wait(), 20) == 0
        told = list(projector.commands)
        assert told[-1] == ("POWR 1" if power is Power.WARMING else "POWR 0")
        async with daemon(config, port) as second, second.leader() as leader:
            code = "starting" if power is Power.WARMING else "cooling"
            shown = f'data-value="device-projector" data-code="{code}"'
            async with asyncio.timeout(CEILING_SECONDS):
                while shown not in (await leader.get("/panel/equipment")).text:
                    await asyncio.sleep(0.2)
            phase = "live" if power is Power.WARMING else "idle"
            assert f'data-code="{phase}"' in (await leader.get("/panel")).text
        assert (projector.power, projector.commands) == (power, told)
