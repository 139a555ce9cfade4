"""The mixer of the sound card on which this process's streams are opened themselves, where no sound
server stands between (ALSA). See `mixer.Mixer`, whose half it is.

Which card that is the kernel tells: the node /dev/snd/pcmC1D0p that this process has open. So a
card that is plugged in again under another number is followed, and so is whatever name led there.
PortAudio opens every card for a moment when it starts, which it does only while no stream is open:
so nothing is believed unless our stream flows, nor where there are two.

What turns the loudspeaker is one control of the card, "Master" where it has one. Others may stand
on the way and be closed: a "Speaker" that is off, a "PCM" at its lowest. Then nobody hears
anything, whatever "Master" says, and it is told as muted and opened when somebody wants to hear.
"""

import logging
import re
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from devices.device import Kind, Turns
from devices.sound.alsa import AlsaError, Card, Control
from devices.sound.alsa_scale import factor_of, percent_of, value_for
from devices.sound.sliders import Mixed, Slider, Wish

logger = logging.getLogger(__name__)

_RETRY: Final = 1.0
"""Seconds until a card's mixer is opened again."""
_OWN_FILES: Final = Path("/proc/self/fd")
_CARDS: Final = Path("/proc/asound")
_NODE: Final = re.compile(r"/dev/snd/pcmC(\d+)D(\d+)([pc])")
_DIGITAL: Final = re.compile(r"^id: .*(HDMI|DisplayPort|IEC958|S/?PDIF|\bDigital\b)", re.MULTILINE)
"""Ways out that no volume of the card turns."""

_TURNS: Final = {
    Kind.LOUDSPEAKER: (
        "Master", "PCM", "Speaker", "Headset", "Line Out", "Headphone", "Front", "Digital",
    ),
    Kind.MICROPHONE: ("Capture", "Mic", "Headset", "Internal Mic", "Digital", "ADC", "Line"),
}  # fmt: skip
"""Names of controls, those first that turn most: the kernel's (control-names.rst) as drivers use
them."""
_NO_TURNS: Final = {
    Kind.LOUDSPEAKER: re.compile(
        r"Mic|Line(?! Out)|CD|Aux|Beep|Capture|Sidetone|Loop|Monitor|Boost|Input|Synth|Video|^Phone"
        r"|Mono|IEC958|Center|LFE|Surround|Side|Tone|Bass|Treble",
        re.IGNORECASE,
    ),
    Kind.MICROPHONE: re.compile(r"Boost|CD|Aux|Synth|Video|Loop|Mix|Monitor", re.IGNORECASE),
}
"""What is never turned: a microphone's own sound in the loudspeaker."""
_OUTLET: Final = re.compile(r"Speaker|Headphone|Headset|Line Out|Front(?! Mic)", re.IGNORECASE)


def opened_cards(kind: Kind, files: Path = _OWN_FILES, cards: Path = _CARDS) -> Sequence[str]:
    """`hw:1` for each card that this process has a stream open on, less what goes out digitally."""
    found = set()
    for file in files.iterdir():
        try:
            node = _NODE.fullmatch(str(file.readlink()))
        except OSError:  # closed meanwhile
            continue
        if node is not None and (node[3] == "p") == (kind is Kind.LOUDSPEAKER):
            number, device = node[1], node[2]
            if kind is Kind.MICROPHONE or not _is_digital(cards / f"card{number}/pcm{device}p"):
                found.add(f"hw:{number}")
    return sorted(found)


def _is_digital(device: Path) -> bool:
    with suppress(OSError):
        return bool(_DIGITAL.search((device / "info").read_text()))
    return False


