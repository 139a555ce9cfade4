"""Where the picture is cut: by sequences of what looks found, thirty pictures a second."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.framing import CLOSER, FARTHER, LOST_SECONDS, PAN, SMALLEST, WIDE, Box, Framer

RATE = 30
LOOK_EVERY = 8
MUCH = 1.15
"""The last step before a rest may be this much harder than the others."""


def face(x, y, size=0.08):
    """Around a place, as wide as this share of the picture's width."""
    return Box(x - size / 2, y - size * 8 / 9, size, size * 16 / 9)


def play(framer, seconds, faces, begin=0.0):
    """The cut of each picture; `faces(t)` is what a look at this time finds."""
    shown = []
    for number in range(round(seconds * RATE)):
        now = begin + number / RATE
        if number % LOOK_EVERY == 0:
            framer.see(faces(now), now)
        shown.append(framer.crop(now))
    return shown


def nodding(x, y, size=0.08):
    """A face that is alive: it moves by a fifth of its width."""
    return lambda t: [face(x + (0.2 * size if int(t * 2) % 5 == 0 else 0.0), y, size)]


def test_it_comes_closer_to_a_face_and_rests_there():
    framer = Framer()
    shown = play(framer, 20, nodding(0.3, 0.4))
    assert shown[0] == WIDE
    end = shown[-1]
    assert end.size == pytest.approx(SMALLEST)
    assert end.holds(face(0.3, 0.4))
    assert abs(end.left + end.size / 2 - 0.3) < 0.1
    assert framer.people == 1
    assert set(shown[-5 * RATE :]) == {end}, "whoever nods does not move the picture"
    speeds = [(b.size - a.size) * RATE for a, b in pairwise(shown)]
    assert min(speeds) == pytest.approx(-CLOSER[0])
    assert max(abs(b - a) * RATE for a, b in pairwise(speeds)) <= MUCH * CLOSER[1]


def test_without_a_face_the_whole_picture_is_back_within_three_seconds():
    framer = Framer()
    assert play(framer, 20, nodding(0.2, 0.3))[-1].size == pytest.approx(SMALLEST)
    shown = play(framer, 3, lambda _: [], begin=20)
    assert shown[-1] == WIDE
    assert framer.people == 0
    assert all(crop.size <= after.size for crop, after in pairwise(shown))


@pytest.mark.parametrize("begin", [2.0, 3.0, 5.0, 6.5, 8.0])
def test_it_is_back_in_time_also_from_the_midst_of_a_movement(begin):
    framer = Framer()
    play(framer, begin, nodding(0.2, 0.3))
    assert play(framer, 3, lambda _: [], begin=begin)[-1] == WIDE


def test_where_nobody_looks_any_more_the_whole_picture_is_back_too():
    framer = Framer()
    play(framer, 20, nodding(0.3, 0.4))
    for number in range(4 * RATE):
        crop = framer.crop(20 + number / RATE)
    assert crop == WIDE


def test_a_look_that_misses_the_face_changes_nothing():
    framer = Framer()
    before = play(framer, 20, nodding(0.5, 0.4))[-1]
    misses = play(framer, 10, lambda t: [] if round(t * 4) % 3 else nodding(0.5, 0.4)(t), begin=20)
    assert set(misses) == {before}


def test_all_faces_are_kept_in():
    framer = Framer()
    both = [(0.25, 0.4), (0.6, 0.5)]
    shown = play(framer, 20, lambda t: [f for x, y in both for f in nodding(x, y)(t)])
    assert framer.people == 2
    assert shown[-1].size < 0.9
    assert all(crop.holds(face(x, y)) for crop in shown for x, y in both)


def test_somebody_who_comes_in_is_soon_in_the_picture():
    framer = Framer()
    play(framer, 20, nodding(0.2, 0.4))
    both = play(framer, 3, lambda t: [*nodding(0.2, 0.4)(t), face(0.85, 0.4)], begin=20)
    assert both[-1].holds(face(0.2, 0.4))
    assert both[-1].holds(face(0.85, 0.4))


def test_somebody_who_turns_away_is_not_cut_off():
    framer = Framer()
    play(framer, 20, lambda t: [*nodding(0.3, 0.4)(t), *nodding(0.6, 0.4)(t)])
    shown = play(framer, 6, nodding(0.3, 0.4), begin=20)
    assert all(crop.holds(face(0.6, 0.4)) for crop in shown)


