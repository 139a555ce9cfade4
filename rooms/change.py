"""What a command alters: first on the disk, then in the house."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection


def _nothing(_: Connection) -> None:
    return


@dataclass(frozen=True, slots=True)
class Change:
    store: Callable[[Connection], object] = _nothing
    apply: Callable[[], object] = lambda: None
    protects: bool = False
    """Takes effect even where it cannot be stored: a microphone closes on a full disk, too."""
