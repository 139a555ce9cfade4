"""The laptop's picture on its way: watched at full rate, and at rest while nobody sees it."""

from typing import Any, cast

from base.latest import Latest
from devices.device import Health, Restable
from rooms.media.bridge import Bridge
from rooms.shown import Floor, FloorKind


class Dongle:
    id = "hdmi"

    def __init__(self) -> None:
        self.health = Latest(Health())
        self.resting: bool | None = None

    def subscribe(self, sink: Any) -> Any:
        return lambda: None

    def request_key_frame(self) -> None: ...

    def rest(self, resting: bool) -> None:
        self.resting = resting


class Viewer:
    def show(self, feed: Any, frame: Any) -> None: ...


async def test_it_has_the_floor_and_works_only_while_somebody_sees_it() -> None:
    dongle = Dongle()
    assert isinstance(dongle, Restable)
    bridge = Bridge((), None, hdmi=cast(Any, dongle))
    assert bridge._floor_feed() is None
    bridge.set_floor(Floor(FloorKind.HDMI, "hdmi"))
    feed = bridge._floor_feed()
    assert feed is not None
    viewer = Viewer()
    feed.add(viewer)
    assert dongle.resting is False
    feed.remove(viewer)
    assert dongle.resting is True
    bridge.set_floor(Floor())
    assert bridge._floor_feed() is None
