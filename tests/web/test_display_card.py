"""What the pages say of the projector or big screen."""

import pytest

from base.cause import Cause
from devices.device import Condition, Cover, DisplayState, Health, Kind, Power
from rooms.view import DeviceView, Role


def shown(house, cause, **state):
    health = Health(Condition.IMPAIRED, cause)
    display = DisplayState(Power.ON, **state)
    house.shows(devices=(DeviceView("tv", Kind.PROJECTOR, "Tivi", health, display=display),))


async def test_a_television_that_shows_another_device_says_so_without_codes(house):
    shown(house, Cause("tv.other_source"), input="other")
    technician = await house.client_as(Role.TECHNICIAN)
    page = (await technician.get("/technician")).text
    assert "Tivi đang chiếu thiết bị khác" in page
    assert 'data-value="display-input"' not in page and " other" not in page
    shown(house, None, input="31", input_name="HDMI 1")
    assert "Đang chiếu ngõ vào HDMI 1" in (await technician.get("/technician")).text


@pytest.mark.parametrize("cover", [Cover.SHOWN, Cover.HIDDEN])
async def test_beside_the_display_stands_what_is_wrong_with_it(house, cover):
    """Once: what is covered says it by itself, and has its button."""
    code = "tv.hidden" if cover is Cover.HIDDEN else "tv.fan"
    shown(house, Cause(code), cover=cover, covers=(Cover.HIDDEN,))
    page = (await (await house.client_as(Role.LEADER)).get("/panel/picture")).text
    assert ('data-value="why-tv" data-code="tv.fan"' in page) is (cover is Cover.SHOWN)
    assert ('data-value="cover" data-code="hidden"' in page) is (cover is Cover.HIDDEN)
