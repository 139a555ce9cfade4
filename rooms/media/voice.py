"""The voice of one guest, from Opus packets to 10 ms of sound at a time.

    voice = Voice(480)
    voice.add(Packet(sequence, timestamp, source, payload), now)    # as they come
    samples = voice.take(now)                                       # every 10 ms

Sound waits as long as the line is uneven (`Arrivals`), 12 ms on a good one. What is lost is taken
from the next packet's error correction or concealed; what is late is waited for behind a concealed
sound. Afterwards, and where two clocks differ, speech is made shorter or longer a period at a time
until the delay is again what it should be.
"""

from dataclasses import dataclass

import numpy as np

from devices.device import Samples
from devices.sound.stretch import ENOUGH, FADE, is_quiet, stretch
from rooms.media.arrivals import RATE, Arrivals
from rooms.media.opus import (
    FRAME_SAMPLES,
    STEP_SAMPLES,
    OpusDecoder,
    OpusError,
    duration,
    is_silence,
)

MOST_PACKETS = 100
MOST_LATE_SECONDS = 1.0
"""A packet that is later or earlier than this begins a new time."""
MOST_EXCESS = 14_400
"""Samples: what waits 300 ms too long is skipped instead of being said faster."""
KEPT_EXCESS = 2_880
CONCEALED = 4_800
"""After 100 ms without a packet there is silence."""
ENDED = 48_000

_TOLERATED = 240
_HURRY = 2_880
_PAUSED = 48
_CALM = 2_880
"""Between two changes."""
_ALIKE = 0.8
_ALIKE_IN_A_HURRY = 0.3
_NOTHING = np.empty(0, np.int16)
_SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


@dataclass(frozen=True, slots=True)
class Packet:
    """What matters of an RTP packet (RFC 3550, section 5.1)."""

    sequence: int
    timestamp: int
    source: int
    payload: bytes


