"""The projector's driver against a PJLink server with the manners of a real projector."""

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiopjlink import PJLink, PJLinkNoConnection
from aiopjlink import Power as LinkPower

from config.settings import PjlinkProjector as Settings
from devices.device import Condition, Cover, Coverable, DeviceError, Display, DisplayState, Power
from devices.display_line import Pace
from devices.pjlink import PjlinkProjector
from devices.virtual.projector import Manner, Standby, VirtualProjector, virtual_projector
from tests.devices.displays import running, until
from tests.ports import free_port

BRISK = Pace(idle=0.1, change=0.03, answer=0.3, repeat=0.1, patience=30, cooling=0.5)


def settings_for(projector: VirtualProjector, **more: object) -> Settings:
    fields = {"kind": "pjlink", "host": projector.host, "port": projector.port, **more}
    return Settings.model_validate(fields)


def told(state: DisplayState) -> tuple[Power, str | None, bool | None, int | None]:
    return state.power, state.input, state.wanted, state.lamp_hours


async def failure(driver: PjlinkProjector) -> str:
    """The code that run() ends with."""
    with pytest.raises(DeviceError) as lost:
        async with asyncio.timeout(40):
            await driver.run()
    assert driver.state.value.power is Power.UNKNOWN
    return lost.value.cause.code


@pytest.fixture
async def projector() -> AsyncIterator[VirtualProjector]:
    async with virtual_projector(warm=0.3, cool=0.3) as virtual:
        yield virtual


async def test_switches_on_and_selects_the_input(projector: VirtualProjector) -> None:
    driver = PjlinkProjector(settings_for(projector, input="32"), BRISK)
    assert isinstance(driver, Display)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        driver.want(True)
        assert driver.state.value.wanted is True
        await until(driver.state, lambda s: s.power is Power.WARMING)
        await until(driver.state, lambda s: told(s) == (Power.ON, "32", None, 120))
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
    assert projector.input == "32"
    assert projector.commands == ["POWR 1", "INPT 32"]


async def test_tells_when_it_has_cooled(projector: VirtualProjector) -> None:
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="11"), BRISK)
    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON)
        driver.want(False)
        cooling = await until(driver.state, lambda s: s.power is Power.COOLING)
        assert cooling.wanted is False
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        await until(driver.state, lambda s: told(s) == (Power.OFF, None, None, 120))
    assert projector.power is Power.OFF


async def test_holds_the_wish_through_cooling(projector: VirtualProjector) -> None:
    """Somebody ends a meeting and starts the next one at once."""
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="31"), BRISK)
    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON)
        driver.want(False)
        await until(driver.state, lambda s: s.power is Power.COOLING)
        driver.want(True)
        await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))


async def test_the_last_wish_counts(projector: VirtualProjector) -> None:
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.WARMING)
        driver.want(False)
        await until(driver.state, lambda s: told(s) == (Power.OFF, None, None, 120))
    assert projector.commands[-1] == "POWR 0"


async def test_holds_the_wish_until_the_projector_is_back(projector: VirtualProjector) -> None:
    await projector.unplug()
    driver = PjlinkProjector(settings_for(projector), BRISK)
    driver.want(True)
    assert await failure(driver) == "projector.no_answer"
    assert driver.state.value.wanted is True
    await projector.plug_in()
    async with running(driver):
        await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))


@pytest.mark.parametrize("password", [None, "JBMIAProjectorLink"])
async def test_unavailable_in_standby_is_off(password: str | None, tmp_path: Path) -> None:
    """ERR3 to the question for its power, with a password and without: off, not broken."""
    async with virtual_projector(warm=0.1, cool=0.1, password=password) as projector:
        projector.standby = Standby.UNAVAILABLE
        more: dict[str, object] = {}
        if password:
            more["password_file"] = tmp_path / "password"
            (tmp_path / "password").write_text(password + "\n")
        driver = PjlinkProjector(settings_for(projector, **more), BRISK)
        async with running(driver):
            health = await until(driver.health, lambda h: h.condition is not Condition.UNKNOWN)
            assert (health.condition, health.cause) == (Condition.STANDBY, None)
            assert driver.state.value.power is Power.OFF
            driver.want(True)
            await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))


