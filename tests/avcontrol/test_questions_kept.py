"""Questions on both sides while house and hub do not reach each other, and hubs that are killed
where it hurts most: in the end both have every question once, in order.

The hub is a process of its own; `kill -9` ends it while people ask, after it stored a case and
before it says so, and after the house has a question and before the hub notes that.
"""

import asyncio
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from avcontrol.house import House, open_house
from config.settings import (
    HouseSection,
    HouseSettings,
    LinkSection,
    MeetingSection,
    WebSection,
)
from feedback.consent import WORDING
from rooms.clock import Clock
from rooms.meeting import Actor
from rooms.view import Connection, Phase, Role
from storage.engine import Database
from tests.ports import free_port
from ward.houses import Houses

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

LEADER = Actor(Role.LEADER, "Bác Lan")
AT_ONCE = 8
SETTLED_SECONDS = 60
"""From the moment when the hub answers again."""

HUB = """
import asyncio, os, signal, sys
from pathlib import Path
from avcontrol.ward import open_ward
from config.ward import HubWebSection, WardSection, WardSettings
from feedback.desk import Desk
from feedback.outbox import Outbox

folder, port, dies, after = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def dying(method, *, before):
    times = 0
    async def until_death(self, *arguments):
        nonlocal times
        times += 1
        if before and times == after:
            os.kill(os.getpid(), signal.SIGKILL)
        await method(self, *arguments)
        if times == after:
            os.kill(os.getpid(), signal.SIGKILL)
    return until_death

if dies == "stored":
    Desk.keep_copy = dying(Desk.keep_copy, before=False)
if dies == "taken_up":
    Desk.take_up = dying(Desk.take_up, before=False)
if dies == "acknowledged":
    Outbox.handed_over = dying(Outbox.handed_over, before=True)

async def main():
    settings = WardSettings(
        ward=WardSection(name="Phường Mẫu"),
        web=HubWebSection(port=port, behind_proxy=True),
        data=folder,
    )
    async with open_ward(settings):
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


HOUSE = """
import asyncio, os, signal, sys
from pathlib import Path
import web.link.house
from avcontrol.house import open_house
from config.settings import HouseSection, HouseSettings, LinkSection, WebSection
from feedback.outbox import Outbox
from rooms.room import Room

folder, port, hub, dies, after = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5], sys.argv[5]
web.link.house.LONGEST_PAUSE = 0.5
times = 0

def dying(method, *, before):
    async def until_death(self, *arguments):
        global times
        times += 1
        if before and times == int(after):
            os.kill(os.getpid(), signal.SIGKILL)
        await method(self, *arguments)
        if times == int(after):
            os.kill(os.getpid(), signal.SIGKILL)
    return until_death

if dies == "followed":
    Room.follow_ward = dying(Room.follow_ward, before=False)
if dies == "noted":
    Outbox.handed_over = dying(Outbox.handed_over, before=True)

async def main():
    settings = HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(port=port),
        data=folder / "house",
        link=LinkSection(url=hub, house="to-5", key_file=folder / "link.key"),
    )
    async with open_house(settings):
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def house_process(
    folder: Path, hub_port: int, dies: str, after: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    script = folder / "house.py"
    script.write_text(HOUSE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), str(folder), str(free_port())),
        *(f"http://127.0.0.1:{hub_port}", dies, str(after)),
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def hub(
    folder: Path, port: int, dies: str = "never", after: int = 0
) -> AsyncIterator[asyncio.subprocess.Process]:
    script = folder / "hub.py"
    script.write_text(HUB)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(script), str(folder / "ward"), str(port), dies, str(after)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 40) == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def enrolled_house(folder: Path, hub_port: int) -> AsyncIterator[House]:
    (folder / "ward").mkdir()
    async with await Database.open(folder / "ward" / "ward.db") as database:
        houses = Houses(database)
        _, key = await houses.enrol(await houses.invite("to-5", "Nhà văn hóa Tổ dân phố 5"))
    key_file = folder / "link.key"
    key_file.write_text(key)
    link = LinkSection(url=f"http://127.0.0.1:{hub_port}", house="to-5", key_file=key_file)
    settings = HouseSettings(
        house=HouseSection(name="Tổ dân phố 5", ward="Phường Mẫu"),
        web=WebSection(port=free_port()),
        data=folder / "house",
        meeting=MeetingSection(undo_end_seconds=3),
        link=link,
    )
    async with open_house(settings) as house:
        yield house