class Voice:
    """Belongs to one thread. `now` is in seconds, monotonic; it need not be the time of day."""

    def __init__(self, frame: int = FRAME_SAMPLES) -> None:
        """`frame` is how many samples are taken at a time."""
        self._frame = frame
        self._source: int | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._decoder = OpusDecoder()
        self._arrivals = Arrivals(self._frame / RATE)
        self._packets: dict[int, Packet] = {}
        self._newest: int | None = None
        self._next: int | None = None
        """Timestamp that is decoded next; None while nothing is played."""
        self._rest = _NOTHING
        self._heard = 0
        """Timestamp behind the last packet that was decoded."""
        self._sequence: int | None = None
        """Of the packet that was decoded last."""
        self._silent = False
        self._starved = 0
        self._calm = 0

    def add(self, packet: Packet, now: float) -> None:
        """Take one packet, in whatever order they come."""
        try:
            duration(packet.payload)
        except OpusError:
            return
        if packet.source != self._source:
            self._source = packet.source
            self._begin_anew()
        newest = packet.timestamp if self._newest is None else self._newest
        timestamp = newest + (packet.timestamp - newest + 2**31 & 0xFFFFFFFF) - 2**31
        if abs(self._arrivals.delay(timestamp, now)) > MOST_LATE_SECONDS:
            self._begin_anew()
            timestamp = newest = packet.timestamp
        self._newest = max(newest, timestamp)
        if timestamp in self._packets:
            return
        self._arrivals.note(packet.sequence, timestamp, now)
        if self._next is not None and timestamp < self._next:
            if not self._silent or timestamp < self._heard:
                return
            self._next = timestamp  # silence was played in its place, which can wait
        self._packets[timestamp] = packet
        if len(self._packets) > MOST_PACKETS:
            del self._packets[min(self._packets)]

    def forget(self) -> None:
        """Nobody listens: what waits is not played, and what comes replaces it unheard."""
        self._packets.clear()
        self._next = None
        self._rest = _NOTHING

    def delay(self, now: float) -> float | None:
        """Seconds that the sound which is taken now has waited for slower packets than its own;
        None while there is none."""
        if self._next is None:
            return None
        return self._arrivals.delay(self._next - len(self._rest), now)

    def take(self, now: float) -> Samples | None:
        """The next frame; None where there is nothing to hear."""
        if self._next is None and not self._may_begin(now):
            return None
        self._skip_what_is_too_old(now)
        # What is there is looked at; what is missing may still come.
        while len(self._rest) < max(self._frame, ENOUGH) and self._next in self._packets:
            self._decode_next(now)
        self._keep_time(now)
        while len(self._rest) < self._frame:
            if not self._decode_next(now):
                self._conceal()
        if self._starved > ENDED:
            self._next = None
            self._rest = _NOTHING
            return None
        frame, self._rest = self._rest[: self._frame], self._rest[self._frame :]
        return frame

    def _may_begin(self, now: float) -> bool:
        if not self._packets:
            return False
        first = min(self._packets)
        # Half a tick early is nearer to what is needed than half a tick late.
        if self._arrivals.delay(first, now) + self._frame / RATE / 2 < self._arrivals.needed:
            return False
        self._next = first
        self._starved = CONCEALED + 1  # it comes out of silence
        return True

    def _excess(self, now: float) -> int:
        """Samples by which the sound waits longer than it needs to."""
        waited = self.delay(now)
        assert waited is not None
        return round((waited - self._arrivals.needed) * RATE)

    def _skip_what_is_too_old(self, now: float) -> None:
        assert self._next is not None
        if self._packets and (excess := self._excess(now)) > MOST_EXCESS:
            self._rest = _faded(self._rest[:FADE], 1.0, 0.0)
            self._next += (excess - KEPT_EXCESS) // STEP_SAMPLES * STEP_SAMPLES
            for timestamp in [t for t in self._packets if t < self._next]:
                del self._packets[timestamp]
            self._starved = CONCEALED + 1

    def _keep_time(self, now: float) -> None:
        """Make the sound shorter where it waits too long, longer where it hardly waits."""
        self._calm += self._frame
        excess = self._excess(now)
        wanted = -excess
        if abs(excess) < _PAUSED or self._starved:
            return
        hurry = not -2 * _TOLERATED < excess < _HURRY
        if abs(excess) > _TOLERATED and (hurry or self._calm >= _CALM):
            alike = _ALIKE_IN_A_HURRY if hurry else _ALIKE
            wanted += STEP_SAMPLES if wanted > 0 else -STEP_SAMPLES
        else:
            alike = 2.0  # in pauses alone
        before = len(self._rest)
        self._rest = stretch(self._rest, wanted, alike)
        if len(self._rest) != before:
            self._calm = 0

    def _decode_next(self, now: float) -> bool:
        """Go on in time by a packet or by what is missing before the next one. False where nothing
        is known of what follows."""
        assert self._next is not None
        packet = self._packets.pop(self._next, None)
        if packet is not None:
            self._decode(packet)
            return True
        for overlapping in [t for t in self._packets if t < self._next]:
            del self._packets[overlapping]
        if not self._packets:
            return False
        following = min(self._packets)
        gap = following - self._next
        skipped = max(0, min(gap, self._excess(now)))
        if (gap - skipped) % STEP_SAMPLES:  # packets of another clock, or one that was cut in two
            skipped = min(gap, skipped + (gap - skipped) % STEP_SAMPLES)
        self._next += skipped
        if gap > skipped:
            self._fill(self._packets[following], gap - skipped)
        return True

    def _decode(self, packet: Packet) -> None:
        try:
            samples = self._decoder.decode(packet.payload)
        except OpusError:
            samples = self._decoder.conceal(duration(packet.payload))
        # Every 400 ms of a silence a packet tells its noise, which alone would sound like a tap.
        silent = is_silence(packet.payload) or (self._silent and is_quiet(samples))
        if silent:
            samples = self._quieten(samples)
        elif self._silent or self._starved > CONCEALED:
            samples = _faded(samples, 0.0, 1.0)
        self._silent = silent
        self._sequence = packet.sequence
        self._heard = self._append(samples)

    def _fill(self, following: Packet, gap: int) -> None:
        """The sound of a gap, or of its beginning, where a packet behind it is there."""
        lost = self._sequence is None or following.sequence != self._sequence + 1 & 0xFFFF
        if self._silent or not lost:
            gap = min(gap, FRAME_SAMPLES)
            samples = self._quieten(_SILENCE[:gap])
        elif gap <= 3 * FRAME_SAMPLES:
            samples = self._recover(following.payload, gap)
        else:
            gap = FRAME_SAMPLES
            samples = self._decoder.conceal(gap)
        self._append(samples)

    def _recover(self, following: bytes, samples: int) -> Samples:
        try:
            return self._decoder.recover(following, samples)
        except OpusError:
            return self._decoder.conceal(samples)

    def _quieten(self, samples: Samples = _SILENCE) -> Samples:
        """Silence from here on; the room that was heard so far fades away."""
        if self._silent:
            return np.zeros(len(samples), np.int16)
        self._silent = True
        return _faded(self._decoder.conceal(FRAME_SAMPLES), 1.0, 0.0)[: len(samples)]

    def _conceal(self) -> None:
        """Fill the frame where no packet is there. Time goes on in a silence that was announced;
        otherwise it stands still until a packet comes."""
        missing = self._frame - len(self._rest)
        if self._silent:
            self._append(_SILENCE[:missing])
            return
        self._starved += self._frame
        if self._starved > CONCEALED:
            self._rest = np.concatenate((self._rest, _SILENCE[:missing]))
            return
        sound = _faded(
            self._decoder.conceal(-(-missing // STEP_SAMPLES) * STEP_SAMPLES),
            1 - (self._starved - self._frame) / CONCEALED,
            1 - self._starved / CONCEALED,
        )
        self._rest = np.concatenate((self._rest, sound))

    def _append(self, samples: Samples) -> int:
        """Returns the timestamp behind them."""
        assert self._next is not None
        self._rest = np.concatenate((self._rest, samples))
        self._next += len(samples)
        self._starved = 0
        return self._next


def _faded(samples: Samples, begin: float, end: float) -> Samples:
    length = len(samples) if begin else min(FADE, len(samples))
    curve = np.full(len(samples), end, np.float32)
    curve[:length] = np.linspace(begin, end, length, dtype=np.float32)
    return (samples * curve).astype(np.int16)
