"""The sentence for every code, in both languages; one file for each part of the house.

    say(Cause("projector.no_answer", host="192.168.1.30"), "vi")

A sentence says what is wrong and what to do about it. Only this package turns codes into words.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Literal

from base.cause import Cause, Parameter

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """`str.format` templates over the cause's parameters."""

    vi: str
    en: str


@cache
def sentences() -> dict[str, Sentence]:
    """Every code with its sentence. Raises ValueError where two files claim one code."""
    found: dict[str, Sentence] = {}
    for part in pkgutil.iter_modules(__path__):
        table: dict[str, Sentence] = importlib.import_module(f"{__name__}.{part.name}").SENTENCES
        if twice := found.keys() & table.keys():
            raise ValueError(f"two sentences for {sorted(twice)}")
        found |= table
    return found


def say(cause: Cause, language: Language) -> str:
    """The sentence for a cause. An unknown code is shown as it is: better than a blank line."""
    sentence = sentences().get(cause.code)
    if sentence is None:
        return cause.code
    template = sentence.vi if language == "vi" else sentence.en
    return template.format_map(_Known(cause.params))


class _Known(dict[str, Parameter]):
    """A parameter that the cause left out leaves a gap: better than no page at all."""

    def __missing__(self, key: str) -> str:
        return "…"
