"""What is typed in the set-up, until it is saved.

It is kept in the data folder, for the owner alone: whoever is interrupted goes on where he was.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from base.cause import Refused
from config.edit import write_whole
from config.settings import (
    CecScreen,
    HouseSettings,
    MdcScreen,
    PjlinkProjector,
    Projector,
    RtspCamera,
    Webcam,
    WhipCamera,
)
from devices.discovery.found import Found, FoundKind
from rooms.trial import Tried

DISPLAYS: Final[Mapping[str, type[PjlinkProjector | MdcScreen | CecScreen]]] = {
    "pjlink": PjlinkProjector,
    "mdc": MdcScreen,
    "cec": CecScreen,
}
"""A house has one of them."""
CAMERAS: Final = ("rtsp", "webcam")
KINDS: Final = ("rtsp", "webcam", "hdmi", "sound", *DISPLAYS)
PORTS: Final = {"pjlink": 4352, "mdc": 1515}
PJLINK_INPUTS: Final[Mapping[str, str]] = dict.fromkeys(("31", "32", "33", "11", "12"), "")
"""Code and name of those that one usually has, where it does not tell; the usual one first."""
MOST_CAMERAS: Final = 4
MOST_NAME: Final = 80


@dataclass
class Device:
    """One device as it is typed; everything is text, as it stands in the form."""

    id: str
    kind: str
    name: str = ""
    address: str = ""
    """A camera's, a webcam's path, a projector's host, the microphone's name."""
    loudspeaker: str = ""
    fallback: str = ""
    """Of the microphone; empty without."""
    sound: str = ""
    """Of an HDMI cable: the name of its sound device; empty without."""
    user: str = ""
    password: str = field(default="", repr=False)
    """Typed and not saved yet; never shown again."""
    onvif_user: str = ""
    """Of a camera whose ONVIF has users of its own."""
    onvif_password: str = field(default="", repr=False)
    onvif_kept: bool = False
    asks_onvif: bool = False
    """When it was tried, its picture let us in and its ONVIF did not."""
    input: str = ""
    """A projector's or screen's, where the machine is plugged in; empty is the usual one."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Code and name of those that it said it has, when it was tried at this address."""
    kept: bool = False
    """There is a password in the settings already."""
    tried: Tried | None = None
    """With what stands here now."""

    @property
    def has_password(self) -> bool:
        return bool(self.password) or self.kept

    @property
    def has_onvif_password(self) -> bool:
        return bool(self.onvif_password) or self.onvif_kept


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What has an id and a name of its own, and is set up in the file alone."""

    id: str
    name: str
    is_camera: bool


def set_up_elsewhere(settings: HouseSettings) -> tuple[Elsewhere, ...]:
    """Cameras that somebody else's program is, and the browser of the big screen."""
    encoders = [one for one in settings.cameras if isinstance(one, WhipCamera)]
    found = [Elsewhere(one.id, one.name, is_camera=True) for one in encoders]
    if screen := settings.screen:
        found.append(Elsewhere(screen.id, screen.name, is_camera=False))
    return tuple(found)


