"""What is kept how long, told by the command, also while the daemon has the database."""

import asyncio
import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from avcontrol import privacy
from storage.engine import Database


async def test_the_rules_and_what_is_due_are_told_in_words(
    tmp_path: Path, migrated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "house.toml"
    config.write_text(
        f'data = "{tmp_path}"\n[house]\nname = "Nhà văn hóa"\nward = "Phường Mẫu"\n'
        '[[privacy.retention]]\nwhat = "votes"\nafter_days = 7\nrule = "Luật thử"\n'
    )
    shutil.copy(migrated, tmp_path / "house.db")
    options = Namespace(config=config, language="vi", dry_run=True)
    assert privacy.show(options) == 0
    said = capsys.readouterr().out
    assert "2 ngày làm việc (Nghị định 356/2025/NĐ-CP, Điều 5)" in said
    assert "xóa sau 7 ngày (Luật thử)" in said and "Họ tên" not in said
    assert "Bản ghi hình cuộc họp: xóa sau 60 ngày, sớm hơn khi tất cả quá 30 GB" in said
    config.write_text(config.read_text() + "[recording]\nallowed = false\n")
    assert privacy.show(options) == 0
    assert "Nhà này không ghi hình" in capsys.readouterr().out
    async with await Database.open(tmp_path / "house.db"):
        assert await asyncio.to_thread(privacy.retention, options) == 0
    assert capsys.readouterr().out == "Lượt cùng hỏi: đến hạn xóa 0 (sau 7 ngày). Chưa xóa gì.\n"
