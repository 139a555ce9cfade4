"""One message a loss, one a recovery, whatever flaps."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause
from devices.device import Condition, Health, Kind
from feedback.post import PostTrouble
from rooms.alarms import REHEARSAL, SOUND, Alarms, Patience, read, write
from rooms.attention import Severity
from rooms.rehearsal import Finding, Outcome, Rehearsal
from rooms.view import DeviceView, Phase

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WELL = Health(Condition.WORKING)
LOST = Health(Condition.FAILED, Cause("projector.no_answer", host="192.168.1.30"))


class Evening:
    """Tells whoever watches, minute by minute."""

    def __init__(self, view):
        self.view = view
        self.alarms = Alarms(Patience())
        self.now = START
        self.told = []

    def pass_(self, minutes, health=WELL, *, quiet=False, **fields):
        device = DeviceView("projector", Kind.PROJECTOR, "Máy chiếu", health)
        view = replace(self.view, devices=(device,), **fields)
        for _ in range(minutes * 4):
            self.now += timedelta(seconds=15)
            self.alarms = read(write(self.alarms), Patience())  # restarted each time
            self.alarms.look(view, self.now)
            for alarm in () if quiet else self.alarms.to_tell():
                self.told.append((alarm.key, "over" if alarm.over else "lost"))
                self.alarms.told(alarm)


@pytest.fixture
def evening(house):
    return Evening(house.view)


async def test_a_loss_and_a_recovery_are_one_message_each(evening):
    evening.pass_(9, LOST)
    assert evening.told == [], "patience"
    evening.pass_(20, LOST)
    evening.pass_(20)
    assert evening.told == [("projector", "lost"), ("projector", "over")]
    assert evening.alarms.standing == {}


async def test_a_mailbox_that_is_not_read_is_lost_like_a_device(evening):
    refused = PostTrouble("mailbox", "to5@phuong.example", Cause("mail.password", user="to5"))
    evening.pass_(9, post=(refused,))
    assert evening.told == []
    evening.pass_(5, post=(refused,))
    evening.pass_(20)
    assert evening.told == [("post.mailbox", "lost"), ("post.mailbox", "over")]


async def test_what_flaps_is_one_loss(evening):
    for _ in range(60):
        evening.pass_(2, LOST)
        evening.pass_(1)
    assert evening.told == [("projector", "lost")]
    evening.pass_(10)
    assert evening.told[-1] == ("projector", "over")
    for _ in range(6):  # and slowly
        evening.pass_(12, LOST)
        evening.pass_(8)
    assert evening.told[2:] == [("projector", "lost")]
    evening.pass_(40)
    assert [how for _, how in evening.told] == ["lost", "over", "lost", "over"]


async def test_an_hour_of_quiet(evening):
    evening.pass_(30, LOST, quiet=True)
    evening.pass_(20, quiet=True)
    assert evening.told == []
    evening.pass_(1)
    assert evening.told == [], "it came and went while he worked"
    evening.pass_(45, LOST, quiet=True)
    evening.pass_(1, LOST)
    assert evening.told == [("projector", "lost")], "it is still so"


async def test_people_who_wait_come_first(evening):
    lost = DeviceView("mic", Kind.MICROPHONE, "Micro", replace(LOST))
    view = replace(evening.view, phase=Phase.LIVE, devices=(lost,))
    for minutes in range(12):
        evening.alarms.look(view, START + timedelta(minutes=minutes))
    assert [one.key for one in evening.alarms.open()] == [SOUND, "mic"]
    assert evening.alarms.open()[0].severity is Severity.NOW


async def test_a_rehearsal_that_failed_is_told_until_one_did_not(evening):
    def tried(outcome):
        found = (Finding("camera", outcome, Cause("rehearsal.no_camera")),)
        return Rehearsal("", START, START, found)

    evening.pass_(2, rehearsal=tried(Outcome.BAD))
    assert evening.told == [(REHEARSAL, "lost")]
    evening.pass_(5, rehearsal=tried(Outcome.GOOD))
    assert evening.told == [(REHEARSAL, "lost"), (REHEARSAL, "over")]


def test_what_an_earlier_version_wrote_is_no_reason_to_fall():
    assert read("[1, 2]", Patience()).standing == {}
    assert read("nonsense", Patience()).standing == {}
