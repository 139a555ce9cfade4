"""The HDMI cable's driver over libav's own picture source, which needs no hardware."""

import asyncio

import pytest

from config.settings import HdmiSection
from devices import hdmi
from devices.device import Condition, DeviceError, Health, Restable, Signalled
from devices.hdmi import HdmiInput, shows_something
from devices.judging import look_at
from devices.virtual.laptop import virtual_laptop

BLUE = "color=c=blue:s=320x180:r=10"
LAPTOP = "testsrc2=s=320x180:r=10"


def cable(source, **more) -> HdmiInput:
    settings = {"format": "lavfi", "width": 320, "height": 180, "input": source}
    return HdmiInput(HdmiSection.model_validate(settings), **more)


async def test_what_dongles_show_without_a_laptop_is_no_fault_and_no_picture(running, until):
    laptop_at_1 = f"{BLUE}[none];{LAPTOP}[some];[none][some]overlay=enable='between(t,1,4)'"
    device = cable(f"{laptop_at_1},realtime", gone_after=2.5)
    assert isinstance(device, Signalled)
    assert isinstance(device, Restable)
    async with running(device):
        await until(lambda: device.health.value.cause is not None)
        assert device.health.value.condition is Condition.STANDBY
        assert device.health.value.cause.code == "hdmi.no_signal"
        assert not device.signal.value
        await until(lambda: device.signal.value)
        assert device.health.value == Health(Condition.WORKING)
        await until(lambda: not device.signal.value)
        assert device.health.value.cause.code == "hdmi.no_signal"
    assert not device.signal.value


async def test_one_that_gives_no_picture_without_a_laptop_is_none_either(
    running, until, monkeypatch
):
    def nothing(self, stopped, follower):
        stopped.wait()
        yield from ()

    monkeypatch.setattr(hdmi.webcam.Webcam, "_read", nothing)
    device = cable(BLUE, gone_after=1.0)
    async with running(device):
        await until(lambda: device.health.value.cause is not None)
        assert device.health.value.condition is Condition.STANDBY
        assert device.health.value.cause.code == "hdmi.no_signal"


@pytest.mark.parametrize(
    ("picture", "something"),
    [
        ("color=c=black", False),
        ("color=c=blue", False),
        ("color=c=white,drawbox=x=40:y=40:w=90:h=6:color=black:t=fill", True),
        ("testsrc2", True),
        ("smptebars", True),
    ],
)
async def test_a_white_page_is_something_and_one_colour_nothing(running, until, picture, something):
    name, _, more = picture.partition(",")
    sized = f"{name}{'=' if name.isalnum() else ':'}s=320x180:r=10"
    device = cable(",".join(filter(None, (sized, more, "realtime"))))
    keys = []
    device.subscribe(keys.append)
    async with running(device):
        await until(lambda: keys)
    assert shows_something(look_at(keys[0].data)) is something


async def test_why_it_is_lost_is_said_of_a_cable(tmp_path):
    path = tmp_path / "video9"
    device = HdmiInput(HdmiSection(input=str(path)))
    with pytest.raises(DeviceError) as lost:
        await asyncio.wait_for(device.run(), 20)
    assert lost.value.cause.code == "hdmi.missing"


async def test_the_virtual_laptop_shows_something(tmp_path, running, until):
    device = cable(virtual_laptop(tmp_path))
    async with running(device):
        await until(lambda: device.signal.value)
