"""What a text is about, as a suggestion: TF-IDF of words and characters on folded text, a linear
model.

    suggest = Suggester(model_folder())
    suggest("Cống tắc, ngập cả ngõ")      # Suggestion(Topic.INFRASTRUCTURE, 0.97)
    suggest("Tôi có ý kiến")              # Suggestion(None, 0.31): it abstains

A person always confirms. The model is built from `data/residents.tsv` (see `training`) and kept as
plain arrays: reading it can run nothing. scikit-learn is imported with the first text, since it
takes a second and tens of megabytes that no other command needs.
"""

import hashlib
import logging
import os
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from feedback.folding import fold
from feedback.topics import Topic

if TYPE_CHECKING:
    from sklearn.pipeline import FeatureUnion

DATA: Final = Path(__file__).parent / "data" / "residents.tsv"
MOST_CHARACTERS: Final = 4000
"""Of a text that are looked at; what follows changes nothing about its topic."""
WEIGHTS: Final = {"words": 2.0, "characters": 1.0}
_SOURCES: Final = ("classify.py", "folding.py", "topics.py", "training.py", "data/residents.tsv")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Suggestion:
    topic: Topic | None
    """None: it abstains."""
    confidence: float
    """Of the best topic, between 0 and 1, also where it abstains."""


ABSTAINS: Final = Suggestion(None, 0.0)


@dataclass(frozen=True, slots=True)
class Model:
    """What training leaves: arrays and numbers. C topics, W words, N n-grams of characters."""

    key: str
    """Of the sources it was built from."""
    topics: tuple[str, ...]
    words: npt.NDArray[np.str_]
    """Words and pairs of words, W, in the order of `idf`."""
    characters: npt.NDArray[np.str_]
    """N."""
    idf: npt.NDArray[np.float32]
    """W + N, the words first."""
    weights: npt.NDArray[np.float32]
    """W + N times C: of the logarithm of the odds."""
    bias: npt.NDArray[np.float32]
    """C."""
    threshold: float
    """The least confidence for which nine of ten suggestions were right in cross-validation."""
    macro_f1: float
    """In cross-validation over writers that the model had not read, between 0 and 1."""
    coverage: float
    """Share of those sentences that got a suggestion at the threshold."""

    def save(self, path: Path) -> None:
        """In one step, so that nobody reads half of it. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        values = {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.savez(file, allow_pickle=False, **values)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Raises OSError, or ValueError where it is not such a file."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                found = {field.name: archive[field.name] for field in fields(cls)}
        except (KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is not a model: {error}") from error
        found["topics"] = tuple(str(topic) for topic in found["topics"])
        for name in ("key", "threshold", "macro_f1", "coverage"):
            found[name] = found[name].item()
        return cls(**found)


@dataclass(frozen=True, slots=True)
class _Part:
    """Words or characters of a text: what the library's `transform` computes, without its checks,
    which take ten times as long for a single text."""

    analyze: Callable[[str], list[str]]
    vocabulary: Mapping[str, int]
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]

    def odds(self, text: str) -> npt.NDArray[np.float32] | None:
        """For each topic; None where nothing of the text is in the vocabulary."""
        found = Counter(self.vocabulary[t] for t in self.analyze(text) if t in self.vocabulary)
        if not found:
            return None
        rows = np.fromiter(found.keys(), dtype=np.intp)
        counts = np.fromiter(found.values(), dtype=np.float32)
        values = (1 + np.log(counts)) * self.idf[rows]
        odds: npt.NDArray[np.float32] = values @ self.weights[rows] / np.linalg.norm(values)
        return odds


class Classifier:
    """Blocks for a few milliseconds a text; may be used from several threads."""

    def __init__(self, model: Model) -> None:
        self._topics = [Topic(topic) for topic in model.topics]
        self._model = model
        union = features(model)
        self._parts = [
            _Part(
                part.build_analyzer(),
                part.vocabulary_,
                model.idf[rows],
                model.weights[rows] * WEIGHTS[name],
            )
            for (name, part), rows in zip(union.transformer_list, _rows(model), strict=True)
        ]

    @property
    def threshold(self) -> float:
        return self._model.threshold

    @property
    def macro_f1(self) -> float:
        return self._model.macro_f1

    @property
    def coverage(self) -> float:
        return self._model.coverage

    def best(self, text: str) -> tuple[Topic, float]:
        """The best topic and the confidence in it, however low; (OTHER, 0) where nothing in the
        text is known."""
        odds = [part.odds(text[:MOST_CHARACTERS]) for part in self._parts]
        known = [each for each in odds if each is not None]
        if not known:
            return Topic.OTHER, 0.0
        total = np.sum(known, axis=0) + self._model.bias
        likely = np.exp(total - total.max())
        likely /= likely.sum()
        winner = int(likely.argmax())
        return self._topics[winner], float(likely[winner])

    def suggest(self, text: str) -> Suggestion:
        topic, confidence = self.best(text)
        return Suggestion(topic if confidence >= self.threshold else None, confidence)


class Suggester:
    """A classifier that is opened, or trained if need be, with the first text.

    Blocks, the first time for some seconds: a daemon calls it in a thread. Where no model can be
    had it abstains, and says why in the log once: a case goes on without a suggestion.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._opened = False
        self._classifier: Classifier | None = None

    def __call__(self, text: str) -> Suggestion:
        with self._lock:
            if not self._opened:
                self._opened = True
                try:
                    self._classifier = open_classifier(self._folder)
                except (ImportError, OSError, ValueError):
                    log.warning("no topics will be suggested", exc_info=True)
        return self._classifier.suggest(text) if self._classifier else ABSTAINS


