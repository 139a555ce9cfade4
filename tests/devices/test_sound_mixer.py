"""The volume where no sound server is: the card's own mixer. The peer is libasound's control plugin
of PulseAudio; cards of the kernel are in tests/guest."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from base.cause import Cause
from config.settings import SoundSection
from devices.device import Condition, Kind, Turns, VolumeKnob
from devices.sound import alsa_mixer
from devices.sound.alsa_mixer import AlsaMixer, choose, opened_cards
from devices.sound.alsa_scale import percent_of, value_for
from devices.sound.child import SoundProcess
from devices.sound.hall import ProcessSound
from devices.sound.mixer import Mixer
from devices.sound.protocol import Advised, State
from devices.sound.sliders import Mixed, Slider
from devices.virtual.sound import VirtualSound, missing_programs, virtual_sound

CEILING = 60.0
needs_server = pytest.mark.skipif(bool(missing_programs()), reason="needs Debian's pulseaudio")
CARD = """
ctl.{name} {{ type pulse server "{server}" sink "house_speakers" source "house_mic" }}
"""


@pytest.fixture
async def hall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VirtualSound]:
    """Its microphone and loudspeaker are a card that is "first" under one number, then "second"."""
    with tempfile.TemporaryDirectory(prefix="hall-") as folder:
        async with virtual_sound(Path(folder)) as hall:
            server = hall.environment["PULSE_SERVER"]
            config = Path(folder) / "cards.conf"
            config.write_text(
                f"<{hall.environment['ALSA_CONFIG_PATH']}>"
                + CARD.format(name="first", server=server)
                + CARD.format(name="second", server=server)
            )
            for name, value in {**hall.environment, "ALSA_CONFIG_PATH": str(config)}.items():
                monkeypatch.setenv(name, value)
            yield hall


def flows(kind: Kind) -> bool:
    return True


class Looking:
    """A mixer over the cards that are named; nothing of ours goes through the server."""

    def __init__(self, loudspeaker: Sequence[str], microphone: Sequence[str] = ()) -> None:
        self.opened = {Kind.LOUDSPEAKER: loudspeaker, Kind.MICROPHONE: microphone}
        self.mixer = Mixer(opened=lambda kind: self.opened[kind])

    async def __call__(self, wish: int | None = None, gain: int | None = None) -> Mixed:
        return await asyncio.to_thread(self.mixer.look, wish, gain)

    async def until(self, right: Callable[[Mixed], bool], gain: int | None = None) -> Mixed:
        async with asyncio.timeout(CEILING):
            while not right(mixed := await self(gain=gain)):
                await asyncio.sleep(0.05)
        return mixed


def at(percent: int) -> Callable[[Mixed], bool]:
    return lambda mixed: mixed.loudspeaker is not None and mixed.loudspeaker.percent == percent


@pytest.mark.peer
@needs_server
async def test_the_cards_own_volume_is_turned_once_then_read_and_follows_to_another_card(
    hall: VirtualSound,
) -> None:
    look = Looking(["first"])
    assert (await look(40)).loudspeaker == Slider(
        40, pytest.approx(0.064, abs=0.001), False, Turns.CARD, "Master"
    )
    assert await hall.volume() == 40
    await hall.turn_volume(65)
    await look.until(at(65))
    # The card is gone and comes back, as loud as its driver begins; then under another number.
    await hall.kill()
    await look.until(lambda mixed: mixed.loudspeaker is None)
    await hall.start()
    await look.until(at(65))
    assert await hall.volume() == 65
    await hall.turn_volume(30)
    await look.until(at(30))
    look.opened[Kind.LOUDSPEAKER] = []
    assert at(30)(await look()), "our stream is being opened again"
    look.opened[Kind.LOUDSPEAKER] = ["second"]
    await hall.turn_volume(90)  # as its driver begins
    await look.until(at(30))
    assert await hall.volume() == 30
    look.mixer.close()


@pytest.mark.peer
@needs_server
async def test_the_cards_switches_are_told_and_only_the_loudspeakers_is_lifted(
    hall: VirtualSound,
) -> None:
    await hall.mute(loudspeaker=True, microphone=True)
    await hall.turn_gain(45)
    look = Looking(["first"], ["first"])
    mixed = await look(50)
    assert mixed.loudspeaker and mixed.microphone
    assert (mixed.loudspeaker.muted, mixed.loudspeaker.factor) == (True, 0.0)
    assert (mixed.microphone.muted, mixed.microphone.percent) == (True, 45)
    assert await hall.muted() == (True, True), "the first wish is nobody who wants to hear"
    mixed = await look(60)
    assert mixed.loudspeaker and not mixed.loudspeaker.muted
    assert await hall.muted() == (True, False)
    # The gain is set where the settings say so, each time that the microphone is opened.
    look.opened[Kind.MICROPHONE] = []
    assert (await look(gain=80)).microphone is None
    look.opened[Kind.MICROPHONE] = ["first"]
    mixed = await look(gain=80)
    assert mixed.microphone and (mixed.microphone.percent, mixed.microphone.muted) == (80, True)
    await hall.turn_gain(55)
    await look.until(
        lambda mixed: mixed.microphone is not None and mixed.microphone.percent == 55, gain=80
    )
    look.mixer.close()


@pytest.mark.peer
@needs_server
async def test_without_any_mixer_the_volume_is_ours_and_said_to_be(hall: VirtualSound) -> None:
    """The streams play, but what they play through is no server that tells its volume."""
    environment = {**hall.environment, "PULSE_SERVER": "unix:/nowhere"}
    sound = ProcessSound(
        SoundSection(microphone="house_mic", loudspeaker="house_spk", volume=80),
        environment=environment,
    )
    running = asyncio.create_task(sound.run())
    try:
        async with asyncio.timeout(CEILING):
            async for knob in sound.knob.changes():
                if knob is not None:
                    break
        assert knob == VolumeKnob(Turns.OURS)
        sound.set_volume(40)
        async with asyncio.timeout(CEILING):
            async for percent in sound.volume.changes():
                if percent == 40:
                    break
        assert await hall.volume() == 100
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert sound.knob.value is None


def test_a_card_that_does_not_answer_has_no_volume_and_is_not_asked_all_the_time() -> None:
    asked = 0

    def opened(kind: Kind) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["hw:31"] if kind is Kind.LOUDSPEAKER else []

    mixer = AlsaMixer(flows, opened)
    began = time.monotonic()
    assert [mixer.look(50).loudspeaker for _ in range(3)] == [None] * 3
    assert asked == 6
    assert time.monotonic() - began < CEILING


def test_our_card_is_the_one_whose_node_is_open_and_hdmi_has_no_volume(tmp_path: Path) -> None:
    files, cards = tmp_path / "fd", tmp_path / "asound"
    files.mkdir()
    for number, node in enumerate(
        ("/dev/snd/pcmC2D0p", "/dev/snd/pcmC1D0c", "/dev/snd/controlC0", "/dev/null", "pipe:[7]")
    ):
        (files / str(number)).symlink_to(node)
    assert opened_cards(Kind.LOUDSPEAKER, files, cards) == ["hw:2"]
    assert opened_cards(Kind.MICROPHONE, files, cards) == ["hw:1"]
    info = cards / "card2/pcm0p/info"
    info.parent.mkdir(parents=True)
    info.write_text("card: 2\ndevice: 0\nid: USB Audio\nname: USB Audio\n")
    assert opened_cards(Kind.LOUDSPEAKER, files, cards) == ["hw:2"]
    for digital in ("HDMI 0", "ALC887-VD Digital", "HDA HDMI 1 (*)"):
        info.write_text(f"card: 2\nid: {digital}\nname: {digital}\n")
        assert opened_cards(Kind.LOUDSPEAKER, files, cards) == []


@dataclass
class Element:
    """One of a card's, as `alsa.Control` tells it."""

    name: str
    has_volume: bool = True
    has_switch: bool = True
    value: int = 20
    on: bool = True
    lowest: int = 0
    highest: int = 40
    scale: tuple[float, float] | None = None
    """dB at the lowest and for each step."""
    turned: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.has_volume:
            self.value = self.highest = self.lowest

    def decibels(self, value: int) -> float | None:
        return self.scale and self.scale[0] + (value - self.lowest) * self.scale[1]

    def turn(self, value: int) -> None:
        self.value = value
        self.turned.append(value)

    def switch_on(self) -> None:
        self.on = True


