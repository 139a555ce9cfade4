"""The microphone's and the loudspeaker's stream: finding, opening, losing and getting back.

The loudspeaker's stream is always open. Its health is then known before a meeting, the first word
is not cut off, and the echo canceller's reference never jumps; silence costs one percent of a core.
The microphone's stream exists only while it is wanted.

PortAudio finds devices only when it starts, and starting it again ends every stream. So it is
started again only while none is open, or when a fresh process sees a device that ours does not.
"""

import importlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base.cause import Cause
from devices.device import Condition, DeviceError, Kind, Samples
from devices.sound.away import Away
from devices.sound.listing import SoundDevice, find_device, list_sound_devices, read_devices
from devices.sound.protocol import State
from devices.sound.steadiness import Steadiness
from devices.sound.stream import Stream

logger = logging.getLogger(__name__)

_RETRY = 1.0
_RETRY_BESIDE = 3.0
"""Seconds, where looking costs a process of its own because the other stream works."""
_RETRY_LIBRARY = 10.0
_DELIVERING = (Condition.WORKING, Condition.IMPAIRED)
_SOUND_NODES = Path("/dev/snd")


@dataclass(slots=True)
class _Side:
    name: str
    stream: Stream
    wanted: bool
    fallback: str = ""
    """Used while `name` is not there; empty without."""
    standing_in: bool = False
    """The fallback is what is used."""
    away: Away = field(default_factory=Away)
    present: bool = False
    """Seen when devices were last listed."""
    cause: Cause | None = None
    """Why it does not work; kept until sound flows again."""
    lost: bool = False
    """Told, and closed after the next look at the other: closing may hang, and what the other
    suffers from would never be told."""
    retry_at: float = 0.0
    steadiness: Steadiness = field(default_factory=Steadiness)
    told: State | None = None

    @property
    def kind(self) -> Kind:
        return self.stream.kind

    @property
    def settled(self) -> bool:
        """Nothing is left to do: open if wanted, else known to be there."""
        return self.stream.is_open if self.wanted else self.present and self.cause is None

    def state(self, now: float) -> State:
        if self.cause is not None:
            return State(self.kind, Condition.FAILED, self.cause)
        if self.wanted and self.stream.flowing:
            cause = self._stood_in() or self._choppy(now)
            condition = Condition.IMPAIRED if cause else Condition.WORKING
            return State(self.kind, condition, cause)
        if self.wanted and self.told is not None and self.told.condition in _DELIVERING:
            return self.told  # being reopened after it stumbled: nothing that anybody notices
        if self.present and not self.wanted:
            return State(self.kind, Condition.STANDBY, self._stood_in())
        return State(self.kind, Condition.STARTING)

    def _stood_in(self) -> Cause | None:
        if not self.standing_in:
            return None
        return Cause("sound.microphone_fallback", name=self.name, fallback=self.fallback)

    def _choppy(self, now: float) -> Cause | None:
        choppy = self.steadiness.choppy(now)
        return Cause(f"sound.{self.kind}_choppy") if choppy else None


