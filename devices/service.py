"""Whether systemd starts this house by itself once there is power again (systemd.unit(5))."""

import os
from pathlib import Path
from typing import Final

UNIT: Final = "avcontrol-house.service"
UNITS: Final = Path("/etc/systemd/system")
CGROUP: Final = Path("/proc/self/cgroup")


def is_enabled(unit: str = UNIT, units: Path = UNITS) -> bool:
    """`systemctl enable` leaves a link to it in what is started with the machine."""
    return any(os.path.lexists(folder / unit) for folder in units.glob("*.wants"))


def own_unit(cgroup: Path = CGROUP) -> str:
    """The unit that this very process belongs to (cgroups(7)); empty where it was started by
    hand, or by something else."""
    try:
        path = cgroup.read_text(encoding="utf-8", errors="replace").strip().rpartition("::")[2]
    except OSError:
        return ""
    units = [part for part in path.split("/") if part.endswith(".service")]
    # A terminal's programs stand below the user's own manager.
    return units[-1] if units and not any(part.startswith("user@") for part in units) else ""
