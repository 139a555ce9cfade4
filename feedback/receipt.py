"""Receipt codes: how a resident finds a case again without an account.

    code = new_receipt()                # "K7QM3XWP9DTA", 60 random bits
    written(code)                       # "K7QM-3XWP-9DTA"
    parse_receipt("k7qm 3xwp 9dta")     # "K7QM3XWP9DTA"

The alphabet is Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O or U.
"""

import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 12

_GROUP: Final = 4
_MEANT: Final = str.maketrans("OILU", "011V")
"""What people read into a code that cannot stand in it."""


def new_receipt() -> str:
    """12 characters, 60 bits: nobody guesses one."""
    bits = secrets.randbits(5 * LENGTH)
    return "".join(ALPHABET[bits >> 5 * at & 31] for at in range(LENGTH))


def written(code: str) -> str:
    """In groups, for reading aloud and for copying by hand."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def parse_receipt(typed: str) -> str | None:
    """The code somebody meant, or None where it cannot be one.

    Case, spaces, hyphens and other marks do not matter; O is 0, I and L are 1, U is V.
    """
    if len(typed) > 100:
        return None
    upper = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(c for c in upper if c.isalnum()).translate(_MEANT)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
