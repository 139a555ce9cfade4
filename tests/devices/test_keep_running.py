"""The retry loop, with drivers whose every run is written down beforehand."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace

import pytest

from base.cause import Cause
from base.latest import Latest
from devices import keep_running as module
from devices.device import Condition, Device, DeviceError, Health, Kind
from devices.keep_running import keep_running

LOST = Cause("camera.lost", name="Camera")


class Scripted:
    """A device whose runs follow a script; the last entry repeats."""

    id, kind, name = "camera", Kind.CAMERA, "Camera"

    def __init__(self, *runs: Callable[["Scripted"], Awaitable[None]]) -> None:
        self.health: Latest[Health] = Latest(Health())
        self.runs = 0
        self._script = runs

    async def run(self) -> None:
        self.runs += 1
        await self._script[min(self.runs, len(self._script)) - 1](self)


async def lose(_: Scripted) -> None:
    raise DeviceError(LOST.code, **LOST.params)


async def work(device: Scripted) -> None:
    device.health.set(Health(Condition.WORKING))
    await asyncio.Event().wait()


async def work_and_lose(device: Scripted) -> None:
    device.health.set(Health(Condition.WORKING))
    await asyncio.sleep(0.02)
    raise DeviceError(LOST.code, **LOST.params)


async def blunder(_: Scripted) -> None:
    raise KeyError("no such attribute")


async def lose_in_a_group(_: Scripted) -> None:
    raise ExceptionGroup("tasks", [ExceptionGroup("more", [DeviceError(LOST.code, **LOST.params)])])


async def give_up(_: Scripted) -> None:
    return


@pytest.fixture
def pauses(monkeypatch) -> list[float]:
    """The pauses that were asked for; each takes no time."""
    asked: list[float] = []

    async def pause(seconds: float) -> None:
        asked.append(seconds)
        await asyncio.sleep(0.001)

    quick = SimpleNamespace(**{**vars(asyncio), "sleep": pause})
    monkeypatch.setattr(module, "asyncio", quick)
    return asked


async def keep(device: Device, until: Callable[..., Awaitable[None]], condition, **pace) -> None:
    task = asyncio.create_task(keep_running(device, **pace))
    try:
        await until(condition)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_loss_is_logged_once_and_a_recovery_once(until, caplog):
    caplog.set_level(logging.INFO)
    device = Scripted(lose, lose, lose, lose, work)
    await keep(
        device,
        until,
        lambda: device.health.value.condition is Condition.WORKING,
        first_pause=0.01,
        longest_pause=0.02,
    )
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"camera lost: {LOST}", "camera is back: working"]


async def test_health_keeps_the_time_of_the_first_failure(until):
    device = Scripted(lose)
    times = set()

    def tried_often() -> bool:
        if device.health.value.condition is Condition.FAILED:
            times.add(device.health.value.since)
        return device.runs > 5

    await keep(device, until, tried_often, first_pause=0.01, longest_pause=0.01)
    assert device.health.value.cause == LOST
    assert len(times) == 1


async def test_pauses_grow_to_the_longest(until, pauses):
    device = Scripted(lose)
    await keep(device, until, lambda: device.runs >= 7)
    assert pauses[:6] == [1, 2, 4, 8, 10, 10]


async def test_pauses_begin_anew_after_a_good_spell(until, pauses, monkeypatch):
    clock = [0.0]

    async def work_for_a_while(device: Scripted) -> None:
        clock[0] += 31
        await lose(device)

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    device = Scripted(lose, lose, lose, work_for_a_while, lose, lose)
    await keep(device, until, lambda: device.runs >= 6)
    assert pauses[:5] == [1, 2, 4, 1, 2]


async def test_a_drivers_mistake_is_a_failure_and_is_tried_again(until, caplog):
    device = Scripted(blunder, blunder, work)
    seen: list[Health] = []

    def recovered() -> bool:
        seen.append(device.health.value)
        return device.health.value.condition is Condition.WORKING

    await keep(device, until, recovered, first_pause=0.05, longest_pause=0.05)
    failed = next(health for health in seen if health.condition is Condition.FAILED)
    assert failed.cause == Cause("device.unexpected", name="Camera")
    traces = [record for record in caplog.records if record.exc_info]
    assert len(traces) == 1, "the same mistake was written down at every attempt"
    assert "no such attribute" in caplog.text


async def test_a_run_that_just_ends_is_a_failure_too(until):
    device = Scripted(give_up)
    await keep(
        device,
        until,
        lambda: device.health.value.condition is Condition.FAILED and device.runs > 1,
        first_pause=0.01,
    )
    assert device.health.value.cause == Cause("device.unexpected", name="Camera")


async def test_a_loss_inside_a_task_group_keeps_its_cause(until):
    device = Scripted(lose_in_a_group)
    await keep(device, until, lambda: device.health.value.condition is Condition.FAILED)
    assert device.health.value.cause == LOST


async def test_each_loss_is_logged_when_it_flaps(until, caplog):
    device = Scripted(work_and_lose)
    await keep(device, until, lambda: device.runs >= 3, first_pause=0.02, longest_pause=0.02)
    messages = [record.getMessage() for record in caplog.records]
    assert messages[:3] == [
        f"camera lost: {LOST}",
        "camera is back: working",
        f"camera lost: {LOST}",
    ]


async def test_a_driver_that_loses_the_request_to_stop_is_asked_again() -> None:
    began = asyncio.Event()

    async def deaf(_: Scripted) -> None:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    running = asyncio.create_task(keep_running(Scripted(deaf)))
    await began.wait()
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=20)
    assert done
    assert running.cancelled()


async def test_what_is_plugged_in_is_tried_at_once_and_the_pauses_begin_anew(until):
    class Plugged(Scripted):
        waited = 0

        async def plugged_in(self) -> None:
            self.waited += 1
            if self.waited > 3:
                await asyncio.Event().wait()

    device = Plugged(lose, lose, lose, work)
    await keep(
        device,
        until,
        lambda: device.health.value.condition is Condition.WORKING,
        first_pause=3600.0,
        longest_pause=3600.0,
    )
    assert (device.runs, device.waited) == (4, 3)


async def test_whoever_cannot_tell_of_its_being_plugged_in_is_tried_again_all_the_same(
    until, caplog
):
    class Clumsy(Scripted):
        async def plugged_in(self) -> None:
            raise KeyError("no such event")

    device = Clumsy(lose, work)
    await keep(
        device, until, lambda: device.health.value.condition is Condition.WORKING, first_pause=0.05
    )
    assert "cannot wait for its being plugged in" in caplog.text
