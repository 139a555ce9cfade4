"""The system's own volume of the loudspeaker that we play to, and the microphone's slider.

    mixer = Mixer(streams.flows)
    mixer.look(70)      # Mixed(loudspeaker=Slider(70, 0.343, muted=False, …), microphone=None)

Where our stream goes through a sound server (PulseAudio, PipeWire) it is the server's, where it is
opened on a sound card itself (ALSA) it is the card's. Which sink or card is ours is not guessed
from names: it is the one that a stream of this process plays to.
A wish is applied to what our stream comes to, and then left to whoever turns the system's mixer, or
a knob that the driver reports: what is read back is what holds, also where the stream is opened
again. The microphone's slider is set where the settings say so, and else only read, as its mute
switch always is: a hall that somebody muted at the microphone is not opened by us.

Servers and drivers may hang: everything here belongs on a thread of its own.
"""

from collections.abc import Callable, Sequence

from devices.device import Kind
from devices.sound.alsa_mixer import AlsaMixer, opened_cards
from devices.sound.pulse_mixer import PulseMixer
from devices.sound.sliders import Mixed


class Mixer:
    def __init__(
        self,
        flows: Callable[[Kind], bool] = lambda _: True,
        opened: Callable[[Kind], Sequence[str]] = opened_cards,
    ) -> None:
        """See `AlsaMixer`."""
        self._server, self._cards = PulseMixer(), AlsaMixer(flows, opened)

    def look(self, wish: int | None = None, gain: int | None = None) -> Mixed:
        """Apply the wish, 0 to 100 for the loudspeaker, and read how it is. The first one is what
        holds at the start; a later one comes from somebody who wants to hear, and unmutes too.
        `gain` is what the microphone gets whenever it is opened."""
        server, cards = self._server.look(wish, gain), self._cards.look(wish, gain)
        return Mixed(
            server.loudspeaker or cards.loudspeaker,
            server.microphone or cards.microphone,
            server.moved,
        )

    def close(self) -> None:
        self._server.close()
        self._cards.close()
