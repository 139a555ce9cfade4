"""The hall's sound and the officials' voices, 10 ms at a time.

The microphone and every voice that may be heard are added; the loudspeaker gets the voices, a
guest gets everything but himself. Both get the sound of a laptop that is shown, as it comes: nobody
speaks there, and of what the loudspeaker plays the echo is cancelled, whatever it is. Who takes
part in the conversation is sent every 10 ms, as long as his line is good: he hears the hall 10 ms
earlier, and his browser lets less wait. That is twice the packets, so all others are sent 20 ms at
a time. Those who are silent share an Opus encoder, one for each of the two and one for lines that
lose packets.
"""

import asyncio
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from base.latest import Latest
from devices.device import HallSound, Samples, Unsubscribe
from devices.sound.elastic import Elastic
from rooms.media.loudness import Loudness
from rooms.media.mixer import Limiter, Mix, Speaking, level
from rooms.media.opus import FRAME_SAMPLES, OpusEncoder, is_silence
from rooms.media.pacing import Line
from rooms.media.rates import LineLoss, Rate, rate_for
from rooms.media.returning import Returning
from rooms.media.voice import Voice

HALL = "hall"
LAPTOP = "laptop"
LAPTOP_SECONDS = 1.0
"""Without its sound, until nobody is kept awake for it."""
TICK_SAMPLES = FRAME_SAMPLES // 2
TICK_SECONDS = 0.01
LATE_SECONDS = 0.06
"""A loop that stood still for longer than this does not catch up."""
_BEHIND_SECONDS = 0.002
"""By which sound is mixed later than the microphone brings it."""
_NUDGE_SECONDS = 0.0001
"""By which a tick comes earlier or later for that."""
_SPARE_SAMPLES = 96
_SILENCE = np.zeros(TICK_SAMPLES, np.int16)


AddSink = Callable[[Callable[[Samples], None]], Unsubscribe]
"""Whoever is added gets it, on the event loop."""


