"""The driver against a projector that nobody here wrote."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import PjlinkProjector as Settings
from devices.device import Condition, Cover, Power
from devices.display_line import Pace
from devices.pjlink import PjlinkProjector
from tests.devices import pjlink_peer
from tests.devices.displays import running, until
from tests.ports import free_port

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(not pjlink_peer.FOLDER.exists(), reason="scripts/setup.sh test fetches it"),
]
PACE = Pace(idle=600, watched=0.05, brief=0.5, answer=2, change=0.05, repeat=0.2)


@pytest.fixture
async def projector() -> AsyncIterator[Any]:
    """Class 2, with a password, off."""
    peer = pjlink_peer.load().PJLinkEmulator(password="bí mật", transition_delay=0.2)
    async with peer:
        yield peer


def driver_for(projector: Any, folder: Path, **more: object) -> PjlinkProjector:
    secret = folder / "password"
    secret.write_text("bí mật", encoding="utf-8")
    fields = {"kind": "pjlink", "host": projector.host, "port": projector.port, **more}
    settings = Settings.model_validate(fields | {"password_file": secret})
    return PjlinkProjector(settings, PACE, free_port())


async def test_it_is_lit_shows_our_input_and_is_covered(projector: Any, tmp_path: Path) -> None:
    driver = driver_for(projector, tmp_path, input="32")
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.WARMING)
        lit = await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        assert (lit.input, lit.input_name, lit.lamp_hours) == ("32", "HDMI2", 1200)
        assert lit.filter_hours == 300
        await driver.cover(Cover.HIDDEN)
        assert projector.state.mute.video
        await driver.cover(Cover.FROZEN)
        assert projector.state.freeze and not projector.state.mute.video
        await driver.cover(Cover.SHOWN)
        driver.want(False)
        await until(driver.state, lambda s: s.power is Power.OFF and s.wanted is None)


async def test_one_that_is_relied_on_tells_its_faults_and_may_end_connections(
    projector: Any, tmp_path: Path
) -> None:
    driver = driver_for(projector, tmp_path)
    driver.watch(True)
    async with running(driver):
        driver.want(True)
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        await until(driver.state, lambda s: s.wanted is None)
        opened = projector.connections
        await asked(projector, 10)
        ill = asyncio.create_task(until(driver.health, lambda h: h.condition is Condition.IMPAIRED))
        projector.disconnect_all()  # as they do with an idle one after 30 s
        await asked(projector, 10)
        assert not ill.done(), "it was only opened again"
        assert projector.connections <= opened + 2
        module = pjlink_peer.load()
        broken = projector.state.errors.replace(lamp=module.ErrorLevel.ERROR)
        projector.state.errors = broken
        health = await ill
        assert health.cause is not None
        assert health.cause.code == "projector.lamp"
        projector.state.errors = module.ErrorStatus.ok()
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        projector.silent = True
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "projector.silent"
        projector.silent = False
        await until(driver.health, lambda h: h.condition is Condition.WORKING)


async def asked(projector: Any, more: int) -> None:
    before = len(projector.received)
    async with asyncio.timeout(30):
        while len(projector.received) < before + more:
            await asyncio.sleep(0.02)


async def test_what_it_says_by_itself_is_heard(projector: Any, tmp_path: Path) -> None:
    driver = driver_for(projector, tmp_path)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        projector.state.power = pjlink_peer.load().PowerState.ON
        await projector.notify("POWR", "1", ("127.0.0.1", driver._notices_port))
        await until(driver.state, lambda s: s.power is Power.ON)
