"""A camera's ONVIF services, opened once and asked one thing at a time. Everything here blocks:
it belongs to the thread of a `Worker`.

    camera = Connection(Address("http://192.168.1.20"), "admin", "…", "Camera sân khấu")
    camera.open()
    camera.profiles()[0].encoder

Raises DeviceError, of the kinds in `faults.py`; every call ends within `SECONDS` where the camera
does not answer. ONVIF Core, Media and PTZ Service Specifications, version 2.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from devices.device import Controls, DeviceError, Velocity
from devices.onvif import answers, faults, library
from devices.onvif.answers import Encoder, EncoderChoices, Node, Position, Profile, Span

SECONDS = 3.0
"""That a camera may take to connect, and again for each answer."""
TURNS_ALONE_AT_MOST = timedelta(seconds=2)
"""A camera that heeds it stops even where this machine is gone; many do not heed it."""
_MOST_SNAPSHOT = 8_000_000
_SERVICES = ("media", "ptz")


@dataclass(frozen=True, slots=True)
class Address:
    """Of a camera's ONVIF device service, as the technician wrote it."""

    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def device(self) -> str:
        """Nearly every camera has it at the same path."""
        parts = urlsplit(self.url)
        return self.url if parts.path.strip("/") else f"{self._origin}/onvif/device_service"

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def reach(self, reported: str) -> str:
        """A service's address where we reach it. A camera behind address translation, or one with
        two addresses, reports one that nobody here can reach."""
        ours, theirs = urlsplit(self.url), urlsplit(reported)
        return urlunsplit(theirs._replace(scheme=ours.scheme, netloc=ours.netloc))

    def reach_stream(self, reported: str) -> str:
        """The same for RTSP, whose port is its own; a login in it is left out."""
        theirs = urlsplit(reported)
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{theirs.port}" if theirs.port else ""
        return urlunsplit(theirs._replace(netloc=host + port))


