"""Checks an exported ledger, with nothing but the file.

    with open(name, "rb") as file:
        checked = check(file)              # Refused with the number of the entry that is wrong
    compare(checked, read_heads(others))   # with heads that somebody else has kept
    checked.find("3f9a 22bc 10d4 77e0")    # the entry on a receipt

Every byte of the file is looked at: a line has to be written exactly as LEDGER.md says.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from base.cause import Refused
from feedback.ledger_lines import (
    BEGUN,
    FORMAT,
    NOTHING,
    Head,
    LedgerEntry,
    Tally,
    Unlawful,
    canonical,
    commitment,
)

SHORT: Final = 16
"""Hexadecimal digits of an entry's hash that stand on a receipt, 64 bits."""
_LEAST: Final = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """A ledger that is right."""

    head: Head
    hashes: Sequence[bytes]
    """Of each entry, by its number."""
    punctual: tuple[int, int] = (0, 0)
    """How many were closed in time, of how many that had a deadline."""

    def find(self, typed: str) -> int:
        """The number of the entry with this hash, or with one that begins so; the link on a receipt
        ends with one.

        Raises Refused: `ledger.no_hash`, `ledger.not_in_it`, `ledger.too_short`.
        """
        scanned = re.search(r"[0-9a-f]{64}$", typed.strip())
        digits = scanned[0] if scanned else re.sub(r"[\s-]", "", typed).lower()
        if not re.fullmatch(r"[0-9a-f]{1,64}", digits):
            raise Refused("ledger.no_hash")
        if len(digits) < _LEAST:
            raise Refused("ledger.too_short", least=_LEAST)
        for number, known in enumerate(self.hashes):
            if known.hex().startswith(digits):
                return number
        raise Refused("ledger.not_in_it")

    def prove(self, proof: Mapping[str, Any]) -> int:
        """The number of the entry that commits to what the proof shows (LEDGER.md).

        Raises Refused: `ledger.proof_unreadable`, `ledger.proof_wrong`, `ledger.not_in_it`.
        """
        try:
            entry = LedgerEntry.read(proof["entry"])
            committed = commitment(bytes.fromhex(proof["salt"]), proof["content"])
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("ledger.proof_unreadable") from error
        number = entry.number
        if number >= len(self.hashes) or self.hashes[number].hex() != entry.hash:
            raise Refused("ledger.not_in_it")
        if entry.right_hash() != entry.hash or committed != entry.commitment:
            raise Refused("ledger.proof_wrong", entry=number)
        return number


def check(lines: Iterable[bytes]) -> Checked:
    """All entries, then one head. `lines` end with a line feed each.

    Raises Refused with `entry`, the number of the first that is wrong: `ledger.unreadable`,
    `ledger.altered`, `ledger.hashed_again`, `ledger.missing`, `ledger.moved`, `ledger.twice`,
    `ledger.cut`, `ledger.other_head`, `ledger.after_head`, `ledger.unlawful_…`; or without:
    `ledger.empty`, `ledger.newer`, `ledger.head_altered`, `ledger.sums_altered`,
    `ledger.sums_wrong`.
    """
    tally = Tally()
    hashes: list[bytes] = []
    rest = iter(lines)
    for line in rest:
        number = len(hashes)
        read = _read(line, number)
        if isinstance(read, Head):
            if next(rest, None) is not None:
                raise Refused("ledger.after_head", entry=number - 1, line=number + 2)
            _check_head(read, tally)
            return Checked(read, hashes, tally.punctual())
        _check_place(read, tally, rest)
        try:
            tally.add(read)
        except Unlawful as unlawful:
            raise Refused(f"ledger.unlawful_{unlawful.code}", entry=number) from unlawful
        hashes.append(bytes.fromhex(read.hash))
    raise _cut(len(hashes))