class Streams:
    """`check` does all the work and may block while PortAudio does: call it ten times a second on
    a thread of its own. `want_microphone` may be called from any thread."""

    def __init__(
        self,
        microphone: str,
        loudspeaker: str,
        *,
        fallback: str = "",
        loudspeaker_wanted: bool = True,
        captured: Callable[[Samples], None],
        next_played: Callable[[], Samples],
        is_silent: Callable[[], bool],
        tell: Callable[[State], None],
    ) -> None:
        """`captured` and `next_played` run on PortAudio's threads, the others on that of `check`.
        `is_silent`: nothing is played that anybody would miss."""
        self._microphone = _Side(
            microphone,
            Stream(Kind.MICROPHONE, captured=captured),
            wanted=False,
            fallback=fallback,
        )
        self._loudspeaker = _Side(
            loudspeaker, Stream(Kind.LOUDSPEAKER, next_played=next_played), wanted=True
        )
        self._sides = (self._loudspeaker, self._microphone)[not loudspeaker_wanted :]
        self._is_silent = is_silent
        self._tell = tell
        self._sounddevice: Any = None
        self._devices: list[SoundDevice] = []
        self._nodes = _sound_nodes()
        self._outdated = False
        """What is plugged in may be something else than what PortAudio found when it started."""

    def want_microphone(self, wanted: bool) -> None:
        if wanted and not self._microphone.wanted:
            self._microphone.retry_at = 0.0
        self._microphone.wanted = wanted

    def flows(self, kind: Kind) -> bool:
        """Its stream is open, and took or gave sound. Any thread."""
        return any(side.kind is kind and side.stream.flowing for side in self._sides)

    def suspect(self, kind: Kind) -> None:
        """Its stream plays to, or hears, another device than it did. Any thread."""
        for side in self._sides:
            if side.kind is kind:
                side.stream.suspect()

    def check(self) -> None:
        """Close what is lost or unwanted, open what is wanted, tell what has changed."""
        now = time.monotonic()
        lost = [side for side in self._sides if side.lost]
        for side in self._sides:
            if side not in lost:
                self._look_after(side, now)
                self._look_back(side, now)
        for side in lost:
            side.lost, side.retry_at = False, 0.0
            side.stream.close()
        self._shorten(now)
        if (nodes := _sound_nodes()) != self._nodes:
            # A card came or went: a closed microphone would not notice by itself.
            self._nodes, self._outdated = nodes, True
            for side in self._sides:
                side.retry_at = 0.0
                side.present = side.stream.is_open
        due = [side for side in self._sides if not side.settled and now >= side.retry_at]
        if due:
            self._recover(due)
        for side in self._sides:
            if side.stream.flowing and not side.lost:
                side.cause = None
            self._tell_state(side, now)

    def close(self) -> None:
        for side in self._sides:
            side.stream.close()

    def _look_after(self, side: _Side, now: float) -> None:
        if not side.wanted:
            side.stream.close()
            return
        try:
            side.stream.check()
        except DeviceError as error:
            side.cause, side.lost = error.cause, True
            self._tell_state(side, now)
            return
        if side.stream.is_open and side.stream.stumbled and side.steadiness.may_reopen(now):
            logger.info("the %s stumbled and is opened again", side.kind)
            side.steadiness.stumbled(now, stood_still=side.stream.stood_still)
            side.stream.close()
            side.retry_at = 0.0

    def _shorten(self, now: float) -> None:
        """By opening it again, where nobody hears it: a microphone while it is closed, the
        loudspeaker in a pause."""
        unheard = {
            Kind.MICROPHONE: not self._microphone.wanted,
            Kind.LOUDSPEAKER: self._is_silent(),
        }
        for side in self._sides:
            if unheard[side.kind] and side.steadiness.may_shorten(now):
                side.steadiness.shorten()
                side.stream.close()

    def _tell_state(self, side: _Side, now: float) -> None:
        if (state := side.state(now)) != side.told:
            side.told = state
            self._tell(state)

    def _recover(self, due: list[_Side]) -> None:
        """Find and open what is due. A cause is kept for each that fails."""
        try:
            if not any(side.stream.is_open for side in self._sides):
                self._start_portaudio()
                listed = self._devices
            elif not self._outdated and all(
                side.wanted and _found(side, self._devices) for side in due
            ):
                listed = self._devices
            else:
                listed = list_sound_devices()
                self._outdated = False
                if any(_found(s, listed) not in (None, _found(s, self._devices)) for s in due):
                    self._start_portaudio()
                    listed = self._devices
                    due = list(self._sides)
        except DeviceError as error:
            missing = error.cause.code == "sound.library_missing"
            for side in due:
                side.cause = error.cause
                side.retry_at = time.monotonic() + (_RETRY_LIBRARY if missing else _RETRY)
            return
        for side in due:
            self._take(side, listed)

    def _take(self, side: _Side, listed: list[SoundDevice]) -> None:
        """The device that is meant, or else the one that stands in for it. What is not there is
        known by its cause."""
        side.standing_in = False
        try:
            self._use(side, side.name, listed)
        except DeviceError as error:
            try:
                if not side.fallback:
                    raise
                self._use(side, side.fallback, listed)
            except DeviceError:
                side.cause = error.cause
                side.present = False
                beside = any(other.stream.is_open for other in self._sides)
                side.retry_at = time.monotonic() + (_RETRY_BESIDE if beside else _RETRY)
                self._outdated = True
            else:
                logger.info("the %s is not there, its fallback is used", side.kind)
                side.standing_in = True
                side.away.begin(time.monotonic())

    def _use(self, side: _Side, name: str, listed: list[SoundDevice]) -> None:
        """Raises DeviceError where it is not there, or cannot be opened."""
        find_device(listed, side.kind, name)
        side.present = True
        if side.wanted:
            index = find_device(self._devices, side.kind, name)
            side.stream.open(self._sounddevice, index, side.steadiness.latency)
        else:
            side.cause = None

    def _look_back(self, side: _Side, now: float) -> None:
        """While another one stands in: take the first one again once it has been there a while."""
        if side.standing_in and side.away.is_due(now):
            answers = self._answers(side)
            if side.away.is_over(answers, now) or (answers and not side.wanted):
                logger.info("the %s is there again", side.kind)
                side.stream.close()
                side.standing_in = side.present = False
                side.retry_at = 0.0

    def _answers(self, side: _Side) -> bool:
        """Whether the first one could be opened now. One that was plugged in again may have another
        number, which only a fresh process sees."""
        known = _found(side, self._devices)
        if known is not None:
            if not side.wanted:
                return True
            index = find_device(self._devices, side.kind, side.name)
            if side.stream.could_open(self._sounddevice, index):
                return True
        with suppress(DeviceError):
            fresh = _found(side, list_sound_devices())
            self._outdated = fresh not in (None, known)
            return self._outdated
        return False

    def _start_portaudio(self) -> None:
        """Start it, again where it ran already, and read what devices there are.

        Raises DeviceError `sound.library_missing` or `sound.listing_failed`.
        """
        self.close()
        if self._sounddevice is None:
            try:
                self._sounddevice = importlib.import_module("sounddevice")
            except OSError as error:
                raise DeviceError("sound.library_missing") from error
        else:
            try:
                with suppress(self._sounddevice.PortAudioError):  # it may not have started before
                    self._sounddevice._terminate()
                self._sounddevice._initialize()
            except self._sounddevice.PortAudioError as error:
                raise DeviceError("sound.listing_failed") from error
        self._devices = read_devices(self._sounddevice)


def _found(side: _Side, devices: list[SoundDevice]) -> str | None:
    """The whole name of the first one, where it is among them."""
    with suppress(DeviceError):
        return devices[find_device(devices, side.kind, side.name)].name
    return None


def _sound_nodes() -> frozenset[str]:
    """The kernel's sound devices; changes when a card is plugged in or out."""
    try:
        return frozenset(node.name for node in _SOUND_NODES.iterdir())
    except OSError:
        return frozenset()
