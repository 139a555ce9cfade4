"""What people typed, made fit to be stored and shown: NFC, without invisible tricks."""

import re
import unicodedata
from typing import Final

_DIRECTION: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
"""Marks that turn the direction of writing, and with it what a sentence seems to say."""


def clean_text(typed: str) -> str:
    """Several lines: NFC, no control characters but line ends, at most one empty line in a row.

    Markup stays as it is: it is shown, never obeyed.
    """
    lines = re.split(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]", typed)
    text = "\n".join(_visible(line).rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def clean_line(typed: str) -> str:
    """One line: NFC, no control characters, single spaces."""
    return re.sub(r"\s+", " ", _visible(re.sub(r"\s", " ", typed))).strip()


def _visible(line: str) -> str:
    """Without control characters, and without surrogates, which no database takes; then NFC, as
    what is left may compose."""
    visible = "".join(
        c
        for c in line.replace("\t", " ")
        if c.isprintable() or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _DIRECTION)
    )
    return unicodedata.normalize("NFC", visible)
