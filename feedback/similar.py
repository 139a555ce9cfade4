"""Which published matters a text seems to repeat: a hint for who types, never a merge by itself.

>>> similar = Similar(["Ngõ 5 mưa là ngập", "Ngõ 9 mưa là ngập", "Bao giờ có điện lại?"])
>>> [match.index for match in similar.to("ngo 5 cu mua la ngap het")]
[0]

Cosine of TF-IDF over syllables and pairs of syllables of the folded text; what stands in most of
the list weighs least. Everything needed is in the list itself, so that a page can do the same sums
over the questions that it shows, and unfinished text never leaves the telephone. What happens in
two places is not one matter, however alike the words are (`feedback.places`).
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from feedback.folding import fold
from feedback.places import difference

ALIKE: Final = 0.42
"""Least likeness of a hint: on the matters it was tuned with, none of the hints was wrong."""
PAIR: Final = 0.5
"""What a pair of syllables weighs beside a syllable."""

_EMPTY: Final = frozenset(
    re.findall(
        r"\w+",
        "toi em chau con minh ban bac anh chi co chu ong ba cac nhung la thi ma va voi cua cho o "
        "tai tren duoi ra vao len xuong da dang se bi duoc khong chua rat qua lam lai nay kia do "
        "day the nao gi sao bao gio may xin de nghi mong hoi a vay roi cung tu den hom ngay nguoi "
        "ai nha hay thay het nhieu mot hai di phai can",
    )
)
"""Syllables that stand in every second question; also the folded forms of others, which is why
pairs count: `toi` is tôi and tối."""


@dataclass(frozen=True, slots=True)
class Match:
    index: int
    """In the list."""
    likeness: float
    """Between 0 and 1."""


class Similar:
    def __init__(self, texts: Sequence[str]) -> None:
        """`texts` are what there is already; a few hundred at most are meant."""
        self._texts = texts
        parts = [_parts(text) for text in texts]
        self._in_how_many = Counter(part for each in parts for part in each)
        self._rows = [self._weighed(each) for each in parts]

    def to(self, text: str, most: int = 3) -> list[Match]:
        """The likest first, none that names another place by its number."""
        row = self._weighed(_parts(text))
        found = [
            Match(index, likeness)
            for index, other in enumerate(self._rows)
            if (likeness := _product(row, other)) >= ALIKE
            and difference(text, self._texts[index]) is None
        ]
        return sorted(found, key=lambda match: -match.likeness)[:most]

    def _weighed(self, parts: Mapping[str, float]) -> dict[str, float]:
        """Of length 1, or empty."""
        count = len(self._texts)
        row = {
            part: weight * (math.log((count + 1) / (self._in_how_many[part] + 1)) + 1)
            for part, weight in parts.items()
        }
        length = math.sqrt(sum(value * value for value in row.values()))
        return {part: value / length for part, value in row.items()}


def _parts(text: str) -> dict[str, float]:
    syllables = re.findall(r"\w+", fold(text))
    return {
        **{one: 1.0 for one in syllables if one not in _EMPTY},
        **{f"{a} {b}": PAIR for a, b in pairwise(syllables) if not {a, b} <= _EMPTY},
    }


def _product(row: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other[part] for part, value in row.items() if part in other)
