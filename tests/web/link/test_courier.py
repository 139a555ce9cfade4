"""What is handed over arrives once, in order, whatever happens on the way."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse

from base.cause import Refused
from web.link.courier import MOST_AHEAD, Delivery
from web.link.messages import MOST_FRAME_BYTES

nothing = PlainTextResponse("nothing")


def question(number):
    return Delivery(f"q{number}", "question", {"text": f"Bao giờ sửa cống ngõ {number}?"})


async def until(condition):
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.sleep(0.02)


def ids(kept):
    return [known for known, _, _ in kept.received]


async def test_both_sides_hand_over_in_order(start_hub, dial, kept):
    house, ward = kept(*map(question, range(200))), kept(*map(question, range(1000, 1200)))
    hub = await start_hub(to_5=ward)
    dial(hub.link_url, nothing, deliveries=house)
    await until(lambda: not house.waiting and not ward.waiting)
    assert ids(ward) == [f"q{n}" for n in range(200)]
    assert ids(house) == [f"q{n}" for n in range(1000, 1200)]
    assert ward.received[7] == ("q7", "question", {"text": "Bao giờ sửa cống ngõ 7?"})
    assert ward.times_received == house.times_received == 200
    house.add(question(5000))
    await until(lambda: "q5000" in ids(ward))


async def test_nothing_is_lost_or_doubled_over_a_line_that_keeps_breaking(
    start_hub, dial, kept, weak_line
):
    class Slow(kept):
        async def receive(self, *delivery):
            await asyncio.sleep(0.01)
            await super().receive(*delivery)

    house, ward = Slow(*map(question, range(150))), Slow(*map(question, range(1000, 1150)))
    hub = await start_hub(to_5=ward)
    line = await weak_line(hub.port)
    dial(line.link_url, nothing, deliveries=house)
    breaks = 0
    while house.waiting or ward.waiting:
        await hub.until("to-5", linked=True)
        some = len(house.received) + len(ward.received) + 40
        await until(
            lambda some=some: (
                len(house.received) + len(ward.received) >= some
                or not (house.waiting or ward.waiting)
            )
        )
        line.cut()
        await hub.until("to-5", linked=False)
        breaks += 1
        assert breaks < 40
    assert breaks >= 2
    assert ids(ward) == [f"q{n}" for n in range(150)]
    assert ids(house) == [f"q{n}" for n in range(1000, 1150)]
    assert ward.times_received >= 150


async def test_what_cannot_be_stored_now_waits_and_so_does_the_rest(start_hub, dial, kept):
    class Full(kept):
        full = 3
        tried: list[str] = []  # noqa: RUF012

        async def receive(self, delivery_id, kind, body):
            self.tried.append(delivery_id)
            if delivery_id == "q1" and self.full:
                self.full -= 1
                raise (Refused("storage.full") if self.full else OSError("a mistake"))
            await super().receive(delivery_id, kind, body)

    house, ward = kept(*map(question, range(4))), Full()
    hub = await start_hub(to_5=ward)
    link = dial(hub.link_url, nothing, deliveries=house)
    await until(lambda: not house.waiting)
    assert ids(ward) == ["q0", "q1", "q2", "q3"]
    assert ward.tried == ["q0", "q1", "q1", "q1", "q1", "q2", "q3"]
    assert link.state.value.public_url, "the link was not lost over it"


async def test_only_so_many_are_under_way_at_once(start_hub, dial, kept):
    class Stuck(kept):
        async def receive(self, *delivery):
            self.times_received += 1
            await asyncio.sleep(30)

    class Counting(kept):
        asked: list[int] = []  # noqa: RUF012

        async def pending(self, most, takes=()):
            self.asked.append(most)
            return await super().pending(len(self.waiting), takes)

    house = Counting(*map(question, range(300)))
    hub = await start_hub(to_5=Stuck())
    link = dial(hub.link_url, nothing, deliveries=house)
    await until(lambda: house.asked)
    await asyncio.sleep(1.5)
    assert house.asked == [MOST_AHEAD]
    assert link.state.value.public_url, "no more was sent than the other end takes"
    assert len(house.waiting) == 300


@pytest.mark.parametrize(
    ("delivery_id", "kind", "body"),
    [
        ("a", "question", {"text": "x" * MOST_FRAME_BYTES}),
        ("a", "question", {"number": float("nan")}),
        ("a", "question", {"set": {1, 2}}),
        ("a", "Question!", {}),
        ("", "question", {}),
        ("a b", "question", {}),
    ],
)
def test_what_could_never_be_sent_is_never_kept(delivery_id, kind, body):
    with pytest.raises(ValueError, match=r"."):
        Delivery(delivery_id, kind, body)


HUB = '''
"""A hub that dies after it stored the third question, before it acknowledges."""
import asyncio, json, os, signal, sqlite3, sys
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from config.settings import WebSection
from web.link.hub import HouseSession, Sessions
from web.server import WebServer

database, port, dies = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "dies"

class Stored:
    takes = ("question",)

    def __init__(self):
        self.sqlite = sqlite3.connect(database)
        self.sqlite.execute(
            "create table if not exists question (n integer primary key, id unique)"
        )
        self.sqlite.execute("create table if not exists told (id)")

    async def pending(self, most, takes=()):
        await asyncio.sleep(3600)

    async def delivered(self, delivery_id): ...

    async def receive(self, delivery_id, kind, body):
        with self.sqlite:
            self.sqlite.execute("insert or ignore into question (id) values (?)", [delivery_id])
            self.sqlite.execute("insert into told values (?)", [delivery_id])
        if dies and delivery_id == "q2":
            os.kill(os.getpid(), signal.SIGKILL)

sessions = Sessions()

async def link(websocket):
    await sessions.serve(HouseSession(websocket, "to-5", public_url="http://ward.example/h/to-5",
                                      deliveries=Stored()))

server = WebServer(Starlette(routes=[WebSocketRoute("/link", link)]), WebSection())
print(server.bind(port)[1], flush=True)
asyncio.run(server.run())
'''


async def test_a_hub_killed_between_storing_and_acknowledging(dial, kept, tmp_path):
    script, database = tmp_path / "hub.py", tmp_path / "hub.db"
    script.write_text(HUB)
    hubs = []

    async def start(port, *arguments):
        hub = await asyncio.create_subprocess_exec(
            sys.executable,
            str(script),
            str(database),
            str(port),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            env={"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        hubs.append(hub)
        return int(await asyncio.wait_for(hub.stdout.readline(), 30))

    try:
        port = await start(0, "dies")
        house = kept(*map(question, range(6)))
        dial(f"ws://127.0.0.1:{port}/link", nothing, deliveries=house)
        assert await asyncio.wait_for(hubs[0].wait(), 30) == -9
        assert "q2" in [delivery.id for delivery in house.waiting], "it was not acknowledged"
        assert await start(port, "lives") == port
        await until(lambda: not house.waiting)
        with sqlite3.connect(database) as sqlite:
            stored = [row[0] for row in sqlite.execute("select id from question order by n")]
            told = [row[0] for row in sqlite.execute("select id from told")]
        assert stored == [f"q{n}" for n in range(6)]
        assert told.count("q2") == 2, "it was said twice, and kept once"
    finally:
        for hub in hubs:
            if hub.returncode is None:
                hub.kill()
                await hub.wait()
