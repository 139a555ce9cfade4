"""A place's data as one file, made while its daemon runs, and put back when it does not.

    path = back_up(settings, Path("/media/usb"))      # avcontrol-phuong-mau-20261125-213000.tar.gz
    keep_newest(settings, path.parent, 14)
    restore(settings, path, replace=False)

The archive holds `manifest.json`, the database and every other file of the data folder: keys by
which tablets and links are known, photos. What was erased in the data that a restore replaces is
erased in what it puts back. The configuration, and secrets that stand elsewhere, are
not in it. Whoever has the file can read everything in it: it is for its owner's eyes alone.

A ward on PostgreSQL has its own tools (`pg_dump`), and is told so.
"""

import errno
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from base.cause import Refused
from config.settings import HouseSettings
from config.ward import WardSettings
from feedback.case import Place
from feedback.erasing import erase, erased_cases
from feedback.folding import fold
from storage.copy import (
    change_copy,
    check_copy,
    copy_database,
    held,
    look_into,
    put_back,
)

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ASIDE: Final = "before-restore"
"""Folders of the data folder in which a restore leaves what it replaced."""

_NOT_TAKEN: Final = re.compile(
    r"(.*\.db(-wal|-shm|-journal|\.lock)?|screen-profile|\..*|before-restore.*)"
)
"""Names at the top of the data folder: the database goes its own way, the rest is no data."""


class _Manifest(BaseModel):
    format: int
    kind: str
    place: str
    program: str
    taken_at: datetime
    sha256: dict[str, str]
    """By the names in the archive, of all files but this one."""


@dataclass(frozen=True, slots=True)
class Restored:
    place: str
    taken_at: datetime
    """What came in later is not in it."""
    aside: Path | None
    """Where the data that was there before is kept."""
    erased: int = 0
    """So many cases had been erased in the data that was there, and were erased again."""


def back_up(settings: HouseSettings | WardSettings, where: Path) -> Path:
    """The archive, checked and on the disk. `where` is a folder, or the file's name.

    Everything that was acknowledged when this began is in it. Raises Refused: `backup.postgresql`,
    `backup.other_user`, `backup.exists`, `backup.no_room`, `storage.nothing_there`, and those of
    `storage.copy`; OSError where the folder cannot be written.
    """
    database = _database(settings)
    if database.is_file():
        _check_user(database)
    now = datetime.now(UTC)
    archive = where / f"{_prefix(settings)}-{now:%Y%m%d-%H%M%S}.tar.gz" if where.is_dir() else where
    if archive.exists():
        raise Refused("backup.exists", file=str(archive))
    with _saying_when_full(archive.parent), _workplace(archive.parent) as folder:
        copy = folder / database.name
        copy_database(database, copy)
        check_copy(copy)
        files = {database.name: copy, **_others(settings.data)}
        manifest = _Manifest(
            format=FORMAT,
            kind=_kind(settings),
            place=_name(settings),
            program=version("avcontrol"),
            taken_at=now,
            sha256={},
        )
        made = folder / "archive"
        _pack(made, files, manifest)
        made.replace(archive)
        _sync(archive.parent)
    return archive


def keep_newest(settings: HouseSettings | WardSettings, folder: Path, keep: int) -> None:
    """Of the archives of this place in the folder, so many stay; others' are left alone."""
    mine = re.compile(re.escape(_prefix(settings)) + r"-\d{8}-\d{6}\.tar\.gz")
    found = sorted(path for path in folder.iterdir() if mine.fullmatch(path.name))
    for old in found[: max(0, len(found) - keep)]:
        old.unlink()


