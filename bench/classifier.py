"""How well topics are suggested, for writers and for sentences that nothing was learned from.

The peer is what one would try first: TF-IDF of words as they are typed, a linear support vector
machine, the library's own settings. Both learn and are asked the same in the same run.
"""

import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from bench.figures import Conditions, Figure
from feedback.classify import Classifier
from feedback.folding import fold
from feedback.training import Sentence, Sentences, judge_strangers, threshold_for, train

FROZEN = Path(__file__).parent / "data" / "frozen.tsv"
PEER = "words as typed, TF-IDF, LinearSVC"
PRECISION = 0.9
FORMS: dict[str, Callable[[str], str]] = {
    "accented": lambda text: text,
    "bare": fold,
    "nfd": lambda text: unicodedata.normalize("NFD", text),
}


def classifier_figures(learned: Sequence[Sentence], frozen: Sequence[Sentence]) -> list[Figure]:
    conditions = Conditions.now()
    rows = Sentences.of(learned)
    strangers = judge_strangers(rows)
    of_peer = rows.predict_strangers(peer(), rows.texts, "predict")
    right = strangers.best == rows.topics
    threshold, coverage = threshold_for(PRECISION, right, strangers.confidence)
    figures = [
        Figure(
            "classifier-f1-strangers", _f1(rows.topics, strangers.best), "%", PEER,
            _f1(rows.topics, of_peer), conditions,
            f"macro, whole author styles held out, {len(learned)} sentences",
        ),
        Figure(
            "classifier-coverage-strangers", 100 * coverage, "%", None, None, conditions,
            f"at {PRECISION:.0%} precision, confidence {threshold:.2f}",
        ),
    ]  # fmt: skip

    began = time.perf_counter()
    classifier = Classifier(train(learned))
    took = time.perf_counter() - began
    figures.append(Figure("classifier-training", took, "s", None, None, conditions))
    plain = peer().fit(rows.texts, rows.topics)
    asked = [sentence.text for sentence in frozen]
    truth = np.array([sentence.topic.value for sentence in frozen])
    for form, changed in FORMS.items():
        typed = [changed(text) for text in asked]
        found = np.array([classifier.best(text)[0].value for text in typed])
        figures.append(
            Figure(
                f"classifier-f1-{form}", _f1(truth, found), "%", PEER,
                _f1(truth, plain.predict(typed)), conditions,
                f"macro, {len(asked)} frozen sentences",
            )
        )  # fmt: skip
    answers = [classifier.best(text) for text in asked]
    right = np.array([topic.value for topic, _ in answers]) == truth
    sure = np.array([confidence for _, confidence in answers])
    made = sure >= classifier.threshold
    precise = float(right[made].mean()) if made.any() else 0.0
    remark = f"at the classifier's own threshold, {precise:.1%} of them right"
    figures += [
        Figure(
            "classifier-coverage-frozen", 100 * float(made.mean()), "%", None, None, conditions,
            remark,
        ),
        Figure(
            "classifier-document", _milliseconds(classifier.best, asked), "ms", PEER,
            _milliseconds(lambda text: plain.predict([text]), asked), conditions,
            "median, one text at a time",
        ),
    ]  # fmt: skip
    return figures


def peer() -> Pipeline:
    return make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0))


def _f1(truth: npt.NDArray[Any], found: npt.NDArray[Any]) -> float:
    return 100 * float(f1_score(truth, found, average="macro"))


def _milliseconds(ask: Callable[[str], Any], texts: Sequence[str]) -> float:
    took = []
    for text in texts:
        began = time.perf_counter()
        ask(text)
        took.append(1000 * (time.perf_counter() - began))
    return median(took)
