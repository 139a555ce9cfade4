"""The hall's sound and the officials' voices, 20 ms at a time.

The microphone and every voice that may be heard are added; the loudspeaker gets the voices, a
guest gets everything but himself. All who are silent share two Opus encoders, one of them for lines
that lose packets.
"""

import asyncio
import math
from collections.abc import Callable, Collection

import numpy as np
from numpy.typing import NDArray

from base.latest import Latest
from devices.device import HallSound, Samples, Unsubscribe
from devices.sound.elastic import Elastic
from rooms.media.fanout import Line
from rooms.media.loudness import Loudness
from rooms.media.mixer import Limiter, Mix, Speaking, level
from rooms.media.opus import FRAME_SAMPLES, OpusEncoder, is_silence
from rooms.media.rates import LineLoss, Rate, rate_for
from rooms.media.returning import Returning
from rooms.media.voice import Voice

HALL = "hall"
TICK_SECONDS = 0.02
LATE_SECONDS = 0.06
"""A loop that stood still for longer than this does not catch up."""


class OutgoingAudio:
    """The audio line of one guest, downwards."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._silent = False
        self._own: Encoding | None = None
        self.loss = LineLoss()

    def own(self) -> "Encoding":
        """For the mix without himself."""
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

    def __init__(self, sound: HallSound | None) -> None:
        self.speaking: Latest[tuple[str, ...]] = Latest(())
        self.returning: Latest[frozenset[str]] = Latest(frozenset())
        """Ids of the guests whose machines send back what others say."""
        self._returning = Returning(HALL)
        self._sound = sound
        self._microphone = Elastic(FRAME_SAMPLES)
        self._voices: dict[str, Voice] = {}
        self._heard: set[str] = set()
        self._listeners: dict[str, OutgoingAudio] = {}
        self._loudness: dict[str, Loudness] = {}
        self._loudspeaker = Limiter()
        self._shared = {False: Encoding(), True: Encoding()}
        """For listeners with a good line and, with fewer bits, for those with a poor one."""
        self._ears: dict[Callable[[Samples], None], Limiter] = {}
        self._speaking = Speaking()
        self._timestamp = 0
        self._needed = asyncio.Event()
        self._due = math.inf

    def add(self, guest_id: str, line: Line) -> Voice:
        """A guest who speaks and listens from now on; returns where his packets go."""
        self._listeners[guest_id] = OutgoingAudio(line)
        self._voices[guest_id] = Voice()
        self._loudness[guest_id] = Loudness()
        self._needed.set()
        return self._voices[guest_id]

    def remove(self, guest_id: str) -> None:
        self._listeners.pop(guest_id, None)
        self._voices.pop(guest_id, None)
        self._loudness.pop(guest_id, None)
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
        """Where nobody is left to hear anything."""
        if not self._listeners and not self._ears:
            self._needed.clear()
            self.speaking.set(())

    def note_loss(self, guest_id: str, share: float) -> None:
        """What his browser reports of what is sent to it: the share that got lost, 0 to 1."""
        if (outgoing := self._listeners.get(guest_id)) is not None:
            outgoing.loss.note(share)

    def set_heard(self, guest_id: str, heard: bool) -> None:
        (self._heard.add if heard else self._heard.discard)(guest_id)
        if not heard and guest_id in self._voices:
            self._voices[guest_id].forget()

    def now(self) -> float:
        """When a packet that is read now came, in seconds: where the house itself is behind, it may
        have waited since the next 20 ms were due, and that is not the line's fault."""
        return min(asyncio.get_running_loop().time(), self._due)

    async def run(self) -> None:
        unsubscribe = self._sound.subscribe(self._microphone.put) if self._sound else None
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._needed.wait()
                self._microphone.clear()
                due = loop.time()
                while self._needed.is_set():
                    self.tick(due)
                    due += TICK_SECONDS
                    late = loop.time() - due
                    if late > LATE_SECONDS:
                        due += late
                        self._timestamp += int(late * 48_000)
                    self._due = due
                    await asyncio.sleep(max(0.0, due - loop.time()))
                self._due = math.inf
        finally:
            if unsubscribe is not None:
                unsubscribe()

    def tick(self, now: float) -> None:
        """Mix and send 20 ms. `now` is the time at which they were due, in seconds."""
        inputs: dict[str, Samples] = {}
        if (hall := self._microphone.take()) is not None:
            self._speaking.hear(HALL, level(hall))
            inputs[HALL] = hall
        voices: dict[str, Samples] = {}
        for guest_id, voice in self._voices.items():
            samples = voice.take(now) if guest_id in self._heard else None
            loudness = -100.0 if samples is None else level(samples)
            if self._speaking.hear(guest_id, loudness) and samples is not None:
                voices[guest_id] = self._loudness[guest_id].even(samples, loudness)
        if self._sound is not None:
            self._sound.play(self._loudspeaker.limit(Mix(voices).all()))
        if self._returning.add(inputs | voices, self._heard):
            self.returning.set(self._returning.look())
        self._send(Mix(inputs | voices), voices.keys())
        self.speaking.set(self._speaking.now())

    def _send(self, mix: Mix, speakers: Collection[str]) -> None:
        self._timestamp += FRAME_SAMPLES
        for ear, limiter in tuple(self._ears.items()):
            ear(limiter.limit(mix.all()))
        quality: dict[bool, list[LineLoss]] = {False: [], True: []}
        for guest_id, outgoing in self._listeners.items():
            if guest_id not in speakers:
                quality[outgoing.loss.poor].append(outgoing.loss)
        shared = {
            poor: (self._shared[poor].encode(mix.all(), rate_for(lines)),)
            for poor, lines in quality.items()
            if lines
        }
        for guest_id, outgoing in self._listeners.items():
            if guest_id in speakers:
                rate = rate_for([outgoing.loss])
                payload = (outgoing.own().encode(mix.without(guest_id), rate),)
            else:
                payload = shared[outgoing.loss.poor]
            outgoing.send(payload, self._timestamp)
