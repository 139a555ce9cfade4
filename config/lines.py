"""On which line of a TOML file each key stands.

    >>> find_lines('[web]\\nport = 8080\\n')
    {('web',): 1, ('web', 'port'): 2}

The parser in the standard library tells no positions, so it is asked again and again: a run of
whole lines from the start of a correct file parses exactly where a statement ends, and whatever
appears there for the first time was written by that statement. No second parser can disagree.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence

Where = tuple[str | int, ...]
"""The way to a value: `("cameras", 1, "url")`."""


def find_lines(text: str) -> dict[Where, int]:
    """Every table, array element and key with the line, from 1, where its statement begins.

    What a statement holds inside brackets has the line of that statement. Of a file with an
    error, the part before the error. Quadratic in the number of lines: for files that people
    write.
    """
    found: dict[Where, int] = {}
    for first, document in _statements(text):
        for path in _paths(document, ()):
            found.setdefault(path, first)
    return found


def first_unfinished(text: str) -> int:
    """The line, from 1, where the first statement begins that does not parse."""
    return max((end for end, _ in _good_ends(text.split("\n"))), default=0) + 1


def _statements(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Line of each statement, and the document up to and with it. Blank lines and comments count
    as statements that add nothing."""
    before = 0
    for end, document in _good_ends(text.split("\n")):
        yield before + 1, document
        before = end


def _good_ends(lines: Sequence[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
    for end in range(1, len(lines) + 1):
        try:
            yield end, tomllib.loads("\n".join(lines[:end]) + "\n")
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a statement


def _paths(value: object, path: Where) -> Iterator[Where]:
    children: Iterator[tuple[str | int, object]]
    if isinstance(value, Mapping):
        children = iter(value.items())
    elif isinstance(value, list):
        children = iter(enumerate(value))
    else:
        return
    for key, child in children:
        yield (*path, key)
        yield from _paths(child, (*path, key))
