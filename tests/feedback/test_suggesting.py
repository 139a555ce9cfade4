"""A suggestion comes behind the receipt, and never over what a person said."""

import asyncio
import threading
from dataclasses import dataclass

import pytest

from feedback.casework import confirm_topic, take
from feedback.suggesting import AT_ONCE, Suggesting
from feedback.topics import Topic


@dataclass(frozen=True)
class Suggestion:
    topic: Topic | None
    confidence: float


def by_word(text):
    """Stands in for a trained model: what is tested is what becomes of its word."""
    for word, topic in (
        ("rác", Topic.ENVIRONMENT),
        ("trộm", Topic.PUBLIC_SAFETY),
        ("khuyến học", Topic.BLOCK_LIFE),
    ):
        if word in text.lower():
            return Suggestion(topic, 0.87)
    return Suggestion(None, 0.21)


@pytest.fixture
def suggesting(office):
    def tell(connection, case_id):
        office.told.append(case_id)

    return Suggesting(office.database, office.rules, by_word, tell, now=lambda: office.now)


async def test_a_suggestion_routes_a_case_that_nobody_has_begun_with(office, suggesting):
    case = await office.received("Nhà bên mất trộm")
    assert await suggesting.step() == 1
    dossier = await office.find(case)
    assert (dossier.work.topic, dossier.work.confidence) == (Topic.PUBLIC_SAFETY, 0.87)
    assert (dossier.work.owner.code, dossier.work.topic_by) == ("police", None)
    assert dossier.case.revision == 2 and office.told == [case.id]
    assert (await office.lines(case))[-1] == ("topic_suggested", None, "public-safety 0.87")
    assert await suggesting.step() == 0


async def test_an_abstention_leaves_it_with_the_default_authority_and_is_asked_once(
    office, suggesting
):
    case = await office.received("Không hiểu gì")
    assert await suggesting.step() == 1
    dossier = await office.find(case)
    assert (dossier.work.topic, dossier.work.owner.code) == (None, "office")
    assert dossier.case.revision == 1 and office.told == []
    assert await suggesting.step() == 0


async def test_whoever_sends_a_case_goes_before_the_classifier(office, suggesting):
    sent = await office.received("Nhà bên mất trộm", topic=Topic.ENVIRONMENT)
    anything = await office.received("Nhà bên mất trộm", topic=Topic.OTHER)
    before = (await office.find(sent)).work
    assert before.topic_given and before.owner.code == "economy"
    assert await suggesting.step() == 1
    assert (await office.find(sent)).work == before
    work = (await office.find(anything)).work
    assert (work.topic, work.topic_given) == (Topic.PUBLIC_SAFETY, False)
    work = (await office.do(confirm_topic, sent, office.chief, topic=Topic.ENVIRONMENT)).work
    assert not work.topic_given


async def test_what_stays_in_the_block_is_for_a_person_to_say(office, suggesting):
    case = await office.received("Hội người cao tuổi, hội khuyến học")
    await suggesting.step()
    work = (await office.find(case)).work
    assert (work.topic, work.owner.code) == (Topic.BLOCK_LIFE, "office")
    work = (await office.do(confirm_topic, case, topic=Topic.BLOCK_LIFE)).work
    assert work.owner.code == "block"


async def test_a_person_goes_before_the_classifier(office, suggesting):
    said, begun = [await office.received("Rác đầy đường") for _ in range(2)]
    await office.do(confirm_topic, said, topic=Topic.URBAN_ORDER)
    await office.do(take, begun)
    before = [await office.find(case) for case in (said, begun)]
    await suggesting.step()
    assert [await office.find(case) for case in (said, begun)] == before


async def test_it_runs_behind_what_comes_in(office, suggesting):
    early = [await office.received(f"Đổ rác lần {n}") for n in range(AT_ONCE + 3)]
    running = asyncio.create_task(suggesting.run())
    late = await office.received("Rác nữa")
    async with asyncio.timeout(20):
        for case in (*early, late):
            while (await office.find(case)).work.topic is None:
                await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_two_processes_of_a_hub_suggest_once(office, suggesting):
    case = await office.received("Đổ rác trộm")
    both = threading.Barrier(2)

    def together(text):
        both.wait(20)
        return by_word(text)

    other = [
        Suggesting(office.database, office.rules, together, now=lambda: office.now)
        for _ in range(2)
    ]
    assert await asyncio.gather(*(one.step() for one in other)) == [1, 1]
    lines = [what for what, _, _ in await office.lines(case)]
    assert lines.count("topic_suggested") == 1
