"""What is wrong with mail and with what goes out, as every process of a hub reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause
from feedback import post_health
from feedback.delivery import PAUSES, WRITER, Delivery, receiver_of
from feedback.out_tray import OutTray
from feedback.outbox import Parcel, put
from feedback.post import Post, mailbox_of
from feedback.targets.target import NotDelivered
from storage.engine import Database

OWN = "hop@phuong.example"
NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)


class Target:
    """Takes what it is sent, or says why not."""

    def __init__(self, name):
        self.name = name
        self.says = None

    async def deliver(self, event):
        if self.says is not None:
            raise NotDelivered(self.says)


class Sending:
    def __init__(self, database, name):
        self.database = database
        self.target = Target(name)
        self.now = NOW
        self._delivery = Delivery(database, self.target, now=lambda: self.now)

    async def event(self, event_id):
        parcel = Parcel(event_id, "case.received", {"text": ""}, subject=event_id)
        await self.database.write(lambda c: put(c, receiver_of(self.target.name), parcel))
        await self._delivery.step()

    async def later(self, much=timedelta(days=1)):
        self.now += much
        await self._delivery.step()


@pytest.fixture
async def database(where):
    async with await Database.open(where) as database:
        yield database


@pytest.fixture
def post(database):
    return Post(database, ["city", OWN], mailbox=OWN)


async def found(post):
    return [(one.key, one.name, one.cause) for one in await post.troubles()]


async def test_a_system_that_takes_nothing_until_it_does_again(database, post):
    city, gone = Sending(database, "city"), Cause("delivery.unreachable", error="OSError")
    city.target.says = gone
    await city.event("1")
    assert await found(post) == [("target/city", "city", gone)]
    city.target.says = None
    await city.event("2")
    assert await found(post) == [], "the first one waits for its turn, and the system is there"


async def test_what_was_given_up_stays_until_it_is_sent_again(database, post):
    city = Sending(database, "city")
    city.target.says = Cause("delivery.status", status=500)
    await city.event("1")
    for _ in PAUSES:
        await city.later()
    city.target.says = None
    await city.event("2")
    assert await found(post) == [("given-up/city", "city", Cause("delivery.given_up", count=1))]
    await OutTray(database, ["city"]).resend("city")
    await city.later()
    assert await found(post) == []


async def test_a_residents_wrong_address_calls_nobody_and_a_dead_mail_server_does(database, post):
    receipts = Sending(database, OWN)
    receipts.target.says = Cause(WRITER, mailbox="ba-tu@nowhere.example")
    await receipts.event("1")
    for _ in PAUSES:
        await receipts.later()
    assert await found(post) == []
    assert len(await OutTray(database, [OWN]).letters()) == 1
    password = Cause("delivery.password")
    receipts.target.says = password
    await receipts.event("2")
    assert await found(post) == [("target/receipts", OWN, password)]


async def test_a_mailbox_is_read_as_long_as_one_process_reads_it(database, post):
    name, refused = mailbox_of(OWN), Cause("mail.password", user="hop")
    for minutes in (0, 1):
        at = NOW + timedelta(minutes=minutes)
        await database.write(lambda c, at=at: post_health.lost(c, name, refused, at=at))
    assert await found(post) == [("mailbox", OWN, refused)]
    noted = await database.read(lambda c: post_health.read(c, name))
    assert noted.since == NOW
    hint = Cause("mail.not_moved", folder="Xong")
    await database.write(lambda c: post_health.well(c, name, hint, at=NOW))
    assert await found(post) == []
    noted = await database.read(lambda c: post_health.read(c, name))
    assert (noted.hint, noted.well_at, noted.since) == (hint, NOW, None)
