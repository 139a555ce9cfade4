"""Timestamps of one camera over jitter, clocks that differ, and lost connections."""

from itertools import pairwise

import pytest

from devices.timeline import TICKS, Timeline

STEP = 3000


def test_the_cameras_own_spacing_is_kept_where_the_arrival_jitters():
    timeline = Timeline()
    jitter = [0.0, 0.03, -0.02, 0.04, 0.0, -0.03]
    stamps = [
        timeline.stamp(number * STEP, 100 + number / 30 + jitter[number % 6])
        for number in range(300)
    ]
    assert all(abs(later - earlier - STEP) <= 6 for earlier, later in pairwise(stamps))


def test_a_new_connection_continues_after_the_time_that_passed():
    timeline = Timeline()
    last = [timeline.stamp(n * STEP, 50 + n / 30) for n in range(30)][-1]
    timeline.begin(9 * STEP, 60.0)
    backlog = [timeline.stamp(n * STEP, 60.0) for n in range(10)]
    assert backlog[-1] == pytest.approx(60 * TICKS, abs=40)
    assert backlog[0] > last
    assert all(later - earlier >= STEP - 6 for earlier, later in pairwise(backlog))


def test_a_new_connection_owes_nothing_to_the_last_ones_timestamps():
    timeline = Timeline()
    timeline.stamp(0, 50.0)
    timeline.begin()
    assert timeline.stamp(STEP, 53.0) == pytest.approx(53 * TICKS, abs=10)


def test_without_timestamps_the_arrival_counts():
    timeline = Timeline()
    assert timeline.stamp(None, 10.0) == 10 * TICKS
    assert timeline.stamp(None, 10.5) == 10.5 * TICKS
    assert timeline.stamp(None, 10.4) > 10.5 * TICKS


def test_a_camera_that_sets_its_clock_back_or_far_ahead_is_followed():
    timeline = Timeline()
    timeline.stamp(1_000_000, 10.0)
    assert timeline.stamp(5_000, 10.1) == pytest.approx(10.1 * TICKS, abs=10)
    assert timeline.stamp(5_000 + 3600 * TICKS, 10.2) == pytest.approx(10.2 * TICKS, abs=10)


def test_clocks_that_drift_stay_together():
    timeline = Timeline()
    for number in range(60 * 30 * 30):  # an hour of pictures, the camera 100 ppm fast
        arrived = 10 + number / 30 * (1 - 1e-4)
        stamp = timeline.stamp(number * STEP, arrived)
    assert stamp == pytest.approx(arrived * TICKS, abs=0.05 * TICKS)


def test_lateness_tells_how_far_behind_live_a_picture_is():
    timeline = Timeline()
    timeline.stamp(0, 10.0)
    assert timeline.lateness(STEP, 10 + 1 / 30) == pytest.approx(0, abs=0.001)
    assert timeline.lateness(STEP, 12 + 1 / 30) == pytest.approx(2, abs=0.001)
    assert timeline.lateness(None, 99.0) == 0


def test_a_clock_that_does_not_count_in_90_khz_is_kept_near_the_houses():
    timeline = Timeline()
    for number in range(30 * 60):  # a minute of a camera that counts a fifth too slowly
        arrived = 10 + number / 30
        stamp = timeline.stamp(number * 2400, arrived)
        assert abs(stamp / TICKS - arrived) < 5.1
