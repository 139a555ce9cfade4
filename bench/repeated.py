"""How often it is right that two texts are hinted to be one matter.

`data/matters.tsv` has lines of `part<TAB>matter<TAB>text`: the threshold was chosen on the part
`tuning`, the figures are of the part `test`. The peer is the cosine of TF-IDF over words as they
are typed, at the threshold that is best for it on the same part.
"""

import csv
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from bench.figures import Conditions, Figure
from feedback.similar import Similar

MATTERS = Path(__file__).parent / "data" / "matters.tsv"
PEER = "words as typed, TF-IDF, cosine"

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Matters:
    matters: list[str]
    texts: list[str]

    @property
    def same(self) -> set[Pair]:
        """Ordered pairs of texts about one matter."""
        pairs = permutations(range(len(self.texts)), 2)
        return {(a, b) for a, b in pairs if self.matters[a] == self.matters[b]}


def read_matters(part: str) -> Matters:
    with MATTERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return Matters([row[1] for row in rows if row[0] == part], [r[2] for r in rows if r[0] == part])


def hinted(matters: Matters) -> set[Pair]:
    """Ordered pairs: while the first is typed, the second is hinted at."""
    found = set()
    for index, text in enumerate(matters.texts):
        others = [other for other in range(len(matters.texts)) if other != index]
        similar = Similar([matters.texts[other] for other in others])
        found |= {(index, others[match.index]) for match in similar.to(text, len(others))}
    return found


def repeated_figures() -> list[Figure]:
    conditions = Conditions.now()
    tuning, test = read_matters("tuning"), read_matters("test")
    threshold = max(np.arange(0.1, 0.9, 0.02), key=lambda least: _f1(tuning, _peer(tuning, least)))
    ours, theirs = hinted(test), _peer(test, threshold)
    remark = f"{len(test.texts)} texts about {len(set(test.matters))} matters"
    return [
        Figure(
            "repeated-precision", _share(ours, test.same), "%", PEER, _share(theirs, test.same),
            conditions, remark,
        ),
        Figure(
            "repeated-recall", _share(test.same, ours), "%", PEER, _share(test.same, theirs),
            conditions, remark,
        ),
    ]  # fmt: skip


def _peer(matters: Matters, least: float) -> set[Pair]:
    rows = TfidfVectorizer().fit_transform(matters.texts)
    alike = (rows @ rows.T).toarray()
    np.fill_diagonal(alike, 0)
    return {(int(a), int(b)) for a, b in np.argwhere(alike >= least)}


def _share(of: set[Pair], right: set[Pair]) -> float:
    return 100 * len(of & right) / len(of) if of else 0.0


def _f1(matters: Matters, found: set[Pair]) -> float:
    return 2 * len(found & matters.same) / (len(found) + len(matters.same))
