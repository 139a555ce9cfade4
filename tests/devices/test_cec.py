"""HDMI-CEC: the driver against a program that speaks like cec-client (simulated, see there)."""

import asyncio
import json
import shutil
import sys
from functools import partial
from pathlib import Path

import pytest

from config.settings import CecScreen as Settings
from devices.cec import CecScreen, read_scan
from devices.device import Condition, DeviceError, Display, Power
from devices.display_line import Pace
from tests.devices import displays
from tests.devices.displays import running

BRISK = Pace(idle=0.1, change=0.05, answer=30, repeat=0.3, patience=60, cooling=0.2)
PROGRAM = Path(__file__).with_name("cec_client.py")
until = partial(displays.until, within=60)


@pytest.fixture
def television(tmp_path: Path) -> Path:
    file = tmp_path / "television.json"
    file.write_text(json.dumps({"power": "standby", "shows": "other"}))
    return file


def driver_for(television: Path, pace: Pace = BRISK) -> CecScreen:
    command = (sys.executable, str(PROGRAM), str(television))
    return CecScreen(Settings(kind="cec", command=command), pace)


async def failure(driver: CecScreen) -> str:
    with pytest.raises(DeviceError) as lost:
        async with asyncio.timeout(60):
            await driver.run()
    return lost.value.cause.code


async def test_a_television_is_switched_on_shows_us_and_goes_off(television: Path) -> None:
    driver = driver_for(television)
    assert isinstance(driver, Display)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        assert driver.state.value.input == "hdmi"
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        driver.want(False)
        await until(driver.state, lambda s: s.power is Power.OFF and s.wanted is None)
    told = json.loads(television.read_text())["told"]
    assert [one for one in told if one not in ("pow 0", "scan")] == ["on 0", "as", "standby 0"]


async def test_what_shows_somebody_else_is_noticed(television: Path) -> None:
    television.write_text(json.dumps({"power": "on", "shows": "other"}))
    driver = driver_for(television)
    async with running(driver):
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
    assert health.cause is not None
    assert health.cause.code == "tv.other_source"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"power": "unknown", "shows": "us"}, "tv.cec_off"),
        ({"fails": True}, "tv.no_adapter"),
    ],
)
async def test_why_it_cannot_be_switched(
    television: Path, state: dict[str, object], code: str
) -> None:
    television.write_text(json.dumps(state))
    assert await failure(driver_for(television)) == code


async def test_a_program_that_is_not_there_or_hangs(television: Path) -> None:
    settings = Settings(kind="cec", command=("no-such-cec-client",))
    assert await failure(CecScreen(settings, BRISK)) == "tv.no_cec_program"
    hangs = Settings(kind="cec", command=("sh", "-c", "sleep 600"))
    assert await failure(CecScreen(hangs, Pace(answer=0.3))) == "tv.cec_stuck"


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("cec-client") is None, reason="cec-utils is not installed")
@pytest.mark.skipif(bool(list(Path("/dev").glob("cec*"))), reason="there is an adapter here")
async def test_the_real_program_says_that_there_is_no_adapter() -> None:
    assert await failure(CecScreen(Settings(kind="cec"))) == "tv.no_adapter"


def test_nobody_is_the_active_source() -> None:
    assert read_scan("device #0: TV\nactive source: no\n") is None
    assert read_scan("") is None
