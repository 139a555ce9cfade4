"""Finds what points at a person in a text that is to be published, for whoever checks it.

>>> [(mark.kind.value, mark.words) for mark in marks("Gọi bà Tư, 0912 345 678")]
[('telephone', '0912 345 678')]
>>> masked("Gọi bà Tư, 0912 345 678")
'Gọi bà Tư, […]'

It marks by form alone and errs on the side of marking; names it does not know. Telephone numbers
are those of Vietnam (10 digits from 0 or +84; fixed lines have 11 with the area code), a citizen's
number (CCCD) has 12 digits and an old identity card (CMND) 9. A date, a sum of money or the number
of a document is none of these.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class MarkKind(StrEnum):
    EMAIL = "email"
    IDENTITY = "identity"
    """A citizen's or an identity card's number."""
    TELEPHONE = "telephone"
    ACCOUNT = "account"
    """Of a bank."""
    ADDRESS = "address"
    """Somebody's house: `số nhà 12`, `nhà số 5/3`, `nhà 12A ngõ 5`, `nhà tôi số 5`."""
    PLATE = "plate"
    """Of a vehicle: `29A-123.45`."""


@dataclass(frozen=True, slots=True)
class Mark:
    kind: MarkKind
    start: int
    """In characters."""
    end: int
    words: str


HIDDEN: Final = "[…]"
"""What stands in the place of what was taken out."""

_GAP: Final = r"[ .\-]?"


def _digits(number: int) -> str:
    """So many, perhaps in groups."""
    return rf"\d(?:{_GAP}\d){{{number - 1}}}"


_KINDS: Final = (
    # Earlier ones go before later ones where they overlap.
    (MarkKind.EMAIL, r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    (
        MarkKind.ACCOUNT,
        r"(?i:\b(?:stk|tk|(?:số )?tài khoản|so tai khoan|account)\b[^\d\n]{0,30})"
        rf"(?P<mark>\d(?:{_GAP}\d){{5,18}})\b",
    ),
    (MarkKind.TELEPHONE, rf"(?<![\w.])(?:\+{_GAP}84|0084){_GAP}{_digits(9)}(?!\d)"),
    (MarkKind.IDENTITY, rf"(?<![\w.,/])0{_GAP}{_digits(11)}(?![\d/])"),
    (MarkKind.TELEPHONE, rf"(?<![\w.,/])0{_GAP}[235789](?:{_GAP}\d){{8,9}}(?![\d/])"),
    (
        MarkKind.IDENTITY,
        r"(?i:\b(?:cccd|cmnd|cmt|căn cước|chứng minh|can cuoc|chung minh)\b[^\d\n]{0,30})"
        rf"(?P<mark>\d(?:{_GAP}\d){{8,11}})\b",
    ),
    (
        MarkKind.PLATE,
        r"(?<![\w.])\d{2}[ \-]?[A-Z][A-Z\d]?[ \-]?(?:\d{3}\.\d{2}|\d{4,5})(?![\w])",
    ),
    (
        MarkKind.ADDRESS,
        r"(?i:\b(?:số nhà|so nha|nhà số|nha so|nhà|nha|căn hộ|can ho)[ :]{1,2}"
        r"(?:(?:tôi|toi|em|mình|minh|cháu|chau|con|bác|bac|chúng tôi|chung toi)[ :]{1,2}"
        r"(?:ở |o )?)?)"
        r"(?P<mark>(?i:số |so )?[A-Z]?\d{1,4}[A-Za-z]?(?:[/-]\d{1,4}[A-Za-z]?){0,4})\b",
    ),
    (MarkKind.ACCOUNT, r"(?<![\w.,/])\d{13,19}(?![\w/])"),
)
_PATTERNS: Final = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


PERSONAL: Final = frozenset(MarkKind) - {MarkKind.ADDRESS}
"""What nobody needs to read in a question: its address may be what it is about."""


class Marked(StrEnum):
    """What becomes of what is marked, in words that are to be published."""

    ASK = "ask"
    """A person is asked first."""
    KEEP = "keep"
    HIDE = "hide"


def marks(text: str) -> tuple[Mark, ...]:
    """In the order of the text, none over another."""
    found: list[Mark] = []
    for kind, pattern in _PATTERNS:
        group = "mark" if "mark" in pattern.groupindex else 0
        for match in pattern.finditer(text):
            start, end = match.span(group)
            if not any(start < other.end and other.start < end for other in found):
                found.append(Mark(kind, start, end, text[start:end]))
    return tuple(sorted(found, key=lambda mark: mark.start))


def masked(text: str, only: Iterable[MarkKind] = MarkKind) -> str:
    """Without what is marked as one of these."""
    kinds = frozenset(only)
    for mark in reversed(marks(text)):
        if mark.kind in kinds:
            text = text[: mark.start] + HIDDEN + text[mark.end :]
    return text


@lru_cache(maxsize=2048)
def personal_words(text: str) -> tuple[str, ...]:
    """What of a question is marked as `PERSONAL`; a queue is drawn again and again."""
    return tuple(mark.words for mark in marks(text) if mark.kind in PERSONAL)
