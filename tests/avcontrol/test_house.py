import asyncio
import gc
from pathlib import Path

import pytest

from avcontrol.heartbeat import Heartbeat
from avcontrol.house import open_house, run_house
from config.settings import HouseSection, HouseSettings, WebSection
from tests.ports import free_port


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_open_house_is_alive_at_its_address(tmp_path: Path, host: str) -> None:
    async with open_house(_settings(tmp_path, host)) as house:
        heart = Heartbeat(house.url)
        beating = asyncio.create_task(heart.run())
        assert await heart._well()
        assert not beating.done()
        beating.cancel()


async def test_no_meeting_stands_still_while_the_modules_are_looked_through(tmp_path: Path) -> None:
    """That took 150 ms, again and again, and was the longest wait of a thousand phones."""
    stop = asyncio.Event()
    stop.set()
    gc.disable()
    try:
        await run_house(_settings(tmp_path), stop, tmp_path / "house.toml", {})
        assert gc.get_freeze_count() > 50_000
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.enable()


def _settings(data: Path, host: str = "127.0.0.1") -> HouseSettings:
    return HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(host=host, port=free_port(host)),
        data=data,
    )