async def test_silence_in_standby_is_off_and_says_how_to_wake_it(
    projector: VirtualProjector,
) -> None:
    projector.standby = Standby.SILENT
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        health = await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        assert health.cause is not None
        assert health.cause.code == "projector.asleep"
        driver.want(True)
        projector.press_power()
        await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))


async def test_a_wish_that_deep_standby_cannot_hear_fails_in_words(
    projector: VirtualProjector,
) -> None:
    projector.standby = Standby.SILENT
    driver = PjlinkProjector(settings_for(projector), Pace(change=0.03, answer=0.1, patience=0.3))
    driver.want(True)
    assert await failure(driver) == "projector.asleep"
    assert driver.state.value.wanted is True


async def test_silence_after_switching_off_is_hot_before_it_is_off(
    projector: VirtualProjector,
) -> None:
    """Nobody is told that the mains may be cut because the projector merely fell silent."""
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="11"), BRISK)
    seen: list[Power] = []

    async def watch() -> None:
        async for state in driver.state.changes():
            seen.append(state.power)  # noqa: PERF401 - it never ends

    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON)
        watcher = asyncio.create_task(watch())
        projector.manner = Manner.SILENT
        driver.want(False)
        await until(driver.state, lambda s: told(s) == (Power.OFF, None, None, 120))
        watcher.cancel()
    assert Power.COOLING in seen


async def test_one_that_leaves_the_network_when_off_is_off(projector: VirtualProjector) -> None:
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="11"), BRISK)
    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON)
        driver.want(False)
        await until(driver.state, lambda s: s.power is Power.COOLING)
        await projector.unplug()
        await until(driver.state, lambda s: told(s) == (Power.OFF, None, None, 120))
        assert driver.health.value.condition is Condition.STANDBY


async def test_one_that_leaves_the_network_at_once_was_hot_first(
    projector: VirtualProjector,
) -> None:
    projector.standby = Standby.OFFLINE
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="11"), BRISK)
    async with running(driver):
        await until(driver.state, lambda s: s.power is Power.ON)
        driver.want(False)
        await until(driver.state, lambda s: told(s) == (Power.COOLING, None, False, 120))
        await until(driver.state, lambda s: told(s) == (Power.OFF, None, None, 120))


async def test_password(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = tmp_path / "projector.password"
    secret.write_text("wrong-one\n")
    async with virtual_projector(password="right-one", warm=0.1) as projector:
        settings = settings_for(projector, password_file=secret)
        driver = PjlinkProjector(settings, BRISK)
        assert await failure(driver) == "projector.password"
        no_file = PjlinkProjector(settings_for(projector), BRISK)
        assert await failure(no_file) == "projector.password_needed"
        secret.write_text("right-one\n")  # corrected while it runs
        async with running(driver):
            driver.want(True)
            await until(driver.state, lambda s: s.power is Power.ON)
        secret.unlink()
        assert await failure(driver) == "projector.password_file"
    assert "wrong-one" not in caplog.text
    assert "right-one" not in caplog.text


async def test_no_connection_is_left_open() -> None:
    """Many projectors take one controller at a time."""
    async with virtual_projector(password="secret") as projector:
        driver = PjlinkProjector(settings_for(projector), BRISK)
        with pytest.raises(DeviceError) as lost:
            await driver.run()  # greeted, and then the password is missing
        async with asyncio.timeout(30):
            while projector.connections:
                await asyncio.sleep(0.01)
        assert lost.value.cause.code == "projector.password_needed"


@pytest.mark.parametrize(
    ("manner", "code"),
    [(Manner.GARBAGE, "projector.not_pjlink"), (Manner.HANGS_UP, "projector.hung_up")],
)
async def test_what_is_no_projector(projector: VirtualProjector, manner: Manner, code: str) -> None:
    projector.manner = manner
    assert await failure(PjlinkProjector(settings_for(projector), BRISK)) == code


@pytest.mark.parametrize(
    "answer",
    [b"PJLINK 0\r%\r", b"PJLINK 0\r%1POWR=7\r", b"PJLINK 0\r\xff\xff\xff\r", b"P\r", b"A" * 70_000],
)
async def test_answers_that_are_no_answers(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(answer)
            await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        settings = Settings(kind="pjlink", host=host, port=port)
        assert await failure(PjlinkProjector(settings, BRISK)) == "projector.not_pjlink"


async def test_half_an_answer_is_silence(projector: VirtualProjector) -> None:
    projector.manner = Manner.HALF_ANSWERS
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        health = await until(driver.health, lambda h: h.condition is not Condition.UNKNOWN)
        assert health.cause is not None
        assert health.cause.code == "projector.asleep"
        projector.manner = Manner.PROPER
        await until(driver.health, lambda h: h.condition is Condition.STANDBY and not h.cause)


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("020000", "projector.lamp"),
        ("001000", "projector.too_hot"),
        ("200000", "projector.fan"),
        ("000200", "projector.cover"),
        ("000010", "projector.filter"),
        ("000002", "projector.other_fault"),
        ("021010", "projector.too_hot"),
    ],
)
async def test_faults_in_words(projector: VirtualProjector, faults: str, code: str) -> None:
    projector.faults = faults
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == code
        projector.faults = "000000"
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)


