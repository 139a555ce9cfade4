"""The settings of a house, as they stand in its TOML file.

    [house]
    name = "Nhà văn hóa Tổ dân phố 5"
    ward = "Phường Mẫu"

    [web]
    port = 8080

    [[cameras]]
    id = "camera"
    name = "Camera sân khấu"
    kind = "rtsp"
    url = "rtsp://192.168.1.20:554/stream1"
    user = "viewer"
    password_file = "/etc/avcontrol/camera.password"

Every key can be overridden from the environment, `AVCONTROL_WEB__PORT=8081`. Passwords stand in
files of their own, never in the TOML. `config.check` reads a file and says in codes what is wrong.
"""

import re
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.alerts import HouseAlertsSection
from config.feedback import FeedbackSection
from config.mail import MailSection
from config.open311 import Open311Section
from config.power import PowerSection
from config.privacy import PrivacySection
from config.publish import PublishSection
from config.section import Identifier, Name, Section
from config.targets import Target

Port = Annotated[int, Field(ge=1, le=65535)]


class HouseSection(Section):
    name: Name
    ward: Name
    block: str = Field(default="", max_length=80)
    """The neighbourhood block (tổ dân phố) as minutes name it; empty takes it from `name`."""
    language: Literal["vi", "en"] = "vi"
    telephone: str = Field(default="", max_length=40)
    """Whom the leader calls when nothing else works; shown on the panel."""

    @property
    def block_name(self) -> str:
        """“Nhà văn hóa Tổ dân phố 5” is the house of “Tổ dân phố 5”."""
        hall = re.match(r"nhà (văn hóa|văn hoá|sinh hoạt cộng đồng)\s+", self.name, re.IGNORECASE)
        return self.block or (self.name[hall.end() :] if hall else self.name)


class ServerSection(Section):
    """Of a web server, be it a house's or a hub's."""

    host: str = "127.0.0.1"
    port: Port = 8080
    public_url: str = Field(default="", pattern=r"^(https?://[^/]+)?$")
    """How people in the hall reach this page, without a path; empty means http://host:port."""
    behind_proxy: bool = False
    """A reverse proxy on this machine ends TLS and says who asks in X-Forwarded-For and -Proto."""


class LineSection(Section):
    """The house's own line to the world."""

    uplink_kilobits: int | None = Field(default=None, ge=64, le=10_000_000)
    """What it carries outwards, in kbit/s, for pictures and sound; None is as it is found to be.
    Guests in the hall's own network cost nothing of it."""


class WebSection(ServerSection):
    local_name: str = Field(default="nhavanhoa", pattern=r"^([a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?)?$")
    """Announced in the house's networks as `nhavanhoa.local`; empty announces nothing."""


class RtspCamera(Section):
    kind: Literal["rtsp"]
    id: Identifier
    name: Name
    url: str = Field(default="", pattern=r"^(rtsps?://[^@]+)?$")
    """Without user and password. Empty where the camera itself tells it over ONVIF."""
    onvif: str = Field(default="", pattern=r"^(https?://[^@/]+(/[^@]*)?)?$")
    """Address of the camera's ONVIF service, without user and password; a path only where it is not
    `/onvif/device_service`."""
    user: str = ""
    password_file: Path | None = None
    onvif_user: str = ""
    """Of its ONVIF, where that has users of its own; empty uses the two above."""
    onvif_password_file: Path | None = None
    transport: Literal["tcp", "udp"] = "tcp"
    reader: Literal["own", "libav"] = "own"
    """`libav` for a camera whose picture is bad with our own; other codecs than H.264 are read by
    it in any case."""


class Webcam(Section):
    kind: Literal["webcam"]
    id: Identifier
    name: Name
    input: str
    """`/dev/v4l/by-id/…`, or whatever PyAV opens with `format`."""
    format: str = "v4l2"
    width: int = Field(default=1280, ge=160, le=1920)
    height: int = Field(default=720, ge=120, le=1080)
    frames_per_second: int = Field(default=30, ge=5, le=60)
    bitrate: int = Field(default=1_500_000, ge=100_000, le=8_000_000)
    follow_faces: bool = True
    """At the first start; afterwards what the leader tapped is kept."""


class WhipCamera(Section):
    """A picture that OBS or another encoder sends to `/whip/<id>`."""

    kind: Literal["whip"]
    id: Identifier
    name: Name
    token_file: Path
    """What the encoder shows as its bearer token; at least 16 characters."""


class HdmiSection(Section):
    """A USB dongle into which somebody plugs a laptop's HDMI cable; not a camera of the hall."""

    id: Identifier = "hdmi"
    name: Name = "Cáp HDMI (máy tính xách tay)"
    input: str
    """`/dev/v4l/by-id/…`, or whatever PyAV opens with `format`."""
    format: str = "v4l2"
    width: int = Field(default=1280, ge=160, le=1920)
    height: int = Field(default=720, ge=120, le=1080)
    frames_per_second: int = Field(default=30, ge=5, le=60)
    bitrate: int = Field(default=2_500_000, ge=100_000, le=8_000_000)
    """Bits a second; of letters, and of films, more than of a room."""
    sound: str = ""
    """Name of the dongle's PortAudio input, or a part that only it has; empty without sound."""


Camera = Annotated[RtspCamera | Webcam | WhipCamera, Field(discriminator="kind")]


