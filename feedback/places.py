"""Which places a text names by number, so that two matters are never taken for one that happen in
two places.

>>> places("Ngõ 5 ngập, số nhà 12A mất nước")
{'ngo': frozenset({'5'}), 'so': frozenset({'12a'})}
>>> difference("Ngõ 5 ngập", "ngo so 9 cung ngap")
Difference(here='Ngõ 5', there='ngo so 9')
>>> difference("Ngõ 5 ngập", "Trong ngõ nước không rút") is None
True

People write with accents and without, `tổ dân phố 3` and `tdp 3`, `ngõ 12 ngách 3` and
`ngách 12/3`. What is in doubt counts as another place: answered twice is better than answered for
the wrong lane. `số 5/12` is compared as it stands, because 5/12 and 12/5 are the same door in
Hà Nội and in Thành phố Hồ Chí Minh.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_KINDS: Final[Mapping[str, str]] = {
    # kind: what it is called, without accents; the longer names first
    "to": r"to\s+dan\s+pho|to\s+dp|tdp|to",
    "khu": r"khu\s+pho|khu\s+vuc|khu\s+tap\s+the|kp|khu",
    "ngo": r"ngo",
    "ngach": r"ngach",
    "hem": r"hem",
    "kiet": r"kiet",
    "thon": r"thon",
    "ap": r"ap",
    "xom": r"xom",
    "cum": r"cum",
    "doi": r"doi",
    "so": r"so\s+nha|nha\s+so|so|sn|nha",
    "toa": r"toa\s+nha|toa|block|chung\s+cu",
    "tang": r"tang|lau",
    "can": r"can\s+ho|can|phong",
    "lo": r"lo",
    "day": r"day\s+nha|day",
    "duong": r"duong",
    "pho": r"pho",
    "cot": r"cot\s+dien|cot\s+den|tru\s+dien|cot|tru",
    "tram": r"tram\s+bien\s+ap|tram\s+bom|tram",
    "cong": r"mieng\s+cong|ho\s+ga|cong",
    "phuong": r"phuong",
    "quan": r"quan",
    "km": r"km",
}

_NUMBER: Final = r"[a-z]{0,2}\d+[a-z]?(?:/\d+[a-z]?)*(?!\w)"
_WORDS: Final[Mapping[str, str]] = {
    # As they are written; without its accents “sáu” is “sau”, behind.
    "một": "1",
    "hai": "2",
    "ba": "3",
    "bốn": "4",
    "tư": "4",
    "năm": "5",
    "sáu": "6",
    "bảy": "7",
    "bẩy": "7",
    "tám": "8",
    "chín": "9",
    "mười": "10",
}
_ROMAN: Final[Mapping[str, str]] = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "V": "5",
    "VI": "6",
    "VII": "7",
    "VIII": "8",
    "IX": "9",
    "X": "10",
}

_UNITS: Final = (
    r"tang|nguoi|ho|khau|met|m|m2|km|thang|ngay|gio|phut|tuan|nam|lan|trieu|nghin|ngan|dong|cai|"
    r"chiec|con|cay|bong|gian|cap|chau|ba\s+con|nha|h|giay|%"
)
"""What is counted, not named: “hai nhà 3 tầng”, “ngõ 5, 3 ngày nay”."""

_COUNTING: Final = frozenset(
    {
        "nha",
        "day",
        "tang",
        "lau",
        "phong",
        "can",
        "tram",
        "cong",
        "so",
        "to",
        "duong",
        "phuong",
        "doi",
    }
)
"""After these a number may as well count something: “nhà 3 tầng”, “to 2 mét”, “đợi 5 tháng”."""
_NAMING: Final = frozenset({"số", "tổ"})
"""With their accents they never do."""
_LETTERED: Final = frozenset({"toa", "lo", "day"})
"""May have a letter instead of a number: “tòa A”."""

_ONE: Final = re.compile(
    r"(?<![\w/])(?:" + "|".join(f"(?P<{kind}>{names})" for kind, names in _KINDS.items()) + r")"
    r"(?:\s*[.:]?\s*(?:so\s+)?(?P<digits>" + _NUMBER + r")|\s+(?:so\s+)?(?P<word>[a-z]+)(?!\w))"
)
_NEXT: Final = re.compile(
    r"\s*(?:,|;|&|-|–|\+|va|voi|den|toi|hoac|hay)\s*(?P<number>" + _NUMBER + r")"
    r"(?!\s*(?:" + _UNITS + r")(?!\w))"
)
_COUNTED: Final = re.compile(r"\s*(?:" + _UNITS + r")(?!\w)")


@dataclass(frozen=True, slots=True)
class Difference:
    """Two places of one kind, as they were written."""

    here: str
    there: str


@dataclass(frozen=True, slots=True)
class _Named:
    kind: str
    number: str
    written: str


def places(text: str) -> Mapping[str, frozenset[str]]:
    """The numbers of each kind of place that the text names."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for named in _named(text):
        found[named.kind].add(named.number)
    return {kind: frozenset(numbers) for kind, numbers in found.items()}


def difference(here: str, there: str) -> Difference | None:
    """The first kind of place that both name with other numbers; None where they may be about the
    same place, as far as numbers tell."""
    first, second = list(_named(here)), list(_named(there))
    for named in first:
        others = [other for other in second if other.kind == named.kind]
        own = {one.number for one in first if one.kind == named.kind}
        if others and own != {other.number for other in others}:
            apart = [o for o in others if o.number not in own]
            mine = [o for o in first if o.kind == named.kind and o.number not in _of(others)]
            return Difference((mine or [named])[0].written, (apart or others)[0].written)
    return None


def _of(named: list[_Named]) -> set[str]:
    return {one.number for one in named}


def _named(text: str) -> Iterator[_Named]:
    text = unicodedata.normalize("NFC", text)
    folded = "".join(map(_folded, text))
    assert len(folded) == len(text), "so that what is found can be shown as it was written"
    for match in _ONE.finditer(folded):
        kind = next(name for name in _KINDS if match[name] is not None)
        name = text[match.start(kind) : match.end(kind)]
        group = "digits" if match["digits"] else "word"
        number = _number(kind, text[match.start(group) : match.end(group)])
        may_count = match[kind] in _COUNTING and name.lower() not in _NAMING
        if number is None or (may_count and _COUNTED.match(folded, match.end())):
            continue
        yield from _split(kind, number, " ".join(text[match.start() : match.end()].split()))
        end = match.end()
        while more := _NEXT.match(folded, end):
            written = text[more.start("number") : more.end("number")]
            yield from _split(kind, _number(kind, written) or "", f"{name} {written}")
            end = more.end()


def _split(kind: str, number: str, written: str) -> Iterator[_Named]:
    """`ngõ 12/3` and `ngách 12/3` are both ngách 3 of ngõ 12."""
    if kind in ("ngo", "ngach") and number.count("/") == 1:
        lane, alley = number.split("/")
        yield _Named("ngo", lane, written)
        yield _Named("ngach", alley, written)
    else:
        yield _Named(kind, number, written)


def _number(kind: str, written: str) -> str | None:
    """The same for `05`, `5` and `năm`; None where it is a word."""
    if any(c.isdigit() for c in written):
        return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(map(_folded, written)))
    if kind in _LETTERED and len(written) == 1 and written.isupper():
        return written.lower()
    return _ROMAN.get(written) or _WORDS.get(written.lower())


def _folded(character: str) -> str:
    """One character for one: lower case, without accents."""
    plain = unicodedata.normalize("NFD", character)[0].lower()
    return "d" if plain == "đ" else plain[0]
