"""`avcontrol ledger`: an outsider checks an export with nothing but the file."""

import asyncio
import json
from datetime import UTC, datetime

import pytest

from avcontrol.cli import main
from avcontrol.house import open_house
from config.check import read_settings
from config.feedback import FeedbackSection
from feedback import ledger_book, store
from feedback.case import CaseState, Place
from feedback.intake import check, receive
from feedback.ledger_book import Book
from feedback.ledger_lines import Signer
from feedback.rules import Rules
from storage.engine import Database
from tests.ports import free_port

RULES = Rules.of(FeedbackSection(), here=Place.HOUSE)
NOW = datetime(2026, 3, 1, 19, 30, tzinfo=UTC)
SIGNER = Signer(b"k" * 32, "Nhà văn hóa\x1b[2J Tổ 5")


@pytest.fixture
def run(capsysbinary):
    """Exit status, standard output and error of a command."""

    def run(*arguments, language="vi"):
        with pytest.raises(SystemExit) as ended:
            main(["--language", language, *map(str, arguments)])
        out, error = capsysbinary.readouterr()
        return ended.value.code, out.decode(), error.decode()

    return run


async def take(database):
    draft = check("Đèn đường ngõ 5 hỏng", name=None, via="phone", key="")
    case, _ = await receive(
        database, draft, RULES, by="resident", now=NOW, alongside=lambda _c, _k: None
    )
    return case


@pytest.fixture
async def exported(tmp_path):
    """A ledger's file, a head that was kept before, and the file of the second receipt."""
    async with await Database.open(tmp_path / "house.db") as database:
        book = Book(database, SIGNER)
        first = await take(database)
        heads = tmp_path / "heads.jsonl"
        heads.write_text(f"{(await book.head()).line()}\n")
        second = await take(database)
        await database.write(
            lambda c: store.close(
                c, first.id, CaseState.ANSWERED, "Mai", answered_by="An", by="An", at=NOW
            )
        )
        mark = await database.read(lambda c: ledger_book.mark(c, second.id))
        file = tmp_path / "ledger.jsonl"
        file.write_bytes(b"".join([lines async for lines in book.export()]))
    receipt = tmp_path / "receipt.json"
    receipt.write_text(json.dumps({"ledger": {"proof": mark.proof}}))
    return file, heads, receipt, mark


def test_a_right_ledger_is_added_up_in_words(run, exported):
    file, heads, receipt, mark = exported
    status, said, error = run("ledger", "verify", file)
    assert (status, error) == (0, "")
    assert "Sổ nguyên vẹn. Sổ của: Nhà văn hóa" in said and "\x1b" not in said
    assert "Đã nhận 2 = đã trả lời 1 + từ chối 0" in said and "đang mở 1." in said
    assert "Đúng hạn: 1 trên 1 việc" in said
    assert SIGNER.public in said
    _, said, _ = run("ledger", "verify", file, language="en")
    assert "Received 2 = answered 1" in said
    status, said, _ = run("ledger", "verify", file, "--heads", heads, "--receipt", mark.hash[:16])
    assert status == 0
    assert "1 đầu sổ" in said and "mục số 2 " in said
    status, said, _ = run("ledger", "verify", file, "--receipt", receipt, "--key", SIGNER.public)
    assert status == 0
    assert "mục số 2 của sổ này đã ghi" in said


@pytest.mark.parametrize("number", range(4))
def test_one_altered_byte_is_found_and_its_entry_named(run, exported, number):
    file = exported[0]
    lines = file.read_bytes().splitlines(keepends=True)
    line = bytearray(lines[number])
    line[len(line) // 2] ^= 1
    file.write_bytes(b"".join([*lines[:number], line, *lines[number + 1 :]]))
    for language, words in (("vi", f"Sai ở mục số {number}:"), ("en", f"Wrong at entry {number}:")):
        status, said, error = run("ledger", "verify", file, language=language)
        assert (status, said) == (1, "")
        assert words in error


def test_what_else_is_wrong_is_said(run, exported, tmp_path):
    file, heads, receipt, _ = exported
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    assert run("ledger", "verify", file)[::2] == (
        1,
        "Tệp bị cắt cụt: mục trọn vẹn cuối cùng là mục số 3, sau đó không có đầu sổ đã ký."
        " Xin tải lại sổ.\n",
    )
    file.write_bytes(whole)
    for more, words in (
        (("--key", "ab" * 32), "ký bằng một khóa khác"),
        (("--receipt", "f" * 16), "không có trong sổ này"),
        (("--receipt", "K7QM-3XWP-9DTA"), "không phải mã tiếp nhận"),
        (("--receipt", heads), "không đọc được"),
        (("--heads", receipt), "không có đầu sổ nào"),
        (("--heads", tmp_path / "none"), "none"),
    ):
        status, _, error = run("ledger", "verify", file, *more)
        assert status == 1
        assert words in error


async def test_it_is_exported_while_the_house_runs_and_while_it_does_not(tmp_path, capsysbinary):
    port = free_port()
    config = tmp_path / "house.toml"
    config.write_text(
        f'data = "{tmp_path / "house"}"\n[house]\nname = "Tổ 5"\nward = "Phường Mẫu"\n'
        f"[web]\nport = {port}\n"
    )

    async def export():
        with pytest.raises(SystemExit) as ended:
            await asyncio.to_thread(main, ["ledger", "export", "--config", str(config)])
        assert ended.value.code == 0
        return capsysbinary.readouterr().out.splitlines(keepends=True)

    async with open_house(read_settings(config, {})) as house:
        await house.room.ask("Bao giờ sửa cống?", name=None, via="phone", key="", by=None)
        running = await export()
    stopped = await export()
    assert running[:-1] == stopped[:-1]
    key = tmp_path / "house" / "ledger.key"
    assert key.stat().st_mode & 0o777 == 0o600
    for lines in (running, stopped):
        head = json.loads(lines[-1])
        assert (head["number"], head["sums"]["open"]) == (1, 1)
        assert head["key"] == Signer(key.read_bytes(), "").public