class SoundSection(Section):
    microphone: str
    """Name of the PortAudio input, or a part of it that only one input has; never its index."""
    loudspeaker: str
    fallback_microphone: str = ""
    """Another PortAudio input, which is used while the first one is not there; empty without."""
    microphone_name: Name = "Micro hội trường"
    loudspeaker_name: Name = "Loa hội trường"
    volume: int = Field(default=70, ge=0, le=100)
    """At the first start; afterwards the last volume is kept."""
    microphone_gain: int | None = Field(default=None, ge=0, le=100)
    """Where the microphone's slider in the system's mixer, or the sound card's, is put whenever it
    is opened; None leaves it where it is."""


class PjlinkProjector(Section):
    kind: Literal["pjlink"]
    id: Identifier = "projector"
    name: Name = "Máy chiếu"
    host: str
    port: Port = 4352
    password_file: Path | None = None
    input: str = Field(default="31", pattern=r"^[1-6][1-9A-Z]$")
    """PJLink's code of the input where the mini-PC is plugged in: 31 is the first digital one."""


class MdcScreen(Section):
    """A big screen of Samsung's, over the network."""

    kind: Literal["mdc"]
    id: Identifier = "projector"
    name: Name = "Tivi"
    host: str
    port: Port = 1515
    display_id: int = Field(default=0, ge=0, le=253)
    password_file: Path | None = None
    """Its PIN, where its menu wants one ("Secured Protocol")."""
    input: Literal[
        "HDMI1", "HDMI2", "HDMI3", "HDMI4", "DISPLAY_PORT_1", "DISPLAY_PORT_2", "DVI", "PC"
    ] = "HDMI1"
    """Where the mini-PC is plugged in."""


class CecScreen(Section):
    """A television on the mini-PC's HDMI cable, by HDMI-CEC."""

    kind: Literal["cec"]
    id: Identifier = "projector"
    name: Name = "Tivi"
    command: tuple[str, ...] = Field(default=("cec-client",), min_length=1)
    """libCEC's program (Debian: cec-utils)."""
    adapter: str = Field(default="", pattern=r"^[^-\s]\S*$|^$")
    """`/dev/ttyACM0`, `/dev/cec0`; empty takes the first that is found."""
    hdmi_port: int = Field(default=0, ge=0, le=15)
    """Of the television, where the adapter cannot find it out; 0 lets it try."""


Projector = Annotated[PjlinkProjector | MdcScreen | CecScreen, Field(discriminator="kind")]
"""Whatever shows the stage to the hall, and can be switched."""


class ScreenSection(Section):
    """The browser that shows the stage on the mini-PC's own output."""

    id: Identifier = "screen"
    name: Name = "Màn hình lớn"
    command: tuple[str, ...] = ("cage", "-s", "--", "chromium")
    """Started with kiosk flags and the address of the stage behind it."""


class NetworkSection(Section):
    """Where devices are looked for."""

    addresses: tuple[IPv4Address, ...] = ()
    """Of this machine, in the networks that count; empty means all private ones."""


class MeetingSection(Section):
    preset: str = ""
    """Name of the camera preset to go to at the start; empty leaves the camera alone."""
    confirm_after_minutes: int = Field(default=15, ge=1, le=240)
    """After a stop longer than this, a meeting comes back muted and asks to go on."""
    undo_end_seconds: int = Field(default=10, ge=3, le=60)
    alone_minutes: int = Field(default=30, ge=5, le=240)
    """A meeting ends by itself after this time in which nobody spoke in the hall, asked or pressed
    anything there; a guest who is merely connected does not keep it open."""


class RecordingSection(Section):
    """Recordings of whole meetings, which the leader starts; they lie in the data folder."""

    allowed: bool = True
    keep_days: int = Field(default=60, ge=1, le=3650)
    most_gb: int = Field(default=30, ge=1, le=100_000)
    """Of all recordings together; the oldest go first."""
    leave_free_gb: float = Field(default=2.0, ge=0.1, le=1000)
    """Of the disk; with less, none begins."""


class LinkSection(Section):
    """The ward's hub, to which this house dials out; `avcontrol enrol` says what to write here."""

    url: str = Field(pattern=r"^https?://[^/@]+$")
    """Of the hub, without a path: https://hop.phuong-mau.gov.vn"""
    house: Identifier
    """What the hub calls this house; it stands in its addresses."""
    key_file: Path
    officials_wait: bool = True
    """Whether officials who come in from the hub's pages, and whom they invite there, too, wait
    until they are let in."""


class HouseSettings(Section):
    house: HouseSection
    web: WebSection = WebSection()
    line: LineSection = LineSection()
    data: Path = Path("/var/lib/avcontrol")
    cameras: tuple[Camera, ...] = Field(default=(), max_length=4)
    hdmi: HdmiSection | None = None
    sound: SoundSection | None = None
    projector: Projector | None = None
    screen: ScreenSection | None = None
    meeting: MeetingSection = MeetingSection()
    recording: RecordingSection = RecordingSection()
    network: NetworkSection = NetworkSection()
    power: PowerSection = PowerSection()
    link: LinkSection | None = None
    publish: PublishSection | None = None
    alerts: HouseAlertsSection = HouseAlertsSection()
    feedback: FeedbackSection = FeedbackSection()
    privacy: PrivacySection = PrivacySection()
    targets: tuple[Target, ...] = Field(default=(), max_length=20)
    mail: MailSection | None = None
    open311: Open311Section = Open311Section()

    @property
    def mailbox(self) -> str | None:
        """The address of the one that is read."""
        return self.mail.address if self.mail else None

    def receivers(self) -> list[str]:
        """Who is sent something, as it is called where that is waited for (`feedback.out_tray`)."""
        mail = [self.mail.address] if self.mail else []
        return [target.id for target in self.targets] + mail
