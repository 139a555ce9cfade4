"""What a picture shows to be wrong, and what is only a dark or a still hall."""

from itertools import count

import av
import numpy as np
import pytest

from devices.judging import Fault, Judge, look_at, measure
from devices.virtual.hall_picture import encode, units
from devices.virtual.spoilt_picture import spoilt

HEIGHT, WIDTH = 720, 1280


@pytest.fixture(scope="module")
def hall(hall_clip):
    """The hall's luma without noise of the test's own."""
    decoder = av.CodecContext.create("h264", "r")
    frame = (decoder.decode(av.Packet(hall_clip.units[0])) + decoder.decode(None))[0]
    return frame.to_ndarray(format="yuv420p")[:HEIGHT].astype(np.float32)


@pytest.fixture(scope="module")
def grain():
    return np.random.default_rng(1).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)


def frame(luma):
    pixels = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    pixels[:HEIGHT] = np.clip(np.rint(luma), 16, 235)
    return av.VideoFrame.from_ndarray(pixels, format="yuv420p")


def dim(luma, light):
    return 16 + (luma - 16) * light


def watched(looks, every=2.0):
    """What a judge says after each of the pictures, two seconds apart."""
    judge = Judge()
    said = []
    for look, at in zip(looks, count(100.0, every), strict=False):
        judge.add(look, at)
        said.append(judge.fault if judge.measured else "unmeasured")
    return said


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.FROZEN])
def test_a_picture_with_a_fault_is_told_by_itself(hall_clip, fault):
    look = look_at(spoilt(hall_clip, fault).units[0])
    assert look.fault is fault
    assert watched([look_at(hall_clip.units[0]), *[look] * 3])[-1] is fault


def test_a_hall_in_any_light_is_well(hall, grain):
    assert measure(frame(hall)).fault is None
    for light in (0.5, 0.25, 0.1):
        assert measure(frame(dim(hall, light) + 3 * grain)).fault is None, light
    for wall in (200, 235):  # a projector in the dark
        dark = dim(hall, 0.08)
        dark[160:400, 400:900] = wall
        assert measure(frame(dark + 3 * grain)).fault is None
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    lamp = np.exp(-((x - 640) ** 2 + (y - 360) ** 2) / (2 * 300**2))  # of a camera at night
    assert measure(frame(dim(hall, 1.3 * lamp) + 4 * grain)).fault is None
    assert measure(frame(dim(hall, 1.4) + 2 * grain)).fault is None  # sun from the windows


def test_a_picture_that_stands_is_told_within_ten_seconds_and_not_before_it_is_sure(hall_clip):
    moving = [look_at(hall_clip.units[n]) for n in (0, 60, 120)]
    stands = look_at(spoilt(hall_clip, Fault.FROZEN).units[0])
    said = watched([*moving, *[stands] * 5, *moving, *moving])
    assert said[:6] == ["unmeasured", "unmeasured", None, None, None, None]
    assert said[6] is Fault.FROZEN  # eight seconds after the last moving one
    assert said[-3:] == [None] * 3


def test_a_clock_written_onto_a_standing_picture_does_not_hide_that_it_stands(hall):
    looks = []
    for second in range(5):
        luma = hall.copy()
        luma[20:50, 40 : 60 + 20 * second] = 235
        looks.append(measure(frame(luma)))
    assert watched(looks)[-1] is Fault.FROZEN


@pytest.mark.parametrize("left", [0.6, 0.14])
def test_a_still_hall_with_nobody_in_it_does_not_stand(hall, grain, left):
    """Nor behind a camera's noise reduction, which leaves so little of a sensor's noise."""
    between = hall + np.linspace(0, 1, WIDTH, dtype=np.float32)  # no hall is made of whole numbers
    looks = []
    for step in (0, 1001, 5003, 9001):
        shown = frame(between + left * np.roll(grain, step))
        looks.append(look_at(next(units(b"".join(encode([shown]))))))
    assert watched(looks)[-1] is None


def test_what_is_not_seen_is_not_said_to_be_well(hall_clip):
    assert look_at(b"\0\0\0\1\x65nonsense") is None
    well = look_at(hall_clip.units[0])
    assert watched([well]) == ["unmeasured"]
    assert watched([well, well]) == ["unmeasured"] * 2  # it may stand
