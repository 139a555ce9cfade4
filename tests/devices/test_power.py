"""Mains, batteries and a UPS: NUT's own server with its dummy driver, and the kernel's folder as
its documentation describes it."""

import asyncio
import getpass
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from base.cause import Cause
from config.power import PowerSection
from devices.device import Condition, DeviceError, Health
from devices.nut import Server, ask
from devices.power import PowerWatch, Supply, health_of, of_nut, read_supplies
from tests.ports import free_port

NUT = Path("/lib/nut")


class Ups:
    """A UPS made of a file, behind NUT's driver and server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def is_now(self, status: str, **battery: int) -> None:
        lines = [f"ups.status: {status}", *(f"battery.{k}: {v}" for k, v in battery.items())]
        new = self._folder / "new"
        new.write_text("\n".join(lines) + "\n")
        new.rename(self._folder / "ups.dev")

    def start(self, *programs: str) -> None:
        user = getpass.getuser()
        for name in programs:
            more = ["-a", "ups"] if name == "dummy-ups" else []
            self._running[name] = subprocess.Popen(
                [NUT / name, *more, "-D", "-u", user],
                env={
                    f"NUT_{what}": str(self._folder)
                    for what in ("CONFPATH", "STATEPATH", "ALTPIDPATH", "PIDPATH")
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def stop(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop_all(self) -> None:
        for name in tuple(self._running):
            self.stop(name)


@pytest.fixture
async def ups() -> AsyncIterator[Ups]:
    with tempfile.TemporaryDirectory(prefix="nut-") as short:  # its socket's name has 107 bytes
        folder = Path(short)
        peer = Ups(folder)
        ups = f"[ups]\ndriver = dummy-ups\nport = {folder}/ups.dev\n"
        (folder / "ups.conf").write_text(f"maxretry = 3\npollinterval = 1\n{ups}")
        (folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {peer.port}\nMAXAGE 3\n")
        (folder / "upsd.users").touch()
        peer.is_now("OL", charge=100, runtime=3600)
        peer.start("dummy-ups", "upsd")
        try:
            yield peer
        finally:
            peer.stop_all()


async def until(watch: PowerWatch, condition: Condition) -> Health:
    async with asyncio.timeout(30):
        while True:
            await watch.look()
            health = watch.health.value
            if health is not None and health.condition is condition:
                return health
            await asyncio.sleep(0.1)


async def test_a_power_cut_is_told_and_that_it_is_over(ups: Ups, tmp_path: Path) -> None:
    watch = PowerWatch(PowerSection(ups=f"ups@127.0.0.1:{ups.port}"), tmp_path / "none")
    await until(watch, Condition.WORKING)
    assert (await ask(Server("127.0.0.1", ups.port)))["ups.status"] == "OL"  # the first one's
    with pytest.raises(DeviceError) as unknown:
        await ask(Server("127.0.0.1", ups.port), "other")
    assert unknown.value.cause.code == "power.ups_unknown"
    ups.is_now("OB DISCHRG", charge=83, runtime=1300)
    told = await until(watch, Condition.IMPAIRED)
    assert told.cause == Cause("power.on_battery_time", charge=80, minutes=20)
    assert watch.charge == 83
    ups.is_now("OB DISCHRG LB", charge=9, runtime=100)
    assert (await until(watch, Condition.FAILED)).cause == Cause("power.battery_low")
    ups.is_now("OL CHRG", charge=12, runtime=200)
    assert (await until(watch, Condition.WORKING)).cause is None


async def test_a_ups_that_falls_silent_is_not_taken_for_a_good_one(
    ups: Ups, tmp_path: Path
) -> None:
    """Also one that nobody wrote into the settings: it was there before."""
    watch = PowerWatch(PowerSection(ups=f"ups@127.0.0.1:{ups.port}"), tmp_path / "none")
    await until(watch, Condition.WORKING)
    ups.stop("dummy-ups")
    told = await until(watch, Condition.IMPAIRED)
    assert told.cause is not None
    assert told.cause.code == "power.ups_silent"
    ups.stop("upsd")
    async with asyncio.timeout(30):
        while watch.health.value is None or watch.health.value.cause == told.cause:
            await watch.look()
    assert watch.health.value.cause == Cause("power.ups_no_server", host="127.0.0.1")
    ups.start("dummy-ups", "upsd")
    await until(watch, Condition.WORKING)


async def test_something_else_on_that_port_is_said_so() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(chatter, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeviceError) as garbled:
            await ask(Server("127.0.0.1", port), "ups")
    assert garbled.value.cause.code == "power.ups_garbled"


async def test_a_house_without_a_ups_has_no_signal_of_it(tmp_path: Path) -> None:
    watch = PowerWatch(PowerSection(ups=""), tmp_path)
    watch._settings = PowerSection(ups=f"ups@127.0.0.1:{free_port()}")
    await watch.look()
    assert (watch.health.value, watch.microphone.value) == (None, None)


def supply(folder: Path, **files: object) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(f"{content}\n")
    return folder


def test_a_laptop_tells_by_itself(tmp_path: Path) -> None:
    supply(tmp_path / "AC", type="Mains", online=0)
    told = {"type": "Battery", "status": "Discharging", "capacity": 61, "time_to_empty_now": 4200}
    battery = supply(tmp_path / "BAT0", **told)
    assert read_supplies(tmp_path) == (Supply(False, 61, 4200), None)
    (tmp_path / "AC" / "online").write_text("1\n")
    (battery / "status").write_text("Charging\n")
    assert read_supplies(tmp_path) == (Supply(True, 61), None)


def test_the_battery_of_a_wireless_microphone_is_told_and_that_of_a_mouse_is_not(
    tmp_path: Path,
) -> None:
    class_ = tmp_path / "class"
    class_.mkdir()
    for name, sounds in (("1-1", True), ("1-2", False)):
        usb = tmp_path / "devices" / name
        if sounds:
            (usb / f"{name}:1.0" / "sound" / "card1").mkdir(parents=True)
        told = {"type": "Battery", "scope": "Device", "capacity": 12, "status": "Discharging"}
        of = supply(usb / f"{name}:1.3" / "power_supply" / f"hid-{name}", **told)
        (usb / "idVendor").write_text("1234\n")
        (class_ / f"hid-{name}").symlink_to(of)
    assert read_supplies(class_) == (None, 12)
    (tmp_path / "devices/1-1/1-1:1.3/power_supply/hid-1-1/capacity").unlink()
    assert read_supplies(class_) == (None, None)


@pytest.mark.parametrize(
    ("status", "code"),
    [("OL OVER", "power.ups_overloaded"), ("OL RB", "power.ups_battery_old"), ("OL CHRG", "")],
)
def test_what_would_fail_in_a_power_cut_is_told_before(status: str, code: str) -> None:
    found = of_nut({"ups.status": status})
    assert found is not None
    health = health_of([found], None)
    assert health is not None
    assert (health.cause.code if health.cause else "") == code


def test_a_ups_that_does_not_say_how_it_stands_is_none() -> None:
    assert of_nut({"battery.charge": "100"}) is None
    assert of_nut({"ups.status": "WAIT"}) is None


def test_the_address_of_a_ups_is_split() -> None:
    for text, expected in (
        ("", ("", "127.0.0.1", 3493)),
        ("ups@192.168.1.5", ("ups", "192.168.1.5", 3493)),
        ("apc@nas.local:1234", ("apc", "nas.local", 1234)),
        ("ups@[fd00::5]:3500", ("ups", "fd00::5", 3500)),
    ):
        section = PowerSection(ups=text)
        assert (section.name, section.host, section.port) == expected
