"""A hall with a tone in it, and a loudspeaker that is listened to; a port of the bridge."""

import asyncio
from collections.abc import Callable

import numpy as np

from devices.device import Samples

RATE = 48_000


class Sound:
    def __init__(self, hertz: float) -> None:
        self._hertz = hertz
        self._sinks: list[Callable[[Samples], None]] = []
        self._played: list[Samples] = []
        """The last half second."""

    def subscribe(self, sink: Callable[[Samples], None]) -> Callable[[], None]:
        self._sinks.append(sink)
        return lambda: self._sinks.remove(sink)

    def play(self, samples: Samples) -> None:
        self._played = [*self._played[-49:], samples]

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        at, began = 0, loop.time()
        while True:
            samples = 6000 * np.sin(2 * np.pi * self._hertz * (at + np.arange(480)) / RATE)
            for sink in self._sinks:
                sink(samples.astype(np.int16))
            at += 480
            await asyncio.sleep(max(0.0, began + at / RATE - loop.time()))

    def plays(self, hertz: float) -> bool:
        return len(self._played) == 50 and is_in(np.concatenate(self._played), hertz)


def is_in(samples: Samples, hertz: float) -> bool:
    """Whether a tone is in a sound, not softer than 26 dB below what else there is."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    near = round(hertz * len(samples) / RATE)
    loud = spectrum[near - 3 : near + 4].max()
    return bool(loud > 50_000 and loud > 0.05 * spectrum.max())
