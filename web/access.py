"""Who somebody is, and how he came to be let in.

- The leader's, secretary's and stage's browsers are *paired* once: a short code from the panel or
  the command line, typed or scanned, is turned into a random token in a cookie.
- The technician has a password; it opens a session of twelve hours.
- Officials and viewers come with a signed link that names an invitation; the room knows whether
  the invitation still stands.

A browser may be several at once, so each role has a cookie of its own (`av_leader`, `av_stage`).
Only hashes of tokens are stored. All who are let in are kept in memory, so that `identify` costs
nothing and a revoked tablet is out at once, its open WebSockets too (`until_revoked`).
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from starlette.requests import HTTPConnection

from base.cause import Refused
from base.latest import Latest
from rooms.access_store import AccessStore, PairedDevice, Pairing
from rooms.meeting import Actor
from rooms.view import Role
from web.tokens import Tokens

logger = logging.getLogger(__name__)

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L."""
CODE_LENGTH: Final = 8
CODE_LASTS: Final = timedelta(minutes=10)
FIRST_CODE_LASTS: Final = timedelta(days=1)
SESSION_LASTS: Final = timedelta(hours=12)
LEAST_PASSWORD: Final = 10
PAIRED_ROLES: Final = (Role.LEADER, Role.SECRETARY, Role.STAGE)

_TOKEN_BYTES: Final = 32
_HOUSEKEEPING_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Identity:
    role: Role
    name: str
    device_id: str

    @property
    def actor(self) -> Actor:
        """As whom the room knows him."""
        return Actor(self.role, self.name)


@dataclass(frozen=True, slots=True)
class LetIn:
    """A browser that was just let in, and the secret for its cookie, shown this once."""

    identity: Identity
    secret: str
    expires_at: datetime | None