class Connection:
    def __init__(self, address: Address, user: str, password: str, name: str) -> None:
        self._address = address
        self._user = user
        self._password = password
        self._name = name
        self._session = library.open_session(user, password)
        self._services: dict[str, Any] = {}
        self._token: Any = None
        self.skew: timedelta | None = None
        """What the camera's clock is ahead of ours; None where it does not tell."""
        self._zero_stops = False
        self._timeout_refused = False

    def open(self) -> None:
        """Its clock first: it is right by the camera's own time, or it is not let in."""
        self._services["devicemgmt"] = self._service("devicemgmt", self._address.device, None)
        self._read_clock()
        if self._user:
            skew = self.skew or timedelta()
            self._token = library.token(self._user, self._password, skew)
            device = self._service("devicemgmt", self._address.device, self._token)
            self._services["devicemgmt"] = device
        found = self._ask("devicemgmt", "GetCapabilities", Category="All")
        for service in ("media", "ptz"):
            capability = getattr(found, {"media": "Media", "ptz": "PTZ"}[service], None)
            reported = getattr(capability, "XAddr", None)
            if reported:
                reached = self._address.reach(str(reported))
                self._services[service] = self._service(service, reached, self._token)
        if "media" not in self._services:
            raise DeviceError("camera.onvif_no_media", name=self._name)

    # Its picture

    def profiles(self) -> list[Profile]:
        """In the camera's order: its main stream is usually the first."""
        found = self._ask("media", "GetProfiles") or []
        with self._reading():
            return [
                Profile(
                    str(profile.token),
                    str(profile.Name or ""),
                    _encoder(profile.VideoEncoderConfiguration),
                    can_turn=profile.PTZConfiguration is not None,
                )
                for profile in found
            ]

    def stream_address(self, profile: str) -> str:
        """RTSP, without a login. Cameras alter it at will: ask again after each outage."""
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        found = self._ask("media", "GetStreamUri", StreamSetup=setup, ProfileToken=profile)
        uri = str(getattr(found, "Uri", "") or "")
        if not uri.startswith(("rtsp://", "rtsps://")):
            raise DeviceError("camera.onvif_malformed", name=self._name)
        return self._address.reach_stream(uri)

    def request_key_frame(self, profile: str) -> None:
        self._ask("media", "SetSynchronizationPoint", ProfileToken=profile)

    def snapshot(self, profile: str) -> bytes:
        """A JPEG as the camera makes it."""
        found = self._ask("media", "GetSnapshotUri", ProfileToken=profile)
        address = self._address.reach(str(getattr(found, "Uri", "") or ""))
        try:
            with self._session.get(address, timeout=SECONDS, stream=True) as response:
                response.raise_for_status()
                picture = next(response.iter_content(_MOST_SNAPSHOT), b"")
        except Exception as error:
            raise faults.of(error, self._name, self._address.host) from None
        if not picture.startswith(b"\xff\xd8"):
            raise DeviceError("camera.onvif_malformed", name=self._name)
        return picture

    # How it codes

    def choices(self, profile: str, encoder: str) -> EncoderChoices:
        asked = {"ProfileToken": profile, "ConfigurationToken": encoder}
        found = self._ask("media", "GetVideoEncoderConfigurationOptions", **asked)
        h264 = getattr(found, "H264", None)
        if h264 is None:
            return EncoderChoices()
        with self._reading():
            distance, sizes = h264.GovLengthRange, h264.ResolutionsAvailable or ()
            return EncoderChoices(
                tuple((int(size.Width), int(size.Height)) for size in sizes),
                int(getattr(distance, "Min", None) or 1),
                int(getattr(distance, "Max", None) or 1000),
                tuple(str(profile) for profile in h264.H264ProfilesSupported or ()),
            )

    def set_encoder(self, wanted: Encoder) -> None:
        """What `wanted` does not name stays as the camera has it."""
        asked = {"ConfigurationToken": wanted.token}
        now = self._ask("media", "GetVideoEncoderConfiguration", **asked)
        with self._reading():
            now.Encoding = wanted.encoding
            now.Resolution = {"Width": wanted.width, "Height": wanted.height}
            if now.RateControl is not None:
                now.RateControl.FrameRateLimit = round(wanted.frames_per_second)
                now.RateControl.EncodingInterval = now.RateControl.EncodingInterval or 1
            now.MPEG4 = None
            now.H264 = {
                "GovLength": wanted.key_frame_distance,
                "H264Profile": wanted.h264_profile or "Main",
            }
        self._ask("media", "SetVideoEncoderConfiguration", Configuration=now, ForcePersistence=True)

    # Turning it

    @property
    def can_turn(self) -> bool:
        """It has a service for it, which proves nothing yet."""
        return "ptz" in self._services

    def nodes(self) -> list[Node]:
        found = self._ask("ptz", "GetNodes") or []
        with self._reading():
            return [_node(node) for node in found]

    def position(self, profile: str) -> Position:
        found = getattr(self._ask("ptz", "GetStatus", ProfileToken=profile), "Position", None)
        pan_tilt, zoom = getattr(found, "PanTilt", None), getattr(found, "Zoom", None)
        return Position(
            getattr(pan_tilt, "x", None), getattr(pan_tilt, "y", None), getattr(zoom, "x", None)
        )

    def move(self, profile: str, node: Node, velocity: Velocity) -> None:
        """Begin to turn; it goes on until `stop`. Only the axes that the node has are named."""
        speed: dict[str, Any] = {}
        if node.pan and node.tilt:
            speed["PanTilt"] = {"x": node.pan.of(velocity.pan), "y": node.tilt.of(velocity.tilt)}
        if node.zoom:
            speed["Zoom"] = {"x": node.zoom.of(velocity.zoom)}
        asked: dict[str, Any] = {"ProfileToken": profile, "Velocity": speed}
        if not self._timeout_refused:
            try:
                self._ask("ptz", "ContinuousMove", **asked, Timeout=TURNS_ALONE_AT_MOST)
            except (faults.LackingError, faults.NotAllowedError):
                raise
            except faults.RefusalError:
                self._timeout_refused = True  # too short or too long for it: we stop it anyway
            else:
                return
        self._ask("ptz", "ContinuousMove", **asked)

    def stop(self, profile: str, node: Node) -> None:
        """Some cameras lack Stop and take a speed of nothing for it."""
        if not self._zero_stops:
            try:
                self._ask("ptz", "Stop", ProfileToken=profile, PanTilt=True, Zoom=True)
            except faults.RefusalError:
                self._zero_stops = True
            else:
                return
        self.move(profile, node, Velocity())

    def try_turning(self, profile: str) -> tuple[Node, Controls]:
        """What it does when it is told to, and not what it says it can: each axis is told to go at
        a speed of nothing. A camera that cannot be stopped is not turned."""
        said = next(iter(self.nodes()), Node())
        turning = replace(said, zoom=None)
        zooming = replace(said, pan=None, tilt=None)
        turns = bool(said.pan and said.tilt) and self._can(self.move, profile, turning, Velocity())
        zooms = bool(said.zoom) and self._can(self.move, profile, zooming, Velocity())
        node = Node(
            said.pan if turns else None, said.tilt if turns else None, said.zoom if zooms else None
        )
        if (turns or zooms) and not self._can(self.stop, profile, node):
            turns = zooms = False
        saves = self._can(self.presets, profile)
        return node, Controls(turns, zooms, said.home, saves)

    def _can(self, do: Callable[..., object], *args: object) -> bool:
        try:
            do(*args)
        except faults.LackingError:
            return False
        except faults.RefusalError:
            return do == self.move  # a speed of nothing may be none to it; it has the operation
        except DeviceError as error:
            if error.cause.code != "camera.onvif_malformed":
                raise
            return False  # one answer that cannot be read; the others may be
        return True

    def presets(self, profile: str) -> list[tuple[str, str]]:
        """Token and name; a name may be empty."""
        found = self._ask("ptz", "GetPresets", ProfileToken=profile) or []
        with self._reading():
            return [(str(one.token), str(one.Name or "")) for one in found if one.token]

    def go_to_preset(self, profile: str, token: str) -> None:
        self._ask("ptz", "GotoPreset", ProfileToken=profile, PresetToken=token)

    def save_preset(self, profile: str, name: str, token: str | None = None) -> str:
        """Where the camera looks now; into a new place, or the one of `token`. Gives its token."""
        asked = {"ProfileToken": profile, "PresetName": name}
        if token:
            asked["PresetToken"] = token
        return str(self._ask("ptz", "SetPreset", **asked))

    def go_home(self, profile: str) -> None:
        self._ask("ptz", "GotoHomePosition", ProfileToken=profile)

    # Asking

    def _service(self, name: str, address: str, token: Any) -> Any:
        return library.service(name, address, self._session, token, SECONDS)

    def _ask(self, service: str, operation: str, **params: Any) -> Any:
        """Refused for who we are, the clock is looked at again before that is believed: a camera
        that was without power thinks it is the year 2000."""
        try:
            return self._call(service, operation, params)
        except faults.NotAllowedError as refused:
            if self._token is None:
                raise DeviceError("camera.needs_password", name=self._name) from None
            before = self.skew
            if not self._read_clock():
                raise DeviceError("camera.password_or_clock", name=self._name) from None
            assert self.skew is not None
            if before is not None and abs(self.skew - before) < timedelta(seconds=2):
                raise refused
            self._token.dt_diff = self.skew
            return self._call(service, operation, params)

    def _call(self, service: str, operation: str, params: Mapping[str, Any]) -> Any:
        if service not in self._services:
            raise faults.LackingError("camera.cannot", name=self._name)
        try:
            return getattr(self._services[service], operation)(dict(params))
        except Exception as error:
            raise faults.of(error, self._name, self._address.host) from None

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What an answer lacks, or has as something else, is the camera's mistake and not ours."""
        try:
            yield
        except (AttributeError, TypeError, ValueError, OverflowError):
            raise DeviceError("camera.onvif_malformed", name=self._name) from None

    def _read_clock(self) -> bool:
        """Without saying who we are, as the specification allows everybody to. Whether it told."""
        device = self._service("devicemgmt", self._address.device, None)
        try:
            told = device.GetSystemDateAndTime().UTCDateTime
            date, time = told.Date, told.Time
            seconds = min(int(time.Second), 59)
            clock = datetime(date.Year, date.Month, date.Day, time.Hour, time.Minute, seconds)  # noqa: DTZ001
        except Exception as error:
            fault = faults.of(error, self._name, self._address.host)
            if isinstance(fault, faults.RefusalError | faults.NotAllowedError):
                return False
            if fault.cause.code == "camera.onvif_malformed" and not _is_of_the_wire(error):
                return False
            raise fault from None
        self.skew = clock - datetime.now(UTC).replace(tzinfo=None)
        return True


