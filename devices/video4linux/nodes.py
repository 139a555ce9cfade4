"""Which webcams there are, each by a path that is the same after it was plugged in again.

The kernel takes HDMI dongles for webcams as well. They are told by their makers' numbers and by
their names, as far as those are known; whoever sets up a house may know better.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_BY_ID, _BY_PATH = Path("dev/v4l/by-id"), Path("dev/v4l/by-path")
"""Links that udev keeps: by model and serial number, and by the socket."""
_FIRST: Final = "*-video-index0"
"""Nodes after a webcam's first carry metadata, and no pictures."""
_MAKERS_OF_DONGLES: Final = frozenset({"534d", "345f", "2935"})
"""USB vendors that make no cameras: MacroSilicon, twice, and Magewell."""
_DONGLE: Final = re.compile(r"hdmi|capture|cam link|grabber", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Plugged:
    name: str
    """As it calls itself; may be empty."""
    address: str
    """By its serial number; of several that are alike by the socket, since udev gives one alone the
    name that they would share, and any of them at the next start."""
    node: str
    """Of this moment: `/dev/video0`."""
    alike: bool = False
    """There is another one of this model with the same serial number, or without any."""
    is_hdmi: bool = False
    """It seems to be a dongle that takes a laptop's HDMI."""
    sound: str = ""
    """How the names of sound devices begin that are in the same USB device, as ALSA calls its
    card: `MS2109:`. Empty without."""


def webcams(root: Path = Path("/")) -> list[Plugged]:
    """In the order of their addresses. `root` is where `dev` and `sys` are. Blocks."""
    by_id, by_path = (_links(root, folder) for folder in (_BY_ID, _BY_PATH))
    models = {node: _model(root, node) for node in by_id | by_path}
    counted = Counter(models.values())
    found = []
    for node, model in models.items():
        alike = model is not None and counted[model] > 1
        choices = (by_path, by_id) if alike else (by_id, by_path)
        address = next(links[node] for links in choices if node in links)
        name = _name(root, node)
        is_hdmi = bool(_DONGLE.search(name)) or (model or ("",))[0] in _MAKERS_OF_DONGLES
        sound = _card(root, node)
        found.append(Plugged(name, address, f"/dev/{node}", alike, is_hdmi, sound))
    return sorted(found, key=lambda one: one.address)


def is_shared(address: str, root: Path = Path("/")) -> bool:
    """Whether another webcam has the same claim to this link as the one that it leads to now.
    Blocks."""
    if not address.startswith(f"/{_BY_ID}/"):
        return False
    node = (root / address.lstrip("/")).resolve().name
    return any(one.alike and one.node == f"/dev/{node}" for one in webcams(root))


def _links(root: Path, folder: Path) -> dict[str, str]:
    """The first link to each node, as it is called outside of `root`."""
    found: dict[str, str] = {}
    for link in sorted((root / folder).glob(_FIRST)):
        found.setdefault(link.resolve().name, str(Path("/") / folder / link.name))
    return found


def _model(root: Path, node: str) -> tuple[str, ...] | None:
    """Maker, product and serial number, of the USB device that the node belongs to."""
    folder = _usb_device(root, node)
    if folder is None:
        return None
    return tuple(_read(folder / part) for part in ("idVendor", "idProduct", "serial"))


def _usb_device(root: Path, node: str) -> Path | None:
    device = (root / "sys/class/video4linux" / node / "device").resolve()
    return next((one for one in (device, *device.parents) if (one / "idVendor").is_file()), None)


def _card(root: Path, node: str) -> str:
    """PortAudio names a device by its card's name and, behind a colon, its own."""
    folder = _usb_device(root, node)
    cards = sorted(folder.glob("*/sound/card*")) if folder else []
    if not cards:
        return ""
    number = cards[0].name.removeprefix("card")
    line = rf"^ *{number} \[.*?\]: .*? - (.+)$"
    named = re.search(line, _read(root / "proc/asound/cards"), re.MULTILINE)
    return f"{named[1].strip()}:" if named else ""


def _name(root: Path, node: str) -> str:
    name = _read(root / "sys/class/video4linux" / node / "name")
    # the driver writes it twice: “HD Webcam: HD Webcam”
    first, _, second = name.partition(":")
    return (first if second.strip().startswith(first[:8]) else name)[:60]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
