"""Who may send in cases as other systems do, over Open311: the table `[open311]` of a house's or a
hub's file.

    [open311]
    jurisdiction = "to-5.phuong-mau.gov.vn"

    [[open311.keys]]
    id = "city-app"
    key_file = "city-app.key"

Anybody may read what is public; without a key nobody sends.
"""

import hmac
import logging
from pathlib import Path

from pydantic import Field

from config.section import Identifier, Section

logger = logging.getLogger(__name__)


class Open311Key(Section):
    id: Identifier
    """Whose it is; it stands in the history of each case that came with it."""
    key_file: Path
    """Holds the api_key."""

    def key(self) -> str:
        """Raises OSError, UnicodeDecodeError."""
        return self.key_file.read_text(encoding="utf-8").strip()


class Open311Section(Section):
    jurisdiction: str = Field(default="", max_length=80)
    """The jurisdiction_id of a lone house; at a hub it is the id of the house."""
    contact: str = Field(default="", max_length=200)
    """Whom a developer asks, for a key too; empty says the name of the place."""
    keys: tuple[Open311Key, ...] = Field(default=(), max_length=50)

    def sender(self, api_key: str) -> str | None:
        """The id of whose key it is. The files are read each time, so that a key is replaced
        without a restart; one that cannot be read lets nobody in, and the log tells."""
        given, found = api_key.encode("utf-8", "replace"), None
        for known in self.keys:
            try:
                key = known.key().encode()
            except (OSError, UnicodeDecodeError) as error:
                logger.warning("the key of %s cannot be read: %s", known.id, error)
                continue
            if key and hmac.compare_digest(key, given):
                found = known.id
        return found