async def ask_at_the_hub(port: int, process: asyncio.subprocess.Process, number: int) -> set[str]:
    """Many phones at once, until so many have their receipts; then the hub is killed, whatever is
    under way. The receipts that were told."""
    told: set[str] = set()

    async def phone(own: int) -> None:
        url = f"http://127.0.0.1:{port}/h/to-5/ask"
        headers = {"Accept": "application/json"}
        async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as client:
            asked = {"name": "Bà Năm", "consent": WORDING}
            try:
                for count in range(number):
                    client.headers["X-Forwarded-For"] = f"198.51.{own}.{count % 250}"
                    text = f"Điện thoại {own} hỏi câu {count}"
                    answer = await client.post(url, data=asked | {"text": text})
                    assert answer.status_code == 201, answer.text
                    told.add(answer.json()["receipt"].replace("-", ""))
                    if len(told) == number:
                        process.send_signal(signal.SIGKILL)
            except httpx.TransportError:
                return

    await asyncio.gather(*(phone(own) for own in range(1, AT_ONCE + 1)))
    assert await process.wait() == -signal.SIGKILL
    assert len(told) >= number
    return told


async def ask_in_the_hall(house: House, number: int) -> None:
    """Over a whole day; every tenth is answered."""
    began, asked = datetime.now(UTC) - timedelta(days=1), 0
    house.room._clock = Clock(lambda: began + asked * timedelta(days=1) / number)
    for asked in range(1, number + 1):
        await house.room.ask(f"Câu {asked}", name="Ông Tư", via="phone", key="", by=None)
        if asked % 10 == 0:
            question = house.room.view.value.questions[-1]
            await house.room.answer_question(LEADER, question.id, f"Trả lời {asked}")
    house.room._clock = Clock()


def rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "each", [60, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])]
)
async def test_after_a_day_apart_both_have_every_question_once_in_order(
    tmp_path: Path, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if each >= 1000:  # as after a day: the house dials as seldom as it ever does
        monkeypatch.setattr("web.link.house.FIRST_PAUSE", 30.0)
    else:
        monkeypatch.setattr("web.link.house.LONGEST_PAUSE", 0.5)
    ward_db, house_db = tmp_path / "ward" / "ward.db", tmp_path / "house" / "house.db"
    port, elsewhere = free_port(), free_port()
    async with enrolled_house(tmp_path, port) as house:
        async with hub(tmp_path, elsewhere) as process:
            _, receipts = await asyncio.gather(
                ask_in_the_hall(house, each), ask_at_the_hub(elsewhere, process, each)
            )
        above = rows(ward_db, "SELECT case_id FROM case_history ORDER BY seq")
        stored = rows(ward_db, "SELECT receipt FROM cases")
        assert receipts <= {receipt for (receipt,) in stored}, "told, and lost by the kill"
        assert len(stored) <= each + AT_ONCE

        async with hub(tmp_path, port, "stored", each // 3) as process:
            assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL
        async with hub(tmp_path, port, "acknowledged", each // 3) as process:
            assert await asyncio.wait_for(process.wait(), 120) == -signal.SIGKILL
        waiting = rows(ward_db, "SELECT id FROM outbox WHERE kind = 'question'")
        assert 0 < len(waiting) < len(stored), "it was killed in the middle"

        async with hub(tmp_path, port):
            began, linked = time.monotonic(), 0.0
            async with asyncio.timeout(SETTLED_SECONDS):
                while any(rows(db, "SELECT 1 FROM outbox LIMIT 1") for db in (ward_db, house_db)):
                    if not linked and house.room.view.value.link.connection is Connection.LINKED:
                        linked = time.monotonic() - began
                    await asyncio.sleep(0.2)
            settled = time.monotonic() - began
            print(f"{2 * each} questions: linked after {linked:.1f} s, settled after {settled:.1f}")

    order = "SELECT id, origin FROM case_copies ORDER BY seq"
    copies = rows(ward_db, order)
    asked = rows(
        house_db,
        "SELECT cases.id, cases.origin FROM cases JOIN questions ON questions.case_id = cases.id "
        "ORDER BY questions.number",
    )
    assert copies == asked, "every question once, in the same order"
    assert [(case,) for case, origin in asked if origin == "ward"] == above
    texts = rows(
        ward_db, "SELECT text, answer FROM case_copies WHERE origin = 'house' ORDER BY seq"
    )
    answers = {n: f"Trả lời {n}" for n in range(10, each + 1, 10)}
    assert texts == [(f"Câu {n}", answers.get(n)) for n in range(1, each + 1)]
    same = "SELECT id, receipt, text FROM {} WHERE origin = 'ward' ORDER BY id"
    assert rows(house_db, same.format("cases")) == rows(ward_db, same.format("cases"))
    assert set(rows(ward_db, "SELECT home, name FROM cases")) == {("house", None)}
    names = rows(house_db, "SELECT DISTINCT name FROM cases WHERE origin = 'ward'")
    assert names == [("Bà Năm",)], "the meeting knows who asked"


@pytest.mark.soak
async def test_what_a_meeting_left_open_is_at_the_ward_once_whoever_is_killed_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub after it stored a case and before it says so, and before it notes that the house
    knows; the house after it stored what the ward says, and before it notes what it handed up."""
    monkeypatch.setattr("web.link.house.LONGEST_PAUSE", 0.5)
    ward_db, house_db = tmp_path / "ward" / "ward.db", tmp_path / "house" / "house.db"
    port, each = free_port(), 40
    async with enrolled_house(tmp_path, port) as house:
        await house.room.start_meeting(LEADER)
        for number in range(each):
            text = f"Câu {number}"
            await house.room.ask(text, name="Ông Tư", via="phone", key="", by=None)
        await house.room.end_meeting(LEADER)
        async with asyncio.timeout(60):
            while house.room.view.value.phase is not Phase.IDLE:
                await asyncio.sleep(0.1)
    async with house_process(tmp_path, port, "followed", each // 2) as below:
        async with hub(tmp_path, port, "taken_up", each // 5) as process:
            assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        async with hub(tmp_path, port, "acknowledged", each // 5) as process:
            assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
        homes = "SELECT COUNT(*) FROM cases WHERE home = 'ward'"
        assert 0 < rows(house_db, homes)[0][0] < each, "it was killed in the middle"
        async with hub(tmp_path, port):
            assert await asyncio.wait_for(below.wait(), 60) == -signal.SIGKILL
            async with house_process(tmp_path, port, "noted", 3) as again:
                assert await asyncio.wait_for(again.wait(), 60) == -signal.SIGKILL
            async with house_process(tmp_path, port, "never", 0):
                async with asyncio.timeout(SETTLED_SECONDS):
                    while (
                        any(rows(db, "SELECT 1 FROM outbox") for db in (ward_db, house_db))
                        or rows(house_db, homes)[0][0] < each
                    ):
                        await asyncio.sleep(0.2)
    same = (
        "SELECT id, receipt, text, home, state, revision, owner, owner_name, due_at FROM cases "
        "JOIN case_work ON case_id = id WHERE home = 'ward' ORDER BY id"
    )
    above = rows(ward_db, same)
    assert len(above) == each, "none lost, and none twice"
    assert rows(house_db, same) == above, "and the house knows how each stands"
    once = "SELECT case_id FROM case_history WHERE what = '{}'"
    for database, what in ((ward_db, "taken_over"), (house_db, "handed_over")):
        told = [case for (case,) in rows(database, once.format(what))]
        assert sorted(told) == [row[0] for row in above], what
