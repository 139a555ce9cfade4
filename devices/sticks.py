"""What is on USB sticks: pictures and PDFs, to be shown in a meeting.

    Sticks().look().sticks        # (Stick("/media/usb0", (StickFile("Ngân sách.pdf", 81_233),)),)

The system mounts a stick (a desktop does, or `udiskie`), below /media or /run/media; here it is
only looked at, and never mounted or written to. Links are not followed: a stick cannot show what
is not on it. Every call blocks, for as long as a stick that is failing takes.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from base.cause import Refused

ENDINGS: Final = (".pdf", ".jpg", ".jpeg", ".png", ".webp")
BELOW: Final = ("/media/", "/run/media/")
MOST_FILES: Final = 60
MOST_DEEP: Final = 3
MOST_FOLDERS: Final = 300


@dataclass(frozen=True, slots=True)
class StickFile:
    path: str
    """From the stick's root, with slashes."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Stick:
    mount: str
    files: tuple[StickFile, ...]
    """The newest first."""

    @property
    def name(self) -> str:
        return Path(self.mount).name


@dataclass(frozen=True, slots=True)
class Plugged:
    sticks: tuple[Stick, ...] = ()
    not_mounted: bool = False
    """There is one that the system has not mounted."""


class Sticks:
    def __init__(self, root: Path = Path("/")) -> None:
        """`root` is for tests: a folder with `proc`, `sys` and the mounts below it."""
        self._root = root

    def look(self) -> Plugged:
        mounts = dict(self._mounts())
        sticks = tuple(
            Stick(mount, self._files(mount)) for mount in mounts if mount.startswith(BELOW)
        )
        mounted = {Path(source).name for source in mounts.values()}
        return Plugged(sticks, any(not names & mounted for names in self._removable()))

    def read(self, mount: str, path: str, most_bytes: int) -> bytes:
        """A file that `look` has listed. Raises Refused: `stick.gone` where it is not there any
        more, `paper.too_large`."""
        if mount not in dict(self._mounts()) or not mount.startswith(BELOW):
            raise Refused("stick.gone")
        parts = path.split("/")
        if any(part in ("", ".", "..") for part in parts) or not path.lower().endswith(ENDINGS):
            raise Refused("stick.gone")
        try:
            return self._read(self._at(mount), parts, most_bytes)
        except OSError as error:
            raise Refused("stick.gone") from error

    def _read(self, folder: Path, parts: list[str], most_bytes: int) -> bytes:
        """Step by step, so that no link on the way leads elsewhere. Raises OSError, Refused."""
        here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                below = os.open(part, flags, dir_fd=here)
                os.close(here)
                here = below
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            with os.fdopen(os.open(parts[-1], flags, dir_fd=here), "rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    raise Refused("stick.gone")
                if found.st_size > most_bytes:
                    raise Refused("paper.too_large", most=most_bytes // 1_000_000)
                return file.read(most_bytes)
        finally:
            os.close(here)

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """Where, and of which device (proc_pid_mountinfo(5))."""
        try:
            lines = self._at("/proc/self/mountinfo").read_text(errors="surrogateescape")
        except OSError:
            return
        for line in lines.splitlines():
            left, _, right = line.partition(" - ")
            mount, kind = left.split(" ")[4], right.split(" ")
            if len(kind) > 1:
                yield _plain(mount), _plain(kind[1])

    def _removable(self) -> Iterator[set[str]]:
        """The names of each USB disk and of its partitions, where a medium is in it."""
        for disk in sorted(self._at("/sys/block").glob("sd*")):
            try:
                usb = "/usb" in str(disk.resolve())
                has_medium = (disk / "size").read_text().strip() not in ("", "0")
            except OSError:
                continue
            if usb and has_medium:
                yield {disk.name, *(part.name for part in disk.glob(f"{disk.name}*"))}

    def _files(self, mount: str) -> tuple[StickFile, ...]:
        found: list[tuple[float, StickFile]] = []
        top = self._at(mount)
        folders = [(top, 0)]
        for seen, (folder, depth) in enumerate(folders):
            if seen >= MOST_FOLDERS:
                break
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.name.startswith((".", "$")):
                            continue
                        if entry.is_dir(follow_symlinks=False) and depth < MOST_DEEP:
                            folders.append((Path(entry.path), depth + 1))
                        elif entry.name.lower().endswith(ENDINGS) and entry.is_file(
                            follow_symlinks=False
                        ):
                            known = entry.stat(follow_symlinks=False)
                            path = Path(entry.path).relative_to(top).as_posix()
                            found.append((known.st_mtime, StickFile(path, known.st_size)))
            except OSError:
                continue  # a folder that cannot be read is as good as empty
        found.sort(key=lambda one: -one[0])
        return tuple(file for _, file in found[:MOST_FILES])


def _plain(text: str) -> str:
    """Spaces and the like stand there as octal."""
    for octal, meant in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, meant)
    return text
