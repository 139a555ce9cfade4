"""Where a camera's pictures leave its driver; it outlives the driver's connections."""

import logging
from collections.abc import Callable

from base.cause import Cause
from base.latest import Latest
from devices.device import AccessUnit, Condition, Health, Picture, Unsubscribe

log = logging.getLogger(__name__)

Sink = Callable[[AccessUnit], None]


class Outlet:
    """Health, picture and subscribers of one camera. Belongs to the event loop's thread."""

    def __init__(self, device_id: str) -> None:
        self.health: Latest[Health] = Latest(Health())
        self.picture: Latest[Picture | None] = Latest(None)
        self._device_id = device_id
        self._sinks: dict[object, Sink] = {}

    def subscribe(self, sink: Sink) -> Unsubscribe:
        key = object()
        self._sinks[key] = sink
        return lambda: void(self._sinks.pop(key, None))

    def starting(self) -> None:
        """Said once: a camera that is tried again after a loss stays FAILED until it works."""
        if self.health.value.condition is Condition.UNKNOWN:
            self.health.set(Health(Condition.STARTING))

    def hand_out(self, unit: AccessUnit, picture: Picture, impaired: Cause | None) -> None:
        """Give one unit to everybody; a camera counts as working from its first key frame."""
        if unit.key:
            self.picture.set(picture)
            condition = Condition.IMPAIRED if impaired else Condition.WORKING
            self.health.set(Health(condition, impaired))
        self.send(unit)

    def send(self, unit: AccessUnit) -> None:
        """To everybody, whatever it says about the camera."""
        for sink in tuple(self._sinks.values()):
            try:
                sink(unit)
            except Exception:
                log.exception("%s: a viewer of the camera failed", self._device_id)


class FromOutlet:
    """The half of a `VideoSource` that is its outlet's."""

    _outlet: Outlet

    @property
    def health(self) -> Latest[Health]:
        return self._outlet.health

    @property
    def picture(self) -> Latest[Picture | None]:
        return self._outlet.picture

    def subscribe(self, sink: Sink) -> Unsubscribe:
        return self._outlet.subscribe(sink)


def void(_: object) -> None:
    """Drop a value where a callback must return None."""
