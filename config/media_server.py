"""The media server through which an official speaks to many houses at once.

[media_server]
whip_url = "https://media.phuong-mau.gov.vn/whip/{stream}"
whep_url = "https://media.phuong-mau.gov.vn/whep/{stream}"
publish_token_file = "media-publish.token"
watch_token_file = "media-watch.token"
"""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from config.section import Section

STREAM: Final = "{stream}"

StreamUrl = Annotated[
    str, Field(pattern=r"^https?://[^/@\s]+/[^@\s]*\{stream\}[^@\s]*$", max_length=300)
]
"""Without a login; `{stream}` stands for the name of a stream."""


class MediaServerSection(Section):
    whip_url: StreamUrl
    """Where a stream is published (WHIP, RFC 9725)."""
    whep_url: StreamUrl
    """Where it is watched (WHEP, draft-ietf-wish-whep)."""
    publish_token_file: Path | None = None
    """What is shown as the bearer token by who publishes."""
    watch_token_file: Path | None = None
    """The same of who watches."""

    def publish_token(self) -> str:
        """Empty where none is needed. Raises OSError."""
        return _read(self.publish_token_file)

    def watch_token(self) -> str:
        """Empty where none is needed. Raises OSError."""
        return _read(self.watch_token_file)


def _read(file: Path | None) -> str:
    return file.read_text(encoding="utf-8").strip() if file else ""
