"""Which card a stream is opened on, where cards come back under other numbers."""

from typing import Any

import numpy as np
import pytest

from base.cause import Cause
from devices.device import Condition, Kind
from devices.sound import streams
from devices.sound.listing import SoundDevice
from devices.sound.protocol import State
from devices.sound.streams import Streams

BEFORE = [SoundDevice("Jabra: USB (hw:0,0)", 1, 2), SoundDevice("HDA: ALC (hw:1,0)", 2, 2)]
AFTER = [SoundDevice("HDA: ALC (hw:0,0)", 2, 2), SoundDevice("Jabra: USB (hw:1,0)", 1, 2)]


class Library:
    """PortAudio, as far as it is asked here: it knows what there was when it was started."""

    class PortAudioError(Exception):
        pass

    def __init__(self, hall: "Hall") -> None:
        self._hall = hall
        self._known: list[SoundDevice] = []
        self._initialize()

    def _initialize(self) -> None:
        self._known = list(self._hall.cards)

    def _terminate(self) -> None:
        pass

    def query_devices(self) -> list[dict[str, Any]]:
        keys = ("name", "max_input_channels", "max_output_channels")
        return [dict(zip(keys, one, strict=True)) for one in self._known]


class Hall:
    def __init__(self) -> None:
        self.cards = list(BEFORE)
        self.nodes = frozenset({("pcmC0D0p", 1), ("pcmC1D0c", 2)})


@pytest.fixture
def hall(monkeypatch: pytest.MonkeyPatch) -> Hall:
    hall = Hall()
    monkeypatch.setattr(streams.importlib, "import_module", lambda _: Library(hall))
    monkeypatch.setattr(streams, "list_sound_devices", lambda: list(hall.cards))
    monkeypatch.setattr(streams, "_sound_nodes", lambda: hall.nodes)
    return hall


class OpenedStream:
    """What was opened, by its name as the library knows it then."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.name: str | None = None
        self.lost = False
        self.stumbled = self.stood_still = False

    @property
    def is_open(self) -> bool:
        return self.name is not None

    flowing = is_open

    def open(self, library: Library, index: int, latency: float) -> None:
        self.name = library.query_devices()[index]["name"]

    def close(self) -> None:
        self.name = None

    def check(self) -> None:
        if self.lost:
            self.lost = False
            raise streams.DeviceError(f"sound.{self.kind}_lost")


def test_a_card_that_comes_back_under_another_number_is_the_right_one(hall: Hall) -> None:
    told: list[State] = []
    sound = Streams(
        "HDA", "Jabra",
        captured=lambda _: None, next_played=lambda: np.zeros(480, np.int16),
        is_silent=lambda: True, tell=told.append,
    )  # fmt: skip
    sound.want_microphone(True)
    for side in sound._sides:
        side.stream = OpenedStream(side.kind)  # type: ignore[assignment]
    microphone, loudspeaker = sound._microphone.stream, sound._loudspeaker.stream
    sound.check()
    assert isinstance(loudspeaker, OpenedStream) and isinstance(microphone, OpenedStream)
    assert (loudspeaker.name, microphone.name) == ("Jabra: USB (hw:0,0)", "HDA: ALC (hw:1,0)")
    # It is pulled out, and another card has its number before it is there again.
    hall.cards, hall.nodes = AFTER, frozenset({("pcmC0D0p", 3), ("pcmC1D0c", 4)})
    loudspeaker.lost = True
    sound.check()
    assert told[-1] == State(Kind.LOUDSPEAKER, Condition.FAILED, Cause("sound.loudspeaker_lost"))
    sound.check()  # told first, closed then
    assert (loudspeaker.name, microphone.name) == ("Jabra: USB (hw:1,0)", "HDA: ALC (hw:0,0)")
    assert told[-1].condition is Condition.WORKING
