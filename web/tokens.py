"""Signed tokens for links, and the key of the house that signs them.

    tokens = Tokens(load_key(data / "signing.key"))
    token = tokens.sign("invitation", "k3b9", until=tonight)
    tokens.read("invitation", token)      # "k3b9", or Refused with what to tell the reader

A token can be read by whoever holds it and altered by nobody. It says what it is for: an
invitation is no good as a guest's token. Signed with HMAC-SHA256 by itsdangerous.
"""

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_encode

from base.cause import Refused

Payload = str | int | list[str] | dict[str, str]

_KEY_BYTES: Final = 32


def load_key(path: Path) -> bytes:
    """The key in this file; made at the first start, readable by the daemon's user alone.

    Raises OSError, and ValueError where the file holds no key.
    """
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{path} holds {len(key)} bytes instead of {_KEY_BYTES}")
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all, be the disk full or the power cut; the first of two is the key."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()


class _Uncompressed(URLSafeSerializer):
    """Of a few words, compressing makes nothing shorter and takes longer than all else; a token
    that was compressed by an earlier version is still read."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(self.serializer.dumps(obj, **self.serializer_kwargs).encode())


class Tokens:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, purpose: str, payload: Payload, *, until: datetime | None = None) -> str:
        """A token of characters that may stand in an address. `until` ends its use."""
        return self._serializer(purpose).dumps([payload, int(until.timestamp()) if until else 0])

    def read(self, purpose: str, token: str) -> Payload:
        """The payload. Raises Refused: `access.link_broken`, `access.link_expired`."""
        try:
            payload, until = self._serializer(purpose).loads(token)
        except (BadData, TypeError, ValueError) as error:
            raise Refused("access.link_broken") from error
        if until and datetime.now(UTC).timestamp() >= until:
            raise Refused("access.link_expired")
        return payload  # type: ignore[no-any-return]

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return _Uncompressed(
            self._key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256}
        )
