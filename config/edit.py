"""Writes a house's settings into its file as a person would: his comments stay, and so does the
file as it was.

    edit = HouseEdit(Path("house.toml"))
    edit.set_house(name="Nhà văn hóa Tổ dân phố 5")
    edit.set_cameras([{"kind": "rtsp", "id": "camera", …}])
    edit.save(os.environ)                   # SettingsError changes nothing

What is written is read again, with every check, before it takes the old file's place.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from config.check import read_settings
from config.settings import HouseSettings

_VIETNAM = timedelta(hours=7)

FIRST = """\
# Cấu hình của nhà văn hóa này. Trang của kỹ thuật viên (Cài đặt thiết bị) ghi vào đây; sửa bằng tay
# cũng được, xong thì chạy: avcontrol check-config. Mọi mục được giải thích trong example.toml.
#   The configuration of this house. The technician's page writes it; it may be edited by hand, too,
#   and checked with `avcontrol check-config`. example.toml explains every key.

[house]
name = "Nhà văn hóa"
ward = "Phường"

[web]
# Cả mạng trong nhà mở được trang. / The whole local network reaches the pages.
host = "0.0.0.0"
"""
"""Of a house where nothing is set up yet."""


def begin(path: Path) -> bool:
    """Write the first settings where there are none. Whether that was so; raises OSError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(FIRST)
    except FileExistsError:
        return False
    return True


def write_whole(path: Path, text: str, mode: int) -> None:
    """In the place of what was there, or not at all; on the disk when it returns. Raises
    OSError."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask says
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class HouseEdit:
    """One file, and the changes to it until `save`."""

    def __init__(self, path: Path) -> None:
        """Raises OSError, and tomlkit's errors where the file is no TOML."""
        self.path = path
        self._before = path.read_text(encoding="utf-8-sig")
        self._document = tomlkit.parse(self._before)

    def set_house(self, **fields: str) -> None:
        self._set_table("house", fields)

    def set_cameras(self, cameras: Sequence[Mapping[str, Any]]) -> None:
        """All of them, in their order; those that the file has keep what is not said here."""
        written: dict[str, Any] = {}
        before = self._document.get("cameras")
        for one in before if isinstance(before, AoT) else ():
            written[str(one.get("id"))] = one
        tables = tomlkit.aot()
        for fields in cameras:
            table = written.get(str(fields["id"]))
            if not isinstance(table, Table) or table.get("kind") != fields["kind"]:
                table = tomlkit.table()
            _fill(table, fields)
            tables.append(table)
        if not cameras:
            self._document.pop("cameras", None)
        else:
            self._document["cameras"] = tables

    def set_hdmi(self, fields: Mapping[str, Any] | None) -> None:
        self._set_table("hdmi", fields)

    def set_sound(self, fields: Mapping[str, Any] | None) -> None:
        self._set_table("sound", fields)

    def set_projector(self, fields: Mapping[str, Any] | None) -> None:
        self._set_table("projector", fields)

    def text(self) -> str:
        return tomlkit.dumps(self._document)

    def save(
        self, environ: Mapping[str, str], secrets: Mapping[str, str] | None = None
    ) -> HouseSettings:
        """Check, keep the old file beside, replace. `secrets` are files in the same folder and
        what stands in them, for the owner alone. Gives the settings as the next start reads them.

        Raises SettingsError and leaves the settings as they were, OSError where a file cannot be
        written.
        """
        for name, secret in (secrets or {}).items():
            write_whole(self.path.with_name(name), f"{secret}\n", 0o600)
        mode = self.path.stat().st_mode & 0o777
        trial = self.path.with_name(f".{self.path.name}.trial")
        write_whole(trial, self.text(), mode)
        try:
            settings = read_settings(trial, environ)
        finally:
            trial.unlink(missing_ok=True)
        if self.text() != self._before:
            write_whole(self._copy(), self._before, mode)
            write_whole(self.path, self.text(), mode)
        return settings

    def _copy(self) -> Path:
        """Where the file as it was is kept: `house.toml.2026-11-26-0801`."""
        moment = datetime.now(UTC) + _VIETNAM
        plain = self.path.with_name(f"{self.path.name}.{moment:%Y-%m-%d-%H%M}")
        number, path = 1, plain
        while path.exists():
            number += 1
            path = plain.with_name(f"{plain.name}-{number}")
        return path

    def _set_table(self, name: str, fields: Mapping[str, Any] | None) -> None:
        if fields is None:
            self._document.pop(name, None)
            return
        table = self._document.get(name)
        if not isinstance(table, Table):
            table = tomlkit.table()
            _fill(table, fields)
            self._document[name] = table
            return
        _fill(table, fields)


def _fill(table: Table, fields: Mapping[str, Any]) -> None:
    """None takes a key away; what is the same already is not touched, nor is what stands beside."""
    for key, value in fields.items():
        if value is None:
            with suppress(KeyError):
                table.remove(key)
        elif table.get(key) != value:
            table[key] = value
