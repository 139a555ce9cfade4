"""What the echo is called, from powers alone."""

import pytest

from devices.device import EchoState
from devices.sound.echo.meter import EchoMeter

PLAYED = 1e-3


def far(meter, left, frames=50, *, heard=-10.0, speaks=False, sure=True):
    """Somebody far away speaks; `heard` and `left` are dB of what is played."""
    for _ in range(frames):
        powers = (PLAYED, PLAYED * 10 ** (heard / 10), PLAYED * 10 ** (left / 10))
        meter.add(0, *powers, speaks=speaks, sure=sure)


def quiet(meter, frames=50, *, noise=1e-9):
    for _ in range(frames):
        meter.add(100, 0.0, 10 * noise, noise, speaks=False, sure=True)


def state(meter):
    return meter.echo(0.18).state


def test_it_is_ready_only_when_it_was_measured():
    meter = EchoMeter()
    assert state(meter) is EchoState.MEASURING
    quiet(meter)
    far(meter, -50, frames=30)
    assert state(meter) is EchoState.MEASURING
    far(meter, -50)
    echo = meter.echo(0.1834)
    assert (echo.state, echo.left, echo.heard, echo.delay) == (EchoState.READY, -50, -10, 0.18)


def test_it_follows_what_becomes_of_it_without_jumping_to_and_fro():
    meter = EchoMeter()
    far(meter, -28, 300)
    assert state(meter) is EchoState.LOUD
    far(meter, -40, 300)
    assert state(meter) is EchoState.READY
    far(meter, -28, 300)
    assert state(meter) is EchoState.READY
    far(meter, -15, 300)
    assert state(meter) is EchoState.LOUD


def test_whoever_speaks_in_the_hall_is_no_echo():
    meter = EchoMeter()
    far(meter, -50, 100)
    for _ in range(10):
        far(meter, -3, 40, speaks=True)
        far(meter, -3, 8)  # taken for an echo for a moment
        far(meter, -3, 1, speaks=True)
        far(meter, -50, 20)
    assert meter.echo(0.18).left == -50


def test_noise_is_no_echo():
    meter = EchoMeter()
    quiet(meter, 300, noise=1e-6)
    for _ in range(100):
        meter.add(0, PLAYED, 1.1e-5, 1e-6 + PLAYED * 1e-5, speaks=False, sure=True)
    assert meter.echo(0.18).left == pytest.approx(-40, abs=1)


def test_what_was_measured_long_ago_is_not_good_any_more():
    meter = EchoMeter()
    far(meter, -50, 100)
    far(meter, -3, 1900, speaks=True)
    assert state(meter) is EchoState.READY
    far(meter, -3, 200, speaks=True)
    assert state(meter) is EchoState.MEASURING


def test_a_loudspeaker_that_the_microphone_does_not_hear_is_named():
    meter = EchoMeter()
    meter.not_heard()
    assert state(meter) is EchoState.UNHEARD
    far(meter, -50, 100)
    assert state(meter) is EchoState.READY
    meter.not_heard()
    assert state(meter) is EchoState.READY, "a chirp was lost in the noise"
    never = EchoMeter()
    for _ in range(1100):
        never.add(0, 0.0, 1e-9, 1e-10, speaks=False, sure=False)
    assert never.echo(None).state is EchoState.UNHEARD
