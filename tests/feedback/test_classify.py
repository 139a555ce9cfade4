"""What a text is about: on the real sentences, with the model that this installation built."""

import logging
import sys
import time
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from avcontrol.classify import classified
from feedback.classify import (
    ABSTAINS,
    DATA,
    Classifier,
    Model,
    Suggester,
    Suggestion,
    features,
    model_folder,
    model_key,
    open_classifier,
)
from feedback.folding import fold
from feedback.topics import Topic
from feedback.training import Sentence, read_sentences, threshold_for, train

FROZEN = Path(__file__).parents[2] / "bench" / "data" / "frozen.tsv"


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return open_classifier(model_folder())


@pytest.fixture(scope="session")
def frozen() -> list[Sentence]:
    return read_sentences(FROZEN)


def macro_f1(classifier: Classifier, sentences: list[Sentence], texts: list[str]) -> float:
    found = [classifier.best(text)[0].value for text in texts]
    return float(f1_score([sentence.topic.value for sentence in sentences], found, average="macro"))


# --- the sentences ----------------------------------------------------------------------------


def test_there_are_many_sentences_of_many_kinds_of_writers(frozen: list[Sentence]) -> None:
    sentences = read_sentences(DATA)
    assert len(sentences) >= 1500
    assert len({fold(sentence.text) for sentence in sentences}) == len(sentences)
    assert len({sentence.style for sentence in sentences}) >= 8
    for topic, count in Counter(sentence.topic for sentence in sentences).items():
        assert count >= 150, topic
    assert Counter(sentence.topic for sentence in frozen) == dict.fromkeys(Topic, 30)
    for sentence in (*sentences, *frozen):
        assert unicodedata.is_normalized("NFC", sentence.text)


def test_no_frozen_sentence_is_nearly_one_that_was_learned(frozen: list[Sentence]) -> None:
    learned = [sentence.text for sentence in read_sentences(DATA)]
    shapes = TfidfVectorizer(preprocessor=fold, analyzer="char_wb", ngram_range=(3, 4))
    rows = shapes.fit_transform(learned)
    alike = (shapes.transform([sentence.text for sentence in frozen]) @ rows.T).max(axis=1)
    near = np.flatnonzero(alike.toarray().ravel() > 0.7)
    assert [frozen[row].text for row in near] == []
    copy = learned[7].replace("tôi", "em") + " ạ"
    assert (shapes.transform([copy]) @ rows.T).max() > 0.7


def test_a_line_that_is_no_sentence_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.tsv"
    path.write_text("environment\telder\tRác\nweather\telder\tMưa\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.tsv:2: 'weather'"):
        read_sentences(path)


# --- what it suggests -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Cống trước nhà tắc, mưa là ngập cả ngõ", Topic.INFRASTRUCTURE),
        ("xe gom rac may hom nay khong toi, hoi lam", Topic.ENVIRONMENT),
        ("Vỉa hè bị quán nhậu chiếm hết", Topic.URBAN_ORDER),
        ("làm lại căn cước công dân ở đâu ạ", Topic.PROCEDURES),
        ("Mẹ tôi 82 tuổi chưa có tiền trợ cấp người cao tuổi", Topic.SOCIAL_SECURITY),
        ("tối nay mấy giờ họp tổ dân phố", Topic.BLOCK_LIFE),
        ("Đêm qua trộm vào nhà lấy mất xe máy", Topic.PUBLIC_SAFETY),
        ("Cảm ơn anh chị nhiều lắm, chúc cả nhà vui", Topic.OTHER),
    ],
)
def test_what_is_plain_is_suggested(classifier: Classifier, text: str, topic: Topic) -> None:
    suggestion = classifier.suggest(text)
    assert suggestion.topic is topic
    assert classifier.threshold <= suggestion.confidence <= 1


def test_what_cannot_be_known_is_left_to_people(classifier: Classifier) -> None:
    for text in ("", "   \n", "中文", "。"):
        assert classifier.suggest(text) == ABSTAINS
    vague = ("Việc này bao giờ xong?", "Sao thế", "Đề nghị phường giải quyết", "Nhà bà Lan")
    for text in vague:
        topic, confidence = classifier.best(text)
        expected = topic if confidence >= classifier.threshold else None
        assert classifier.suggest(text) == Suggestion(expected, confidence)
    assert sum(classifier.suggest(text).topic is None for text in vague) >= 2