def test_who_walks_stays_in_the_picture():
    framer = Framer()
    shown = play(framer, 12, nodding(0.15, 0.4))

    def walking(t):
        return [face(min(0.15 + 0.12 * (t - 12), 0.8), 0.4)]

    shown = play(framer, 15, walking, begin=12)
    for number, crop in enumerate(shown):
        assert crop.holds(walking(12 + number / RATE)[0]), number
    assert shown[-1].left > 0.25


def test_the_portrait_on_the_wall_is_not_followed():
    random.seed(1)
    framer = Framer()

    def portrait(_):
        return [face(0.7 + random.uniform(-0.003, 0.003), 0.2, 0.06)]

    assert set(play(framer, 30, portrait)) == {WIDE}
    assert framer.people == 0
    # beside somebody it is a face like any other: kept in, not cut through
    both = play(framer, 20, lambda t: [*portrait(t), *nodding(0.5, 0.5)(t)], begin=30)
    assert both[-1].holds(face(0.7, 0.2, 0.06))
    assert both[-1].size < 1
    # and once he has gone, nobody is, as soon as without a portrait
    assert play(framer, 3, portrait, begin=50)[-1] == WIDE


def test_what_is_taken_for_a_face_once_is_no_face():
    random.seed(2)
    framer = Framer()
    before = play(framer, 20, nodding(0.3, 0.4))[-1]

    def ghosts(t):
        ghost = [face(random.uniform(0.1, 0.9), random.uniform(0.2, 0.8), 0.05)]
        return nodding(0.3, 0.4)(t) + (ghost if round(t * RATE / LOOK_EVERY) % 6 == 0 else [])

    assert set(play(framer, 20, ghosts, begin=20)) == {before}


def test_the_noise_of_the_search_moves_nothing():
    random.seed(3)
    framer = Framer()
    play(framer, 20, nodding(0.4, 0.45))

    def noisy(_):
        x, y = random.gauss(0.4, 0.008), random.gauss(0.45, 0.008)
        return [face(x, y, random.gauss(0.08, 0.006))]

    assert len(set(play(framer, 60, noisy, begin=20))) == 1


def _rest(box):
    return box.top, box.width, box.height


places = st.tuples(st.floats(-0.1, 1.1), st.floats(-0.1, 1.1), st.floats(0.02, 0.4)).map(
    lambda found: face(*found)
)
scenes = st.lists(
    st.tuples(st.lists(places, max_size=4), st.integers(1, 30)), min_size=1, max_size=8
)


@settings(max_examples=40, deadline=None)
@given(scenes, st.integers(8, 60))
def test_whatever_is_found_the_cut_is_inside_and_moves_calmly(scene, rate):
    framer, now, shown = Framer(), 0.0, []
    for faces, looks in scene:
        for look in range(looks):
            # they are alive: they move by a fifth of their width
            framer.see([Box(f.left + look % 2 * f.width / 5, *_rest(f)) for f in faces], now)
            for _ in range(max(1, rate // 4)):
                shown.append(framer.crop(now))
                now += 1 / rate
    for crop in shown:
        assert SMALLEST - 1e-6 <= crop.size <= 1
        assert 0 <= crop.left <= 1 - crop.size + 1e-9
        assert 0 <= crop.top <= 1 - crop.size + 1e-9
    sizes = [(b.size - a.size) * rate for a, b in pairwise(shown)]
    assert all(-CLOSER[0] - 1e-6 <= speed <= FARTHER[0] + 1e-6 for speed in sizes)
    assert all(abs(b - a) * rate <= MUCH * FARTHER[1] for a, b in pairwise(sizes))
    lefts = [(b.left - a.left) * rate for a, b in pairwise(shown)]
    tops = [(b.top - a.top) * rate for a, b in pairwise(shown)]
    assert all(abs(speed) <= PAN[0] + FARTHER[0] + 1e-6 for speed in lefts + tops)


@settings(max_examples=25, deadline=None)
@given(st.lists(places, min_size=1, max_size=4), st.integers(1, 100))
def test_whoever_was_followed_nobody_is_left_after_three_seconds(faces, looks):
    framer = Framer()
    for look in range(looks):
        moved = [Box(f.left + 0.01 * (look % 3), f.top, f.width, f.height) for f in faces]
        framer.see(moved, look / 4)
        framer.crop(look / 4)
    last = (looks - 1) / 4
    for step in range(1, 91):
        if step % 8 == 0:
            framer.see([], last + step / 30)
        crop = framer.crop(last + step / 30)
    assert LOST_SECONDS < 3
    assert crop == WIDE
