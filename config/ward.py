"""The settings of a ward's hub, as they stand in its TOML file.

    [ward]
    name = "Phường Mẫu"

    [web]
    public_url = "https://hop.phuong-mau.gov.vn"
    behind_proxy = true

    [storage]
    url = "postgresql://avcontrol@db.phuong-mau.gov.vn/avcontrol"
    password_file = "/etc/avcontrol/database.password"

What holds for a house's file holds here: `AVCONTROL_WEB__PORT=8091` replaces a value, secrets stand
in files of their own, `config.check` says in codes what is wrong.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field

from config.alerts import AlertsSection
from config.feedback import FeedbackSection
from config.mail import WardMailSection
from config.media_server import MediaServerSection
from config.open311 import Open311Section
from config.privacy import PrivacySection
from config.section import Name, Section
from config.settings import Port, ServerSection
from config.targets import Target
from config.turn import TurnUrl


class WardSection(Section):
    name: Name
    language: Literal["vi", "en"] = "vi"


class HubWebSection(ServerSection):
    port: Port = 8090
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """With `behind_proxy`: whose X-Forwarded-For and -Proto are believed; addresses or networks."""


class StorageSection(Section):
    url: str = Field(default="", pattern=r"^(postgresql://([^:@/\s]+@)?[^@/\s]+/[^/\s]+)?$")
    """A PostgreSQL database, which several hubs may share; empty means SQLite in the data folder.
    Without the password."""
    password_file: Path | None = None


class PeersSection(Section):
    """Where the other processes of the hub reach this one; they share a PostgreSQL database."""

    host: str = "127.0.0.1"
    """In a network of one's own: what goes there is not encrypted."""
    port: int = Field(default=0, ge=0, le=65535)
    """0 takes any free port."""


class MetricsSection(Section):
    token_file: Path | None = None
    """Who shows what it holds may read `/metrics`; without it only the admin may."""

    def token(self) -> str:
        """Empty where there is none. Raises OSError where it cannot be read."""
        return self.token_file.read_text(encoding="utf-8").strip() if self.token_file else ""


class TurnSection(Section):
    """The relay for media that finds no direct way (coturn with `use-auth-secret`)."""

    urls: tuple[TurnUrl, ...] = Field(max_length=8)
    """RFC 7065: `turn:turn.phuong-mau.gov.vn:3478`, `turns:…:443?transport=tcp`."""
    secret_file: Path
    """Holds coturn's `static-auth-secret`."""

    def secret(self) -> str:
        """Raises OSError where it cannot be read."""
        return self.secret_file.read_text(encoding="utf-8").strip()


class WardSettings(Section):
    ward: WardSection
    web: HubWebSection = HubWebSection()
    data: Path = Path("/var/lib/avcontrol-ward")
    storage: StorageSection = StorageSection()
    peers: PeersSection = PeersSection()
    turn: TurnSection | None = None
    media_server: MediaServerSection | None = None
    alerts: AlertsSection = AlertsSection()
    metrics: MetricsSection = MetricsSection()
    feedback: FeedbackSection = FeedbackSection()
    privacy: PrivacySection = PrivacySection()
    targets: tuple[Target, ...] = Field(default=(), max_length=20)
    mail: WardMailSection | None = None
    open311: Open311Section = Open311Section()

    def receivers(self) -> list[str]:
        """Who is sent something, as it is called where that is waited for (`feedback.out_tray`)."""
        mail = [self.mail.address] if self.mail else []
        return [target.id for target in self.targets] + mail

    def database(self) -> Path | str:
        """For `Database.open`: a file, or the address of a server with its password.

        Raises OSError where the password cannot be read.
        """
        if not self.storage.url:
            return self.data / "ward.db"
        if self.storage.password_file is None:
            return self.storage.url
        password = self.storage.password_file.read_text(encoding="utf-8").strip()
        parts = urlsplit(self.storage.url)
        user, _, host = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
