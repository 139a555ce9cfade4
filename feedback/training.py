"""Builds the classifier's model from sentences of many kinds of writers; see `data/README.md`.

The linear model is a support vector machine for each topic. Its scores for writers that it has not
read (cross-validation that holds out whole author styles) teach a logistic regression what they are
worth: a score becomes a confidence. As both are linear, one matrix holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from feedback.classify import Model, features
from feedback.topics import Topic

PRECISION = 0.92
"""Of the suggestions that are made, in cross-validation: two points in reserve, so that nine of ten
are right for writers who are unlike all of these."""
FOLDS = 6

Labels = npt.NDArray[np.str_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    topic: Topic
    style: str
    """Of its author: cross-validation holds out whole styles."""
    text: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """As columns, one row a sentence."""

    texts: list[str]
    topics: Labels
    styles: Labels

    @classmethod
    def of(cls, sentences: Sequence[Sentence]) -> "Sentences":
        return cls(
            [sentence.text for sentence in sentences],
            np.array([sentence.topic.value for sentence in sentences]),
            np.array([sentence.style for sentence in sentences]),
        )

    def predict_strangers(
        self, model: BaseEstimator, rows: Sequence[str] | Numbers, method: str
    ) -> Numbers:
        """For each row by a model that has not read its writer; rows as of `texts`."""
        folds = GroupKFold(min(FOLDS, len(set(self.styles.tolist()))))
        predicted: Numbers = cross_val_predict(
            model, rows, self.topics, groups=self.styles, cv=folds, method=method
        )
        return predicted


@dataclass(frozen=True, slots=True)
class Strangers:
    """What models say of sentences whose writers they have not read."""

    scores: Numbers
    """A row a sentence, a column a topic: of the vector machines."""
    best: Labels
    confidence: Numbers
    """In `best`, between 0 and 1."""


def read_sentences(path: Path) -> list[Sentence]:
    """Lines of `topic<TAB>author_style<TAB>text`. Raises OSError, or ValueError with the line."""
    sentences = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            topic, style, text = line.split("\t")
            sentences.append(Sentence(Topic(topic), style, text))
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from error
    return sentences


def judge_strangers(learned: Sentences) -> Strangers:
    """Takes seconds. Raises ValueError where all are of one style."""
    scores = learned.predict_strangers(_machines(), learned.texts, "decision_function")
    likely = learned.predict_strangers(_worth(), scores, "predict_proba")
    best = np.unique(learned.topics)[likely.argmax(axis=1)]
    return Strangers(scores, best, likely.max(axis=1))


def train(sentences: Sequence[Sentence], key: str = "") -> Model:
    """Takes seconds. Raises ValueError where all are of one style."""
    learned = Sentences.of(sentences)
    strangers = judge_strangers(learned)
    threshold, coverage = threshold_for(
        PRECISION, strangers.best == learned.topics, strangers.confidence
    )
    worth = _worth().fit(strangers.scores, learned.topics)
    union, machine = _machines().fit(learned.texts, learned.topics).named_steps.values()
    words, characters = (part for _, part in union.transformer_list)
    return Model(
        key=key,
        topics=tuple(worth.classes_.tolist()),
        words=words.get_feature_names_out().astype(np.str_),
        characters=characters.get_feature_names_out().astype(np.str_),
        idf=np.concatenate([words.idf_, characters.idf_]).astype(np.float32),
        weights=(worth.coef_ @ machine.coef_).T.astype(np.float32),
        bias=(worth.coef_ @ machine.intercept_ + worth.intercept_).astype(np.float32),
        threshold=threshold,
        macro_f1=float(f1_score(learned.topics, strangers.best, average="macro")),
        coverage=coverage,
    )


def _machines() -> Pipeline:
    return make_pipeline(features(), LinearSVC(random_state=0))


def _worth() -> LogisticRegression:
    return LogisticRegression(max_iter=1000)


def threshold_for(
    precision: float, right: npt.NDArray[np.bool_], confidence: Numbers
) -> tuple[float, float]:
    """The least confidence at which the share of right ones is still that high, and the share of
    all that reach it; (1, 0) where there is none."""
    order = np.argsort(-confidence, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(reached >= precision)
    if not enough.size:
        return 1.0, 0.0
    last = int(enough[-1])
    return float(confidence[order][last]), (last + 1) / len(order)
