"""Vietnamese text without its marks, as people search for it and as many of them type it.

>>> fold("Hoà Đồng") == fold("HÒA ĐỒNG") == "hoa dong"
True

A page does the same in JavaScript: `t.toLowerCase().normalize("NFD").replace(/\\p{M}/gu, "")`
and `đ`, `ð` to `d`.
"""

import unicodedata
from typing import Final

_BARRED: Final = str.maketrans("đð", "dd")
"""U+0111 has no decomposition; U+00F0, the Icelandic eth, looks the same in capitals."""
_FIRST_MARK: Final = "\u0300"
"""Before it there are no marks: most letters need no look into the tables."""


def fold(text: str) -> str:
    """Lower case and no marks, whether they stood in NFC, NFD or a mixture; idempotent.

    Where the mark stood in the syllable does not matter any more: hòa and hoà are both hoa.
    """
    letters = unicodedata.normalize("NFD", text.lower())
    bare = "".join([c for c in letters if c < _FIRST_MARK or unicodedata.category(c)[0] != "M"])
    return unicodedata.normalize("NFC", bare).translate(_BARRED)
