"""A statement that is made ready once, for what a thousand phones do within seconds.

    _ADD = Prepared(insert(ledger), "number", "hash", "line")
    _ADD.run(connection, {"number": 7, "hash": hash_, "line": line})

SQLAlchemy takes longer to get a statement ready than SQLite to run it, each time anew. Here its
words are made once for each kind of database and go to the driver as they are. What comes back is
as the driver reads it: numbers and text, and no `storage.moment.Moment`.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import Connection, Dialect, Insert, Select


def run_words(
    connection: Connection, words: str, parameters: Sequence[Any] | Mapping[str, Any] = ()
) -> tuple[Any, ...] | None:
    """Run a statement in the words of the database; its first row, where it has any.

    SQLite's own driver is asked without a detour, and its errors come out as they are
    (`storage.sqlite.for_people` knows them); PostgreSQL is asked through SQLAlchemy, which sees
    when the line is lost.
    """
    if connection.dialect.name == "sqlite":
        driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        cursor = driver.execute(words, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone() if cursor.description else None
        return row
    result = connection.exec_driver_sql(words, parameters or None)
    found = result.first() if result.returns_rows else None
    return None if found is None else tuple(found)


@dataclass(frozen=True, slots=True)
class _Ready:
    words: str
    names: tuple[str, ...]
    """Of its parameters, in their order."""
    fixed: Mapping[str, Any]
    """Parameters that the statement gives itself."""
    processors: tuple[tuple[int, Callable[[Any], Any]], ...]
    """For the parameters that the driver does not take as they are, by their place."""
    positional: bool

    def parameters(self, values: Mapping[str, Any]) -> Sequence[Any] | Mapping[str, Any]:
        if self.fixed:
            values = {**self.fixed, **values}
        row = [values[name] for name in self.names]
        for at, process in self.processors:
            row[at] = process(row[at])
        return row if self.positional else dict(zip(self.names, row, strict=True))


class Prepared:
    def __init__(self, statement: Insert | Select[Any], *columns: str) -> None:
        """`columns` are those that an INSERT is given, each time all of them."""
        # An INSERT returns what it is told to, and nothing of its own accord.
        self._statement: Final = statement.inline() if isinstance(statement, Insert) else statement
        self._columns: Final = list(columns) or None
        self._ready: dict[str, _Ready] = {}
        """By the kind of database."""

    def run(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Its first row, where it has any. Raises KeyError where a parameter has no value."""
        ready = self._ready.get(connection.dialect.name)
        if ready is None:
            ready = self._ready[connection.dialect.name] = self._made(connection.dialect)
        return run_words(connection, ready.words, ready.parameters(values))

    def _made(self, dialect: Dialect) -> _Ready:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns)
        names = tuple(compiled.positiontup if compiled.positional else compiled.binds)
        binds = compiled.binds
        processors = [
            binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
        ]
        return _Ready(
            words=str(compiled),
            names=names,
            fixed={name: bind.value for name, bind in binds.items() if not bind.required},
            processors=tuple((at, process) for at, process in enumerate(processors) if process),
            positional=compiled.positional,
        )
