"""A house on a disk that fills up: a small file system of the test's own, really full."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from avcontrol.backup import back_up
from base.cause import Refused
from feedback.consent import WORDING
from rooms.meeting import Actor
from rooms.view import Role

LEADER = Actor(Role.LEADER, "Bác Lan")
LONG = "Ngõ 5 ngập nước mỗi khi mưa. " * 60
JSON = {"Accept": "application/json"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m,mode=700", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode and os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    assert done.returncode == 0, done.stderr
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """What takes the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (100_000, 1_000, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC
    return ballast


async def test_asking_says_so_reading_goes_on_and_room_is_enough_to_go_on(
    start_house, disk, tmp_path
):
    house = await start_house(folder=disk)
    phone, leader = house.client(), await house.client_as(Role.LEADER)
    first = await phone.post("/ask", data={"text": "Bao giờ sửa cống?", "key": "first"})
    (question,) = house.room.view.value.questions
    await house.room.answer_question(LEADER, question.id, "Tuần sau sửa.")
    ballast = fill(disk)

    # What SQLite has set aside still takes some; everything that got a receipt counts.
    receipts = [first.headers["location"]]
    for number in range(300):
        form = {"text": f"{number}: {LONG}", "name": "Ông Tư", "key": f"key-{number}"}
        form["consent"] = WORDING
        answer = await phone.post("/ask", data=form)
        if answer.status_code != 303:
            break
        receipts.append(answer.headers["location"])
    assert answer.status_code == 503
    assert 'data-code="storage.disk_full"' in answer.text
    assert "Ổ đĩa của máy nhà văn hóa đã đầy" in answer.text
    assert form["text"].strip() in answer.text, "what was written stays in the form"
    assert 'value="Ông Tư"' in answer.text and f'value="{form["key"]}"' in answer.text
    told = await phone.post("/ask", data=form, headers=JSON)
    assert (told.status_code, told.json()["code"]) == (503, "storage.disk_full")

    # Everybody goes on reading, and the leader reads why.
    assert "Tuần sau sửa." in (await phone.get("/board")).text
    for path in receipts:
        assert (await phone.get(path)).status_code == 200
    panel = await leader.get("/panel")
    assert panel.status_code == 200 and "đã đầy" in panel.text
    assert (await leader.get("/panel/questions")).status_code == 200
    assert (await house.client().get("/healthz")).status_code == 200
    started = await leader.post("/do/start-meeting", headers=JSON)
    assert (started.status_code, started.json()["code"]) == (503, "storage.disk_full")

    # A backup finds no room here, and leaves nothing behind; on another disk it does.
    with pytest.raises(Refused) as refused:
        back_up(house.site.settings, disk)
    assert refused.value.cause.code == "backup.no_room"
    assert not list(disk.glob("*avcontrol*"))
    back_up(house.site.settings, tmp_path)

    # There is room again: the same form goes through, once, without a restart.
    ballast.unlink()
    again = [await phone.post("/ask", data=form) for _ in range(2)]
    assert {answer.status_code for answer in again} == {303}
    assert len({urlsplit(answer.headers["location"]).path for answer in again}) == 1
    texts = [question.text for question in house.room.view.value.questions]
    assert texts.count(form["text"].strip()) == 1
    assert len(texts) == len(receipts) + 1
    assert "đã đầy" not in (await leader.get("/panel")).text
    assert (await leader.post("/do/start-meeting", headers=JSON)).status_code == 204
