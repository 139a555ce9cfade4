"""The picture of a laptop that somebody plugs into an HDMI cable in the hall.

    hdmi = HdmiInput(settings.hdmi)
    task_group.create_task(keep_running(hdmi))
    hdmi.signal.value          # True while a laptop shows something

At the cable's end is a USB dongle, which the kernel takes for a webcam, and so does this: the
webcam's driver reads it. What differs is that mostly nothing is plugged in. Then dongles send a
picture of one colour, or none at all, which is no fault of anything; so the picture is looked at,
also outside a meeting, and of what is seen nothing is kept but whether there is something.
"""

import asyncio
import math
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from base.cause import Cause
from base.latest import Latest
from config.settings import HdmiSection, Webcam
from devices import webcam
from devices.device import AccessUnit, Condition, DeviceError, Health, Kind, Picture, Unsubscribe
from devices.judging import Fault, Look, look_at
from devices.outlet import Sink

LOOK_SECONDS: Final = 0.5
GONE_SECONDS: Final = 8.0
"""Without anything to be seen; a film fades to black for a few, too."""
_CAUSES: Final = {
    "webcam.missing": "hdmi.missing",
    "webcam.unplugged": "hdmi.unplugged",
    "webcam.busy": "hdmi.busy",
    "webcam.forbidden": "hdmi.forbidden",
    "webcam.unusable": "hdmi.unusable",
    "webcam.two_alike": "hdmi.two_alike",
}
"""What is said of a webcam, said of a cable."""
_OF_ONE_COLOUR: Final = (Fault.BLACK, Fault.COVERED)
"""A white page, small letters, or a picture that stands are what laptops show."""


class HdmiInput:
    """A `Signalled`, `Restable` and `Pluggable`. Belongs to the event loop's thread."""

    kind = Kind.HDMI

    def __init__(self, settings: HdmiSection, *, gone_after: float = GONE_SECONDS) -> None:
        """`gone_after`: seconds in which nothing is to be seen, until nothing is plugged in."""
        self.id = settings.id
        self.name = settings.name
        self.health: Latest[Health] = Latest(Health())
        self.signal = Latest(False)
        self._gone_after = gone_after
        self._input = Path(settings.input)
        same = settings.model_dump(exclude={"sound"})
        source = same | {"kind": "webcam", "follow_faces": False}
        # A dongle without a laptop may be silent for ever.
        self._webcam = webcam.Webcam(Webcam.model_validate(source), silent_after=math.inf)
        self._newest: AccessUnit | None = None
        """Key frame that was not looked at yet."""
        self.rest(True)

    @property
    def picture(self) -> Latest[Picture | None]:
        return self._webcam.picture

    def subscribe(self, sink: Sink) -> Unsubscribe:
        return self._webcam.subscribe(sink)

    def request_key_frame(self) -> None:
        self._webcam.request_key_frame()

    def rest(self, resting: bool) -> None:
        self._webcam.rest(resting)

    async def plugged_in(self) -> None:
        await self._webcam.plugged_in()

    async def run(self) -> None:
        """Raises DeviceError with the cause of the loss."""
        if self.health.value.condition is Condition.UNKNOWN:
            self.health.set(Health(Condition.STARTING))
        leave = self._webcam.subscribe(self._keep)
        looking = asyncio.create_task(self._look())
        try:
            await self._webcam.run()
        except DeviceError as error:
            raise DeviceError(self._why(error.cause), **error.cause.params) from error
        finally:
            leave()
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
            self._newest = None
            self.signal.set(False)

    def _why(self, cause: Cause) -> str:
        if cause.code == "webcam.unplugged" and self._input.exists():
            return "hdmi.stopped"
        return _CAUSES.get(cause.code, cause.code)

    def _keep(self, unit: AccessUnit) -> None:
        if unit.key:
            self._newest = unit

    async def _look(self) -> None:
        began, seen_at = time.monotonic(), -math.inf
        looked = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            unit, self._newest = self._newest, None
            look = await asyncio.to_thread(look_at, unit.data) if unit is not None else None
            now = time.monotonic()
            looked = looked or look is not None
            if look is not None and shows_something(look):
                seen_at = now
            if looked or now - began >= self._gone_after:
                self._tell(now - seen_at < self._gone_after)

    def _tell(self, signal: bool) -> None:
        self.signal.set(signal)
        if not signal:
            cause = Cause("hdmi.no_signal", name=self.name)
            self.health.set(Health(Condition.STANDBY, cause))
        elif (impaired := self._webcam.health.value.cause) is not None:
            self.health.set(
                Health(Condition.IMPAIRED, Cause(self._why(impaired), **impaired.params))
            )
        else:
            self.health.set(Health(Condition.WORKING))


def shows_something(look: Look) -> bool:
    """Whether a laptop is plugged in, as far as one picture tells: the dongle's own is of one
    colour."""
    return look.fault not in _OF_ONE_COLOUR
