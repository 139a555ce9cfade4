"""What the set-up does: looks for devices, tries them, saves. One thing at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tomlkit.exceptions import TOMLKitError

from base.cause import Cause, Refused
from config.check import SettingsError
from config.edit import HouseEdit, write_whole
from config.settings import (
    HdmiSection,
    HouseSettings,
    RtspCamera,
    SoundSection,
    Webcam,
    WhipCamera,
)
from devices.device import HallSound
from devices.discovery.found import FoundKind, Network
from devices.discovery.scan import scan
from rooms.rehearsal import Outcome
from rooms.room import Room
from rooms.trial import Tried, try_camera, try_projector, try_sound
from rooms.view import Phase
from web.setup import as_settings
from web.setup import draft as drafts
from web.setup.draft import Device, Draft

logger = logging.getLogger(__name__)

REOPEN_AFTER = 6.0
"""Seconds for whoever saved to get the page that waits; it says by itself when it is there."""
_KEPT_IN = "setup.json"
_HERE = {
    "camera.wrong_password": "setup.camera_password",
    "camera.needs_password": "setup.camera_password_needed",
    "camera.onvif_login": "setup.onvif_login_refused",
    "projector.password": "setup.projector_password",
    "projector.password_needed": "setup.projector_password_needed",
    "projector.not_pjlink": "setup.not_pjlink",
    "tv.pin": "setup.tv_pin",
    "tv.pin_needed": "setup.tv_pin_needed",
    "tv.pin_blocked": "setup.tv_pin_blocked",
}
"""What is said elsewhere of the technician is said here to him, beside the field."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Where the house's settings come from, and how they are taken up."""

    path: Path
    environ: Mapping[str, str]
    reopen: Callable[[], None]
    """The house closes and opens again with what the file says then."""