def restore(settings: HouseSettings | WardSettings, archive: Path, *, replace: bool) -> Restored:
    """The archive becomes the data of this place; what was there is kept aside.

    Raises Refused: `backup.not_ours`, `backup.damaged`, `backup.other_kind`, `backup.data_there`
    without `replace`, `backup.postgresql`, `backup.other_user`, `backup.no_room`,
    `storage.in_use` while the daemon runs, and those of `storage.copy.check_copy`.
    """
    database = _database(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check_user(settings.data)
    with _saying_when_full(settings.data), _workplace(settings.data) as folder:
        manifest = _unpack(archive, folder)
        if manifest.kind != _kind(settings) or database.name not in manifest.sha256:
            raise Refused("backup.other_kind", place=manifest.place)
        check_copy(folder / database.name)
        was_there = database.exists() and database.stat().st_size > 0
        with held(database):
            if was_there and not replace:
                raise Refused("backup.data_there", folder=str(settings.data), place=manifest.place)
            nothing: tuple[tuple[str, str | None], ...] = ()
            again = look_into(database, erased_cases, nothing) if was_there else nothing
            if again:
                here = Place(manifest.kind).value
                change_copy(folder / database.name, partial(_erase_again, again, here))
            stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
            aside = Path(tempfile.mkdtemp(prefix=f"{ASIDE}-{stamp}-", dir=settings.data))
            for name in sorted(manifest.sha256.keys() - {database.name}):
                _swap(folder / name, settings.data / name, aside / name)
            put_back(folder / database.name, database, aside=aside)
    if was_there:
        return Restored(manifest.place, manifest.taken_at, aside, len(again))
    shutil.rmtree(aside)
    return Restored(manifest.place, manifest.taken_at, None, 0)


def _erase_again(erased: Sequence[tuple[str, str | None]], here: str, connection: Any) -> None:
    """What was erased since the backup was made does not come back with it."""
    for case_id, kept in erased:
        erase(connection, case_id, by=here, at=datetime.now(UTC), keeps=kept)


def _kind(settings: HouseSettings | WardSettings) -> str:
    return "house" if isinstance(settings, HouseSettings) else "ward"


def _name(settings: HouseSettings | WardSettings) -> str:
    return settings.house.name if isinstance(settings, HouseSettings) else settings.ward.name


def _prefix(settings: HouseSettings | WardSettings) -> str:
    return f"avcontrol-{re.sub(r'[^a-z0-9]+', '-', fold(_name(settings))).strip('-')}"


def _database(settings: HouseSettings | WardSettings) -> Path:
    """Raises Refused `backup.postgresql`."""
    if isinstance(settings, HouseSettings):
        return settings.data / "house.db"
    if settings.storage.url:
        raise Refused("backup.postgresql", url=settings.storage.url)
    return settings.data / "ward.db"


def _check_user(path: Path) -> None:
    """Root would leave files behind that the service cannot use. Raises Refused."""
    owner = path.stat().st_uid
    if owner != os.geteuid():
        raise Refused("backup.other_user", user=path.owner())


def _others(data: Path) -> dict[str, Path]:
    """Every other file of the data folder, by its name in the archive."""
    tops = (path for path in data.iterdir() if not _NOT_TAKEN.fullmatch(path.name))
    below = (file for top in tops for file in ([top] if not top.is_dir() else top.rglob("*")))
    return {
        file.relative_to(data).as_posix(): file
        for file in sorted(below)
        if file.is_file() and not file.is_symlink()
    }


def _pack(made: Path, files: dict[str, Path], manifest: _Manifest) -> None:
    """The manifest goes last: it tells what was written, file by file."""
    with made.open("xb") as raw, tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as tar:
        made.chmod(0o600)
        for name, path in files.items():
            try:
                content = path.open("rb")
            except FileNotFoundError:
                continue  # erased since it was listed
            with content:
                hashing = _Hashing(content)
                tar.addfile(_entry(name, os.fstat(content.fileno()).st_size), hashing)
            manifest.sha256[name] = hashing.sha256.hexdigest()
        text = manifest.model_dump_json(indent=2).encode()
        tar.addfile(_entry(MANIFEST, len(text)), io.BytesIO(text))
    _sync(made)


class _Hashing:
    def __init__(self, content: Any) -> None:
        self._content = content
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._content.read(size)
        self.sha256.update(piece)
        return piece


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(datetime.now(UTC).timestamp())
    return entry


def _unpack(archive: Path, folder: Path) -> _Manifest:
    """Raises Refused: `backup.not_ours`, `backup.damaged`."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _extract(tar, member, folder)
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        manifest = _Manifest.model_validate(json.loads(text))
    except (tarfile.TarError, EOFError, ValidationError, ValueError, FileNotFoundError) as error:
        if isinstance(error, FileNotFoundError) and not archive.exists():
            raise
        raise Refused("backup.not_ours", file=archive.name) from error
    if manifest.format != FORMAT:
        raise Refused("backup.not_ours", file=archive.name)
    for name, expected in manifest.sha256.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise Refused("backup.damaged", file=archive.name, part=name)
    return manifest


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Plain files inside the folder; we write no others. Raises ValueError, TarError."""
    name = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or name.is_absolute() or ".." in name.parts:
        raise ValueError(member.name)
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with content, path.open("xb") as file:
        path.chmod(0o600)
        shutil.copyfileobj(content, file)


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _swap(new: Path, path: Path, aside: Path) -> None:
    if path.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, aside)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sync(new)
    new.replace(path)


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder on the same disk, which is taken away again."""
    with tempfile.TemporaryDirectory(prefix=".avcontrol-", dir=folder) as name:
        yield Path(name)


@contextmanager
def _saying_when_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Refused("backup.no_room", folder=str(folder)) from error
    except Refused as refused:
        if refused.cause.code != "storage.disk_full":
            raise
        raise Refused("backup.no_room", folder=str(folder)) from refused


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