async def test_another_input_is_noticed(projector: VirtualProjector) -> None:
    """Somebody pressed Source on the remote control in the middle of a meeting."""
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))
        projector.input = "11"
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "projector.other_input"
        assert dict(health.cause.params) == {"shown": "Computer (11)", "wanted": "HDMI 1 (31)"}


async def test_an_input_it_does_not_have(projector: VirtualProjector) -> None:
    driver = PjlinkProjector(settings_for(projector, input="55"), BRISK)
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: told(s) == (Power.ON, "11", None, 120))
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "projector.no_such_input"


async def test_it_tells_the_names_of_its_inputs_and_its_hours(projector: VirtualProjector) -> None:
    projector.filter_hours = 700
    driver = PjlinkProjector(settings_for(projector, input="32"), BRISK)
    async with running(driver):
        driver.want(True)
        state = await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        assert (state.input, state.input_name) == ("32", "HDMI 2")
        assert (state.lamp_hours, state.filter_hours) == (120, 700)
        assert state.covers == (Cover.HIDDEN, Cover.FROZEN)


async def test_class_1_knows_less_and_is_asked_no_more(projector: VirtualProjector) -> None:
    projector.class_2 = False
    driver = PjlinkProjector(settings_for(projector, input="31"), BRISK)
    async with running(driver):
        driver.want(True)
        state = await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        assert (state.input, state.input_name, state.filter_hours) == ("31", "", None)
        assert state.covers == (Cover.HIDDEN,)
        with pytest.raises(DeviceError) as refused:
            await driver.cover(Cover.FROZEN)
        assert refused.value.cause.code == "projector.cannot_freeze"
        assert driver.health.value.condition is Condition.WORKING, "a refusal is no loss"


@pytest.mark.parametrize("alone", [True, False], ids=["picture alone", "with its sound"])
async def test_the_picture_is_hidden_kept_and_shown(
    projector: VirtualProjector, alone: bool
) -> None:
    projector.mutes_picture_alone = alone
    driver = PjlinkProjector(settings_for(projector), BRISK)
    assert isinstance(driver, Coverable)
    async with running(driver):
        with pytest.raises(DeviceError) as refused:
            await driver.cover(Cover.HIDDEN)
        assert refused.value.cause.code == "projector.not_on"
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        for cover, muted, frozen in (
            (Cover.HIDDEN, "11" if alone else "31", "0"),
            (Cover.FROZEN, "30", "1"),
            (Cover.SHOWN, "30", "0"),
        ):
            await driver.cover(cover)
            assert driver.state.value.cover is cover, "it returns once it is read back"
            assert (projector.muted, projector.frozen) == (muted, frozen)
            cause = driver.health.value.cause
            code = None if cover is Cover.SHOWN else f"projector.{cover}"
            assert (cause.code if cause else None) == code, "never green while it is dark"


