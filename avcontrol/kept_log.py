"""A log of the last days that may be handed on: what was done, never what somebody said.

    with kept_log(settings.data, {"camera", "projector"}):
        ...

Of our own lines it keeps the words that stand in the program, numbers, causes and the names of
devices; every other text that is filled in is left out, whatever it is: a resident's question, a
name, an address with a password. Of other people's programs it keeps who logged, and of an error
where it happened. So nothing has to be found and removed later, and erasing a case need not reach
it. The full log is the system's (`journalctl -u avcontrol-house`).
"""

import logging
import re
import time
import traceback
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from enum import Enum
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from base.cause import Cause
from web.sentences import sentences

FOLDER: Final = "log"
MOST_BYTES: Final = 500_000
FILES: Final = 4
"""Besides the newest; two and a half megabytes in all."""
OURS: Final = frozenset(
    {"avcontrol", "web", "ward", "rooms", "feedback", "devices", "storage", "config", "base"}
)
LEFT_OUT: Final = "…"

_FILLED: Final = re.compile(r"%%|%(\([^)]*\))?[-#0 +]*[\d*]*(\.[\d*]+)?[a-zA-Z]")


class Careful(logging.Formatter):
    def __init__(self, words: Set[str]) -> None:
        """`words` may stand in it: what devices are called in the settings."""
        super().__init__()
        self._words = words | sentences().keys()

    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        line = f"{at} {record.levelname} {record.name}"
        if record.name.partition(".")[0] in OURS:
            line += f": {self._said(record)}"
        error = record.exc_info[1] if record.exc_info else None
        return line if error is None else f"{line}\n{_where(error)}"

    def _said(self, record: logging.LogRecord) -> str:
        filled = record.args if isinstance(record.args, tuple) else (record.args,)
        known = iter(filled if record.args else ())

        def fill(found: re.Match[str]) -> str:
            return "%" if found[0] == "%%" else self._harmless(next(known, None))

        return _FILLED.sub(fill, str(record.msg))

    def _harmless(self, value: object) -> str:
        match value:
            case None | bool() | int() | float() | date() | timedelta():
                return str(value)
            case Cause():
                return value.code
            case Enum():
                return self._harmless(value.value)
            case BaseException():
                return type(value).__name__
            case str() if value in self._words:
                return value
        return LEFT_OUT


def _where(error: BaseException) -> str:
    """An error without what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"  {Path(one.filename).name}:{one.lineno} {one.name}" for one in frames)
    return "\n".join([*places, f"  {type(error).__name__}"])


@contextmanager
def kept_log(data: Path, words: Set[str]) -> Iterator[None]:
    """While it lasts, everything that is logged is kept in `data`. Where that cannot be written,
    nothing is."""
    folder = data / FOLDER
    handler: RotatingFileHandler | None = None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "house.log", maxBytes=MOST_BYTES, backupCount=FILES, encoding="utf-8"
        )
    if handler is None:
        yield
        return
    handler.setFormatter(Careful(words))
    handler.setLevel(logging.INFO)
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