@dataclass
class Draft:
    name: str
    ward: str
    telephone: str
    devices: list[Device]
    found: tuple[Found, ...] = ()
    looked: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()
    """Devices of the house that are not set up here."""

    def stand_beside(self, elsewhere: tuple[Elsewhere, ...]) -> None:
        """Take note of them; what was typed before they came gives way to them."""
        self.elsewhere = elsewhere
        for device in self.devices:
            if device.id in {one.id for one in elsewhere} and device.kind in CAMERAS:
                device.id = self._free_id("camera")

    def device(self, id_: str) -> Device | None:
        return next((one for one in self.devices if one.id == id_), None)

    def knows(self, found: Found) -> bool:
        """Whether it is one of the devices already."""
        return any(
            found.address in (one.address, one.loudspeaker, one.fallback) for one in self.devices
        )

    def cameras(self) -> list[Device]:
        return [one for one in self.devices if one.kind in CAMERAS]

    def microphones(self) -> list[str]:
        """Those that were found, without the sound of a laptop's cable."""
        cables = {one.sound for one in self.found if one.kind is FoundKind.HDMI}
        cables |= {one.sound for one in self.devices}
        names = [one.address for one in self.found if one.kind is FoundKind.MICROPHONE]
        return [name for name in names if name not in cables]

    def add(self, kind: str, name: str, address: str) -> Device:
        """Raises Refused `setup.too_many_cameras`; a second projector, or cable for a laptop,
        takes the first one's place."""
        if kind in CAMERAS:
            encoders = sum(one.is_camera for one in self.elsewhere)
            if len(self.cameras()) + encoders >= MOST_CAMERAS:
                raise Refused("setup.too_many_cameras", most=MOST_CAMERAS)
            device = Device(self._free_id("camera"), kind, self._free_name(name), address)
        else:
            alike = DISPLAYS if kind in DISPLAYS else (kind,)
            self.devices = [one for one in self.devices if one.kind not in alike]
            id_ = kind if kind in ("hdmi", "sound") else self._free_id("projector")
            device = Device(id_, kind, name, address)
        self.devices.append(device)
        self.devices.sort(key=lambda one: KINDS.index(one.kind) if one.kind != "webcam" else 0)
        return device

    def _free_id(self, kind: str) -> str:
        taken = {one.id for one in self.devices} | {one.id for one in self.elsewhere}
        return next(one for one in _numbered(kind, "-") if one not in taken)

    def _free_name(self, name: str) -> str:
        return next(one for one in _numbered(name, " ") if one not in self.names())

    def names(self, but: Device | None = None) -> set[str]:
        """Those that are taken."""
        others = {one.name for one in self.devices if one is not but}
        return others | {one.name for one in self.elsewhere}


def _numbered(word: str, gap: str) -> Iterator[str]:
    yield word
    yield from (f"{word}{gap}{number}" for number in range(2, 99))


def of_settings(settings: HouseSettings) -> Draft:
    """What is set up at present; passwords stay in their files."""
    devices: list[Device] = []
    for camera in settings.cameras:
        if isinstance(camera, Webcam):
            devices.append(Device(camera.id, "webcam", camera.name, camera.input))
        elif isinstance(camera, RtspCamera):
            devices.append(
                Device(
                    camera.id,
                    "rtsp",
                    camera.name,
                    camera.onvif or camera.url,
                    user=camera.user,
                    kept=camera.password_file is not None,
                    onvif_user=camera.onvif_user,
                    onvif_kept=camera.onvif_password_file is not None,
                )
            )
    if hdmi := settings.hdmi:
        devices.append(Device(hdmi.id, "hdmi", hdmi.name, hdmi.input, sound=hdmi.sound))
    if sound := settings.sound:
        devices.append(
            Device(
                "sound",
                "sound",
                address=sound.microphone,
                loudspeaker=sound.loudspeaker,
                fallback=sound.fallback_microphone,
            )
        )
    if projector := settings.projector:
        devices.append(_of_display(projector))
    house = settings.house
    draft = Draft(house.name, house.ward, house.telephone, devices)
    draft.elsewhere = set_up_elsewhere(settings)
    return draft


def _of_display(projector: Projector) -> Device:
    device = Device(projector.id, projector.kind, projector.name)
    if not isinstance(projector, CecScreen):
        usual = projector.port == PORTS[projector.kind]
        device.address = projector.host if usual else f"{projector.host}:{projector.port}"
        device.kept = projector.password_file is not None
        device.input = projector.input
    return device


# On the disk


def keep(draft: Draft, path: Path) -> None:
    """Blocks. Raises OSError."""
    devices = [asdict(replace(one, tried=None)) for one in draft.devices]
    kept = {
        "house": [draft.name, draft.ward, draft.telephone],
        "devices": devices,
        "found": [asdict(one) for one in draft.found],
        "looked": draft.looked,
    }
    write_whole(path, json.dumps(kept, ensure_ascii=False), 0o600)


def read(path: Path) -> Draft | None:
    """None where there is none, or an earlier version wrote it otherwise."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        name, ward, telephone = kept["house"]
        devices = [Device(**one) for one in kept["devices"]]
        found = tuple(Found(**{**one, "kind": FoundKind(one["kind"])}) for one in kept["found"])
        return Draft(name, ward, telephone, devices, found, bool(kept["looked"]))
    return None