class OutgoingAudio:
    """The audio line of one guest, downwards."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._silent = False
        self._own: Encoding | None = None
        self.loss = LineLoss()
        self.hears: Callable[[str], bool] | None = None
        """Which of those who are in the mix; None is everybody but himself."""

    def own(self) -> "Encoding":
        """For a mix that nobody else hears."""
        if self._own is None:
            self._own = Encoding()
        return self._own

    def send(self, payload: tuple[bytes], timestamp: int) -> None:
        """The same tuple for all who hear the same. `timestamp` is at 48 kHz (RFC 7587, section
        4.1). Of a silence only the first packet is sent, and what libopus tells of it now and then.
        """
        was_silent, self._silent = self._silent, is_silence(payload[0])
        if was_silent and self._silent:
            return
        # the marker of a talkspurt (RFC 3551, section 4.1)
        self._line.send(payload, timestamp, marked=was_silent)


class Encoding:
    """One limiter and one encoder, for one listener or for all who hear the same."""

    def __init__(self) -> None:
        self._limiter = Limiter()
        self._encoder = OpusEncoder()

    def encode(self, total: NDArray[np.int32], rate: Rate) -> bytes:
        self._encoder.adapt(*rate)
        return self._encoder.encode(self._limiter.limit(total))


class SoundBridge:
    """`run()` is the one clock of the meeting's sound; it rests while nobody is connected."""

    def __init__(self, sound: HallSound | None, laptop: AddSink | None = None) -> None:
        """`laptop` hands out the sound of what is shown, 10 ms at a time, while it is wanted."""
        self.speaking: Latest[tuple[str, ...]] = Latest(())
        self.returning: Latest[frozenset[str]] = Latest(frozenset())
        """Ids of the guests whose machines send back what others say."""
        self._returning = Returning(HALL)
        self._sound = sound
        self._microphone = Elastic(TICK_SAMPLES, _SPARE_SAMPLES)
        self._add_laptop = laptop
        self._laptop = Elastic(TICK_SAMPLES, _SPARE_SAMPLES)
        self._laptop_at = -math.inf
        """When it brought something."""
        self._heard_at = -math.inf
        """When the microphone brought something."""
        self._voices: dict[str, Voice] = {}
        self._heard: set[str] = set()
        self._listeners: dict[str, OutgoingAudio] = {}
        self._loudness: dict[str, Loudness] = {}
        self._loudspeaker = Limiter()
        self._quick: set[str] = set()
        """Listeners who are sent every 10 ms."""
        self._quick_shared = Encoding()
        self._shared = {False: Encoding(), True: Encoding()}
        """For listeners with a good line and, with fewer bits, for those with a poor one."""
        self._first: dict[str, Samples] | None = None
        """What the first of two ticks mixed, until the second has."""
        self._first_timestamp = 0
        self._ears: dict[Callable[[Samples], None], Limiter] = {}
        self._speaking = Speaking()
        self._timestamp = 0
        self._needed = asyncio.Event()
        self._due = math.inf

    def add(self, guest_id: str, line: Line) -> Voice:
        """A guest who speaks and listens from now on; returns where his packets go."""
        self._listeners[guest_id] = OutgoingAudio(line)
        return self.add_voice(guest_id)

    def add_voice(self, guest_id: str) -> Voice:
        """One who only speaks; returns where his packets go."""
        self._voices[guest_id] = Voice(TICK_SAMPLES)
        self._loudness[guest_id] = Loudness()
        self._needed.set()
        return self._voices[guest_id]

    def remove(self, guest_id: str) -> None:
        self._listeners.pop(guest_id, None)
        self._voices.pop(guest_id, None)
        self._loudness.pop(guest_id, None)
        self._quick.discard(guest_id)
        self._speaking.forget(guest_id)
        if not self._listeners:
            self.returning.set(frozenset())
        self._rest()

    def add_ear(self, ear: Callable[[Samples], None]) -> Unsubscribe:
        """It is given what everybody together hears, hall and voices, 20 ms at a time."""
        self._ears[ear] = Limiter()
        self._needed.set()

        def unsubscribe() -> None:
            if self._ears.pop(ear, None) is not None:
                self._rest()

        return unsubscribe

    def _rest(self) -> None:
        """Where nobody is left to hear anything, nor to be heard in the hall."""
        needed = self._listeners or self._ears or self._voices or self._laptop_plays()
        if not needed:
            self._needed.clear()
            self.speaking.set(())

    def note_loss(self, guest_id: str, share: float) -> None:
        """What his browser reports of what is sent to it: the share that got lost, 0 to 1."""
        if (outgoing := self._listeners.get(guest_id)) is not None:
            outgoing.loss.note(share)

    def set_narrow(self, guest_id: str, narrow: bool) -> None:
        """His line carries little, whatever it loses."""
        if (outgoing := self._listeners.get(guest_id)) is not None:
            outgoing.loss.narrow = narrow

    def set_hears(self, guest_id: str, hears: Callable[[str], bool]) -> None:
        """Of a listener: which of the others, and of `hall`, he is to hear; asked every 20 ms."""
        if (outgoing := self._listeners.get(guest_id)) is not None:
            outgoing.hears = hears

    def set_heard(self, guest_id: str, heard: bool) -> None:
        (self._heard.add if heard else self._heard.discard)(guest_id)
        if not heard and guest_id in self._voices:
            self._voices[guest_id].forget()

    def now(self) -> float:
        """When a packet that is read now came, in seconds: where the house itself is behind, it may
        have waited since the next 10 ms were due, and that is not the line's fault."""
        return min(asyncio.get_running_loop().time(), self._due)

    async def run(self) -> None:
        leave = [self._sound.subscribe(self._hear)] if self._sound else []
        leave += [self._add_laptop(self._hear_laptop)] if self._add_laptop else []
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._needed.wait()
                self._microphone.clear()
                self._laptop.clear()
                due = loop.time()
                while self._needed.is_set():
                    self.tick(due)
                    due += TICK_SECONDS + self._nudge(due)
                    late = loop.time() - due
                    if late > LATE_SECONDS:
                        due += late
                        self._timestamp += int(late * 48_000)
                    self._due = due
                    await asyncio.sleep(max(0.0, due - loop.time()))
                self._due = math.inf
        finally:
            for unsubscribe in leave:
                unsubscribe()

    def _hear_laptop(self, samples: Samples) -> None:
        self._laptop.put(samples)
        self._laptop_at = asyncio.get_running_loop().time()
        self._needed.set()  # it is heard in the hall, too, where nobody is far away

    def _laptop_plays(self) -> bool:
        if self._add_laptop is None:
            return False
        return asyncio.get_running_loop().time() - self._laptop_at < LAPTOP_SECONDS

    def _hear(self, samples: Samples) -> None:
        self._microphone.put(samples)
        self._heard_at = asyncio.get_running_loop().time()

    def _nudge(self, due: float) -> float:
        """Seconds that bring the ticks nearer to just behind the microphone's."""
        if due - self._heard_at > 10 * TICK_SECONDS:
            return 0.0
        off = math.remainder(due - self._heard_at - _BEHIND_SECONDS, TICK_SECONDS)
        return max(-_NUDGE_SECONDS, min(_NUDGE_SECONDS, -off))

    def tick(self, now: float) -> None:
        """Mix 10 ms and send what is due. `now` is the time at which they were due, in seconds."""
        inputs = self._speak(now)
        if (laptop := self._laptop.take()) is not None:
            inputs |= {LAPTOP: laptop}
        elif self._add_laptop is not None:
            self._rest()
        if self._sound is not None:
            self._sound.play(self._loudspeaker.limit(Mix(inputs, TICK_SAMPLES).all()))
        if (hall := self._microphone.take()) is not None:
            self._speaking.hear(HALL, level(hall), TICK_SAMPLES)
            inputs |= {HALL: hall}
        self.speaking.set(self._speaking.now())
        if self._first is None:
            self._quick = {
                guest_id
                for guest_id, outgoing in self._listeners.items()
                if guest_id in self._heard and not outgoing.loss.poor
            }
            self._first_timestamp = self._timestamp
        self._send_quickly(inputs)
        if self._first is None:
            self._first = inputs
        else:
            both, self._first = _joined(self._first, inputs), None
            if self._returning.add(both, self._heard):
                self.returning.set(self._returning.look())
            self._send(both)
        self._timestamp += TICK_SAMPLES

    def _speak(self, now: float) -> dict[str, Samples]:
        """The voices that belong into the mix."""
        voices: dict[str, Samples] = {}
        for guest_id, voice in self._voices.items():
            samples = voice.take(now) if guest_id in self._heard else None
            loudness = -100.0 if samples is None else level(samples)
            belongs = self._speaking.hear(guest_id, loudness, TICK_SAMPLES)
            if belongs and samples is not None:
                voices[guest_id] = self._loudness[guest_id].even(samples, loudness)
        return voices

    def _send_quickly(self, inputs: dict[str, Samples]) -> None:
        """10 ms to everybody who takes part."""
        listeners = {name: self._listeners[name] for name in self._quick}
        if not listeners:
            return
        mix = Mix(inputs, TICK_SAMPLES)
        lines = [one.loss for name, one in listeners.items() if name not in inputs]
        if lines:
            shared = (self._quick_shared.encode(mix.all(), rate_for(lines)),)
        for name, outgoing in listeners.items():
            payload = _own(outgoing, mix, name) if name in inputs else shared
            outgoing.send(payload, self._timestamp)

    def _send(self, both: dict[str, Samples]) -> None:
        """20 ms to all others, and to the ears."""
        mix = Mix(both)
        for ear, limiter in tuple(self._ears.items()):
            ear(limiter.limit(mix.all()))
        listeners = {n: one for n, one in self._listeners.items() if n not in self._quick}
        quality: dict[bool, list[LineLoss]] = {False: [], True: []}
        for name, outgoing in listeners.items():
            if name not in both and outgoing.hears is None:
                quality[outgoing.loss.poor].append(outgoing.loss)
        shared = {
            poor: (self._shared[poor].encode(mix.all(), rate_for(lines)),)
            for poor, lines in quality.items()
            if lines
        }
        for name, outgoing in listeners.items():
            poor = outgoing.loss.poor
            if (hears := outgoing.hears) is not None:
                payload = _encoded(outgoing, mix.of(filter(hears, both)))
            else:
                payload = _own(outgoing, mix, name) if name in both else shared[poor]
            outgoing.send(payload, self._first_timestamp)


def _own(outgoing: OutgoingAudio, mix: Mix, name: str) -> tuple[bytes]:
    return _encoded(outgoing, mix.without(name))


def _encoded(outgoing: OutgoingAudio, total: NDArray[np.int32]) -> tuple[bytes]:
    return (outgoing.own().encode(total, rate_for([outgoing.loss])),)


def _joined(first: dict[str, Samples], second: dict[str, Samples]) -> dict[str, Samples]:
    """20 ms of everybody who is in one of the two."""
    return {
        name: np.concatenate((first.get(name, _SILENCE), second.get(name, _SILENCE)))
        for name in first | second
    }