class NotAllowed(Exception):  # noqa: N818 - it is no error of the program
    """Nobody with one of these roles is at this browser."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        super().__init__(", ".join(roles))
        self.roles = roles


def cookie_name(role: Role) -> str:
    return f"av_{role.value}"


class Access:
    """Belongs to the event loop's thread. Made by `Access.load`."""

    def __init__(self, store: AccessStore, tokens: Tokens, hasher: PasswordHasher) -> None:
        self.tokens = tokens
        self._store = store
        self._devices: Latest[Mapping[bytes, PairedDevice]] = Latest({})
        """By the hash of their token."""
        self._seen: dict[str, datetime] = {}
        self._changing = asyncio.Lock()
        self._hasher = hasher
        self._hashing = asyncio.Semaphore(1)
        """Each takes 64 MiB and a core for a moment."""

    @classmethod
    async def load(
        cls, store: AccessStore, tokens: Tokens, hasher: PasswordHasher | None = None
    ) -> "Access":
        """A hasher with argon2-cffi's own parameters (RFC 9106, the second recommended option),
        where none is given."""
        access = cls(store, tokens, hasher or PasswordHasher())
        await access._read_devices()
        return access

    async def run(self) -> None:
        """Keep house: store who was seen, forget what expired. Ends only by cancellation."""
        while True:
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)
            seen, self._seen = self._seen, {}
            try:
                if seen:
                    await self._store.seen(seen)
                await self._store.forget_expired()
            except Refused as refused:
                logger.warning("who was seen could not be stored: %s", refused.cause.code)

    # Who is it?

    def identify(self, connection: HTTPConnection, *roles: Role) -> Identity | None:
        """The first of these roles that this browser holds; None where it holds none."""
        for role in roles:
            secret = connection.cookies.get(cookie_name(role))
            device = self._devices.value.get(_sha256(secret)) if secret else None
            if device and device.role is role and not _expired(device):
                self._seen[device.id] = datetime.now(UTC)
                return _identity(device)
        return None

    def require(self, connection: HTTPConnection, *roles: Role) -> Identity:
        """The same, or NotAllowed, which sends a person on to pairing or log-in."""
        identity = self.identify(connection, *roles)
        if identity is None:
            raise NotAllowed(roles)
        return identity

    async def until_revoked(self, identity: Identity) -> None:
        """Return once this identity is worth nothing any more. Live sockets wait for it."""
        device = self._device(identity.device_id)
        if device is None:
            return
        seconds = _seconds_until(device.expires_at) if device.expires_at else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for devices in self._devices.changes():
                    if device.token_sha256 not in devices:
                        return

    def _device(self, device_id: str) -> PairedDevice | None:
        return next((d for d in self._devices.value.values() if d.id == device_id), None)

    # Pairing

    async def create_pairing(self, role: Role, name: str, *, lasts: timedelta = CODE_LASTS) -> str:
        """A code, `K7QM-2ZRT`, that lets one browser in, once."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        await self._store.add_pairing(Pairing(_sha256(code), role, name, datetime.now(UTC) + lasts))
        return f"{code[:4]}-{code[4:]}"

    async def pair(self, code: str) -> LetIn:
        """Use a code up. Raises Refused `access.wrong_code`."""
        plain = "".join(character for character in code.upper() if character.isalnum())
        secret = secrets.token_urlsafe(_TOKEN_BYTES)
        async with self._changing:
            device = await self._store.use_pairing(
                _sha256(plain), lambda role, name: _new_device(role, name, secret)
            )
            if device is None:
                raise Refused("access.wrong_code")
            return self._welcome(device, secret)

    def open_link(self, role: Role, name: str, *, until: datetime) -> str:
        """A path that lets every browser in which opens it before `until`. Only the daemon makes
        these, for its own screen and for the demo."""
        token = self.tokens.sign("open", {"role": role.value, "name": name}, until=until)
        return f"/open/{token}"

    def read_open_link(self, token: str) -> tuple[Role, str]:
        """Role and name to `let_in`. Raises Refused: `access.link_broken`,
        `access.link_expired`."""
        match self.tokens.read("open", token):
            case {"role": str(role), "name": str(name)}:
                return Role(role), name
        raise Refused("access.link_broken")

    async def let_in(self, role: Role, name: str) -> LetIn:
        """Let a browser in that has shown whose it is; a technician for twelve hours."""
        secret = secrets.token_urlsafe(_TOKEN_BYTES)
        device = _new_device(role, name, secret)
        async with self._changing:
            await self._store.add_device(device)
            return self._welcome(device, secret)

    # Paired devices

    def paired(self) -> tuple[PairedDevice, ...]:
        """All who are let in, oldest first, with the time they were last here."""
        return tuple(
            replace(device, seen_at=self._seen.get(device.id, device.seen_at))
            for device in self._devices.value.values()
            if not _expired(device)
        )

    async def revoke_device(self, device_id: str) -> None:
        """Out at once and for good; does nothing where there is no such device."""
        async with self._changing:
            await self._store.remove_device(device_id)
            kept = {k: d for k, d in self._devices.value.items() if d.id != device_id}
            self._devices.set(kept)
            self._seen.pop(device_id, None)
        logger.info("revoked %s", device_id)

    # The technician

    async def has_password(self) -> bool:
        return await self._store.password(Role.TECHNICIAN) is not None

    async def first_code(self) -> str | None:
        """For the log of a new house: a code with which the technician comes in and sets the
        password, in the place of the one in the log of the last start. None once there is one."""
        if await self.has_password():
            return None
        await self._store.withdraw_pairings(Role.TECHNICIAN, "")
        return await self.create_pairing(Role.TECHNICIAN, "", lasts=FIRST_CODE_LASTS)

    async def set_password(self, password: str) -> None:
        """Replace the technician's password and end his sessions. Raises Refused
        `access.password_too_short`."""
        if len(password) < LEAST_PASSWORD:
            raise Refused("access.password_too_short", least=LEAST_PASSWORD)
        async with self._hashing:
            argon2 = await asyncio.to_thread(self._hasher.hash, password)
        await self._store.set_password(Role.TECHNICIAN, argon2)
        await self._read_devices()

    async def log_in(self, password: str) -> LetIn:
        """Open a session. Raises Refused: `access.no_password`, `access.wrong_password`."""
        argon2 = await self._store.password(Role.TECHNICIAN)
        if argon2 is None:
            raise Refused("access.no_password")
        async with self._hashing:
            try:
                await asyncio.to_thread(self._hasher.verify, argon2, password)
            except VerifyMismatchError:
                raise Refused("access.wrong_password") from None
        return await self.let_in(Role.TECHNICIAN, "")

    # Officials and other guests

    def invitation_link(self, invitation_id: str) -> str:
        """The path for an invitation. Whether it still stands is the room's to say."""
        return f"/join/{self.tokens.sign('invitation', invitation_id)}"

    def read_invitation(self, token: str) -> str:
        """The invitation's id. Raises Refused `access.link_broken`."""
        return self._read_text("invitation", token)

    def guest_token(self, guest_id: str, turn: int) -> str:
        """With this, a guest's browser comes back as the same guest after a lost line. Each time
        it gets the token of the next turn; whether an older one stands is the room's to say."""
        return self.tokens.sign("guest", [guest_id, str(turn)])

    def read_guest_token(self, token: str) -> tuple[str, int]:
        """The guest's id, and the turn. Raises Refused `access.link_broken`."""
        match self.tokens.read("guest", token):
            case [str(guest_id), str(turn)]:
                return guest_id, int(turn)
        raise Refused("access.link_broken")

    def _read_text(self, purpose: str, token: str) -> str:
        try:
            payload = self.tokens.read(purpose, token)
        except Refused:
            logger.warning("a link was altered, or is not whole: %s", purpose)
            raise
        if not isinstance(payload, str):
            raise Refused("access.link_broken")
        return payload

    # What is kept

    def _welcome(self, device: PairedDevice, secret: str) -> LetIn:
        self._devices.set({**self._devices.value, device.token_sha256: device})
        logger.info("let in %s %s", device.role.value, device.id)
        return LetIn(_identity(device), secret, device.expires_at)

    async def _read_devices(self) -> None:
        async with self._changing:
            self._devices.set({d.token_sha256: d for d in await self._store.devices()})


def _new_device(role: Role, name: str, secret: str) -> PairedDevice:
    now = datetime.now(UTC)
    return PairedDevice(
        id=secrets.token_hex(6),
        role=role,
        name=name,
        token_sha256=_sha256(secret),
        paired_at=now,
        seen_at=now,
        expires_at=now + SESSION_LASTS if role is Role.TECHNICIAN else None,
    )


def _identity(device: PairedDevice) -> Identity:
    return Identity(device.role, device.name, device.id)


def _expired(device: PairedDevice) -> bool:
    return device.expires_at is not None and device.expires_at <= datetime.now(UTC)


def _seconds_until(moment: datetime) -> float:
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
