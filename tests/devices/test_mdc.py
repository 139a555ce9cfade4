"""Samsung's MDC: the driver against a simulated screen, which is written from the document."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.settings import MdcScreen as Settings
from devices.device import Condition, Cover, Coverable, DeviceError, Display, Power
from devices.display_line import Pace
from devices.mdc import MdcScreen
from devices.virtual.mdc import HDMI1, HDMI1_PC, HDMI2, PANEL, VirtualMdc, virtual_mdc
from tests.devices.displays import running, until

BRISK = Pace(idle=0.1, change=0.03, answer=0.3, repeat=0.1, patience=30, cooling=0.2)


def driver_for(screen: VirtualMdc, **more: object) -> MdcScreen:
    fields = {"kind": "mdc", "host": screen.host, "port": screen.port, **more}
    return MdcScreen(Settings.model_validate(fields), BRISK)


@pytest.fixture
async def screen() -> AsyncIterator[VirtualMdc]:
    async with virtual_mdc() as virtual:
        yield virtual


async def failure(driver: MdcScreen) -> str:
    with pytest.raises(DeviceError) as lost:
        async with asyncio.timeout(40):
            await driver.run()
    return lost.value.cause.code


async def test_it_is_switched_on_to_its_input_and_off_again(screen: VirtualMdc) -> None:
    driver = driver_for(screen, input="HDMI1")
    assert isinstance(driver, Display) and isinstance(driver, Coverable)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        driver.want(True)
        state = await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        assert (state.input, state.input_name, screen.source) == ("HDMI1", "HDMI 1", HDMI1)
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        screen.source = HDMI2  # somebody pressed Source
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "tv.other_input"
        screen.source = HDMI1_PC  # the same socket, called otherwise for a computer
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        driver.want(False)
        await until(driver.state, lambda s: s.power is Power.OFF and s.wanted is None)
    assert not screen.on


async def test_its_panel_is_darkened_and_what_it_lacks_is_told(screen: VirtualMdc) -> None:
    screen.on, screen.source = True, HDMI1
    driver = driver_for(screen)
    async with running(driver):
        await until(driver.state, lambda s: s.covers == (Cover.HIDDEN,))
        await driver.cover(Cover.HIDDEN)
        assert (screen.dark, driver.state.value.cover) == (1, Cover.HIDDEN)
        health = driver.health.value
        assert health.cause is not None
        assert health.cause.code == "tv.hidden"
        with pytest.raises(DeviceError) as refused:
            await driver.cover(Cover.FROZEN)
        assert refused.value.cause.code == "tv.cannot_freeze"
        driver.want(True)  # a meeting begins
        await until(driver.state, lambda s: s.cover is Cover.SHOWN)
        screen.refuses.add(PANEL)
        await until(driver.state, lambda s: s.covers == ())
        with pytest.raises(DeviceError) as refused:
            await driver.cover(Cover.HIDDEN)
        assert refused.value.cause.code == "tv.cannot_hide"
        assert driver.health.value.condition is Condition.WORKING


@pytest.mark.parametrize(
    ("errors", "code"),
    [
        ((1, 0, 2, 0, 30, 2), "tv.backlight"),
        ((0, 1, 2, 0, 90, 0), "tv.too_hot"),
        ((0, 0, 2, 0, 30, 1), "tv.fan"),
        ((0, 0, 2, 1, 30, 0), "tv.no_signal"),
    ],
)
async def test_faults_in_words(screen: VirtualMdc, errors: tuple[int, ...], code: str) -> None:
    screen.on, screen.source, screen.errors = True, HDMI1, bytes(errors)
    driver = driver_for(screen)
    async with running(driver):
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == code
        screen.errors = bytes((0, 0, 2, 0, 30, 2))
        await until(driver.health, lambda h: h.condition is Condition.WORKING)


@pytest.mark.parametrize(
    ("greeting", "code"),
    [(b"HTTP/1.1 400 Bad Request\r\n", "tv.not_mdc"), (b"MDCSTART<<TLS>>", "tv.pin_needed")],
)
async def test_what_is_no_screen_or_wants_a_pin(
    screen: VirtualMdc, greeting: bytes, code: str
) -> None:
    screen.greeting = greeting
    assert await failure(driver_for(screen)) == code


async def test_a_screen_that_wants_a_pin_gets_it_over_tls(
    screen: VirtualMdc, tmp_path: Path
) -> None:
    screen.pin, secret = "0123", tmp_path / "pin"
    assert await failure(driver_for(screen)) == "tv.pin_needed"
    secret.write_text("0123\n")
    driver = driver_for(screen, password_file=secret)
    driver.watch(True)
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
    assert (screen.source, screen.wrong_pins) == (HDMI1, 0)


async def test_a_wrong_pin_is_not_sent_until_the_screen_locks_itself(
    screen: VirtualMdc, tmp_path: Path
) -> None:
    screen.pin, secret = "0123", tmp_path / "pin"
    secret.write_text("9999")
    driver = driver_for(screen, password_file=secret)
    for _ in range(10):  # as `keep_running` does
        assert await failure(driver) == "tv.pin"
    assert screen.wrong_pins == 1
    screen.wrong_pins = 5
    secret.write_text("8888")
    assert await failure(driver) == "tv.pin_blocked"
    screen.wrong_pins = 0
    secret.write_text("0123")  # corrected while it runs
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)


async def test_a_pin_for_a_screen_that_wants_none_does_no_harm(
    screen: VirtualMdc, tmp_path: Path
) -> None:
    secret = tmp_path / "pin"
    secret.write_text("0123")
    driver = driver_for(screen, password_file=secret)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY and h.cause is None)


async def test_one_that_is_relied_on_tells_its_fault_soon(screen: VirtualMdc) -> None:
    screen.on, screen.source = True, HDMI1
    fields = {"kind": "mdc", "host": screen.host, "port": screen.port}
    pace = Pace(idle=600, watched=0.05, brief=0.5, answer=2, change=0.05)
    driver = MdcScreen(Settings.model_validate(fields), pace)
    driver.watch(True)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        for errors, code in (
            ((0, 0, 2, 0, 30, 1), "tv.fan"),
            ((0, 0, 2, 1, 30, 0), "tv.no_signal"),
        ):
            screen.errors = bytes(errors)
            health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
            assert health.cause is not None
            assert health.cause.code == code
            screen.errors = bytes((0, 0, 2, 0, 30, 2))
            await until(driver.health, lambda h: h.condition is Condition.WORKING)
        screen.silent = True
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "tv.silent"
        screen.silent = False
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        screen.on = False
        await until(driver.state, lambda s: s.power is Power.OFF)


async def test_away_is_told_and_silence_is_standby(screen: VirtualMdc, tmp_path: Path) -> None:
    driver = driver_for(screen)
    screen.silent = True
    async with running(driver):
        health = await until(driver.health, lambda h: h.cause is not None)
        assert health.condition is Condition.STANDBY
        assert health.cause is not None
        assert health.cause.code == "tv.asleep"
    await screen.unplug()
    assert await failure(driver_for(screen)) == "tv.no_answer"
    missing = driver_for(screen, password_file=tmp_path / "none")
    assert await failure(missing) == "tv.password_file"


async def test_a_wish_is_held_while_it_is_away(screen: VirtualMdc) -> None:
    await screen.unplug()
    driver = driver_for(screen)
    driver.want(True)
    assert await failure(driver) == "tv.no_answer"
    await screen.plug_in()
    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
    assert screen.source == HDMI1
