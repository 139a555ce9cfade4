"""What is typed in the set-up, as the settings have it: to be tried, and to be written down."""

import re
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from base.cause import Refused
from config.settings import (
    Camera,
    HdmiSection,
    HouseSettings,
    Projector,
    RtspCamera,
    SoundSection,
    Webcam,
)
from web.setup.draft import DISPLAYS, PORTS, Device

_OF_DISPLAYS: Final = {key for model in DISPLAYS.values() for key in model.model_fields}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")


def fields_of(device: Device, settings: HouseSettings) -> dict[str, Any]:
    """The keys of its table in the settings; None where a key has to go. Keys that are the same as
    before are left out where they say more than the form does. Raises Refused in the words of the
    form: `setup.…`."""
    if device.kind == "sound":
        if not device.address or not device.loudspeaker:
            raise Refused("setup.choose_sound")
        if device.fallback == device.address:
            raise Refused("setup.same_microphone")
        return {
            "microphone": device.address,
            "loudspeaker": device.loudspeaker,
            "fallback_microphone": device.fallback or None,
        }
    if not device.name:
        raise Refused("setup.name_missing")
    if "@" in device.address:
        raise Refused("setup.address_with_password")
    if device.kind == "hdmi":
        sound = device.sound or None
        return {"id": device.id, "name": device.name, "input": device.address, "sound": sound}
    common = {"kind": device.kind, "id": device.id, "name": device.name}
    if device.kind == "webcam":
        return common | {"input": device.address}
    secret = {"password_file": f"{device.id}.password"} if device.password else {}
    if device.kind in DISPLAYS:
        return _display_fields(device, settings.projector, common | secret)
    return common | _camera_address(device, settings) | _camera_logins(device) | secret


def _camera_logins(device: Device) -> dict[str, Any]:
    for password, user in (
        (device.password, device.user),
        (device.onvif_password, device.onvif_user),
    ):
        if password and not user:
            raise Refused("setup.user_missing")
    login = {"user": device.user or None} | ({} if device.user else {"password_file": None})
    login["onvif_user"] = device.onvif_user or None
    if device.onvif_password:
        login["onvif_password_file"] = f"{device.id}-onvif.password"
    elif not device.onvif_user:
        login["onvif_password_file"] = None
    return login


def _display_fields(
    device: Device, before: Projector | None, written: dict[str, Any]
) -> dict[str, Any]:
    if device.kind != "cec":
        host, _, port = device.address.partition(":")
        if not _HOST.fullmatch(host) or (port and not port.isdecimal()):
            raise Refused("setup.projector_address")
        written = written | {"host": host, "port": int(port) if port else None}
        if device.input:
            written["input"] = device.input
    if before is None or before.kind != device.kind:
        return dict.fromkeys(_OF_DISPLAYS - written.keys()) | written  # another kind's go
    return written


def _camera_address(device: Device, settings: HouseSettings) -> dict[str, Any]:
    address = device.address
    known = next((one for one in settings.cameras if one.id == device.id), None)
    if isinstance(known, RtspCamera) and address == (known.onvif or known.url):
        return {}
    if re.fullmatch(r"rtsps?://[^/]+(/.*)?", address):
        return {"url": address, "onvif": None}
    if not address.startswith(("http://", "https://")):
        address = f"http://{address}"
    if not re.fullmatch(r"https?://[A-Za-z0-9\[][^/\s]*(/\S*)?", address):
        raise Refused("setup.camera_address")
    return {"onvif": address, "url": None}


def trial_settings(
    device: Device,
    settings: HouseSettings,
    password_file: Path | None,
    onvif_password_file: Path | None = None,
) -> Camera | HdmiSection | Projector | SoundSection:
    """The settings to try it with; the files hold what was typed. Raises Refused."""
    written = fields_of(device, settings)
    written = {key: value for key, value in written.items() if value is not None}
    try:
        if device.kind == "sound":
            written.pop("fallback_microphone", None)  # or the wrong one would be tried, unsaid
            return SoundSection(**written)
        if password_file is not None:
            written["password_file"] = password_file
        if onvif_password_file is not None:
            written["onvif_password_file"] = onvif_password_file
        if (model := DISPLAYS.get(device.kind)) is not None:
            alike = settings.projector is not None and settings.projector.kind == device.kind
            old = settings.projector.model_dump() if alike and settings.projector else {}
            port = {"port": PORTS[device.kind]} if device.kind in PORTS else {}
            return model(**(old | port | written))
        before = next((one for one in settings.cameras if one.id == device.id), None)
        if device.kind == "webcam":
            return Webcam(**written)
        if device.kind == "hdmi":
            return HdmiSection(**written)
        keys: tuple[str, ...] = ("password_file", "onvif_password_file", "transport")
        if "url" not in written and "onvif" not in written:
            keys += ("url", "onvif")
        return RtspCamera(**(_known(before, device, keys) | written))
    except ValidationError:
        code = "setup.projector_address" if device.kind in DISPLAYS else "setup.camera_address"
        raise Refused(code) from None


def _known(before: Camera | None, device: Device, keys: tuple[str, ...]) -> dict[str, Any]:
    if before is None or before.kind != device.kind:
        return {}
    return {key: getattr(before, key) for key in keys}
