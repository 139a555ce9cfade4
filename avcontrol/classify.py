"""`avcontrol classify` and `avcontrol train-classifier`: the classifier without a daemon."""

from collections.abc import Iterable, Iterator

from feedback.classify import Classifier


def classified(lines: Iterable[bytes], classifier: Classifier) -> Iterator[str]:
    """One `topic<TAB>confidence` for each line, without its end; a line ends with LF.

    The best topic stands there also under the threshold. A line in which nothing is known, an
    empty one for example, is `other` with 0.000. Bytes that are no UTF-8 count as unknown letters.
    """
    for line in lines:
        topic, confidence = classifier.best(line.decode("utf-8", errors="replace"))
        yield f"{topic}\t{confidence:.3f}"