def _is_of_the_wire(error: Exception) -> bool:
    """It did not even answer in SOAP; otherwise it only leaves out its time, as some do."""
    return not isinstance(error, AttributeError | TypeError | ValueError)


def _encoder(found: Any) -> Encoder | None:
    if found is None:
        return None
    rate, h264, size = found.RateControl, found.H264, found.Resolution
    distance = getattr(h264, "GovLength", None)
    return answers.Encoder(
        str(found.token),
        str(found.Encoding),
        int(getattr(size, "Width", None) or 0),
        int(getattr(size, "Height", None) or 0),
        float(getattr(rate, "FrameRateLimit", None) or 0),
        int(getattr(rate, "BitrateLimit", None) or 0),
        int(distance) if distance else None,
        str(h264.H264Profile) if h264 is not None and h264.H264Profile else None,
    )


def _node(found: Any) -> Node:
    spaces = found.SupportedPTZSpaces
    turning = next(iter(getattr(spaces, "ContinuousPanTiltVelocitySpace", None) or ()), None)
    zooming = next(iter(getattr(spaces, "ContinuousZoomVelocitySpace", None) or ()), None)
    return Node(
        _span(getattr(turning, "XRange", None)),
        _span(getattr(turning, "YRange", None)),
        _span(getattr(zooming, "XRange", None)),
        bool(found.HomeSupported),
    )


def _span(found: Any) -> Span | None:
    return None if found is None else Span(float(found.Min), float(found.Max))
