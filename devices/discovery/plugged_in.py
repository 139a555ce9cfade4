"""What is plugged into this machine: webcams, microphones, loudspeakers. Everything here blocks."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from devices.device import DeviceError
from devices.discovery.found import Found, FoundKind
from devices.sound.listing import CARD_NUMBER, SoundDevice, is_default, list_sound_devices

_LINKS = (Path("dev/v4l/by-id"), Path("dev/v4l/by-path"))
"""With a serial number or, where it has none, by the socket that it is plugged into."""


def find_webcams(root: Path = Path("/")) -> list[Found]:
    """Each webcam once, by a path that survives replugging; nodes without pictures (their second
    one carries metadata) are left out. `root` is where `dev` and `sys` are."""
    found: dict[str, Found] = {}
    for folder in _LINKS:
        for link in sorted((root / folder).glob("*-video-index0")):
            node = link.resolve().name
            address = str(Path("/") / folder / link.name)
            found.setdefault(
                node, Found(FoundKind.WEBCAM, _webcam_name(root, node), address, link.name)
            )
    return list(found.values())


def _webcam_name(root: Path, node: str) -> str:
    try:
        name = (root / "sys/class/video4linux" / node / "name").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    # the driver writes it twice: “HD Webcam: HD Webcam”
    first, _, second = name.strip().partition(":")
    return (first if second.strip().startswith(first[:8]) else name.strip())[:60]


def find_sound(environment: Mapping[str, str] | None = None) -> list[Found]:
    """Microphones and loudspeakers by their names; none where there is no sound library."""
    try:
        devices = list_sound_devices(environment)
    except DeviceError:
        return []
    return list(read_sound(devices))


def read_sound(devices: Iterable[SoundDevice]) -> Iterator[Found]:
    """ALSA puts the card's number behind the name, which changes with each replugging: it is left
    out wherever the rest of the name tells the device from all others."""
    known = [one for one in devices if not is_default(one.name)]
    for kind in (FoundKind.MICROPHONE, FoundKind.LOUDSPEAKER):
        names = [
            one.name
            for one in known
            if (one.inputs if kind is FoundKind.MICROPHONE else one.outputs) > 0
        ]
        short = [CARD_NUMBER.sub("", name) for name in names]
        for name, part in zip(names, short, strict=True):
            alone = sum(part in other for other in names) == 1
            address = part if alone else name
            yield Found(kind, address, address, address)
