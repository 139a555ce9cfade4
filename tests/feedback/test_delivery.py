"""What goes out to another system arrives, in order for each case, whatever the other side does."""

import asyncio
import itertools
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from base.cause import Cause
from feedback.delivery import AT_ONCE, LEASE, PAUSES, Delivery, receiver_of
from feedback.out_tray import OutTray
from feedback.outbox import Parcel, put
from feedback.tables import outbox
from feedback.targets.target import NotDelivered, TargetGone
from storage.engine import Database

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


class Receiver:
    """A target that does to each event what `behave` says, and remembers what had an effect."""

    name = "mayor"

    def __init__(self, behave=lambda event: None):
        self.behave = behave
        self.seen = []
        self.effects = {}

    async def deliver(self, event):
        self.seen.append(event)
        outcome = self.behave(event)
        if isinstance(outcome, BaseException) and not isinstance(outcome, CrashedError):
            raise outcome
        if outcome == "hang":
            await asyncio.sleep(60)
        self.effects.setdefault(event.id, event)
        if isinstance(outcome, CrashedError):
            raise NotDelivered(Cause("delivery.unreachable", error="ReadError"))


class CrashedError(Exception):
    """The receiver had stored it, and could not say so any more."""


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


@pytest.fixture
def clock():
    return Clock()


async def progress(database):
    (found,) = await OutTray(database, ["mayor"]).progress()
    return found


async def dead_letters(database):
    return await OutTray(database, ["mayor"]).letters()


async def resend(database, *event):
    return await OutTray(database, ["mayor"]).resend("mayor", *event)


async def fill(database, cases, revisions=1, receiver="mayor"):
    def write(connection):
        for revision in range(revisions):
            for case in cases:
                body = {"case": case, "revision": revision}
                put(
                    connection,
                    receiver_of(receiver),
                    Parcel(f"{case}-{revision}", "case.changed", body, subject=str(case)),
                )

    await database.write(write)


async def settle(delivery, database, clock, until=timedelta(days=5)):
    """Do what is due; then let the time pass until something is again."""
    next_due = select(func.min(outbox.c.due_at)).where(outbox.c.given_up_at.is_(None))
    while True:
        while await delivery.step():
            pass
        due = await database.read(lambda c: c.execute(next_due).scalar_one())
        if due is None or due > START + until:
            return
        clock.now = max(clock.now, due)


async def test_each_arrives_once_and_is_forgotten(database, clock):
    receiver = Receiver()
    await fill(database, range(40), revisions=2)
    await settle(Delivery(database, receiver, now=clock), database, clock)
    assert len(receiver.seen) == len(receiver.effects) == 80
    assert (await progress(database)).waiting == 0


async def test_another_receiver_is_none_of_its_business(database, clock):
    await fill(database, range(3), receiver="webhook")
    assert await Delivery(database, Receiver(), now=clock).step() == 0


async def test_the_pauses_then_it_is_given_up_and_can_be_sent_again(database, clock):
    attempts = []

    def refuse(event):
        attempts.append(clock.now - START)
        return NotDelivered(Cause("delivery.status", status=500))

    receiver = Receiver(refuse)
    delivery = Delivery(database, receiver, now=clock)
    await fill(database, ["a"])
    await settle(delivery, database, clock)
    gaps = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    assert tuple(gaps) == PAUSES
    assert sum(gaps, timedelta()) > timedelta(hours=72)
    (letter,) = await dead_letters(database)
    assert (letter.target, letter.id, letter.subject) == ("mayor", "a-0", "a")
    assert letter.problem == Cause("delivery.status", status=500)
    assert (await progress(database)).given_up == 1
    receiver.behave = lambda event: None
    assert await resend(database, "a-0") == 1
    await settle(delivery, database, clock)
    assert list(receiver.effects) == ["a-0"]
    assert await dead_letters(database) == []


async def test_the_events_of_a_case_wait_for_each_other_and_others_do_not(database, clock):
    receiver = Receiver(
        lambda event: (
            NotDelivered(Cause("delivery.status", status=500)) if event.subject == "a" else None
        )
    )
    await fill(database, ["a", "b"], revisions=3)
    delivery = Delivery(database, receiver, now=clock)
    while await delivery.step():
        pass
    assert [e.id for e in receiver.seen if e.subject == "a"] == ["a-0"]
    assert [e.id for e in receiver.seen if e.subject == "b"] == ["b-0", "b-1", "b-2"]
    receiver.behave = lambda event: None
    await settle(delivery, database, clock)
    assert [e.id for e in receiver.effects.values() if e.subject == "a"] == ["a-0", "a-1", "a-2"]


async def test_what_was_given_up_does_not_hold_up_the_rest_of_its_case(database, clock):
    receiver = Receiver(
        lambda event: (
            NotDelivered(Cause("delivery.status", status=400)) if event.id == "a-0" else None
        )
    )
    await fill(database, ["a"], revisions=2)
    await settle(Delivery(database, receiver, now=clock), database, clock)
    assert list(receiver.effects) == ["a-1"]


