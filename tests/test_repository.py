"""What holds for the repository as a whole, whatever is in it."""

import ast
import os
import re
import string
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from web.sentences import Sentence, sentences

ROOT = Path(__file__).parents[1]
PACKAGES = ("avcontrol", "web", "ward", "rooms", "feedback", "devices", "storage", "config", "base")
CODE = re.compile(r"[a-z]+\.[a-z][a-z0-9_]*")


@cache
def files() -> list[Path]:
    """Everything that is or would be committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in names.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in files():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a font or a picture


# --- what must not be written into it ---------------------------------------------------------


def test_the_lock_names_the_public_index_only() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    registries = {p["source"]["registry"] for p in lock["package"] if "registry" in p["source"]}
    assert registries == {"https://pypi.org/simple"}
    urls = re.findall(r'"(\w+://[^"]+)"', (ROOT / "uv.lock").read_text())
    assert {urlsplit(url).hostname for url in urls} == {"pypi.org", "files.pythonhosted.org"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert not {"index", "index-url", "find-links"} & project["tool"]["uv"].keys()


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME")))
    found = [path for path, text in texts() if "vendor" not in path.parts and marks.search(text)]
    assert not found


def test_no_path_of_the_machine_it_was_written_on() -> None:
    here = [str(ROOT), f"{Path.home()}/"]
    if not sys.base_prefix.startswith("/usr"):
        here.append(sys.base_prefix)
    paths = re.compile("|".join([*map(re.escape, here), r"/(home|Users)/[a-z]+/"]))
    assert not [(path, found[0]) for path, text in texts() if (found := paths.search(text))]


@pytest.mark.parametrize("script", ["scripts/setup.sh", ".ci/run"])
def test_scripts_can_be_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o100
    subprocess.run(["bash", "-n", script], cwd=ROOT, check=True)


def test_a_soak_without_long_tests_is_no_failure() -> None:
    """And one that fails is."""
    quick = "tests/test_repository.py -p no:cacheprovider --noconftest"
    for more, status in (("", 0), (" --no-such-option", 2)):
        command = ["make", "soak", f"ARGS={quick}{more}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == status, done.stderr


def test_whoever_is_not_root_reads_that_sudo_is_used(tmp_path: Path) -> None:
    programs = {"dpkg-query": "exit 1", "id": "echo 1000", "sudo": "exit 1", "apt-get": "exit 1"}
    for name, does in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["scripts/setup.sh", "run"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode
    assert "as root with sudo: libportaudio2" in done.stdout


# --- every code has its sentence --------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """A code as it stands in the source."""

    where: str
    pattern: str
    """A regular expression, since a part of the code may be computed."""
    params: frozenset[str] | None
    """Names given with it; None where the code or the names are computed."""


@cache
def trees() -> dict[Path, ast.Module]:
    return {
        path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES
    }


@cache
def carriers() -> frozenset[str]:
    """`Cause`, what is raised with a code, and what derives from that."""
    names = {"Cause", "Refused", "DeviceError"}
    classes = [
        n for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)
    ]
    for _ in classes:
        names |= {c.name for c in classes if names & {ast.unparse(base) for base in c.bases}}
    return frozenset(names)


def pattern_of(node: ast.expr) -> str | None:
    """A regular expression for the codes that a literal or an f-string can give."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z0-9_-]+"
            for part in node.values
        )
    return None


@cache
def calls() -> tuple[Use, ...]:
    found = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            if ast.unparse(node.func).rpartition(".")[2] not in carriers():
                continue
            if pattern := pattern_of(node.args[0]):
                names = [keyword.arg for keyword in node.keywords]
                computed = None in names or isinstance(node.args[0], ast.JoinedStr)
                params = None if computed else frozenset(name for name in names if name)
                found.append(Use(f"{path}:{node.lineno}", pattern, params))
    return tuple(found)


@cache
def mentions() -> frozenset[str]:
    """Every string in the source that looks like a code, in a table for example."""
    return frozenset(
        node.value
        for path, tree in trees().items()
        if path.parts[:2] != ("web", "sentences")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if CODE.fullmatch(node.value)
    )


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_code_has_a_sentence() -> None:
    assert len(calls()) > 50
    known = "\n".join(sentences())
    missing = [
        use for use in calls() if not re.search(f"^{use.pattern}$", known, flags=re.MULTILINE)
    ]
    assert not missing


def test_every_sentence_gets_its_parameters() -> None:
    unfilled = [
        (use.where, code, lacking)
        for use in calls()
        if use.params is not None
        for code, sentence in sentences().items()
        if re.fullmatch(use.pattern, code)
        if (lacking := placeholders(sentence.vi) - use.params)
    ]
    assert not unfilled


def test_every_sentence_is_said_somewhere() -> None:
    patterns = [re.compile(use.pattern) for use in calls()]
    unsaid = [
        code
        for code in sentences()
        if code not in mentions() and not any(p.fullmatch(code) for p in patterns)
    ]
    assert not unsaid


@pytest.mark.parametrize(("code", "sentence"), sorted(sentences().items()))
def test_sentence_in_both_languages(code: str, sentence: Sentence) -> None:
    assert CODE.fullmatch(code.replace("-", "_"))
    assert placeholders(sentence.vi) == placeholders(sentence.en)
    assert sentence.vi.strip() == sentence.vi != ""
    assert sentence.en.strip() == sentence.en != ""
    if len(sentence.vi) > 30:
        assert not sentence.vi.isascii(), "Vietnamese has its marks"
        assert sentence.vi != sentence.en