async def test_a_meeting_does_not_begin_in_the_dark(projector: VirtualProjector) -> None:
    """Somebody pressed AV Mute on the remote control the evening before."""
    projector.press_power()
    projector.muted, projector.frozen, projector.input = "31", "1", "31"
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        await until(driver.state, lambda s: s.cover is Cover.HIDDEN)
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "projector.hidden"
        driver.want(True)
        await until(driver.state, lambda s: s.cover is Cover.SHOWN and s.wanted is None)
        await until(driver.health, lambda h: h.condition is Condition.WORKING)


async def test_whoever_hides_it_while_it_still_looks_for_its_input_has_it_hidden(
    projector: VirtualProjector,
) -> None:
    driver = PjlinkProjector(settings_for(projector, input="55"), Pace(change=0.3, repeat=0.1))
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.ON)
        assert driver.state.value.wanted is True
        await driver.cover(Cover.HIDDEN)
        health = driver.health.value
        assert health.cause is not None
        assert health.cause.code == "projector.hidden"
        await until(driver.state, lambda s: s.wanted is None)
        assert projector.muted == "11"


async def test_whoever_asks_a_projector_that_goes_away_is_told(
    projector: VirtualProjector,
) -> None:
    driver = PjlinkProjector(settings_for(projector), BRISK)
    async with running(driver):
        driver.want(True)
        await until(driver.state, lambda s: s.power is Power.ON and s.wanted is None)
        await projector.unplug()
        with pytest.raises(DeviceError) as refused:
            async with asyncio.timeout(30):
                await driver.cover(Cover.HIDDEN)
        assert refused.value.cause.code in ("projector.no_answer", "projector.not_on")


async def test_one_that_says_ok_and_does_nothing(projector: VirtualProjector) -> None:
    projector.manner = Manner.IGNORES_COMMANDS
    driver = PjlinkProjector(settings_for(projector), Pace(change=0.03, repeat=0.1, patience=0.3))
    async with running(driver):
        driver.want(True)
        health = await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        assert health.cause is not None
        assert health.cause.code == "projector.will_not_start"
        assert driver.state.value.wanted is True
        projector.manner = Manner.PROPER
        await until(driver.health, lambda h: h.condition is Condition.WORKING)


async def test_looks_rarely_when_nothing_changes_and_at_once_when_asked(
    projector: VirtualProjector,
) -> None:
    """Frequent polling with a password has locked up real projectors."""
    driver = PjlinkProjector(settings_for(projector), Pace(idle=600, change=0.02, repeat=0.1))
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        projector.press_power()
        await asyncio.sleep(0.5)
        assert driver.state.value.power is Power.OFF, "it looked again without a reason"
        driver.want(True)
        await until(driver.state, lambda s: told(s) == (Power.ON, "31", None, 120))


WATCHED = Pace(idle=600, watched=0.1, anew=0.2, brief=0.3, answer=2, change=0.05, repeat=0.1)


@contextlib.asynccontextmanager
async def relied_on(
    projector: VirtualProjector, pace: Pace = WATCHED, **more: object
) -> AsyncIterator[PjlinkProjector]:
    """Lit, and asked in short alone: everything else would be asked in ten minutes."""
    projector.press_power()
    projector.input = "31"
    driver = PjlinkProjector(settings_for(projector, **more), pace)
    driver.watch(True)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        yield driver


async def test_one_that_is_relied_on_is_asked_often_over_one_connection(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("secret")
    async with (
        virtual_projector(warm=0, password="secret") as projector,
        relied_on(projector, password_file=secret) as driver,
    ):
        await answered(projector, 20)
        before = projector.greeted
        await answered(projector, 20)
        assert projector.greeted == before, "logging in often has locked up real ones"
        assert len(projector.connections) == 1
        driver.watch(False)  # nobody relies on it: others may have it
        async with asyncio.timeout(40):
            while projector.connections:
                await asyncio.sleep(0.02)


async def answered(projector: VirtualProjector, more: int) -> None:
    before = projector.answered
    async with asyncio.timeout(40):
        while projector.answered < before + more:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("half-answers", "projector.silent"), ("lamp", "projector.lamp"), ("cools", None)],
)
async def test_one_that_is_relied_on_tells_its_fault_soon(
    projector: VirtualProjector, fault: str, code: str | None
) -> None:
    async with relied_on(projector) as driver:
        if fault == "half-answers":
            projector.manner = Manner.HALF_ANSWERS
        elif fault == "lamp":
            projector.faults = "020000"
        else:
            projector.press_power()
        health = await until(driver.health, lambda h: h.condition is not Condition.WORKING)
        assert (health.cause.code if health.cause else None) == code
        projector.manner, projector.faults = Manner.PROPER, "000000"
        if fault == "cools":
            await until(driver.state, lambda s: s.power is Power.OFF)
            projector.press_power()
        await until(driver.health, lambda h: h.condition is Condition.WORKING)


