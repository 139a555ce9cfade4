"""A laptop on the hall's HDMI cable: one tap shows it, one tap ends it."""

from dataclasses import replace

import pytest

from base.cause import Cause, Refused
from base.latest import Latest
from devices.device import Condition, Health, Kind
from rooms.floor import HALL
from rooms.shown import Floor, FloorKind
from tests.rooms.conftest import FakeCamera

SHOWN = Floor(FloorKind.HDMI, "hdmi")


class FakeHdmi(FakeCamera):
    def __init__(self):
        super().__init__("hdmi")
        self.kind = Kind.HDMI
        self.signal = Latest(True)


class FakeLaptopSound:
    def __init__(self):
        self.health = Latest(Health(Condition.STANDBY))
        self.heard = None

    def want(self, heard):
        self.heard = heard


@pytest.fixture
async def hdmi(house):
    """The cable of a house in a meeting, with a laptop on it."""
    await house.stop()
    hdmi = FakeHdmi()
    house.equipment = replace(house.equipment, hdmi=hdmi, hdmi_sound=FakeLaptopSound())
    await house.begin()
    await house.live()
    return hdmi


async def test_one_tap_shows_it_and_one_tap_ends_it(house, hdmi):
    first = await house.guest(camera=True)
    await house.ticks()
    speaker = house.view.floor
    assert speaker.guest_id == first
    assert (house.view.hdmi.signal, house.view.hdmi.shown) == (True, False)
    await house.room.show_hdmi(house.leader)
    assert house.view.floor == house.media.floor == SHOWN
    assert house.view.hdmi.shown
    house.media.speaking.set((first,))
    house.time.pass_(seconds=10)
    await house.ticks()
    assert house.view.floor == SHOWN, "who speaks does not take it"
    await house.room.hide_hdmi(house.secretary)
    assert house.view.floor == house.media.floor == speaker
    assert not house.view.hdmi.shown


async def test_a_laptop_that_shows_nothing_more_gives_the_floor_back_for_good(house, hdmi):
    await house.room.show_hdmi(house.leader)
    hdmi.signal.set(False)
    await house.until(lambda view: view.floor == HALL)
    assert house.media.floor == HALL
    hdmi.signal.set(True)  # by now it may be somebody else's
    await house.ticks()
    assert house.view.floor == HALL


async def test_what_shows_nothing_cannot_be_shown(house, hdmi):
    hdmi.signal.set(False)
    with pytest.raises(Refused) as refused:
        await house.room.show_hdmi(house.leader)
    assert refused.value.cause.code == "hdmi.no_signal"
    assert house.view.floor == HALL


async def test_a_house_without_a_cable_says_so(house):
    await house.live()
    assert house.view.hdmi is None
    with pytest.raises(Refused) as refused:
        await house.room.show_hdmi(house.leader)
    assert refused.value.cause.code == "hdmi.none"


async def test_whoever_is_given_the_floor_ends_it(house, hdmi):
    first = await house.guest(camera=True)
    await house.room.show_hdmi(house.leader)
    await house.room.give_floor(house.leader, Floor(FloorKind.CAMERA, first))
    await house.ticks()
    assert (house.view.floor.guest_id, house.view.hdmi.shown) == (first, False)


async def test_a_restart_shows_nobody_elses_laptop(house, hdmi):
    await house.room.show_hdmi(house.leader)
    build, house._build = house._build, lambda: None
    await house.restart()
    house._build = build
    await house.ticks()
    assert house.view.floor == HALL
    assert house.view.hdmi.signal


async def test_it_is_heard_while_it_is_shown_and_not_muted(house, hdmi):
    sound = house.equipment.hdmi_sound
    assert sound.heard is False
    await house.room.show_hdmi(house.leader)
    assert sound.heard
    await house.room.mute_hdmi(house.leader, True)
    assert (sound.heard, house.view.hdmi.muted, house.view.hdmi.shown) == (False, True, True)
    await house.room.mute_hdmi(house.secretary, False)
    assert sound.heard
    await house.room.mute_hdmi(house.leader, True)
    await house.room.hide_hdmi(house.leader)
    await house.room.show_hdmi(house.leader)
    assert sound.heard, "muted was what was shown then"
    hdmi.signal.set(False)
    await house.until(lambda view: view.floor == HALL)
    assert not sound.heard


async def test_nobody_hears_it_once_the_meeting_is_over(house, hdmi):
    await house.room.show_hdmi(house.leader)
    await house.ended()
    assert house.equipment.hdmi_sound.heard is False


async def test_a_cable_whose_sound_is_lost_is_impaired_by_that_while_it_shows_something(
    house, hdmi
):
    house.equipment.hdmi_sound.health.set(
        Health(Condition.FAILED, Cause("sound.microphone_missing", name="x", present=""))
    )
    silent = Health(Condition.IMPAIRED, Cause("hdmi.no_sound", name=hdmi.name))
    await house.until(lambda view: view.devices[1].health == silent)
    nothing = Health(Condition.STANDBY, Cause("hdmi.no_signal", name=hdmi.name))
    hdmi.health.set(nothing)
    await house.until(lambda view: view.devices[1].health == nothing)


async def test_a_cable_without_sound_has_none_to_mute(house, hdmi):
    await house.stop()
    house.equipment = replace(house.equipment, hdmi_sound=None)
    await house.begin()
    assert house.view.hdmi.muted is None
    with pytest.raises(Refused) as refused:
        await house.room.mute_hdmi(house.leader, True)
    assert refused.value.cause.code == "hdmi.without_sound"