async def test_patience_that_is_asked_for_is_given(database, clock):
    receiver = Receiver(
        lambda event: NotDelivered(Cause("delivery.status", status=429), timedelta(hours=1))
    )
    await fill(database, ["a"])
    delivery = Delivery(database, receiver, now=clock)
    await delivery.step()
    clock.now = START + timedelta(minutes=59)
    assert await delivery.step() == 0
    clock.now = START + timedelta(minutes=60)
    assert await delivery.step() == 1


async def test_one_that_hangs_has_failed(database, clock):
    receiver = Receiver(lambda event: "hang" if event.attempt == 1 else None)
    await fill(database, ["a"])
    delivery = Delivery(database, receiver, now=clock, patience=0.05)
    await settle(delivery, database, clock)
    assert [event.attempt for event in receiver.seen] == [1, 2]
    assert list(receiver.effects) == ["a-0"]


async def test_a_mistake_in_a_target_stops_nobody_else(database, clock):
    receiver = Receiver(lambda event: ZeroDivisionError() if event.subject == "a" else None)
    await fill(database, ["a", "b"])
    await Delivery(database, receiver, now=clock).step()
    assert list(receiver.effects) == ["b-0"]
    assert (await progress(database)).trying_again == 1


async def test_a_receiver_that_is_gone_is_left_alone_until_somebody_looks_into_it(database, clock):
    receiver = Receiver(lambda event: TargetGone(Cause("delivery.status", status=410)))
    delivery = Delivery(database, receiver, now=clock)
    await fill(database, ["a", "b"])
    await delivery.step()
    clock.now += timedelta(days=30)
    assert await delivery.step() == 0
    found = await progress(database)
    assert (found.waiting, found.stopped) == (2, Cause("delivery.status", status=410))
    receiver.behave = lambda event: None
    await resend(database)
    await settle(delivery, database, clock)
    assert len(receiver.effects) == 2


async def test_a_process_that_was_killed_in_the_middle_loses_nothing(database, clock):
    await fill(database, ["a"])

    class Killed(BaseException):
        pass

    def die(event):
        raise Killed

    with pytest.raises(Killed):
        await Delivery(database, Receiver(die), now=clock).step()
    receiver = Receiver()
    again = Delivery(database, receiver, now=clock)
    assert await again.step() == 0, "somebody may still be at it"
    clock.now += LEASE
    await settle(again, database, clock)
    assert [event.id for event in receiver.seen] == ["a-0"]


async def test_two_processes_do_not_deliver_the_same(where, clock):
    async with await Database.open(where) as database:
        await fill(database, range(3 * AT_ONCE), revisions=2)
        receiver = Receiver()

        async def slowly(event):
            await asyncio.sleep(0.01)
            receiver.seen.append(event)

        receiver.deliver = slowly
        one, two = (Delivery(database, receiver, now=clock) for _ in range(2))
        while sum(await asyncio.gather(one.step(), two.step())):
            pass
        assert len(receiver.seen) == len({event.id for event in receiver.seen}) == 6 * AT_ONCE


async def outage(database, clock, cases, revisions, seed):
    """Three days of a receiver that fails in every way; returns what it was sent."""
    chance = random.Random(seed)

    def misbehave(event):
        if clock.now >= START + timedelta(hours=72):
            return None
        return chance.choice(
            [
                NotDelivered(Cause("delivery.status", status=500)),
                NotDelivered(Cause("delivery.status", status=429), timedelta(minutes=7)),
                NotDelivered(Cause("delivery.unreachable", error="ConnectError")),
                CrashedError(),
                "hang",
            ]
        )

    receiver = Receiver(misbehave)
    await fill(database, range(cases), revisions)
    delivery = Delivery(database, receiver, now=clock, patience=0.02)
    await settle(delivery, database, clock, timedelta(days=30))
    return receiver


def in_order(receiver, cases, revisions):
    by_case = defaultdict(list)
    for event in receiver.effects.values():
        by_case[event.subject].append(event.body["revision"])
    assert len(by_case) == cases
    assert all(found == list(range(revisions)) for found in by_case.values())


async def test_away_for_three_days(database, clock):
    receiver = await outage(database, clock, cases=60, revisions=2, seed=1)
    in_order(receiver, 60, 2)
    assert await dead_letters(database) == []
    assert (await progress(database)).waiting == 0


@pytest.mark.soak
async def test_away_for_three_days_with_ten_thousand_cases(database, clock):
    receiver = await outage(database, clock, cases=10_000, revisions=1, seed=2)
    in_order(receiver, 10_000, 1)
    assert await dead_letters(database) == []


async def test_run_begins_as_soon_as_there_is_something(database, clock, monkeypatch):
    monkeypatch.setattr("feedback.delivery.LOOK_SECONDS", 600.0)
    receiver = Receiver()
    running = asyncio.create_task(Delivery(database, receiver, now=clock).run())
    await asyncio.sleep(0.1)
    await fill(database, ["a"])
    async with asyncio.timeout(30):
        while not receiver.effects:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_what_was_kept_by_an_older_version_can_be_read(database):
    await fill(database, ["a"])
    await database.write(lambda c: c.execute(update(outbox).values(given_up_at=START)))
    (letter,) = await dead_letters(database)
    assert letter.problem == Cause("delivery.failed")
