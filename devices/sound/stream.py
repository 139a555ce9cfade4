"""One PortAudio stream, either direction, and the signs that it was lost.

PortAudio tells little. After a sound server's death the callback just stops and `finished_callback`
fires; after an ALSA device was pulled out nothing fires and `active` stays true; a PulseAudio
stream whose sink was unloaded is moved to another one without a word. Hence a timer, the finished
flag, and a second look at the device.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from devices.device import DeviceError, Kind, Samples
from devices.sound.listing import plain_name
from devices.sound.protocol import FRAME

RATE = 48000
STALLED_AFTER = 1.0
"""Seconds without a callback."""
_STARTS_WITHIN = 3.0
"""Seconds in which a device may pause while it starts; PortAudio fills its buffer at once, so that
a first callback says little."""
_SETTLED_AFTER = 1.0
"""Seconds in which a stream may stumble while it starts."""
_STOOD_STILL = 0.1
"""Seconds between two callbacks that no stream lets wait."""
_JUST_NOW = 0.5
_LOOK_EVERY = 2.0
_LOOK_SOON = 0.2
_FRESH = 0.05


class Stream:
    """`open` and `close` as often as needed; all methods belong to one thread.

    A microphone calls `captured` with each frame, a loudspeaker takes each from `next_played`, both
    on PortAudio's own thread, every 10 ms.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        captured: Callable[[Samples], None] | None = None,
        next_played: Callable[[], Samples] | None = None,
    ) -> None:
        self.kind = kind
        self._captured = captured
        self._next_played = next_played
        self._stream: Any = None
        self._sounddevice: Any = None
        self._index = 0
        self._opened = 0.0
        self._last_callback: float | None = None
        self._finished = False
        self._stumbled = False
        self._stood_still = False
        self._late_at = -math.inf
        """When a callback came so late."""
        self._can_look_again = False
        self._looked = 0.0
        self._look_failed = False
        self._suspected = False

    @property
    def is_open(self) -> bool:
        return self._stream is not None

    @property
    def flowing(self) -> bool:
        """Open, and the device has asked for or given at least one frame."""
        return self._stream is not None and self._last_callback is not None

    @property
    def stumbled(self) -> bool:
        """Under- or overran since it was opened. Its latency stays higher until it is reopened."""
        return self._stumbled

    @property
    def stood_still(self) -> bool:
        """It stumbled because this program stood still for longer than any stream lets wait."""
        return self._stood_still

    def suspect(self) -> None:
        """The sound server has moved it: look soon whether its device is there. Any thread."""
        self._suspected = True

    def open(self, sounddevice: Any, index: int, latency: float) -> None:
        """`latency` in seconds. Raises DeviceError `sound.<kind>_refused`."""
        self._last_callback, self._finished = None, False
        self._stumbled = self._stood_still = False
        self._opened = self._looked = time.monotonic()
        self._sounddevice, self._index = sounddevice, index
        microphone = self.kind is Kind.MICROPHONE
        make = sounddevice.RawInputStream if microphone else sounddevice.RawOutputStream
        stream = None
        try:
            stream = make(
                samplerate=RATE,
                blocksize=FRAME,
                device=index,
                channels=1,
                dtype="int16",
                latency=latency,
                callback=self._on_input if microphone else self._on_output,
                finished_callback=self._on_finished,
            )
            stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            if stream is not None:
                stream.close()
            name = plain_name(sounddevice.query_devices(index)["name"])
            # The last argument, where there is one, holds the sound system's own words.
            reason = error.args[-1][-1] if len(error.args) > 2 else error.args[0]
            raise DeviceError(
                f"sound.{self.kind}_refused", name=name, reason=str(reason)
            ) from error
        self._stream = stream
        # Only a device that can be opened twice can be looked at while it is in use.
        self._look_failed = self._suspected = False
        self._can_look_again = self.could_open(self._sounddevice, self._index)

    def close(self) -> None:
        """Ends the stream at once; does nothing where none is open."""
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)

    def check(self) -> None:
        """Raises DeviceError `sound.<kind>_lost`, `_stalled` or `_moved` where it is of no use."""
        if self._stream is None:
            return
        if self._finished:
            raise DeviceError(f"sound.{self.kind}_lost")
        now = time.monotonic()
        last = self._last_callback
        if now > max(self._opened + _STARTS_WITHIN, (last or 0.0) + STALLED_AFTER):
            raise DeviceError(f"sound.{self.kind}_stalled")
        # Only right after a callback: a sound server that hangs would hang us too.
        fresh = last is not None and now < last + _FRESH
        every = _LOOK_SOON if self._suspected else _LOOK_EVERY
        if self._can_look_again and fresh and now > self._looked + every:
            self._looked, self._suspected = now, False
            failed, self._look_failed = (
                self._look_failed,
                not self.could_open(self._sounddevice, self._index),
            )
            if failed and self._look_failed:
                raise DeviceError(f"sound.{self.kind}_moved")

    def could_open(self, sounddevice: Any, index: int) -> bool:
        """Whether this device could be opened now; nothing changes."""
        microphone = self.kind is Kind.MICROPHONE
        ask = sounddevice.check_input_settings if microphone else sounddevice.check_output_settings
        try:
            ask(device=index, channels=1, dtype="int16", samplerate=RATE)
        except (sounddevice.PortAudioError, ValueError):
            return False
        return True

    def _on_input(self, data: Any, frames: int, at: Any, status: Any) -> None:
        self._note_callback(bool(status))
        if self._captured is not None:
            # PortAudio takes its buffer back after this call.
            self._captured(np.frombuffer(data, np.int16).copy())

    def _on_output(self, data: Any, frames: int, at: Any, status: Any) -> None:
        self._note_callback(bool(status))
        if self._next_played is not None:
            data[:] = self._next_played().tobytes()

    def _note_callback(self, stumbled: bool) -> None:
        now = time.monotonic()
        if self._last_callback is not None and now > self._last_callback + _STOOD_STILL:
            self._late_at = now
        self._last_callback = now
        if stumbled and now > self._opened + _SETTLED_AFTER:
            self._stumbled = True
            # The sound system tells of it now, or with one of the next that it makes up for.
            self._stood_still = self._stood_still or now < self._late_at + _JUST_NOW

    def _on_finished(self) -> None:
        self._finished = True