@pytest.mark.parametrize(
    ("there", "kind", "chosen"),
    [
        ("Headphone, Speaker, PCM, Mic, Master, Beep", Kind.LOUDSPEAKER, "Master"),  # Intel HDA
        ("Mic, Sidetone, PCM", Kind.LOUDSPEAKER, "PCM"),  # USB speakerphones
        ("Mic, Speaker", Kind.LOUDSPEAKER, "Speaker"),  # USB, its microphone heard in itself
        ("Mic, Jabra", Kind.LOUDSPEAKER, "Jabra"),
        ("Mic, Line, CD", Kind.LOUDSPEAKER, None),
        ("Mic Boost, Mic, Capture", Kind.MICROPHONE, "Capture"),
        ("Mic Boost, Mic", Kind.MICROPHONE, "Mic"),
        ("Mic Boost", Kind.MICROPHONE, None),
    ],
)
def test_what_is_turned_turns_what_we_play_to_or_hear(
    there: str, kind: Kind, chosen: str | None
) -> None:
    found = choose([Element(name) for name in there.split(", ")], kind)  # type: ignore[misc]
    assert (found and found.name) == chosen


def test_a_control_without_a_volume_turns_nothing() -> None:
    assert choose([Element("Master", has_volume=False)], Kind.LOUDSPEAKER) is None  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("element", "value", "percent"),
    [
        (Element("no decibels", highest=200), 50, 25),
        (Element("little", scale=(-20.0, 0.5)), 30, 75),
        (Element("many", scale=(-60.0, 1.5)), 40, 100),
        # alsamixer of a card from -60 to 0 dB at -15 dB: (10^(-15/60) - 0.1) / 0.9
        (Element("many", scale=(-60.0, 1.5)), 30, 51.4),
        (Element("many", scale=(-60.0, 1.5)), 0, 0),
    ],
)
def test_the_percent_is_alsamixers(element: Element, value: int, percent: float) -> None:
    assert percent_of(element, value) == pytest.approx(percent, abs=0.1)


