"""In which order the questions of a meeting are best taken: everybody has his turn.

    suggested([Waiting("a", Whence.HALL, 3, 1), …], after=Whence.HALL, first=None)  # ("c", "a")

Those in the hall, those far away and those who are not there take turns, beginning after whoever
was served last; a side with nobody waiting loses its turn. Within a side the question that most
people ask goes first, then the one that was asked first. It is only a suggestion.

It must not jump under a finger: who was named as the next stays the next, and the rest is arranged
anew only where a question comes or goes (`rooms.questions`), never by a vote alone.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rooms.view import Whence

_SIDES: Final = tuple(Whence)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An approved question."""

    id: str
    whence: Whence
    askers: int
    number: int


def suggested(
    waiting: Sequence[Waiting], *, after: Whence | None, first: str | None
) -> tuple[str, ...]:
    """The ids of all. `after` was served last; `first` was named as the next already."""
    best = sorted(waiting, key=lambda one: (-one.askers, one.number))
    ordered: list[str] = []
    if (named := next((one for one in best if one.id == first), None)) is not None:
        best.remove(named)
        ordered.append(named.id)
        after = named.whence
    sides = {side: deque(one.id for one in best if one.whence is side) for side in _SIDES}
    begin = 0 if after is None else _SIDES.index(after) + 1
    turns = deque(_SIDES)
    turns.rotate(-begin)
    while any(sides.values()):
        if side := sides[turns[0]]:
            ordered.append(side.popleft())
        turns.rotate(-1)
    return tuple(ordered)