class AlsaMixer:
    def __init__(
        self,
        flows: Callable[[Kind], bool],
        opened: Callable[[Kind], Sequence[str]] = opened_cards,
    ) -> None:
        """`flows` tells whether a stream of ours is open, `opened` the control devices of what this
        process has open now."""
        self._flows, self._opened = flows, opened
        self._loudspeaker, self._microphone = _Followed(), _Followed()
        self._wish = Wish()
        self._gained: str | None = None
        """The microphone's card, while it is open and has had its gain."""

    def look(self, wish: int | None = None, gain: int | None = None) -> Mixed:
        """See `mixer.Mixer.look`."""
        if wish is not None:
            self._wish.say(wish)
        return Mixed(
            self._loudspeaker.look(
                # While our stream is opened again, its card is the same as before.
                self._ours(Kind.LOUDSPEAKER) or self._loudspeaker.names,
                self._look_at_loudspeaker,
                self._wish.forget_device,
            ),
            self._microphone.look(
                self._ours(Kind.MICROPHONE),
                lambda card, name: self._look_at_microphone(card, name, gain),
                self._forget_microphone,
            ),
        )

    def close(self) -> None:
        self._loudspeaker.close()
        self._microphone.close()
        self._wish.forget_device()
        self._forget_microphone()

    def _ours(self, kind: Kind) -> Sequence[str]:
        names = self._opened(kind) if self._flows(kind) else []
        return names if self._flows(kind) else []  # it may have been closed meanwhile

    def _forget_microphone(self) -> None:
        self._gained = None

    def _look_at_loudspeaker(self, card: Card, name: str) -> Slider | None:
        controls = card.controls(Kind.LOUDSPEAKER)
        turned = choose(controls, Kind.LOUDSPEAKER)
        if turned is None:
            return None
        if (percent := self._wish.due(name)) is not None:
            _turn(turned, percent)
            if self._wish.unmutes:
                turned.switch_on()
                for one in _closed(turned, controls):
                    _open(one)
            self._wish.applied(name)
        muted = not turned.on or bool(_closed(turned, controls))
        slider = _slider(turned, muted=muted)
        self._wish.percent = slider.percent
        return slider

    def _look_at_microphone(self, card: Card, name: str, gain: int | None) -> Slider | None:
        turned = choose(card.controls(Kind.MICROPHONE), Kind.MICROPHONE)
        if turned is None:
            return None
        if gain is not None and self._gained != name:
            _turn(turned, gain)
        self._gained = name
        return _slider(turned, muted=not turned.on)


class _Followed:
    """The card that one side's stream is opened on."""

    def __init__(self) -> None:
        self._card: Card | None = None
        self._name = ""
        self._again_at = 0.0

    @property
    def names(self) -> Sequence[str]:
        return [self._name] if self._card is not None else []

    def look(
        self,
        names: Sequence[str],
        read: Callable[[Card, str], Slider | None],
        gone: Callable[[], None],
    ) -> Slider | None:
        """`gone` is called where it is another card from now on, or none."""
        if self._card is not None and self._name not in names:
            self.close()
            gone()
        if not names:
            self._again_at = 0.0
        if self._card is None and len(names) != 1:
            return None
        try:
            if self._card is None:
                if time.monotonic() < self._again_at:
                    return None
                self._name, self._card = names[0], Card(names[0])
            self._card.update()
            return read(self._card, self._name)
        except AlsaError as error:
            logger.info("the mixer of %s cannot be read: %s", self._name, error)
            self.close()
            gone()
            self._again_at = time.monotonic() + _RETRY
            return None

    def close(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            with suppress(AlsaError):
                card.close()


def choose(controls: Sequence[Control], kind: Kind) -> Control | None:
    """What turns the whole of one direction, or None where nothing does."""
    able = [one for one in controls if one.highest > one.lowest]
    named = {one.name: one for one in reversed(able)}
    for name in _TURNS[kind]:
        if name in named:
            return named[name]
    return next((one for one in able if not _NO_TURNS[kind].search(one.name)), None)


def _turn(control: Control, percent: int) -> None:
    if (value := value_for(control, percent, now := control.value)) != now:
        control.turn(value)


def _closed(turned: Control, controls: Sequence[Control]) -> list[Control]:
    """What else stands on the way of what is played, and lets nothing through. Of several outlets
    one is enough: that of the hall's loudspeakers is among those that are open."""
    others = [one for one in controls if one.name != turned.name]
    way = [one for one in others if one.name == "PCM" and _lets_nothing(one)]
    outlets = [one for one in others if _OUTLET.search(one.name)]
    if not _OUTLET.search(turned.name) and all(map(_lets_nothing, outlets)):
        way += outlets
    return way


def _lets_nothing(control: Control) -> bool:
    lowest = control.has_volume and control.value <= control.lowest < control.highest
    return lowest or not control.on


def _open(control: Control) -> None:
    """As loud as it came, where it is known what that is."""
    control.switch_on()
    if control.has_volume and control.value <= control.lowest:
        values = range(control.lowest, control.highest + 1)
        loudest = len(values)
        if control.decibels(control.highest) is not None:
            loudest = bisect_right(values, 0.0, key=lambda one: control.decibels(one) or 0.0)
        control.turn(values[max(loudest, 1) - 1])


def _slider(control: Control, *, muted: bool) -> Slider:
    value = control.value
    return Slider(
        round(percent_of(control, value)),
        0.0 if muted else factor_of(control, value),
        muted,
        Turns.CARD,
        control.name,
    )
