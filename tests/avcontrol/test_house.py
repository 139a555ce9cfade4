import asyncio
from pathlib import Path

import pytest

from avcontrol.heartbeat import Heartbeat
from avcontrol.house import open_house
from config.settings import HouseSection, HouseSettings, WebSection
from tests.ports import free_port


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_an_open_house_is_alive_at_its_address(tmp_path: Path, host: str) -> None:
    settings = HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(host=host, port=free_port(host)),
        data=tmp_path,
    )
    async with open_house(settings) as house:
        heart = Heartbeat(house.url)
        beating = asyncio.create_task(heart.run())
        assert await heart._well()
        assert not beating.done()
        beating.cancel()