@pytest.mark.parametrize(
    "element",
    [
        Element("seven steps", highest=6),
        Element("6 dB each", highest=7, scale=(-42.0, 6.0)),
        Element("fine", highest=65536, scale=(-60.0, 60 / 65536)),
    ],
)
def test_whoever_taps_louder_gets_louder_up_to_the_end_and_back(element: Element) -> None:
    value = element.lowest
    for step, end in ((10, element.highest), (-10, element.lowest)):
        for _ in range(20):
            percent = round(percent_of(element, value))
            wish = min(100, max(0, percent + step))
            now = value_for(element, wish, value)
            assert value_for(element, round(percent_of(element, now)), now) == now
            assert now == value == end or (now - value) * step > 0
            value = now
        assert value == end


class Card:
    """A card of one's own making, in the place of `alsa.Card`."""

    def __init__(self, *elements: Element) -> None:
        self.elements = elements

    def __call__(self, name: str) -> "Card":
        return self

    def update(self) -> None:
        pass

    def controls(self, kind: Kind) -> list[Element]:
        return list(self.elements)

    def close(self) -> None:
        pass


def looks(monkeypatch: pytest.MonkeyPatch, *elements: Element) -> AlsaMixer:
    monkeypatch.setattr(alsa_mixer, "Card", Card(*elements))
    return AlsaMixer(flows, lambda kind: ["hw:0"] if kind is Kind.LOUDSPEAKER else [])