def features(model: Model | None = None) -> "FeatureUnion":
    """Turns texts into rows of W + N numbers: of a model, or still to be fitted."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  # takes a second
    from sklearn.pipeline import FeatureUnion  # noqa: PLC0415

    shapes: dict[str, dict[str, Any]] = {
        # Vietnamese writes its syllables apart: two of them are most often one word
        "words": {"analyzer": "word", "token_pattern": r"\w+", "ngram_range": (1, 2)},
        # within syllables: typing errors, and what is left of a word that was cut or run together
        "characters": {"analyzer": "char_wb", "ngram_range": (2, 4)},
    }
    parts: list[tuple[str, TfidfVectorizer]] = []
    for name, shape in shapes.items():
        part = TfidfVectorizer(
            preprocessor=fold,
            sublinear_tf=True,
            dtype=np.float32,
            vocabulary=None if model is None else getattr(model, name).tolist(),
            **shape,
        )
        if model is not None:
            part.idf_ = model.idf[_rows(model)[len(parts)]]
        parts.append((name, part))
    return FeatureUnion(parts, transformer_weights=WEIGHTS)


def _rows(model: Model) -> tuple[slice, slice]:
    """Of the words and of the characters."""
    return slice(len(model.words)), slice(len(model.words), None)


def model_folder() -> Path:
    """Beside the packages of this installation, so that every process of it finds the same one,
    whatever its folder and its user."""
    return Path(sys.prefix) / "share" / "avcontrol"


def model_key() -> str:
    """Changes with the sentences, with the code and with the library."""
    digest = hashlib.sha256(f"{version('scikit-learn')}\0{version('numpy')}".encode())
    for name in _SOURCES:
        digest.update(hashlib.sha256((Path(__file__).parent / name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def open_classifier(folder: Path) -> Classifier:
    """The model in the folder if it was built from what stands here; otherwise it is built, which
    takes seconds, and kept if the folder can be written.

    Raises ImportError without scikit-learn, and OSError or ValueError where the sentences cannot
    be read.
    """
    key = model_key()
    path = folder / f"classifier-{key}.npz"
    try:
        return Classifier(Model.load(path))
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        log.warning("the classifier is built anew: %s", error)
    from feedback.training import read_sentences, train  # noqa: PLC0415  # brings scikit-learn

    model = train(read_sentences(DATA), key)
    try:
        model.save(path)
        for old in folder.glob("classifier-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the classifier is built at every start, as it cannot be kept: %s", error)
    return Classifier(model)
