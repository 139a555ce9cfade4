"""The lines of a ledger: how they are written, hashed, signed and added up. LEDGER.md says it all
for whoever writes a verifier of his own; nothing here knows a database.

    entry = following(previous, kind="answered", case=1, at=now, commitment=…)
    entry.line()            # canonical JSON, one line, without its end
    head = signed(key, …)   # who keeps the ledger stands for all entries up to this one
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FORMAT: Final = "avcontrol-ledger-1"
NOTHING: Final = "0" * 64
"""What goes before the first entry."""
SALT_BYTES: Final = 32

OPEN: Final = "open"
ANSWERED: Final = "answered"
REFUSED: Final = "refused"
HANDED_OVER: Final = "handed_over"
ERASED: Final = "erased"
STATES: Final = (ANSWERED, REFUSED, HANDED_OVER, ERASED, OPEN)
"""Each case stands in one of them."""

_CLOSED: Final = (ANSWERED, REFUSED)

BEGUN: Final = "begun"
ADOPTED: Final = "adopted"
OPENING: Final = ("received", "taken_over", ADOPTED)
"""The kinds that a case begins with."""
AFTER: Final[Mapping[str, str | None]] = {
    "received": OPEN,
    "taken_over": OPEN,
    "taken_back": OPEN,
    "due": None,
    "attached": None,
    "transferred": OPEN,
    "accepted": OPEN,
    "answered": ANSWERED,
    "refused": REFUSED,
    "reopened": OPEN,
    "handed_over": HANDED_OVER,
}
"""How a case stands after an entry of a kind; None leaves it as it was. An adopted one says itself
how it stands; an erased one stands as `erased` where it was open, and else as before."""

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")
_CODE: Final = re.compile(r"[a-z][a-z_]{0,31}")
_FACT: Final = re.compile(r"[!-~]{1,64}")
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Mapping[str, Any]) -> bytes:
    """RFC 8785 for what stands in a ledger: text and whole numbers alone."""
    return _ENCODER.encode(value).encode()


def moment(at: datetime) -> str:
    """`2026-11-25T22:13:05.000000Z`"""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def commitment(salt: bytes, content: Mapping[str, Any]) -> str:
    """Binds to the content and, for whoever lacks the salt, says nothing about it."""
    return hashlib.sha256(salt + canonical(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    number: int
    previous: str
    """The hash of the entry before."""
    case: int
    """The number of the entry with which the case begins."""
    kind: str
    at: str
    """As `moment` writes it."""
    commitment: str | None
    """None where nothing is left to commit to."""
    facts: Mapping[str, str]
    """What everybody may know: `house`, `due`, …"""
    hash: str = ""

    def body(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "case": self.case,
            "commitment": self.commitment,
            "facts": dict(self.facts),
            "kind": self.kind,
            "number": self.number,
            "previous": self.previous,
        }

    def right_hash(self) -> str:
        return hashlib.sha256(canonical(self.body())).hexdigest()

    def line(self) -> str:
        return canonical({**self.body(), "hash": self.hash}).decode()

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Raises ValueError where it is none. Whether its hash is right is not looked at."""
        entry = cls(**told)
        texts = (entry.previous, entry.hash)
        if not (
            all(type(number) is int and number >= 0 for number in (entry.number, entry.case))
            and all(isinstance(text, str) and _HEX.fullmatch(text) for text in texts)
            and isinstance(entry.kind, str)
            and _CODE.fullmatch(entry.kind)
            and _is_moment(entry.at)
            and (
                entry.commitment is None
                or (isinstance(entry.commitment, str) and _HEX.fullmatch(entry.commitment))
            )
            and isinstance(entry.facts, dict)
            and all(_is_fact(name, value) for name, value in entry.facts.items())
        ):
            raise ValueError("no entry")
        return entry


