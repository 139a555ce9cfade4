"""What is wrong in the houses, as far as the hub knows, and at the hub: since when, and how bad.

[trouble.cause.code for trouble in troubles_of(house)]      # ["ward.no_sound", "projector.hot"]
[trouble.cause.code for trouble in own_troubles(post)]      # ["mail.password"]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from base.cause import Cause
from feedback.post import PostTrouble
from ward.houses import House
from ward.summary import DeviceSummary, HouseSummary, read_summary

AWAY: Final = "away"
SOUND: Final = "sound"
_DEVICE: Final = "device/"
_HEARD: Final = ("working", "impaired", "starting")


class Severity(IntEnum):
    """How soon somebody has to look."""

    SOMETIME = 1
    """It works, but not as it should."""
    SOON = 2
    """A device has failed."""
    TODAY = 3
    """The house is away."""
    NOW = 4
    """Forty neighbours wait."""


_BLIND: Final = {
    f"camera.{fault}" for fault in ("black", "covered", "overexposed", "blurred", "frozen")
}
"""The camera works, and there is nothing to be seen by it."""
_ILL: Final = {"failed": Severity.SOON, "impaired": Severity.SOMETIME}


@dataclass(frozen=True, slots=True)
class Trouble:
    key: str
    """What it is about, within the house: `away`, `sound`, `device/projector`."""
    severity: Severity
    cause: Cause
    subject: str = ""
    """What people there call the device."""
    kind: str = ""
    """Of the device."""
    since: datetime | None = None
    """For people; by the house's clock where a device is meant."""


MOST_QUIET: Final = timedelta(hours=2)
"""Whatever the clock of the house says."""


def is_quiet(house: House, now: datetime) -> bool:
    """A technician works there, and has asked that nobody be told."""
    said = read_summary(house.summary)
    until = said.quiet_until if said else None
    return until is not None and now < until <= now + MOST_QUIET


def troubles_of(house: House) -> tuple[Trouble, ...]:
    """What is wrong there, worst first. Of a house that is away nothing else is known."""
    if house.enrolled_at is None:
        return ()
    said = read_summary(house.summary)
    if house.linked_at is None:
        return (_away(house, said),)
    if said is None:
        return ()
    found = [_of_device(device) for device in said.devices if device.condition in _ILL]
    if said.phase == "live" and not any(
        device.kind == "microphone" and device.condition in _HEARD for device in said.devices
    ):
        found.append(Trouble(SOUND, Severity.NOW, Cause("ward.no_sound")))
    return tuple(sorted(found, key=lambda trouble: -trouble.severity))


def own_troubles(post: Sequence[PostTrouble]) -> tuple[Trouble, ...]:
    """What is wrong with the hub's own mail, and with what it sends to other systems."""
    return tuple(Trouble(p.key, Severity.SOON, p.cause, p.name, p.kind) for p in post)


def _away(house: House, said: HouseSummary | None) -> Trouble:
    if house.seen_at is None:
        return Trouble(AWAY, Severity.SOMETIME, Cause("ward.never_came"), since=house.enrolled_at)
    met = said is not None and said.phase in {"opening", "live"}
    return Trouble(
        AWAY,
        Severity.NOW if met else Severity.TODAY,
        Cause("ward.away_in_meeting" if met else "ward.away"),
        since=house.seen_at,
    )


def _of_device(device: DeviceSummary) -> Trouble:
    blind = device.why is not None and device.why.code in _BLIND
    return Trouble(
        f"{_DEVICE}{device.id or device.kind}",
        Severity.SOON if blind else _ILL[device.condition],
        device.why or Cause(f"ward.device_{device.condition}"),
        device.name,
        device.kind,
        device.since,
    )
