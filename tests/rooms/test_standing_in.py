"""Another camera stands in while the first one shows nothing, and never flaps."""

from itertools import pairwise

from base.cause import Cause
from devices.device import Condition, Health
from rooms.standing_in import LASTS_SECONDS, MOST_WELL_SECONDS, WELL_SECONDS, Choice
from tests.rooms.conftest import FakeCamera


def play(choice, first, *, other=True, allowed=True, begin=1000.0, step=0.25):
    """What is shown at each step, where `first` says whether the first one is well."""
    return [
        choice.decide([well, other], allowed=allowed, now=begin + step * n)
        for n, well in enumerate(first)
    ]


def changes(shown):
    return [b for a, b in pairwise(shown) if a != b]


def test_a_camera_that_dies_is_stood_in_for_and_comes_back_once_it_is_well_for_a_while():
    shown = play(Choice(), [True] * 8 + [False] * 20 + [True] * 60)
    assert changes(shown) == [None, 1, 0]
    assert shown.index(1) == 8 + LASTS_SECONDS / 0.25
    assert shown.index(0, 30) == 28 + WELL_SECONDS / 0.25


def test_a_hiccup_changes_no_camera():
    assert changes(play(Choice(), [True] * 4 + [False] * 4 + [True] * 40)) == [None, 0]


def test_a_camera_that_comes_and_goes_is_shown_ever_more_rarely():
    choice = Choice()
    pattern = ([False] * 12 + [True] * 60) * 40  # 3 s away, 15 s there, for twelve minutes
    shown = play(choice, pattern)
    assert changes(shown).count(1) <= 3
    assert shown[-1] == 1
    quiet = play(choice, [True] * 4 * int(MOST_WELL_SECONDS + 1), begin=1000 + 720)
    assert quiet[-1] == 0


def test_without_leave_nobody_stands_in_and_leave_taken_back_counts_at_once():
    assert set(play(Choice(), [False] * 40, allowed=False)) == {None}
    choice = Choice()
    assert play(choice, [False] * 20)[-1] == 1
    assert play(choice, [False], allowed=False, begin=1006) == [None]
    assert play(choice, [True], allowed=False, begin=1007) == [0]


def test_one_that_stands_in_and_dies_gives_way_at_once():
    choice = Choice()
    assert play(choice, [False] * 20)[-1] == 1
    assert play(choice, [True], other=False, begin=1006) == [0]
    assert choice.decide([], allowed=True, now=1010) is None


class FakeHall:
    def __init__(self):
        self.shown = []
        self.watched = False

    def show(self, camera, cause=None):
        if not self.shown or self.shown[-1] != (camera, cause):
            self.shown.append((camera, cause))

    def watch(self, watched):
        self.watched = watched


def with_two_cameras(house):
    house.webcam = FakeCamera("camera-2")
    hall = FakeHall()
    object.__setattr__(house.equipment, "cameras", (house.camera, house.webcam))
    object.__setattr__(house.equipment, "hall", hall)
    return hall


async def test_the_leader_allows_it_and_is_told(house, refused):
    async with refused("camera.no_other"):
        await house.room.allow_stand_in(house.leader, True)
    hall = with_two_cameras(house)
    await house.live()
    lost = Cause("picture.lost", name=house.camera.name)
    house.camera.fail()
    await house.ticks()
    house.time.pass_(seconds=5)
    await house.ticks()
    assert hall.shown[-1] == (None, lost)
    assert house.view.stand_in is False
    await house.room.allow_stand_in(house.leader, True)
    said = Cause("picture.stands_in", name=house.webcam.name, other=house.camera.name)
    await house.until(lambda view: said in view.notices)
    assert hall.shown[-1] == (house.webcam, None)
    assert house.view.stand_in is True
    house.camera.health.set(Health(Condition.WORKING))
    await house.ticks()
    assert hall.shown[-1] == (house.webcam, None)
    house.time.pass_(seconds=WELL_SECONDS)
    await house.until(lambda view: said not in view.notices)
    assert hall.shown[-1] == (house.camera, None)


async def test_a_picture_that_shows_nothing_is_stood_in_for_as_well(house):
    hall = with_two_cameras(house)
    await house.room.allow_stand_in(house.leader, True)
    await house.live()
    frozen = Health(Condition.IMPAIRED, Cause("camera.frozen", name=house.camera.name))
    house.equipment.pictures.found.set({house.camera.id: frozen})
    await house.ticks()
    assert hall.shown[-1][1] == Cause("picture.spoilt", name=house.camera.name)
    house.time.pass_(seconds=LASTS_SECONDS)
    await house.until(lambda view: any(n.code == "picture.stands_in" for n in view.notices))


async def test_leave_is_kept_over_a_restart(house):
    with_two_cameras(house)
    await house.room.allow_stand_in(house.leader, True)
    build = house._build

    def rebuild():
        build()
        with_two_cameras(house)

    house._build = rebuild
    await house.restart(seconds=1)
    await house.until(lambda view: view.stand_in)


async def test_cameras_work_only_while_somebody_sees_the_hall(house):
    hall = with_two_cameras(house)
    await house.live()
    assert hall.watched is False
    house.media.connected.set(frozenset({"g1"}))
    await house.ticks(1)
    assert hall.watched is True
    await house.ended()
    assert hall.watched is False
