"""What a command alters: first on the disk, then in the house."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection


def _nothing(_: Connection) -> None:
    return


@dataclass(frozen=True, slots=True)
class Change:
    store: Callable[[Connection], object] = _nothing
    apply: Callable[[], object] = lambda: None
    protects: bool = False
    """Takes effect even where it cannot be stored: a microphone closes on a full disk, too."""

    def and_(self, other: "Change | None") -> "Change":
        """Both, stored in one transaction."""
        if other is None:
            return self
        second = other

        def store(connection: Connection) -> None:
            self.store(connection)
            second.store(connection)

        def apply() -> None:
            self.apply()
            second.apply()

        return replace(self, store=store, apply=apply)
