import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from rooms.media.fanout import OutgoingVideo
from rooms.media.feed import Feed
from rooms.media.pacing import STUCK_SECONDS, WINDOW_BYTES, Pacer
from rooms.media.payloads import Codec, Frame


@dataclass
class Wire:
    open: bool = True
    sent: list[tuple[int, int, bool]] = field(default_factory=list)
    """Timestamp, octets and marker of each packet."""
    octets: int = 0

    def send(self, payloads: Sequence[bytes], timestamp: int, *, marked: bool = True) -> bool:
        for number, payload in enumerate(payloads):
            self.octets += len(payload)
            last = number == len(payloads) - 1
            self.sent.append((timestamp, len(payload), marked and last))
        return self.open


def kept(pictures: int, packets: int = 10) -> Feed:
    feed = Feed("hall", Codec.H264)
    for number in range(pictures):
        feed.publish(Frame((bytes(1000),) * packets, number * 3000, number == 0))
    return feed


@dataclass
class Questions:
    asked: int = 0
    stuck: int = 0

    def ask(self) -> None:
        self.asked += 1

    def is_stuck(self) -> None:
        self.stuck += 1


@pytest.fixture
def questions() -> Questions:
    return Questions()


async def test_kept_pictures_go_as_fast_as_answers_come_back(questions: Questions) -> None:
    wire, pacer = Wire(), Pacer(questions.ask, questions.is_stuck)
    feed = kept(40)
    OutgoingVideo(wire, pacer=pacer).watch(feed)
    assert WINDOW_BYTES <= wire.octets < WINDOW_BYTES + 1000
    assert questions.asked == 1
    feed.publish(Frame((bytes(1000),), 40 * 3000, False))
    assert wire.octets < WINDOW_BYTES + 1000, "what is live waits behind what is kept"
    pacer.answered(0.001, late=False)
    assert 3 * WINDOW_BYTES <= wire.octets < 3 * WINDOW_BYTES + 2000
    while wire.octets < 401_000:
        pacer.answered(0.001, late=False)
        await asyncio.sleep(0)
    assert not pacer.busy
    times = [timestamp for timestamp, *_ in wire.sent]
    assert times == sorted(times)
    assert sum(marked for *_, marked in wire.sent) == 41, "one marker a picture, also of cut ones"


async def test_a_late_answer_makes_it_slower(questions: Questions) -> None:
    wire, pacer = Wire(), Pacer(questions.ask, questions.is_stuck)
    OutgoingVideo(wire, pacer=pacer).watch(kept(40))
    before = wire.octets
    pacer.answered(0.0005, late=True)
    assert wire.octets - before <= WINDOW_BYTES // 2 + 1000


async def test_a_line_from_which_no_answer_comes_is_given_no_more(questions: Questions) -> None:
    wire, pacer = Wire(), Pacer(questions.ask, questions.is_stuck)
    OutgoingVideo(wire, pacer=pacer).watch(kept(40))
    pacer.answered(1.0, late=False)  # of a question before the burst
    async with asyncio.timeout(STUCK_SECONDS + 20):
        while not questions.stuck:
            await asyncio.sleep(0.02)
    assert wire.octets < WINDOW_BYTES + 1000
    assert questions.asked > 2, "questions get lost, too"
    assert not pacer.busy


async def test_a_small_picture_goes_at_its_rate_and_all_of_it(questions: Questions) -> None:
    wire, pacer = Wire(), Pacer(questions.ask, questions.is_stuck)
    pacer.rate = 400_000
    began = time.monotonic()
    pacer.put(wire, (bytes(1000),) * 15, 0)
    assert wire.octets <= 4000
    async with asyncio.timeout(20):
        while wire.octets < 15_000:
            await asyncio.sleep(0.005)
    assert time.monotonic() - began >= 11_000 * 8 / 400_000 * 0.9
    assert [marked for *_, marked in wire.sent] == [False] * 14 + [True]
    assert pacer.busy, "so long as there is a rate"
    pacer.rate = None
    assert not pacer.busy


async def test_what_nobody_wants_any_more_is_not_sent(questions: Questions) -> None:
    wire, pacer = Wire(), Pacer(questions.ask, questions.is_stuck)
    OutgoingVideo(wire, pacer=pacer).watch(kept(40))
    before = wire.octets
    pacer.clear()
    pacer.answered(0.001, late=False)
    await asyncio.sleep(0.05)
    assert wire.octets == before
    assert not pacer.busy


async def test_without_a_path_nothing_waits_and_it_begins_when_there_is_one(
    questions: Questions,
) -> None:
    wire, pacer = Wire(open=False), Pacer(questions.ask, questions.is_stuck)
    outgoing = OutgoingVideo(wire, pacer=pacer)
    outgoing.watch(kept(40))
    assert not pacer.busy
    before = questions.asked
    assert before == 0, "there is nobody to ask"
    wire.open, wire.octets = True, 0
    outgoing.begin()
    assert wire.octets >= WINDOW_BYTES
    assert questions.asked == 1
