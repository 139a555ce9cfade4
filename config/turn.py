"""Addresses of a relay, as they stand in settings and go out to browsers (RFC 7064, RFC 7065).

>>> TurnAddress.read("turns:turn.phuong-mau.example:443?transport=tcp")
TurnAddress(scheme='turns', host='turn.phuong-mau.example', port=443, transport='tcp')
>>> TurnAddress.read("stun:192.0.2.1")
TurnAddress(scheme='stun', host='192.0.2.1', port=3478, transport='udp')
"""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Self

from pydantic import Field

_HOST: Final = r"\[[0-9A-Fa-f:.]+\]|[^\s/@?:\[\]]+"
_TURN_URL: Final = (
    rf"^(?:(stuns?):({_HOST})(?::([0-9]{{1,5}}))?"
    rf"|(turns?):({_HOST})(?::([0-9]{{1,5}}))?(?:\?transport=(udp|tcp))?)$"
)

TurnUrl = Annotated[str, Field(pattern=_TURN_URL, max_length=200)]
"""What every browser takes: one that it does not take would cost the whole call."""


@dataclass(frozen=True, slots=True)
class TurnAddress:
    scheme: str
    """`stun`, `stuns`, `turn`, `turns`; those with an s go over TLS."""
    host: str
    port: int
    transport: str
    """`udp` or `tcp`."""

    @classmethod
    def read(cls, url: str) -> Self:
        """Raises ValueError for what is no `TurnUrl`."""
        found = re.match(_TURN_URL, url)
        if found is None:
            raise ValueError(f"no address of a relay: {url}")
        scheme, host, port = (found[i] or found[i + 3] for i in (1, 2, 3))
        over_tls = scheme.endswith("s")
        return cls(
            scheme=scheme,
            host=host.strip("[]"),
            port=int(port or (5349 if over_tls else 3478)),
            transport=found[7] or ("tcp" if over_tls else "udp"),
        )
