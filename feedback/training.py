"""Builds the classifier's model from sentences of many kinds of writers; see `data/README.md`.

The linear model is a support vector machine for each topic. Its scores for writers that it has not
read (cross-validation that holds out whole author styles) teach a logistic regression what they are
worth: a score becomes a confidence. As both are linear, one matrix holds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from feedback.classify import Model, features
from feedback.topics import Topic

PRECISION = 0.9
"""Of the suggestions that are made."""
FOLDS = 6


@dataclass(frozen=True, slots=True)
class Sentence:
    topic: Topic
    style: str
    """Of its author: cross-validation holds out whole styles."""
    text: str


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


def train(sentences: Sequence[Sentence], key: str = "") -> Model:
    """Takes seconds."""
    texts = [sentence.text for sentence in sentences]
    topics = np.array([sentence.topic.value for sentence in sentences])
    styles = np.array([sentence.style for sentence in sentences])
    folds = GroupKFold(min(FOLDS, len(set(styles))))
    heldout: dict[str, Any] = {"groups": styles, "cv": folds}
    scores = cross_val_predict(pipeline(), texts, topics, method="decision_function", **heldout)
    worth = LogisticRegression(C=1.0, max_iter=1000)
    likely = cross_val_predict(worth, scores, topics, method="predict_proba", **heldout)
    worth.fit(scores, topics)
    classes: list[str] = worth.classes_.tolist()
    best, confidence = np.array(classes)[likely.argmax(axis=1)], likely.max(axis=1)
    threshold, coverage = threshold_for(PRECISION, best == topics, confidence)

    whole = pipeline().fit(texts, topics)
    union, machine = whole[0], whole[1]
    words, characters = (part for _, part in union.transformer_list)
    return Model(
        key=key,
        topics=tuple(classes),
        words=words.get_feature_names_out().astype(np.str_),
        characters=characters.get_feature_names_out().astype(np.str_),
        idf=np.concatenate([words.idf_, characters.idf_]).astype(np.float32),
        weights=(worth.coef_ @ machine.coef_).T.astype(np.float32),
        bias=(worth.coef_ @ machine.intercept_ + worth.intercept_).astype(np.float32),
        threshold=threshold,
        macro_f1=float(f1_score(topics, best, average="macro")),
        coverage=coverage,
    )


def pipeline() -> Pipeline:
    return make_pipeline(features(), LinearSVC(C=1.0, random_state=0))


def threshold_for(
    precision: float, right: npt.NDArray[np.bool_], confidence: npt.NDArray[np.float64]
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
