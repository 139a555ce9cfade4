"""What is plugged into this machine: webcams, microphones, loudspeakers. Everything here blocks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from devices.device import DeviceError
from devices.discovery.found import Found, FoundKind
from devices.sound.listing import CARD_NUMBER, SoundDevice, is_default, list_sound_devices
from devices.video4linux.nodes import webcams


def find_webcams(root: Path = Path("/")) -> list[Found]:
    """Each webcam and HDMI dongle once, by a path that survives replugging. `root` is where `dev`,
    `sys` and `proc` are."""
    return [
        Found(
            FoundKind.HDMI if one.is_hdmi else FoundKind.WEBCAM,
            one.name,
            one.address,
            Path(one.address).name,
            one.sound,
        )
        for one in webcams(root)
    ]


def find_sound(environment: Mapping[str, str] | None = None) -> list[Found]:
    """Microphones and loudspeakers by their names; none where there is no sound library."""
    try:
        devices = list_sound_devices(environment)
    except DeviceError:
        return []
    return list(read_sound(devices))


def with_sound(found: Iterable[Found]) -> list[Found]:
    """The same; what has a microphone of its own names it as it was found."""
    every = list(found)
    microphones = [one.address for one in every if one.kind is FoundKind.MICROPHONE]
    named = []
    for one in every:
        parts = [name for name in microphones if one.sound and name.startswith(one.sound)]
        named.append(replace(one, sound=parts[0]) if len(parts) == 1 else one)
    return named


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