def following(
    number: int,
    previous: str,
    *,
    kind: str,
    case: int,
    at: datetime,
    commitment: str | None,
    facts: Mapping[str, str],
) -> LedgerEntry:
    """The entry that goes after the one whose hash is `previous`."""
    entry = LedgerEntry(number, previous, case, kind, moment(at), commitment, facts)
    return LedgerEntry(
        number, previous, case, kind, entry.at, commitment, facts, entry.right_hash()
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Who keeps the ledger stands, at a time, for all entries up to one."""

    at: str
    hash: str
    """Of the entry of this number."""
    key: str
    """Ed25519 public key, 32 bytes in hexadecimal."""
    name: str
    """Of the house or ward, for people."""
    number: int
    origin: str
    """The hash of the ledger's entry 0."""
    sums: Mapping[str, int]
    """`received`, and how many of them stand in which state."""
    signature: str = ""

    def body(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "format": FORMAT,
            "hash": self.hash,
            "key": self.key,
            "name": self.name,
            "number": self.number,
            "origin": self.origin,
            "sums": dict(self.sums),
        }

    def line(self) -> str:
        return canonical({**self.body(), "signature": self.signature}).decode()

    @property
    def when(self) -> datetime:
        return _parsed(self.at)

    def is_signed(self) -> bool:
        """By the key that it names."""
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key)).verify(
                bytes.fromhex(self.signature), canonical(self.body())
            )
        except (InvalidSignature, ValueError):
            return False
        return True

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Raises ValueError where it is none. Whether its signature is right is not looked at."""
        fields = dict(told)
        if fields.pop("format", None) != FORMAT:
            raise ValueError("another format")
        head = cls(**fields)
        texts = (head.hash, head.key, head.origin)
        if not (
            type(head.number) is int
            and head.number >= 0
            and all(isinstance(text, str) and _HEX.fullmatch(text) for text in texts)
            and isinstance(head.signature, str)
            and _SIGNATURE.fullmatch(head.signature)
            and isinstance(head.name, str)
            and len(head.name) <= 200
            and _is_moment(head.at)
            and isinstance(head.sums, dict)
            and set(head.sums) == {"received", *STATES}
            and all(type(count) is int and count >= 0 for count in head.sums.values())
        ):
            raise ValueError("no head")
        return head


class Signer:
    """The key of who keeps a ledger."""

    def __init__(self, key: bytes, name: str) -> None:
        """`key`: 32 random bytes, secret. `name`: of the house or ward."""
        self._key = Ed25519PrivateKey.from_private_bytes(key)
        self._name = name
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(
        self, number: int, hash_: str, origin: str, sums: Mapping[str, int], at: datetime
    ) -> Head:
        head = Head(moment(at), hash_, self.public, self._name, number, origin, sums)
        signature = self._key.sign(canonical(head.body())).hex()
        return Head(head.at, hash_, head.key, head.name, number, origin, sums, signature)


class Unlawful(Exception):  # noqa: N818 - of an entry
    """What an entry tells cannot be; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Tally:
    """Adds up the entries, which come in order."""

    last: LedgerEntry | None = None
    _cases: dict[int, tuple[str, str]] = field(default_factory=dict)
    """For which house each is, and how it stands."""
    _due: dict[int, str] = field(default_factory=dict)
    _in_time: dict[int, bool] = field(default_factory=dict)
    """Of those that are answered or refused, and had a deadline."""
    _punctual: Counter[tuple[str, bool]] = field(default_factory=Counter)
    _gone: set[int] = field(default_factory=set)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, entry: LedgerEntry) -> None:
        """Raises Unlawful, and has not counted it then."""
        if entry.kind == BEGUN:
            if entry.number or entry.case:
                raise Unlawful("begun_twice")
        elif entry.case == entry.number:
            self._open(entry)
        else:
            self._go_on(entry)
        self.last = entry

    def sums(self, house: str | None = None) -> dict[str, int]:
        """`received`, and how many of them stand in which state; of all houses, or of this one."""
        sums = dict.fromkeys(("received", *STATES), 0)
        for (whose, state), count in self._counts.items():
            if house is None or whose == house:
                sums[state] += count
                sums["received"] += count
        return sums

    def punctual(self, house: str | None = None) -> tuple[int, int]:
        """How many were answered or refused within their deadline, of how many that had one. One
        that was reopened counts once it is closed again."""
        counted = [
            (count if in_time else 0, count)
            for (whose, in_time), count in self._punctual.items()
            if house is None or whose == house
        ]
        return sum(count for count, _ in counted), sum(count for _, count in counted)

    def _open(self, entry: LedgerEntry) -> None:
        if entry.kind not in OPENING or not entry.number:
            raise Unlawful("no_beginning")
        state = entry.facts.get("state") if entry.kind == ADOPTED else AFTER[entry.kind]
        if state not in STATES:
            raise Unlawful("unknown_state")
        house = entry.facts.get("house", "")
        self._cases[entry.number] = (house, state)
        if "due" in entry.facts:
            self._due[entry.number] = entry.facts["due"]
        self._counts[house, state] += 1

    def _go_on(self, entry: LedgerEntry) -> None:
        if entry.kind in OPENING or entry.kind not in {*AFTER, ERASED}:
            raise Unlawful("unknown_kind")
        if entry.case not in self._cases:
            raise Unlawful("unknown_case")
        if entry.case in self._gone:
            raise Unlawful("after_erasure")
        house, before = self._cases[entry.case]
        if entry.kind == ERASED:
            self._gone.add(entry.case)
            after = ERASED if before == OPEN else before
        else:
            after = AFTER[entry.kind] or before
        if "due" in entry.facts:
            self._due[entry.case] = entry.facts["due"]
        if (before in _CLOSED) != (after in _CLOSED):
            self._judge(entry, house, closed=after in _CLOSED)
        self._cases[entry.case] = (house, after)
        self._counts[house, before] -= 1
        self._counts[house, after] += 1

    def _judge(self, entry: LedgerEntry, house: str, *, closed: bool) -> None:
        """Was it closed in time? Moments are compared as they are written."""
        if not closed:
            if (in_time := self._in_time.pop(entry.case, None)) is not None:
                self._punctual[house, in_time] -= 1
        elif entry.case in self._due:
            self._in_time[entry.case] = in_time = entry.at <= self._due[entry.case]
            self._punctual[house, in_time] += 1


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and moment(_parsed(value)) == value
    except ValueError:
        return False


def _parsed(value: str) -> datetime:
    return datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)


def _is_fact(name: object, value: object) -> bool:
    return (
        isinstance(name, str)
        and isinstance(value, str)
        and _CODE.fullmatch(name) is not None
        and _FACT.fullmatch(value) is not None
    )
