"""What is wrong in a ward's houses, and when somebody is told of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from base.cause import Cause
from feedback.post import PostTrouble
from storage.engine import Database
from ward.alerts import Alerts, Patience
from ward.houses import House, Houses
from ward.troubles import Severity, own_troubles, troubles_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9)
PATIENCE = Patience(
    away=timedelta(minutes=10), device=timedelta(minutes=5), sound=timedelta(minutes=1)
)


def minutes(count):
    return NOW + timedelta(minutes=count)


def device(kind="projector", condition="failed", cause="projector.no_answer", **more):
    return {"kind": kind, "condition": condition, "cause": cause, "id": kind, **more}


def house(*devices, phase="idle", away_since=None, enrolled=True):
    said = {"phase": phase, "title": "", "guests": 0, "waiting": 0, "devices": devices}
    return House(
        id="to-5",
        name="Tổ 5",
        enrolled_at=LONG_AGO if enrolled else None,
        seen_at=away_since or NOW,
        linked_at=None if away_since else LONG_AGO,
        summary=json.dumps(said),
    )


MICROPHONE = device("microphone", "working", None)


@pytest.fixture
async def alerts(where):
    async with await Database.open(where) as database:
        await Houses(database).invite("to-5", "Tổ 5")
        yield Alerts(database)


def codes(house):
    return [trouble.cause.code for trouble in troubles_of(house)]


class TestTroubles:
    def test_a_house_that_is_well(self):
        assert codes(house(MICROPHONE, phase="live")) == []

    def test_a_camera_that_shows_nothing_is_worth_an_alert_and_one_that_is_set_badly_is_not(self):
        found = troubles_of(
            house(
                device("camera", "impaired", "camera.b_frames"),
                {**device("camera", "impaired", "camera.frozen"), "id": "camera-2"},
            )
        )
        assert [(one.cause.code, one.severity) for one in found] == [
            ("camera.frozen", Severity.SOON),
            ("camera.b_frames", Severity.SOMETIME),
        ]

    def test_the_worst_first_each_with_its_parameters(self):
        hot = device("camera", "impaired", "camera.b_frames", name="Camera sân khấu")
        cold = device(params={"host": "192.168.1.30"}, name="Máy chiếu")
        found = troubles_of(house(hot, cold, phase="live"))
        assert [t.cause.code for t in found] == [
            "ward.no_sound",
            "projector.no_answer",
            "camera.b_frames",
        ]
        assert found[1].cause.params == {"host": "192.168.1.30"}
        assert [t.subject for t in found] == ["", "Máy chiếu", "Camera sân khấu"]

    def test_a_meeting_without_sound_is_the_worst(self):
        broken = device("microphone", "failed", "sound.microphone_missing")
        assert codes(house(broken, phase="live"))[0] == "ward.no_sound"
        assert codes(house(broken, phase="idle")) == ["sound.microphone_missing"]

    def test_of_a_house_that_is_away_nothing_else_is_known(self):
        assert codes(house(device(), away_since=NOW)) == ["ward.away"]
        lost = troubles_of(house(MICROPHONE, phase="live", away_since=NOW))
        assert (lost[0].cause.code, lost[0].severity) == ("ward.away_in_meeting", Severity.NOW)

    def test_a_house_without_a_key_troubles_nobody(self):
        assert codes(house(away_since=NOW, enrolled=False)) == []

    def test_a_device_that_says_nothing_of_why(self):
        assert codes(house(device(cause=None))) == ["ward.device_failed"]


class TestAlerts:
    async def test_once_when_it_lasts_and_once_when_it_is_over(self, alerts):
        ill, well = house(device(name="Máy chiếu")), house()
        await alerts.look([ill], PATIENCE, now=NOW)
        await alerts.look([ill], PATIENCE, now=minutes(4))
        assert await alerts.open() == await alerts.to_tell() == ()
        await alerts.look([ill], PATIENCE, now=minutes(5))
        (told,) = await alerts.to_tell()
        assert (told.house, told.subject, told.began_at) == ("Tổ 5", "Máy chiếu", NOW)
        await alerts.told([told])
        await alerts.look([ill], PATIENCE, now=minutes(60))
        assert await alerts.to_tell(minutes(60)) == ()
        await alerts.look([well], PATIENCE, now=minutes(61))
        await alerts.look([well], PATIENCE, now=minutes(63))
        (over,) = await alerts.to_tell(minutes(63))
        assert (over.id, over.over_at) == (told.id, minutes(61))
        await alerts.told([over])
        assert await alerts.to_tell(minutes(99)) == await alerts.open() == ()
        assert [alert.id for alert in await alerts.recent()] == [told.id]

    async def test_what_does_not_last_is_told_to_nobody(self, alerts):
        for at in range(0, 40, 4):
            await alerts.look([house(device())], PATIENCE, now=minutes(at))
            await alerts.look([house()], PATIENCE, now=minutes(at + 2))
        assert await alerts.to_tell() == await alerts.recent() == ()

    async def test_what_is_gone_for_a_moment_is_the_same(self, alerts):
        for at in (0, 5):
            await alerts.look([house(device())], PATIENCE, now=minutes(at))
        await alerts.told(await alerts.to_tell())
        await alerts.look([house()], PATIENCE, now=minutes(6))
        await alerts.look([house(device())], PATIENCE, now=minutes(6.5))
        await alerts.look([house(device())], PATIENCE, now=minutes(9))
        assert await alerts.to_tell(minutes(9)) == ()
        assert len(await alerts.open()) == 1

    async def test_a_house_is_away_since_it_was_last_seen(self, alerts):
        gone = house(device(), away_since=NOW)
        await alerts.look([gone], PATIENCE, now=minutes(9))
        assert await alerts.open() == ()
        await alerts.look([gone], PATIENCE, now=minutes(10))
        (alert,) = await alerts.open()
        assert (alert.cause.code, alert.began_at) == ("ward.away", NOW)

    async def test_nothing_is_over_while_nothing_is_known(self, alerts):
        for at in (0, 5):
            await alerts.look([house(device())], PATIENCE, now=minutes(at))
        for at in (6, 8, 20):
            await alerts.look([house(away_since=minutes(6))], PATIENCE, now=minutes(at))
        assert {a.key for a in await alerts.open()} == {"away", "device/projector"}

    async def test_none_is_raised_while_the_houses_may_be_coming_back(self, alerts):
        gone = house(away_since=LONG_AGO)
        await alerts.look([gone], PATIENCE, now=NOW, raising=False)
        assert await alerts.open() == ()
        await alerts.look([gone], PATIENCE, now=minutes(1))
        assert len(await alerts.open()) == 1

    async def test_what_could_not_be_told_is_tried_again_later(self, alerts):
        await alerts.look([house(away_since=LONG_AGO)], PATIENCE, now=NOW)
        assert len(await alerts.to_tell(NOW)) == 1
        assert await alerts.to_tell(minutes(1)) == (), "another process has it in hand"
        assert len(await alerts.to_tell(minutes(3))) == 1

    async def test_the_first_who_looks_after_it_is_named(self, alerts):
        await alerts.look([house(away_since=LONG_AGO)], PATIENCE, now=NOW)
        (alert,) = await alerts.open()
        await alerts.acknowledge(alert.id, "Trần Văn Kỹ")
        await alerts.acknowledge(alert.id, "Lê Thị Thợ")
        (alert,) = await alerts.open()
        assert alert.acknowledged_by == "Trần Văn Kỹ"

    async def test_what_runs_but_not_well_is_only_shown(self, alerts):
        for at in (0, 600):
            impaired = house(device(condition="impaired"))
            await alerts.look([impaired], PATIENCE, now=minutes(at))
        assert await alerts.open() == ()

    async def test_two_devices_that_an_older_house_does_not_tell_apart(self, alerts):
        twins = house(device("camera", id=""), device("camera", id=""))
        for at in (0, 5, 6):
            await alerts.look([twins], PATIENCE, now=minutes(at))
        assert len(await alerts.open()) == 1

    async def test_the_hub_itself_once_and_once_when_it_is_over_whoever_looks(self, alerts):
        """Several processes look, and each tells what was not told yet."""
        refused = PostTrouble("mailbox", "hop@phuong.example", Cause("mail.password", user="hop"))
        own = own_troubles([refused])
        for at in (0, 5):
            for _ in range(2):
                await alerts.look([house(device())], PATIENCE, own, now=minutes(at))
        told = await alerts.to_tell(minutes(5))
        assert [(one.house_id, one.house, one.subject) for one in told] == [
            (None, "", "hop@phuong.example"),
            ("to-5", "Tổ 5", "projector"),
        ]
        assert await alerts.to_tell(minutes(5)) == ()
        await alerts.told(told)
        for at in (6, 8, 8):
            await alerts.look([house(device())], PATIENCE, now=minutes(at))
        (over,) = await alerts.to_tell(minutes(8))
        assert (over.house_id, over.over_at) == (None, minutes(6))
        await alerts.told([over])
        assert await alerts.to_tell(minutes(99)) == ()
        assert [alert.house_id for alert in await alerts.open()] == ["to-5"]


async def test_while_a_technician_works_there_nobody_is_told(alerts):
    """For two hours at most, whatever the clock of the house says."""
    ill = house(device())
    until = minutes(60).isoformat()
    quiet = replace(ill, summary=json.dumps({**json.loads(ill.summary), "quiet_until": until}))
    for minute in (0, 20, 59):
        await alerts.look([quiet], PATIENCE, now=minutes(minute))
        assert await alerts.open() == ()
    await alerts.look([quiet], PATIENCE, now=minutes(61))
    assert len(await alerts.open()) == 1