def read_heads(lines: Iterable[bytes]) -> list[Head]:
    """The heads in a file; entries, as of another export, are passed over.

    Raises Refused with `line`, from 1: `ledger.heads_unreadable`, `ledger.heads_altered`; and
    `ledger.no_heads`.
    """
    found = []
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            if "signature" not in told:
                continue
            head = Head.read(told)
        except (TypeError, ValueError, RecursionError) as error:
            raise Refused("ledger.heads_unreadable", line=number) from error
        if not head.is_signed():
            raise Refused("ledger.heads_altered", line=number)
        found.append(head)
    if not found:
        raise Refused("ledger.no_heads")
    return sorted(found, key=lambda head: (head.number, head.at))


def compare(checked: Checked, kept: Iterable[Head]) -> int:
    """How many heads that were kept elsewhere agree with the ledger. Those that are newer than the
    file say nothing about it.

    Raises Refused: `ledger.other_origin`, `ledger.other_key`, `ledger.shortened`,
    `ledger.rewritten`.
    """
    agreed, good = 0, 0
    for head in kept:
        if head.origin != checked.head.origin:
            raise Refused("ledger.other_origin", at=head.at, entry=head.number)
        if head.key != checked.head.key:
            raise Refused("ledger.other_key", at=head.at, entry=head.number)
        if head.number < len(checked.hashes):
            if checked.hashes[head.number].hex() != head.hash:
                raise Refused("ledger.rewritten", at=head.at, first=good, entry=head.number)
            agreed, good = agreed + 1, head.number + 1
        elif head.at <= checked.head.at:
            raise Refused(
                "ledger.shortened",
                at=head.at,
                entry=head.number,
                last=checked.head.number,
            )
    return agreed


def _read(line: bytes, number: int) -> LedgerEntry | Head:
    if not line.endswith(b"\n"):
        raise _cut(number)
    try:
        told = json.loads(line)
        read = Head.read(told) if "signature" in told else LedgerEntry.read(told)
        if canonical(told) + b"\n" != line:
            raise ValueError("written otherwise")
    except (TypeError, ValueError, RecursionError) as error:
        if b'"signature"' in line:
            raise Refused("ledger.head_altered") from error
        raise Refused("ledger.unreadable", entry=number) from error
    return read


def _check_place(entry: LedgerEntry, tally: Tally, rest: Iterator[bytes]) -> None:
    """Is this the one that follows, and as it was written?"""
    before = tally.last
    number = 0 if before is None else before.number + 1
    if entry.right_hash() != entry.hash:
        raise Refused("ledger.altered", entry=number)
    if entry.number < number:
        raise Refused("ledger.twice", entry=entry.number, line=number + 1)
    if entry.number > number:
        comes = any(_number(line) == number for line in rest)
        raise Refused("ledger.moved" if comes else "ledger.missing", entry=number)
    if before is None:
        if entry.previous != NOTHING or entry.kind != BEGUN:
            raise Refused("ledger.altered", entry=0)
        if entry.facts.get("format") != FORMAT:
            raise Refused("ledger.newer", format=entry.facts.get("format", "?"))
    elif entry.previous != before.hash:
        raise Refused("ledger.hashed_again", entry=before.number, next=number)


def _check_head(head: Head, tally: Tally) -> None:
    last = tally.last
    if last is None:
        raise Refused("ledger.missing", entry=0)
    if not head.is_signed():
        altered = head.sums != tally.sums() and head.number == last.number
        raise Refused("ledger.sums_altered" if altered else "ledger.head_altered")
    if head.number > last.number:
        raise Refused("ledger.missing", entry=last.number + 1)
    if head.number < last.number:
        raise Refused("ledger.after_head", entry=head.number, line=head.number + 2)
    if head.hash != last.hash:
        raise Refused("ledger.other_head", entry=last.number)
    if head.sums != tally.sums():
        raise Refused("ledger.sums_wrong")


def _cut(whole: int) -> Refused:
    return Refused("ledger.cut", entry=whole - 1) if whole else Refused("ledger.empty")


def _number(line: bytes) -> int | None:
    try:
        told = json.loads(line)
        return told.get("number") if "hash" in told and "kind" in told else None
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None
