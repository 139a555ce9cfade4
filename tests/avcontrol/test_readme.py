"""What README tells people to type and to copy exists."""

import re
import shlex
from pathlib import Path

import pytest

from avcontrol.cli import _parser

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
COMMANDS = {
    match[1]
    for span in re.findall(r"`([^`]+)`", PROSE)
    if (match := re.search(r"(?:^|/)avcontrol ((?:[a-z-]+) .*)", " ".join(span.split())))
}


def test_there_is_something_to_type() -> None:
    words = {command.split()[0] for command in COMMANDS}
    assert {"check-config", "doctor", "enrol", "link"} <= words


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_can_be_typed(command: str) -> None:
    assert _parser().parse_args(shlex.split(command)).run


def test_each_file_is_there() -> None:
    named = set(re.findall(r"(?:config|docs|scripts|web|devices)/[\w./-]*\w\.?\w+", TEXT))
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).exists()} == set()
