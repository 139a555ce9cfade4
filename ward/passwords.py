"""Passwords as argon2, hashed and verified outside the event loop's thread, one at a time."""

import asyncio
import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from base.cause import Refused

LEAST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """A hasher with argon2-cffi's own parameters (RFC 9106, the second recommended option),
        where none is given."""
        self._hasher = hasher or PasswordHasher()
        self._one_at_a_time = asyncio.Semaphore(1)
        """Each takes 64 MiB and a core for a moment."""
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Raises Refused `access.password_too_short`."""
        if len(password) < LEAST_PASSWORD:
            raise Refused("access.password_too_short", least=LEAST_PASSWORD)
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hasher.hash, password[:LONGEST_PASSWORD])

    async def verify(self, argon2: str | None, password: str) -> bool:
        """Whether this is the password. None, for somebody who has none, takes as long."""
        if argon2 is None:
            self._nobody = self._nobody or await self.hash(secrets.token_hex(16))
        async with self._one_at_a_time:
            try:
                await asyncio.to_thread(
                    self._hasher.verify, argon2 or self._nobody or "", password[:LONGEST_PASSWORD]
                )
            except VerifyMismatchError:
                return False
        return argon2 is not None
