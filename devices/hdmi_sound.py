"""The sound of a laptop on the HDMI cable.

    sound = HdmiSound(settings.hdmi, hdmi.signal)
    task_group.create_task(sound.run())
    unsubscribe = sound.subscribe(lambda samples: ...)
    sound.want(True)                       # off until then

It comes out of the same dongle as the picture. It is read in a process of its own, because
PortAudio finds what was plugged in only when it starts, and starting it again would cut off the
hall's microphone and loudspeaker in the middle of a meeting. That process runs while there is a
signal.

Some dongles (MS2109) say that they give 96,000 samples a second of one channel, and give 48,000 of
two, one after the other. Whatever brings that to 48,000 of one channel, as everything is here,
makes the mean of both of it, or takes one of them: nothing has to be known of it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from base.latest import Latest
from config.settings import HdmiSection, SoundSection
from devices.device import Health, Samples, Unsubscribe
from devices.sound.hall import ProcessSound


class HdmiSound:
    """Belongs to the event loop's thread."""

    def __init__(
        self,
        settings: HdmiSection,
        signal: Latest[bool],
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`signal`: whether a laptop is plugged in. `environment` as for `ProcessSound`."""
        wanted = SoundSection(microphone=settings.sound, loudspeaker="")
        self._process = ProcessSound(wanted, environment=environment, plain=True)
        self._signal = signal

    @property
    def health(self) -> Latest[Health]:
        """What is wrong is said as of a microphone."""
        return self._process.microphone.health

    def subscribe(self, sink: Callable[[Samples], None]) -> Unsubscribe:
        """Hand out what the laptop plays, 480 samples at a time, on the loop's thread."""
        return self._process.subscribe(sink)

    def want(self, heard: bool) -> None:
        """Kept while no laptop is plugged in. Nothing reaches a sink once it is not wanted."""
        if heard:
            self._process.open_microphone()
        else:
            self._process.close_microphone()

    async def run(self) -> None:
        """Until cancelled."""
        running: asyncio.Task[None] | None = None
        try:
            async for signal in self._signal.changes():
                if signal and running is None:
                    running = asyncio.create_task(self._process.run())
                elif not signal and running is not None:
                    await _ended(running)
                    running = None
                    self.health.set(Health())
        finally:
            if running is not None:
                await _ended(running)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
