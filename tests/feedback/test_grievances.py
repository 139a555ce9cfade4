"""Complaints and denunciations among 185 sentences, near misses among them.

They were written in three parts, each before it was tried. What each part told at first sight
(precision and recall, with accents): 0.89 and 0.98, 0.91 and 1.00, 0.78 and 0.90; the last of them
is half near misses. The rules were mended after each: what is asserted here is that they stay so.
"""

import time
import unicodedata
from pathlib import Path

import pytest

from feedback.folding import fold
from feedback.grievances import Grievance, grievance_in

FILE = Path(__file__).parents[2] / "bench" / "data" / "grievances.tsv"
ROWS = [line.split("\t") for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("typed", [str, fold], ids=["with accents", "without"])
def test_precision_and_recall(typed):
    told = [(kind, str(grievance_in(typed(text)) or "none"), text) for kind, text in ROWS]
    meant = [row for row in told if row[0] != "none"]
    found = [row for row in told if row[1] != "none"]
    right = [row for row in meant if row[1] != "none"]
    wrong = [row for row in told if row[0] != row[1]]
    assert len(told) >= 80 and len(meant) >= 80
    assert len(right) >= 0.95 * len(found), wrong
    assert len(right) >= 0.95 * len(meant), wrong


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tôi tố cáo và khiếu nại việc này", Grievance.DENUNCIATION),
        (unicodedata.normalize("NFD", "TỐ CÁO CÁN BỘ ĂN CHẶN"), "denunciation"),
        ("đây không phải tố cáo", None),
        ("Tố giác tội phạm gọi số nào?", None),
        ("", None),
    ],
)
def test_one_by_one(text, kind):
    assert grievance_in(text) == kind


@pytest.mark.parametrize(
    "part", ["tố cáo ", "to cao ", "có ", "cán bộ ", "không phải ", "quyết định "]
)
def test_nothing_that_can_be_typed_takes_long(part):
    began = time.process_time()
    grievance_in((part * 2_000)[:2_000])
    assert time.process_time() - began < 0.5
