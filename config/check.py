"""Reads a configuration and says, in codes with their lines, everything that is wrong with it.

    try:
        settings = read_settings(Path("house.toml"), os.environ)
    except SettingsError as error:
        for problem in error.problems:
            print(problem.file, problem.line, say(problem.cause, "vi"))

All problems at once, not the first only. What was found is shown; secrets never are.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from base.cause import Cause
from config import lines, sense
from config.complaints import Complaint, dotted, translate
from config.settings import HouseSettings
from config.ward import WardSettings

PREFIX = "AVCONTROL_"
S = TypeVar("S", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Problem:
    file: str
    """The file, or the name of the environment variable."""
    line: int | None
    """From 1; of the key, or of its table where the key is missing."""
    key: str
    """Dotted: `cameras[1].url`; empty when the file as a whole is meant."""
    cause: Cause


class SettingsError(Exception):
    """The configuration cannot be used; `problems` in the order of their lines, never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{p.file}:{p.line} {p.cause}" for p in problems))
        self.problems = tuple(problems)


def read_settings(path: Path, environ: Mapping[str, str]) -> HouseSettings:
    """The settings of a house. Raises SettingsError.

    A relative `data` or `…_file` is relative to the folder of the TOML file.
    """
    file = ConfigFile(path)
    settings = file.validate(HouseSettings, environ)
    file.complain(sense.of_house(settings))
    return settings


def read_ward_settings(path: Path, environ: Mapping[str, str]) -> WardSettings:
    """The settings of a ward's hub. Raises SettingsError."""
    file = ConfigFile(path)
    settings = file.validate(WardSettings, environ)
    file.complain(sense.of_ward(settings))
    return settings


def read_any(path: Path, environ: Mapping[str, str]) -> HouseSettings | WardSettings:
    """A file with the table `[ward]` is a hub's, any other a house's. Raises SettingsError."""
    if ConfigFile(path).has("ward"):
        return read_ward_settings(path, environ)
    return read_settings(path, environ)


class ConfigFile:
    """One TOML file with what the environment lays over it."""

    def __init__(self, path: Path) -> None:
        """Raises SettingsError where the file cannot be read or is no TOML."""
        self.path = path
        self._variables: dict[lines.Where, str] = {}
        self._text = self._read()
        try:
            self._values: dict[str, Any] = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError([self._syntax(str(error))]) from None

    def has(self, table: str) -> bool:
        """Whether the file itself has this table at its top."""
        return isinstance(self._values.get(table), dict)

    def validate(self, model: type[S], environ: Mapping[str, str]) -> S:
        """The values as the model wants them. Raises SettingsError with all problems."""
        self._overlay(model, environ)
        _anchor(self._values, self.path.resolve().parent)
        try:
            return model.model_validate(self._values)
        except ValidationError as error:
            details = error.errors(include_url=False)
        self.complain(translate(model, self._values, detail) for detail in details)
        raise AssertionError("pydantic refused without a reason")

    def complain(self, found: Iterable[Complaint]) -> None:
        """Raises SettingsError where anything was found."""
        complaints = tuple(found)
        if not complaints:
            return
        known = lines.find_lines(self._text)
        problems = [self._locate(known, where, cause) for where, cause in complaints]
        raise SettingsError(sorted(problems, key=lambda p: (p.line or 0, p.key)))

    def _locate(
        self, known: Mapping[lines.Where, int], where: lines.Where, cause: Cause
    ) -> Problem:
        if variable := self._variables.get(where):
            return Problem(variable, None, dotted(where), cause)
        line = next((known[where[:n]] for n in range(len(where), 0, -1) if where[:n] in known), 1)
        return Problem(str(self.path), line, dotted(where), cause)

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8-sig")  # Notepad writes a byte order mark
        except FileNotFoundError:
            code = "config.no_file"
        except UnicodeDecodeError:
            code = "config.not_utf8"
        except OSError:
            code = "config.unreadable"
        raise SettingsError([Problem(str(self.path), None, "", Cause(code, file=str(self.path)))])

    def _syntax(self, message: str) -> Problem:
        at = re.search(r"at line (\d+)", message)
        line = int(at[1]) if at else lines.first_unfinished(self._text)
        code = next((code for start, code in SYNTAX if message.startswith(start)), "config.syntax")
        if code == "config.value" and not at:
            code = "config.unclosed"  # it would have gone on behind the end of the file
        return Problem(str(self.path), line, "", Cause(code, line=line))

    def _overlay(self, model: type[BaseModel], environ: Mapping[str, str]) -> None:
        """`AVCONTROL_WEB__PORT=8081`, `AVCONTROL_CAMERAS__0__URL=…`, `AVCONTROL_DATA=…`."""
        unusable: list[Problem] = []
        for variable in sorted(environ):
            words = variable.removeprefix(PREFIX).lower().split("__")
            single = len(words) == 1 and words[0] not in model.model_fields
            if not variable.startswith(PREFIX) or single:
                continue  # AVCONTROL_LANGUAGE and the like belong to the programs
            where = tuple(int(word) if word.isdecimal() else word for word in words)
            if _put(self._values, where, _from_environment(environ[variable])):
                self._variables[where] = variable
            else:
                cause = Cause("config.no_such_place", key=dotted(where))
                unusable.append(Problem(variable, None, dotted(where), cause))
        if unusable:
            raise SettingsError(unusable)


SYNTAX = (
    ("Cannot", "config.twice"),
    ("Duplicate", "config.twice"),
    ("Unterminated", "config.quotes"),
    ("Unescaped", "config.quotes"),
    ("Illegal", "config.quotes"),
    ("Unclosed", "config.unclosed"),
    ("Expected '='", "config.statement"),
    ("Invalid statement", "config.statement"),
    ("Invalid initial character", "config.statement"),
    ("Invalid value", "config.value"),
)
"""How messages of `tomllib` begin."""


def _anchor(values: dict[str, Any], folder: Path) -> None:
    """Make paths absolute: `data`, and every key that ends in `_file`."""
    for key, value in values.items():
        if isinstance(value, dict):
            _anchor(value, folder)
        elif isinstance(value, list):
            for element in value:
                if isinstance(element, dict):
                    _anchor(element, folder)
        elif isinstance(value, str) and value and (key == "data" or key.endswith("_file")):
            values[key] = str(folder / value)


def _from_environment(text: str) -> object:
    """A list or a table is written as in TOML; anything else is what stands there."""
    if text.startswith(("[", "{")):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


def _put(values: Any, where: lines.Where, value: object) -> bool:
    """Set a value deep inside; False where the path leads through something else."""
    for part in where[:-1]:
        if isinstance(values, dict) and isinstance(part, str):
            values = values.setdefault(part, {})
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return False
    last = where[-1]
    fits = isinstance(values, dict) and isinstance(last, str)
    fits |= isinstance(values, list) and isinstance(last, int) and last < len(values)
    if fits:
        values[last] = value
    return fits