def test_cards_that_portaudio_only_looks_at_are_none_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    master = Element("Master", value=40)
    monkeypatch.setattr(alsa_mixer, "Card", Card(master))
    flowing, opened = False, ["hw:0"]
    mixer = AlsaMixer(lambda _: flowing, lambda _: opened)
    assert mixer.look(50, 50) == Mixed()
    flowing, opened = True, ["hw:0", "hw:1"]
    assert mixer.look(50, 50) == Mixed()
    assert master.turned == []
    opened = ["hw:1"]
    assert mixer.look().loudspeaker
    assert master.turned == [20]
    flowing, opened = False, ["hw:0"]
    assert mixer.look().loudspeaker, "while our stream is opened again, its card is the same"
    assert master.turned == [20]


def test_what_is_closed_on_the_way_is_told_as_muted_and_opened_for_whoever_wants_to_hear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fresh computer without a sound server: the kernel has everything closed."""
    speaker = Element("Speaker", value=0, on=False, highest=87, scale=(-65.25, 0.75))
    boosted = Element("PCM", has_switch=False, value=0, highest=255, scale=(-51.0, 0.2 + 2 / 51))
    master = Element("Master", highest=87, scale=(-65.25, 0.75))
    mixer = looks(monkeypatch, master, speaker, boosted, Element("Mic", value=0, on=False))
    assert (told := mixer.look(70).loudspeaker) and told.muted
    assert (speaker.value, boosted.value) == (0, 0)
    assert (told := mixer.look(70).loudspeaker) and not told.muted
    assert speaker.on
    assert speaker.value == 87
    assert boosted.decibels(boosted.value) == pytest.approx(0.0, abs=0.25)
    assert 0 < boosted.value < 255, "as loud as it came"


def test_an_outlet_that_is_off_mutes_nobody_who_hears_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built_in = Element("Speaker", on=False)
    jack = Element("Headphone")
    mixer = looks(monkeypatch, Element("Master"), built_in, jack)
    mixer.look(50)
    assert (told := mixer.look(60).loudspeaker) and not told.muted
    assert not built_in.on
    jack.on = False
    assert (told := mixer.look().loudspeaker) and told.muted


async def test_nothing_is_heard_at_0_percent_though_a_card_may_let_some_through() -> None:
    process = SoundProcess()
    for percent, ours in ((0, 0), (10, 100)):
        process._follow(Mixed(Slider(percent, 0.06, False, Turns.CARD)), told=True)
        assert process._path.volume == ours


@pytest.mark.parametrize("kind", [Kind.LOUDSPEAKER, Kind.MICROPHONE])
def test_a_busy_computer_does_not_hide_that_it_is_muted(kind: Kind) -> None:
    sound = ProcessSound(SoundSection(microphone="a", loudspeaker="b"))
    device = sound.microphone if kind is Kind.MICROPHONE else sound.loudspeaker
    choppy, muted = Cause(f"sound.{kind}_choppy"), Cause(f"sound.{kind}_muted")
    sound._take(State(kind, Condition.IMPAIRED, choppy))
    for advice, told in ((muted, muted), (Cause(f"sound.{kind}_clipped"), choppy), (None, choppy)):
        sound._take(Advised(kind, advice))
        assert device.health.value.cause == told
    sound._take(Advised(kind, muted))
    lost = Cause(f"sound.{kind}_lost")
    sound._take(State(kind, Condition.FAILED, lost))
    assert device.health.value.cause == lost


def test_a_volume_that_is_right_already_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each restart would make it a step louder or softer, and the balance would be gone."""
    master = Element("Master", highest=6, value=4)
    mixer = looks(monkeypatch, master)
    mixer.look(67)
    assert (master.value, master.turned) == (4, [])
