"""Signs of life, received on a real socket in systemd's place."""

import asyncio
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from avcontrol.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield listener


async def heard(systemd: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(systemd, 100)).decode()


def silent(systemd: socket.socket) -> bool:
    try:
        systemd.recv(100)
    except BlockingIOError:
        return True
    return False


async def test_ready_and_stopping(systemd: socket.socket) -> None:
    Notifier().ready()
    assert await heard(systemd) == "READY=1"
    Notifier().stopping()
    assert await heard(systemd) == "STOPPING=1"


async def test_watchdog_is_fed_only_while_the_workers_live(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "60000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    living = True
    asked = asyncio.Event()

    def alive() -> bool:
        asked.set()
        return living

    feeding = asyncio.create_task(Notifier().run(alive))
    for _ in range(3):
        assert await heard(systemd) == "WATCHDOG=1"
    living = False
    asked.clear()
    await asked.wait()
    while not silent(systemd):
        pass
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            asked.clear()
            await asked.wait()
    assert silent(systemd)
    assert len(caplog.records) <= 1, "a hang is logged once"
    living = True
    assert await heard(systemd) == "WATCHDOG=1"
    feeding.cancel()


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "60000", "WATCHDOG_PID": "1"}],
)
async def test_nobody_waits_for_signs_of_life(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with asyncio.timeout(10):
        await Notifier().run(lambda: True)
    assert silent(systemd)


async def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    Notifier().ready()
    await Notifier().run(lambda: True)
    Notifier().stopping()
