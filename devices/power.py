"""Whether there is mains power, how long a battery lasts, and what a wireless microphone's has
left: as far as the system tells it.

    power = PowerWatch(settings.power)
    group.create_task(power.run())
    power.health.value      # None where nothing tells: most mini-PCs know nothing of their mains

Two sources: the kernel's `power_supply` class (Documentation/ABI/testing/sysfs-class-power), in
which a laptop's or a USB UPS' battery stands, and a server of Network UPS Tools. What is said of
charge and time is rounded, so that a battery that empties is not news every few seconds.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from base.cause import Cause
from base.latest import Latest
from config.power import PowerSection
from devices.device import Condition, DeviceError, Health
from devices.nut import Server, ask

LOOK_SECONDS: Final = 5.0
LOW_PERCENT: Final = 20
LOW_SECONDS: Final = 300
"""Time to tell people, and to shut down."""
MICROPHONE_LOW_PERCENT: Final = 25
SUPPLIES: Final = Path("/sys/class/power_supply")
_LOW_LEVELS: Final = frozenset({"critical", "low"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Supply:
    """What one source knows of the house's power."""

    mains: bool
    charge: int | None = None
    """Percent of the battery; None where it does not tell, as with the next one."""
    seconds: int | None = None
    low: bool = False
    """The battery itself says so."""
    fault: str = ""
    """`ups_overloaded`, `ups_battery_old`; empty where all is well."""


class PowerWatch:
    """Belongs to the event loop's thread."""

    def __init__(self, settings: PowerSection, supplies: Path = SUPPLIES) -> None:
        self.health: Latest[Health | None] = Latest(None)
        self.microphone: Latest[Health | None] = Latest(None)
        """Of the battery in a wireless microphone or its receiver; None where nothing tells."""
        self.charge: int | None = None
        """Percent, as it was told last."""
        self._settings = settings
        self._supplies = supplies
        self._had_ups = bool(settings.ups)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Once."""
        own, microphone = await asyncio.to_thread(read_supplies, self._supplies)
        ups, lost = await self._ask_ups()
        known = [one for one in (ups, own) if one is not None]
        self.charge = min((one.charge for one in known if one.charge is not None), default=None)
        _tell(self.health, health_of(known, lost))
        _tell(self.microphone, microphone_health(microphone))

    async def _ask_ups(self) -> tuple[Supply | None, Cause | None]:
        """What the UPS says; or why it no longer does, or does not though it is in the settings."""
        settings = self._settings
        try:
            found = await ask(Server(settings.host, settings.port), settings.name)
        except DeviceError as error:
            # Nobody said that there is one: most houses have no server of it, and no UPS.
            return None, error.cause if self._had_ups else None
        self._had_ups = True
        return of_nut(found), None


def health_of(known: list[Supply], lost: Cause | None) -> Health | None:
    """The worst of what is known."""
    for supply in known:
        if not supply.mains:
            return _on_battery(supply)
    if lost is not None:
        return Health(Condition.IMPAIRED, lost)
    for supply in known:
        if supply.fault:
            return Health(Condition.IMPAIRED, Cause(f"power.{supply.fault}"))
    return Health(Condition.WORKING) if known else None


def microphone_health(charge: int | None) -> Health | None:
    if charge is None:
        return None
    if charge >= MICROPHONE_LOW_PERCENT:
        return Health(Condition.WORKING)
    return Health(Condition.IMPAIRED, Cause("sound.microphone_battery", charge=charge // 5 * 5))


def of_nut(found: Mapping[str, str]) -> Supply | None:
    """None where it does not say how it stands (RFC 9271, section 5.1: `ups.status`)."""
    status = found.get("ups.status", "").split()
    if not {"OL", "OB", "LB", "FSD", "BYPASS"} & set(status):
        return None
    fault = "ups_overloaded" if "OVER" in status else "ups_battery_old" if "RB" in status else ""
    return Supply(
        mains="OB" not in status,
        charge=_number(found.get("battery.charge", "")),
        seconds=_number(found.get("battery.runtime", "")),
        low=bool({"LB", "FSD"} & set(status)),
        fault=fault,
    )


def read_supplies(folder: Path) -> tuple[Supply | None, int | None]:
    """What the kernel knows of this machine's power, and the percent of a microphone's battery."""
    mains: list[bool] = []
    batteries: list[Mapping[str, str]] = []
    microphone: list[int] = []
    for path in sorted(folder.glob("*")):
        found = {name: _text(path / name) for name in _READ}
        if found["scope"].lower() == "device":
            if found["type"] == "Battery" and _is_of_sound(path):
                microphone += _percent(found)
        elif found["type"] == "Mains":
            mains.append(found["online"] != "0")
        elif found["type"] in ("Battery", "UPS") and found["present"] != "0":
            batteries.append(found)
    return _machine(mains, batteries), min(microphone, default=None)


_READ: Final = (
    *("type", "scope", "online", "present", "status"),
    *("capacity", "capacity_level", "time_to_empty_now"),
)


def _machine(mains: list[bool], batteries: list[Mapping[str, str]]) -> Supply | None:
    discharges = [one for one in batteries if one["status"] == "Discharging"]
    if not mains and not batteries:
        return None
    away = bool(discharges) and not any(mains)
    told = discharges or batteries
    charges = [percent for one in told for percent in _percent(one)]
    seconds = (_number(one["time_to_empty_now"]) for one in discharges)
    lasts = [value for value in seconds if value]
    return Supply(
        mains=not away,
        charge=max(charges, default=None),
        seconds=sum(lasts) or None,
        low=away and all(one["capacity_level"].lower() in _LOW_LEVELS for one in discharges),
    )


def _percent(found: Mapping[str, str]) -> Iterator[int]:
    charge = _number(found["capacity"])
    if charge is not None:
        yield max(0, min(100, charge))
    elif found["capacity_level"].lower() in _LOW_LEVELS:
        yield MICROPHONE_LOW_PERCENT - 5  # it knows no figure, only that it is little


def _is_of_sound(supply: Path) -> bool:
    """Whether the USB device that this battery belongs to has a sound card, too: a mouse has
    none."""
    for parent in supply.resolve().parents:
        if (parent / "idVendor").exists():
            return any(parent.glob("*/sound/card*"))
    return False


def _on_battery(supply: Supply) -> Health:
    charge, seconds = supply.charge, supply.seconds
    low = supply.low or (charge is not None and charge < LOW_PERCENT)
    if low or (seconds is not None and seconds < LOW_SECONDS):
        return Health(Condition.FAILED, Cause("power.battery_low"))
    if charge is None:
        return Health(Condition.IMPAIRED, Cause("power.on_battery"))
    rounded = charge // 5 * 5
    if seconds is None:
        return Health(Condition.IMPAIRED, Cause("power.on_battery_charge", charge=rounded))
    minutes = seconds // 300 * 5
    cause = Cause("power.on_battery_time", charge=rounded, minutes=minutes)
    return Health(Condition.IMPAIRED, cause)


def _tell(latest: Latest[Health | None], health: Health | None) -> None:
    """The same trouble keeps its beginning, whatever the battery has left."""
    before = latest.value
    if health is not None and before is not None and health.condition is before.condition:
        health = Health(health.condition, health.cause, before.since)
    latest.set(health)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # not every supply tells everything, and one that is unplugged tells nothing
        return ""


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None
