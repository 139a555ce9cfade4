"""STUN requests with most of the work done beforehand (RFC 8489), for what is asked all the time.

request = Request(body, key)
data = request.numbered(os.urandom(12))
"""

import hmac
import struct
import zlib
from typing import Final

NUMBER_BYTES: Final = 12
"""Of a transaction id."""
_HEAD = struct.Struct("!HHL")
_BINDING_REQUEST, _COOKIE = 0x0001, 0x2112A442
_INTEGRITY = struct.pack("!HH", 0x0008, 20)
_FINGERPRINT = struct.Struct("!HHL")
_INTEGRITY_BYTES, _FINGERPRINT_BYTES = 24, 8


class Request:
    """A binding request that is the same each time but for its number."""

    def __init__(self, body: bytes, key: bytes) -> None:
        """`body` has the attributes without MESSAGE-INTEGRITY and FINGERPRINT, padded; `key` is
        the other side's password."""
        self._body = body
        self._key = key
        size = len(body) + _INTEGRITY_BYTES
        # each of the two covers a length as if the message ended with it (14.5, 14.7)
        self._signed_head = _HEAD.pack(_BINDING_REQUEST, size, _COOKIE)
        self._head = _HEAD.pack(_BINDING_REQUEST, size + _FINGERPRINT_BYTES, _COOKIE)

    def numbered(self, number: bytes) -> bytes:
        rest = number + self._body
        mac = hmac.digest(self._key, self._signed_head + rest, "sha1")
        data = self._head + rest + _INTEGRITY + mac
        return data + _FINGERPRINT.pack(0x8028, 4, zlib.crc32(data) ^ 0x5354554E)
