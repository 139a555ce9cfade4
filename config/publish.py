"""Where a house publishes its meetings: a media server that has more viewers than the house's line.

[publish]
url = "https://media.phuong-mau.gov.vn/whip/to-5"
token_file = "publish.token"
watch_url = "https://media.phuong-mau.gov.vn/watch/to-5"
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.section import Section


class PublishSection(Section):
    url: str = Field(pattern=r"^https?://[^/@]+(/[^@]*)?$")
    """Of the media server's WHIP endpoint (RFC 9725), without a login."""
    token_file: Path | None = None
    """What is shown as the bearer token."""
    what: Literal["programme", "hall"] = "programme"
    """Whoever has the floor, else the hall; or the hall alone."""
    watch_url: str = Field(default="", pattern=r"^(https?://[^/@]+(/[^@]*)?)?$")
    """Where viewers watch it who do not fit the house's line; empty: nowhere."""

    def token(self) -> str:
        """Empty where none is needed. Raises OSError."""
        return self.token_file.read_text(encoding="utf-8").strip() if self.token_file else ""
