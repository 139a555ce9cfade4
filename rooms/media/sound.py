"""The hall's sound and the officials' voices, 20 ms at a time.

The microphone and every voice that may be heard are added; the loudspeaker gets the voices, a
guest gets everything but himself. All who are silent share one Opus encoder.
"""

import asyncio
import struct
from collections.abc import Collection

from base.latest import Latest
from devices.device import HallSound, Samples
from devices.sound.elastic import Elastic
from rooms.media.fanout import Line
from rooms.media.mixer import Mix, Speaking, level
from rooms.media.opus import FRAME_SAMPLES, OpusEncoder
from rooms.media.voice import Voice

HALL = "hall"
TICK_SECONDS = 0.02
LATE_SECONDS = 0.06
"""A loop that stood still for longer than this does not catch up."""

_HEADER = struct.Struct("!BBHLL")


class OutgoingAudio:
    """The audio line of one guest, downwards."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sequence = 0
        self._encoder: OpusEncoder | None = None

    def encoder(self) -> OpusEncoder:
        """His own, for the mix without himself."""
        if self._encoder is None:
            self._encoder = OpusEncoder()
        return self._encoder

    def send(self, payload: bytes, timestamp: int) -> None:
        """`timestamp` is at 48 kHz (RFC 7587, section 4.1)."""
        line = self._line
        first = 0x90 if line.extension else 0x80
        wire = timestamp & 0xFFFFFFFF
        header = _HEADER.pack(first, line.payload_type, self._sequence, wire, line.ssrc)
        if line.send(header + line.extension + payload):
            self._sequence = self._sequence + 1 & 0xFFFF
            line.count(wire, 1, len(payload))


class SoundBridge:
    """`run()` is the one clock of the meeting's sound; it rests while nobody is connected."""

    def __init__(self, sound: HallSound | None) -> None:
        self.speaking: Latest[tuple[str, ...]] = Latest(())
        self._sound = sound
        self._microphone = Elastic(FRAME_SAMPLES)
        self._voices: dict[str, Voice] = {}
        self._heard: set[str] = set()
        self._listeners: dict[str, OutgoingAudio] = {}
        self._shared = OpusEncoder()
        self._speaking = Speaking()
        self._timestamp = 0
        self._needed = asyncio.Event()

    def add(self, guest_id: str, line: Line) -> Voice:
        """A guest who speaks and listens from now on; returns where his packets go."""
        self._listeners[guest_id] = OutgoingAudio(line)
        self._voices[guest_id] = Voice()
        self._needed.set()
        return self._voices[guest_id]

    def remove(self, guest_id: str) -> None:
        self._listeners.pop(guest_id, None)
        self._voices.pop(guest_id, None)
        self._speaking.forget(guest_id)
        if not self._listeners:
            self._needed.clear()
            self.speaking.set(())

    def set_heard(self, guest_id: str, heard: bool) -> None:
        (self._heard.add if heard else self._heard.discard)(guest_id)
        if not heard and guest_id in self._voices:
            self._voices[guest_id].forget()

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
                    await asyncio.sleep(max(0.0, due - loop.time()))
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
                voices[guest_id] = samples
        if self._sound is not None:
            self._sound.play(Mix(voices).all())
        self._send(Mix(inputs | voices), voices.keys())
        self.speaking.set(self._speaking.now())

    def _send(self, mix: Mix, speakers: Collection[str]) -> None:
        self._timestamp += FRAME_SAMPLES
        shared: bytes | None = None
        for guest_id, outgoing in self._listeners.items():
            if guest_id in speakers:
                payload = outgoing.encoder().encode(mix.without(guest_id))
            else:
                if shared is None:
                    shared = self._shared.encode(mix.all())
                payload = shared
            outgoing.send(payload, self._timestamp)