class Workshop:
    """The set-up of one house; belongs to the event loop's thread."""

    def __init__(
        self,
        settings: HouseSettings,
        room: Room,
        configuration: Configuration | None,
        sound: HallSound | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Without a `configuration` nothing can be saved: a house that somebody else made."""
        self._settings = settings
        self._room = room
        self._configuration = configuration
        self._sound = sound
        self._environment = environment
        self._busy = asyncio.Lock()
        self._path = settings.data / _KEPT_IN
        self._saved = False
        self.problems: tuple[Cause, ...] = ()
        """What the last attempt to save was refused for."""
        self.draft: Draft = drafts.read(self._path) or drafts.of_settings(settings)
        self.draft.stand_beside(drafts.set_up_elsewhere(settings))

    @property
    def can_save(self) -> bool:
        return self._configuration is not None

    @property
    def empty(self) -> bool:
        """Nothing is set up in the house as it runs."""
        settings = self._settings
        return not (settings.cameras or settings.sound or settings.projector)

    async def keep(self) -> None:
        """What was typed, on the disk."""
        try:
            await asyncio.to_thread(drafts.keep, self.draft, self._path)
        except OSError as error:
            logger.warning("what was typed in the set-up cannot be kept: %s", error)

    async def forget(self) -> None:
        """Begin again with what is set up."""
        self.draft, self.problems = drafts.of_settings(self._settings), ()
        await asyncio.to_thread(self._path.unlink, missing_ok=True)

    async def look(self) -> None:
        """Scan the house, ten seconds at most. Raises Refused."""
        async with self._alone():
            network = Network.of([str(one) for one in self._settings.network.addresses])
            found = await scan(network, self._environment)
            self.draft.found, self.draft.looked = found, True
        await self.keep()

    def choose_sound(self) -> None:
        """Microphone and loudspeaker on one device, where there is one, are suggested."""
        draft = self.draft
        if draft.device("sound") or not draft.found:
            return
        microphones = draft.microphones()
        speakers = [one.address for one in draft.found if one.kind is FoundKind.LOUDSPEAKER]
        if microphones or speakers:
            device = draft.add("sound", "", "")
            both = [name for name in microphones if name in speakers]
            if len(microphones) == 1 or len(both) == 1:
                device.address = (both or microphones)[0]
            if len(speakers) == 1 or len(both) == 1:
                device.loudspeaker = (both or speakers)[0]

    def check(self, device: Device) -> None:
        """Whether it can be written down as it is. Raises Refused in the words of its form."""
        as_settings.fields_of(device, self._settings)
        if device.name and device.name in self.draft.names(but=device):
            raise Refused("setup.same_name", name=device.name)

    async def try_out(self, device: Device) -> None:
        """Its `tried` says what came of it. Raises Refused where it cannot be tried now."""
        device.tried = None
        async with (
            self._alone(),
            self._password_file(device.id, device.password) as password,
            self._password_file(f"{device.id}-onvif", device.onvif_password) as onvif,
        ):
            try:
                settings = as_settings.trial_settings(device, self._settings, password, onvif)
            except Refused as refused:
                device.tried = Tried(Outcome.BAD, refused.cause)
                return
            if isinstance(settings, SoundSection):
                tried = await try_sound(settings, self._environment, self._running(settings))
            elif isinstance(settings, HdmiSection | RtspCamera | Webcam | WhipCamera):
                tried = await try_camera(settings)
            else:
                tried = await try_projector(settings)
        if code := _HERE.get(tried.cause.code):
            tried = replace(tried, cause=Cause(code, **tried.cause.params))
        device.tried = tried
        device.asks_onvif |= tried.cause.code == "setup.onvif_login"
        device.inputs = dict(tried.inputs) or device.inputs
        logger.info("%s was tried: %s", device.id, tried.cause)

    def _running(self, wanted: SoundSection) -> HallSound | None:
        known = self._settings.sound
        same = known is not None and (known.microphone, known.loudspeaker) == (
            wanted.microphone,
            wanted.loudspeaker,
        )
        return self._sound if same else None

    async def save(self) -> bool:
        """Write the settings and have the house opened with them. False where `problems` say why
        not. Raises Refused: `setup.in_meeting`, `setup.no_file`, `setup.cannot_write`."""
        async with self._alone():
            configuration = self._configuration
            if configuration is None:
                raise Refused("setup.no_file")
            try:
                await asyncio.to_thread(self._write, configuration)
            except SettingsError as error:
                self.problems = tuple(problem.cause for problem in error.problems)
                return False
            except Refused as refused:
                self.problems = (refused.cause,)
                return False
            except OSError as error:
                detail = error.strerror or str(error)
                file = str(configuration.path)
                raise Refused("setup.cannot_write", file=file, detail=detail) from error
            except TOMLKitError:
                raise Refused("config.syntax", line="?") from None
            self.problems, self._saved = (), True
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            logger.info("the set-up wrote %s", configuration.path)
            asyncio.get_running_loop().call_later(REOPEN_AFTER, self.reopen)
            return True

    def reopen(self) -> None:
        """Have the house opened with what was saved, as soon as there is no meeting."""
        if not self._saved or self._configuration is None:
            return
        try:
            self._check_idle()
        except Refused:
            asyncio.get_running_loop().call_later(REOPEN_AFTER, self.reopen)
            return
        self._saved = False
        self._configuration.reopen()

    def _write(self, configuration: Configuration) -> None:
        """Blocks."""
        draft, settings = self.draft, self._settings
        tables = {one.id: as_settings.fields_of(one, settings) for one in draft.devices}

        def only(kind: str) -> dict[str, Any] | None:
            return next((tables[one.id] for one in draft.devices if one.kind == kind), None)

        edit = HouseEdit(configuration.path)
        edit.set_house(name=draft.name, ward=draft.ward, telephone=draft.telephone)
        edit.set_cameras(_with_encoders(settings, [tables[one.id] for one in draft.cameras()]))
        edit.set_hdmi(only("hdmi"))
        edit.set_sound(only("sound"))
        edit.set_projector(next(filter(None, map(only, drafts.DISPLAYS)), None))
        typed = {f"{one.id}.password": one.password for one in draft.devices}
        typed |= {f"{one.id}-onvif.password": one.onvif_password for one in draft.devices}
        edit.save(configuration.environ, {name: text for name, text in typed.items() if text})

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Raises Refused: `setup.busy`, `setup.in_meeting`."""
        if self._busy.locked():
            raise Refused("setup.busy")
        async with self._busy:
            self._check_idle()
            yield

    def _check_idle(self) -> None:
        view = self._room.view.value
        if view.phase is not Phase.IDLE or view.awaits_confirmation:
            raise Refused("setup.in_meeting")

    @asynccontextmanager
    async def _password_file(self, name: str, password: str) -> AsyncIterator[Path | None]:
        """What was typed, where a driver reads it; gone afterwards."""
        if not password:
            yield None
            return
        path = self._settings.data / f"setup-{name}.password"
        try:
            await asyncio.to_thread(write_whole, path, password, 0o600)
        except OSError as error:
            detail = error.strerror or str(error)
            raise Refused("setup.cannot_write", file=str(path), detail=detail) from error
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def _with_encoders(settings: HouseSettings, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cameras that somebody else's program is are not set up here: they stay where they were."""
    for place, camera in enumerate(settings.cameras):
        if isinstance(camera, WhipCamera):
            tables.insert(place, {"kind": "whip", "id": camera.id})
    return tables
