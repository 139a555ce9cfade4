"""Who asks a camera over ONVIF: WS-Security's UsernameToken with a digest (OASIS, profile 1.1)."""

import base64
import binascii
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

LATEST = timedelta(seconds=60)
"""That a token may be away from the camera's clock, before or behind."""


class TokenGuard:
    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password
        self._seen: dict[str, datetime] = {}

    def admits(self, envelope: Any, clock: datetime) -> bool:
        """`clock` is the camera's, which may be wrong. No token is taken twice."""
        token = envelope.find(".//{*}UsernameToken")
        if token is None:
            return False
        user, given, nonce, created = (
            (token.findtext(f"{{*}}{name}") or "").strip()
            for name in ("Username", "Password", "Nonce", "Created")
        )
        try:
            made = datetime.fromisoformat(created)
            mixed = base64.b64decode(nonce) + created.encode() + self._password.encode()
        except (ValueError, binascii.Error):
            return False
        wanted = base64.b64encode(hashlib.sha1(mixed, usedforsecurity=False).digest()).decode()
        if made.tzinfo is None or abs(made - clock) > LATEST or nonce in self._seen:
            return False
        if user != self._user or not secrets.compare_digest(given, wanted):
            return False
        self._seen = {one: at for one, at in self._seen.items() if clock - at < 2 * LATEST}
        self._seen[nonce] = clock
        return True