def test_nine_of_ten_suggestions_are_right_for_writers_it_has_not_read(
    classifier: Classifier, frozen: list[Sentence]
) -> None:
    """The figures of cross-validation over whole author styles are kept with the model."""
    assert classifier.macro_f1 > 0.78
    assert classifier.coverage > 0.6
    suggestions = [classifier.suggest(sentence.text).topic for sentence in frozen]
    made = [(s, topic) for s, topic in zip(frozen, suggestions, strict=True) if topic]
    assert len(made) > 0.6 * len(frozen)
    assert sum(sentence.topic is topic for sentence, topic in made) > 0.85 * len(made)
    unsure = sorted(frozen, key=lambda sentence: classifier.best(sentence.text)[1])[:40]
    right = sum(sentence.topic is classifier.best(sentence.text)[0] for sentence in unsure)
    assert right < 0.85 * len(unsure), "what it is unsure of is as often right as the rest"


def test_accents_and_their_form_make_no_difference(
    classifier: Classifier, frozen: list[Sentence]
) -> None:
    texts = [sentence.text for sentence in frozen]
    accented = macro_f1(classifier, frozen, texts)
    assert accented > 0.75
    bare = macro_f1(classifier, frozen, [fold(text) for text in texts])
    assert bare == pytest.approx(accented, abs=0.01)
    for text in texts[::10]:
        assert classifier.best(unicodedata.normalize("NFD", text)) == classifier.best(text)


def test_the_threshold_is_the_least_one_that_is_precise_enough() -> None:
    right = np.array([True, True, True, False, True, False, False])
    confidence = np.array([0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert threshold_for(0.8, right, confidence) == (0.6, 5 / 7)
    assert threshold_for(0.9, right, confidence) == (0.8, 3 / 7)
    assert threshold_for(0.9, ~right[:1], confidence[:1]) == (1.0, 0.0)


# --- the model --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> Model:
    sentences = read_sentences(DATA)
    return train([s for s in sentences if s.style in {"brief", "angry"}], "small")


def test_a_model_comes_back_from_the_disk_as_it_was(small: Model, tmp_path: Path) -> None:
    path = tmp_path / "new" / "model.npz"
    small.save(path)
    again = Model.load(path)
    text = "đèn đường ngõ 5 hỏng"
    assert Classifier(again).best(text) == Classifier(small).best(text)
    assert again.key == "small"
    assert [file.name for file in path.parent.iterdir()] == ["model.npz"]


def test_the_arrays_give_what_the_library_gave(small: Model) -> None:
    """The one matrix against the library's own chain of steps, on texts it has not read."""
    texts = ["cống tắc", "quỹ tổ thu chi không rõ", "chó cắn trẻ em"]
    rows = features(small).transform(texts)
    odds = rows @ small.weights + small.bias
    for text, row in zip(texts, odds, strict=True):
        shares = np.exp(row) / np.exp(row).sum()
        topic, confidence = Classifier(small).best(text)
        assert topic.value == small.topics[int(row.argmax())]
        assert confidence == pytest.approx(shares.max(), abs=1e-5)


def test_a_model_of_other_sentences_or_code_is_not_used(
    small: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.save(tmp_path / "classifier-before.npz")
    (tmp_path / f"classifier-{model_key()}.npz").write_bytes(b"cut short")
    monkeypatch.setattr("feedback.training.train", lambda sentences, key: small)
    assert open_classifier(tmp_path).macro_f1 == small.macro_f1
    assert [path.name for path in tmp_path.iterdir()] == [f"classifier-{model_key()}.npz"]
    monkeypatch.undo()
    began = time.monotonic()
    assert open_classifier(tmp_path).macro_f1 == small.macro_f1, "it was not kept"
    assert time.monotonic() - began < 30


def test_a_pickle_in_its_place_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with path.open("wb") as file:
        np.savez(file, key=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        Model.load(path)


def test_a_house_without_the_library_abstains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "feedback.training", raising=False)
    suggest = Suggester(tmp_path)
    with caplog.at_level(logging.WARNING):
        assert suggest("Cống tắc") == suggest("Mất điện") == ABSTAINS
    assert len(caplog.records) == 1


def test_a_suggester_opens_the_model_with_the_first_text(classifier: Classifier) -> None:
    assert Suggester(model_folder())("Cống tắc, ngập cả ngõ").topic is Topic.INFRASTRUCTURE


# --- the command ------------------------------------------------------------------------------


def test_every_line_has_its_line(classifier: Classifier) -> None:
    lines = [
        "Mất điện từ sáng".encode(),
        b"\n",
        b"\xff\xfe\x00 \xc3\n",
        "Mất điện từ sáng\r\n".encode(),
        unicodedata.normalize("NFD", "Mất điện từ sáng\n").encode(),
        ("Rác " * 100_000).encode(),
        b"a\tb\x0bc\xe2\x80\xa8d\n",
    ]
    found = list(classified(lines, classifier))
    assert len(found) == len(lines)
    for line in found:
        topic, confidence = line.split("\t")
        assert Topic(topic)
        assert 0 <= float(confidence) <= 1
    assert found[1] == "other\t0.000"
    assert found[0] == found[3] == found[4]
    assert found[0].startswith("infrastructure\t")
    assert found[5].startswith("environment\t")
