"""The other systems that hear of cases: a list `[[targets]]` of a house's or a hub's file.

    [[targets]]
    kind = "webhook"
    id = "city"
    url = "https://phananh.thanhpho.example/hook"
    secret_file = "city.secret"

Nothing goes out without such an entry.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.feedback import TopicCode
from config.section import Identifier, Section

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^/@\s]+(/\S*)?$")]
Mailbox = Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=254)]


class WebhookTarget(Section):
    """Standard Webhooks."""

    kind: Literal["webhook"]
    id: Identifier
    url: HttpUrl
    secret_file: Path
    """A secret (`whsec_…`) a line; all that stand there sign, so that one can be replaced."""

    def secrets(self) -> tuple[str, ...]:
        """Raises OSError."""
        return tuple(self.secret_file.read_text(encoding="utf-8").split())


class Open311Target(Section):
    """A server of Open311 GeoReport v2."""

    kind: Literal["open311"]
    id: Identifier
    url: HttpUrl
    """Up to and without `/services.json`."""
    key_file: Path
    """Holds the api_key."""
    jurisdiction: str = Field(default="", max_length=80)
    address: str = Field(min_length=1, max_length=200)
    """Where the house is: a request needs a place, and few cases have one of their own."""
    services: dict[TopicCode, str] = Field(default={})
    """The service_code for each topic."""
    default_service: str = Field(min_length=1, max_length=80)
    """For the others."""

    def key(self) -> str:
        """Raises OSError."""
        return self.key_file.read_text(encoding="utf-8").strip()


class SmtpServer(Section):
    """Who takes mail that goes out."""

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` is for a server on this machine."""
    user: str = ""
    password_file: Path | None = None

    def password(self) -> str:
        """Empty where none is needed. Raises OSError."""
        return self.password_file.read_text(encoding="utf-8").strip() if self.password_file else ""


class EmailTarget(SmtpServer):
    """A mailbox of the authority."""

    kind: Literal["email"]
    id: Identifier
    sender: Mailbox
    to: Mailbox
    language: Literal["vi", "en"] = "vi"


Target = Annotated[WebhookTarget | Open311Target | EmailTarget, Field(discriminator="kind")]
