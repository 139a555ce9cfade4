"""A backup made by the command while a real house takes questions, put back somewhere else."""

import asyncio
import io
import os
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from avcontrol import backup
from avcontrol.backup import back_up, keep_newest, restore
from avcontrol.house import House, open_house
from base.cause import Refused
from config.check import read_settings
from config.settings import HouseSettings
from config.ward import StorageSection, WardSection, WardSettings
from feedback import intake
from feedback.case import Place
from feedback.erasing import erase
from feedback.rules import Rules
from storage.engine import Database
from tests.ports import free_port

NAME = "Nhà văn hóa Tổ dân phố 5"
Run = Callable[..., Awaitable[tuple[int, str]]]


def config_of(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    port = free_port()
    config = folder / "house.toml"
    config.write_text(
        f'data = "{folder}/data"\n[house]\nname = "{NAME}"\nward = "Phường Mẫu"\n'
        f"[web]\nport = {port}\n"
    )
    return config


def settings_of(folder: Path) -> HouseSettings:
    return read_settings(config_of(folder), {})


async def run(*arguments: str | Path) -> tuple[int, str]:
    """The command's exit status, and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "avcontrol", "--language", "vi", *map(str, arguments)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def ask(house: House, text: str) -> str:
    receipt = await house.room.ask(text, name=None, via="phone", key="", by=None)
    return receipt.code


@pytest.fixture
async def data(tmp_path: Path) -> HouseSettings:
    """A house that has been used; its daemon is not running."""
    settings = settings_of(tmp_path / "one")
    async with await Database.open(settings.data / "house.db"):
        pass
    (settings.data / "signing.key").write_bytes(b"k" * 32)
    (settings.data / "photos").mkdir()
    (settings.data / "photos" / "1.jpg").write_bytes(b"\xff\xd8 photo")
    (settings.data / "screen-profile").mkdir()
    (settings.data / "screen-profile" / "cookies").write_text("none of it")
    return settings


def refused(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(Refused) as error:
        call()
    assert error.value.cause.code == code


def marked(settings: HouseSettings | WardSettings, name: str = "house.db") -> str:
    with closing(sqlite3.connect(settings.data / name)) as connection:
        return str(connection.execute("SELECT mark FROM marks").fetchone()[0])


def mark(settings: HouseSettings | WardSettings, word: str, name: str = "house.db") -> None:
    with closing(sqlite3.connect(settings.data / name)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS marks (mark TEXT)")
        connection.execute("DELETE FROM marks")
        connection.execute("INSERT INTO marks VALUES (?)", (word,))
        connection.commit()


async def test_what_was_acknowledged_before_it_began_is_in_the_restored_house(
    tmp_path: Path,
) -> None:
    config, elsewhere = config_of(tmp_path / "one"), config_of(tmp_path / "other")
    acknowledged: dict[str, str] = {}

    async def keep_asking(house: House, who: int) -> None:
        for number in range(100_000):
            text = f"Câu thứ {number} của người {who}"
            acknowledged[await ask(house, text)] = text

    async with open_house(read_settings(config, {})) as house:
        askers = [asyncio.create_task(keep_asking(house, who)) for who in range(5)]
        while len(acknowledged) < 50:
            await asyncio.sleep(0.01)
        before = dict(acknowledged)
        status, said = await run("backup", "--config", config, tmp_path)
        assert status == 0, said
        assert len(acknowledged) > len(before), "the house went on meanwhile"
        for asker in askers:
            asker.cancel()
        await asyncio.gather(*askers, return_exceptions=True)
        (archive,) = tmp_path.glob("avcontrol-nha-van-hoa-to-dan-pho-5-*.tar.gz")
        assert str(archive) in said
        assert archive.stat().st_mode & 0o777 == 0o600
        # it is not put in the place of what a daemon uses
        status, said = await run("restore", "--config", config, "--yes", archive)
        assert status == 1 and "đang dùng thư mục dữ liệu" in said

    status, said = await run("restore", "--config", elsewhere, archive)
    assert status == 0 and NAME in said
    async with open_house(read_settings(elsewhere, {})) as restored:
        for code, text in before.items():
            found = await restored.room.find_receipt(code)
            assert found is not None and found.text == text
        numbers = [question.number for question in restored.room.view.value.questions]
        assert len(numbers) == len(set(numbers)) >= len(before)
        assert await ask(restored, "Và hỏi tiếp được.")
    keys = [read_settings(c, {}).data / "signing.key" for c in (config, elsewhere)]
    assert keys[0].read_bytes() == keys[1].read_bytes(), "tablets and links are known again"


async def test_other_files_go_along_and_what_was_there_is_kept(
    tmp_path: Path, data: HouseSettings
) -> None:
    mark(data, "old")
    archive = back_up(data, tmp_path)
    with tarfile.open(archive) as tar:
        assert sorted(tar.getnames()) == [
            "house.db",
            "manifest.json",
            "photos/1.jpg",
            "signing.key",
        ]
    mark(data, "new")
    (data.data / "photos" / "1.jpg").write_bytes(b"another")
    refused("backup.data_there", lambda: restore(data, archive, replace=False))
    assert marked(data) == "new"

    restored = restore(data, archive, replace=True)
    assert marked(data) == "old"
    assert (data.data / "photos" / "1.jpg").read_bytes() == b"\xff\xd8 photo"
    assert restored.aside is not None
    with closing(sqlite3.connect(restored.aside / "house.db")) as before:
        assert before.execute("SELECT mark FROM marks").fetchone() == ("new",)
    assert (restored.aside / "photos" / "1.jpg").read_bytes() == b"another"
    assert not [path for path in data.data.iterdir() if path.name.startswith(".avcontrol")]
    async with await Database.open(data.data / "house.db"):
        pass


async def test_a_wal_that_a_killed_daemon_left_goes_along(
    tmp_path: Path, data: HouseSettings
) -> None:
    program = (
        "import sqlite3, os, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('CREATE TABLE marks (mark TEXT)');"
        "c.execute(\"INSERT INTO marks VALUES ('in the WAL')\"); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", program, data.data / "house.db"], check=False)
    assert (data.data / "house.db-wal").stat().st_size
    archive = back_up(data, tmp_path / "backup.tar.gz")
    refused("backup.exists", lambda: back_up(data, archive))
    elsewhere = settings_of(tmp_path / "other")
    assert restore(elsewhere, archive, replace=False).aside is None
    assert marked(elsewhere) == "in the WAL"
    restored = restore(data, archive, replace=True)
    assert not (data.data / "house.db-wal").exists(), "of another database"
    assert marked(data) == "in the WAL"
    assert restored.aside is not None


@pytest.mark.parametrize("where", ["middle", "cut"])
async def test_a_damaged_backup_changes_nothing(
    tmp_path: Path, data: HouseSettings, where: str
) -> None:
    mark(data, "mine")
    good = back_up(data, tmp_path / "good.tar.gz")
    with tarfile.open(good) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    bad = tmp_path / "bad.tar.gz"
    if where == "middle":
        files["house.db"] = files["house.db"][:5000] + b"\0" + files["house.db"][5001:]
        files["house.db"] = files["house.db"][:-1] + bytes([files["house.db"][-1] ^ 1])
        with tarfile.open(bad, "w:gz") as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    else:
        bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    code = {"middle": "backup.damaged", "cut": "backup.not_ours"}[where]
    refused(code, lambda: restore(data, bad, replace=True))
    assert marked(data) == "mine"
    assert not list(data.data.glob("before-restore*"))


async def test_what_is_no_backup_or_leads_out_of_the_folder_is_refused(
    tmp_path: Path, data: HouseSettings
) -> None:
    plain = tmp_path / "plain.tar.gz"
    plain.write_text("nothing of the kind")
    refused("backup.not_ours", lambda: restore(data, plain, replace=True))
    evil = tmp_path / "evil.tar.gz"
    with tarfile.open(evil, "w:gz") as tar:
        entry = tarfile.TarInfo("../outside")
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    refused("backup.not_ours", lambda: restore(data, evil, replace=True))
    assert not (data.data.parent / "outside").exists()
    with pytest.raises(FileNotFoundError):
        restore(data, tmp_path / "none.tar.gz", replace=True)


async def test_a_backup_of_a_later_version_is_refused(tmp_path: Path, data: HouseSettings) -> None:
    archive = back_up(data, tmp_path)
    with closing(sqlite3.connect(data.data / "house.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    refused("storage.newer", lambda: back_up(data, tmp_path / "later.tar.gz"))
    assert not (tmp_path / "later.tar.gz").exists()
    restore(data, archive, replace=True)


async def test_a_corrupt_database_is_no_backup(tmp_path: Path, data: HouseSettings) -> None:
    path = data.data / "house.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    refused("storage.corrupt", lambda: back_up(data, tmp_path))
    assert not list(tmp_path.glob("*.tar.gz"))


async def test_the_newest_stay(tmp_path: Path, data: HouseSettings) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    old = [
        folder / f"avcontrol-nha-van-hoa-to-dan-pho-5-2026010{n}-210000.tar.gz" for n in range(5)
    ]
    others = [
        folder / "avcontrol-nha-van-hoa-to-dan-pho-6-20250101-210000.tar.gz",
        folder / "notes",
    ]
    for path in (*old, *others):
        path.touch()
    new = back_up(data, folder)
    keep_newest(data, folder, 3)
    assert set(folder.iterdir()) == {*old[3:], new, *others}


async def test_a_hub_on_sqlite_too_and_on_postgresql_by_its_own_tools(
    tmp_path: Path, data: HouseSettings
) -> None:
    hub = WardSettings(ward=WardSection(name="Phường Mẫu"), data=tmp_path / "ward")
    refused("storage.nothing_there", lambda: back_up(hub, tmp_path))
    async with await Database.open(hub.data / "ward.db"):
        pass
    archive = back_up(hub, tmp_path)
    assert archive.name.startswith("avcontrol-phuong-mau-")
    refused("backup.other_kind", lambda: restore(data, archive, replace=True))
    restore(hub, archive, replace=True)
    large = hub.model_copy(update={"storage": StorageSection(url="postgresql://db.example/ward")})
    refused("backup.postgresql", lambda: back_up(large, tmp_path))


async def test_root_leaves_no_files_of_its_own_behind(
    tmp_path: Path, data: HouseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = back_up(data, tmp_path)
    monkeypatch.setattr(backup.os, "geteuid", lambda: os.getuid() + 1)
    refused("backup.other_user", lambda: back_up(data, tmp_path / "second.tar.gz"))
    refused("backup.other_user", lambda: restore(data, archive, replace=True))


async def test_what_was_erased_after_the_backup_does_not_come_back(
    tmp_path: Path, data: HouseSettings
) -> None:
    database = data.data / "house.db"
    now = datetime(2026, 12, 1, tzinfo=UTC)
    rules = Rules.of(data.feedback, here=Place.HOUSE)
    async with await Database.open(database) as opened:

        async def ask(text: str) -> str:
            draft = intake.check(text, name="Bà Mai", via="phone", key="")
            case, _ = await intake.receive(
                opened, draft, rules, by="resident", now=now, alongside=lambda *_: None
            )
            return case.id

        first = await ask("Nhà tôi ở Xuân Trường")
        await ask("Đèn đường hỏng")
    archive = back_up(data, tmp_path / "backup.tar.gz")
    async with await Database.open(database) as opened:
        await opened.write(lambda c: erase(c, first, by="leader An", at=now))
    assert "Xuân Trường".encode() not in database.read_bytes()
    restored = restore(data, archive, replace=True)
    assert restored.erased == 1
    assert "Xuân Trường".encode() not in database.read_bytes()
    assert "Đèn đường hỏng".encode() in database.read_bytes()
