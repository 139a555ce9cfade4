"""What SQLite and PostgreSQL do differently; all else is `storage.engine`."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection


class Backend(Protocol):
    """Where the tables are. Every method may block; `close` is called once, when all is quiet."""

    readers: int
    """How many may read at the same time."""
    reads_together: int
    """So many reads that were asked for at the same moment share a transaction."""

    def migrate(self) -> None:
        """Bring the tables up to date. Raises StorageError: `storage.newer`, or why it cannot."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction, while nobody else writes; durable once it is left.

        StorageError on entering or leaving it holds for whatever was to be written.
        """

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that sees one state of the database and cannot change it."""

    def announce(self, connection: Connection, topics: Iterable[str]) -> None:
        """Before the COMMIT: tell other processes once it has happened."""

    async def listen(self, heard: Callable[[str | None], None]) -> None:
        """`heard` gets each topic that another process announced, and None where some may have been
        missed. Until cancelled; returns where there are no other processes."""

    def scrub(self) -> None:
        """After a COMMIT, with nothing else being written: what was overwritten and deleted until
        then shall not be found in the files any more, as far as this database can see to that."""

    def is_lost(self, connection: Connection, error: Exception) -> bool:
        """Whether `error` ended the whole transaction, so that no savepoint brings it back."""

    def is_passing(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed when it is run again."""

    def for_people(self, error: Exception) -> Exception:
        """The StorageError behind a fault of the database; any other error as it is."""

    def close(self) -> None: ...
