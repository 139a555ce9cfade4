"""Credentials for the relay, of the kind that coturn checks by itself (`use-auth-secret`).

    mint = TurnMint(("turn:turn.phuong-mau.example:3478",), secret)
    mint.account("to-5")        # TurnAccount("1764100800:to-5", "k2lB…=")

The username says until when it is good, the password is its HMAC: coturn needs no list of houses,
and nobody can make one without the secret, which stays at the hub and at coturn.
"""

import hmac
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

LASTS_SECONDS: Final = 3600
"""A connection that was made in time goes on after it."""


@dataclass(frozen=True, slots=True)
class TurnAccount:
    username: str
    credential: str = field(repr=False)


class TurnMint:
    def __init__(
        self, urls: tuple[str, ...], secret: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.urls = urls
        self._secret = secret.encode()
        self._clock = clock

    def account(self, name: str) -> TurnAccount:
        """For one house, or its guests: coturn counts connections by the name."""
        username = f"{int(self._clock()) + LASTS_SECONDS}:{name}"
        digest = hmac.digest(self._secret, username.encode(), "sha1")
        return TurnAccount(username, b64encode(digest).decode())