async def test_one_that_is_relied_on_and_loses_its_mains_is_lost(
    projector: VirtualProjector,
) -> None:
    async with relied_on(projector) as driver:
        projector.manner = Manner.SILENT  # no cable says good-bye
        await until(driver.health, lambda h: h.condition is Condition.IMPAIRED)
        await projector.unplug()
        # `run` ended with the loss: it is not taken for one that cools.
        await until(driver.state, lambda s: s.power is Power.UNKNOWN)


async def test_one_that_ends_each_connection_is_asked_less_often(
    projector: VirtualProjector,
) -> None:
    slow = Pace(idle=600, watched=0.02, anew=600, brief=2, answer=4, change=0.02)
    async with relied_on(projector, slow) as driver:
        projector.manner = Manner.ONE_ANSWER
        async with asyncio.timeout(40):
            while driver._line.stays:
                await asyncio.sleep(0.02)
        seen = projector.greeted
        await asyncio.sleep(1)
        assert projector.greeted - seen <= 1, "the one that was under way"


async def test_one_that_takes_its_time_is_not_taken_for_a_silent_one(
    projector: VirtualProjector,
) -> None:
    pace = Pace(idle=600, watched=0.02, brief=0.02, answer=5, change=0.02)
    projector.thinks = 0.08
    async with relied_on(projector, pace) as driver:
        ill = asyncio.create_task(
            until(driver.health, lambda h: h.condition is not Condition.WORKING)
        )
        await answered(projector, 6)
        assert not ill.done()
        ill.cancel()


async def test_what_a_class_2_projector_says_by_itself_is_heard(
    projector: VirtualProjector,
) -> None:
    port = free_port()
    pace = Pace(idle=600, change=0.05, answer=2)
    driver = PjlinkProjector(settings_for(projector), pace, port)
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.STANDBY)
        projector.tells = ("127.0.0.1", port)
        projector.press_power()
        await until(driver.state, lambda s: s.power is Power.ON)


async def test_whoever_looks_is_told_what_is_so_from_now_on(projector: VirtualProjector) -> None:
    """And not what was asked a moment before."""
    projector.thinks = 0.1
    projector.press_power()
    driver = PjlinkProjector(settings_for(projector, input="11"), Pace(idle=600))
    async with running(driver):
        await until(driver.health, lambda h: h.condition is Condition.WORKING)
        first = asyncio.create_task(driver.look())
        before = projector.answered
        while projector.answered < before + 2:  # it was asked what is wrong, and goes on
            await asyncio.sleep(0.01)
        projector.faults = "020000"
        await driver.look()
        assert driver.health.value.condition is Condition.IMPAIRED
        await first


async def answers(port: int) -> bool:
    try:
        async with PJLink("127.0.0.1", port):
            return True
    except PJLinkNoConnection:
        return False


async def test_the_virtual_projector_as_a_process() -> None:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devices.virtual.projector", "--port", str(port), "--warm", "0.1"
    )
    try:
        async with asyncio.timeout(40):
            while not await answers(port):
                await asyncio.sleep(0.1)
            async with PJLink("127.0.0.1", port) as link:
                await link.power.turn_on()
                while await link.power.get() is not LinkPower.State.ON:
                    await asyncio.sleep(0.02)
                assert await link.info.projector_name() == "Virtual projector"
                assert len(await link.sources.available()) == 4
                assert await link.lamps.hours() == 120
                assert await link.freeze.get() is False
                assert await link.mute.status() == (False, False)
    finally:
        process.terminate()
        await process.wait()
