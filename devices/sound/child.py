"""The sound process: `python -m devices.sound.child FD`, started by `hall.ProcessSound` alone.

Three kinds of threads: PortAudio's two, which must never wait; one that opens and closes streams,
which may; and the event loop's, which does the rest. It ends when the daemon's end of the socket
is closed.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

import numpy as np

from base.cause import Cause
from base.garbage import settle
from devices.device import Echo, Kind, Samples, Turns, VolumeKnob
from devices.sound.body import ProtocolError
from devices.sound.frame_path import FramePath
from devices.sound.knob import KnobTold
from devices.sound.measured import ChirpTold, EchoTold, PlayChirp
from devices.sound.mixer import Mixer
from devices.sound.probe import Probe
from devices.sound.protocol import (
    FRAME_BYTES,
    FROM_DAEMON,
    MOST_FRAMES,
    Advised,
    Captured,
    Configure,
    Decoder,
    Gain,
    Heartbeat,
    Hello,
    Message,
    Microphone,
    Music,
    Peaks,
    Plain,
    Play,
    Volume,
    encode,
)
from devices.sound.sliders import Mixed, Slider
from devices.sound.streams import Streams

logger = logging.getLogger(__name__)

T = TypeVar("T")

_EVERY = 0.1
_ECHO_EVERY = 1.0
_MIXER_EVERY = 0.25
_MIXER_FOUND_WITHIN = 12
"""Looks after which what plays goes through no mixer."""
_SWITCH_EVERY = 0.001
"""Seconds after which a thread that computes lets PortAudio's have the interpreter; of Python's own
five, two make a stream stumble that lets 20 ms wait."""
_CLOSE_WITHIN = 1.0
_MOST_UNSENT = MOST_FRAMES * FRAME_BYTES


class SoundProcess(asyncio.Protocol):
    """One connection to the daemon, and the streams that it asked for."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loop = asyncio.get_running_loop()
        self._decoder = Decoder(FROM_DAEMON)
        self._path = FramePath()
        self._transport: asyncio.Transport | None = None
        self._configured: asyncio.Future[Configure] = self._loop.create_future()
        self._streams: Streams | None = None
        self._microphone_wanted = False
        self._plain = False
        """See `Plain`."""
        self._advised: dict[Kind, Cause | None] = {}
        self._told: dict[Kind, Cause | None] = {}
        self._look_now = asyncio.Event()
        self._echo, self._echo_at = Echo(), 0.0
        self._volume = 0
        """As it was wanted or told last."""
        self._is_mixed = False
        """The system's mixer does it."""
        self._wish: int | None = None
        """What the system's mixer has not yet been asked for."""
        self._mixer_now = asyncio.Event()
        self._gain_wish: int | None = None
        self._gain_told: int | None = None
        self._knob: VolumeKnob | None = None
        self._unmixed = 0
        """Looks in which something played, and no mixer turned it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send(Hello())

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if not self.ended.done():
            self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._decoder.feed(data):
                self._obey(message)
        except ProtocolError as error:
            logger.error("the daemon broke the protocol: %s", error)
            if self._transport is not None:
                self._transport.abort()

    async def run(self) -> None:
        """Look after the streams until cancelled."""
        wanted = await self._configured
        streams = self._streams = Streams(
            wanted.microphone,
            wanted.loudspeaker,
            fallback=wanted.fallback,
            loudspeaker_wanted=not self._plain,
            captured=partial(self._on_loop, self._captured),
            next_played=self._path.next_played,
            is_silent=self._path.is_silent,
            tell=partial(self._on_loop, self._send),
        )
        streams.want_microphone(self._microphone_wanted)
        # A driver that hangs must hang here, where it stops the heartbeat and nothing else.
        thread = ThreadPoolExecutor(1, "portaudio")
        try:
            while True:
                self._look_now.clear()
                await self._loop.run_in_executor(thread, streams.check)
                self._send(Heartbeat())
                self._send(Peaks(*self._path.peaks()))
                self._tell_echo()
                self._advise()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._look_now.wait(), _EVERY)
        finally:
            closing = self._loop.run_in_executor(thread, streams.close)
            with suppress(TimeoutError):
                await asyncio.wait_for(closing, _CLOSE_WITHIN)

    async def mind_mixer(self) -> None:
        """Keep the system's volume and ours the same until cancelled."""
        await self._configured
        mixer, thread = Mixer(self._flows), ThreadPoolExecutor(1, "mixer")
        while True:
            self._mixer_now.clear()
            wish, self._wish = self._wish, None
            mixed = await self._loop.run_in_executor(thread, mixer.look, wish, self._gain_wish)
            self._follow(mixed, told=wish is None)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._mixer_now.wait(), _MIXER_EVERY)

    def _follow(self, mixed: Mixed, *, told: bool) -> None:
        """`told` unless somebody waits to hear how loud it has become."""
        for kind, slider in (
            (Kind.MICROPHONE, mixed.microphone),
            (Kind.LOUDSPEAKER, mixed.loudspeaker),
        ):
            self._path.advice.muted(kind, slider is not None and slider.muted)
        gain = mixed.microphone.percent if mixed.microphone else None
        if gain != self._gain_told:
            self._gain_told = gain
            self._send(Gain(gain))
        for kind in mixed.moved:
            if self._streams is not None:
                self._streams.suspect(kind)
        loudspeaker = mixed.loudspeaker
        self._tell_knob(loudspeaker)
        self._is_mixed = loudspeaker is not None
        if loudspeaker is None:
            self._path.volume, self._path.mixed = self._volume, 1.0
            return
        # The lowest of a card may still be heard.
        self._path.volume = 100 if loudspeaker.percent else 0
        self._path.mixed = loudspeaker.factor
        if self._wish is None and (loudspeaker.percent != self._volume or not told):
            self._volume = loudspeaker.percent
            self._send(Volume(loudspeaker.percent))

    def _flows(self, kind: Kind) -> bool:
        return self._streams is not None and self._streams.flows(kind)

    def _tell_knob(self, slider: Slider | None) -> None:
        plays = self._flows(Kind.LOUDSPEAKER)
        self._unmixed = 0 if slider is not None else self._unmixed + plays
        knob = None
        if slider is not None:
            knob = VolumeKnob(slider.by, slider.control, slider.muted)
        elif self._unmixed >= _MIXER_FOUND_WITHIN:
            knob = VolumeKnob(Turns.OURS)
        elif plays or self._knob == VolumeKnob(Turns.OURS):
            return  # not known yet, or being opened again
        if knob != self._knob:
            self._knob = knob
            self._send(KnobTold(knob))

    def _advise(self) -> None:
        """Of the loudspeaker a howl is told before anything else that is wrong with it."""
        for kind, cause in self._path.advice.news():
            self._advised[kind] = cause
        howl = self._path.chain.howls.howl
        now = dict(self._advised)
        if howl is not None:
            now[Kind.LOUDSPEAKER] = Cause("sound.howls" if howl.ours else "sound.howls_elsewhere")
        for kind, cause in now.items():
            if self._told.get(kind) != cause:
                self._send(Advised(kind, cause))
        self._told = now

    def _obey(self, message: Message) -> None:
        match message:
            case Play(samples):
                self._path.play(np.frombuffer(samples, np.dtype("<i2")))
            case Volume(percent):
                self._volume = self._wish = percent
                if not self._is_mixed:
                    self._path.volume = percent
                    self._send(Volume(percent))
                self._mixer_now.set()
            case Gain(percent):
                self._gain_wish = percent
            case Microphone(wanted):
                self._want_microphone(wanted)
            case Music(playing):
                self._path.music = playing
            case PlayChirp(kind):
                self._path.probe = Probe(kind)
            case Plain():
                self._plain = True
            case Configure():
                if self._configured.done():
                    raise ProtocolError("configured twice")
                self._configured.set_result(message)

    def _want_microphone(self, wanted: bool) -> None:
        if wanted and not self._microphone_wanted:
            self._path.microphone_opened()
        elif not wanted:
            self._path.microphone_closed()
        self._microphone_wanted = wanted
        if self._streams is not None:
            self._streams.want_microphone(wanted)
        self._look_now.set()

    def _captured(self, frame: Samples) -> None:
        if not self._microphone_wanted:
            return
        heard = frame if self._plain else self._path.captured(frame)
        if (probe := self._path.probe) is not None and probe.over:
            self._path.probe = None
            self._look_into(probe)
        if self._transport and self._transport.get_write_buffer_size() < _MOST_UNSENT:
            self._send(Captured(heard.astype("<i2", copy=False).tobytes()))

    def _look_into(self, probe: Probe) -> None:
        """On another thread: it takes as long as several frames."""

        def look() -> None:
            told = probe.told()
            self._on_loop(self._path.chirp_told, told)
            self._on_loop(self._send, ChirpTold(told))

        self._loop.run_in_executor(None, look)

    def _tell_echo(self) -> None:
        now = self._loop.time()
        echo = self._path.chain.canceller.echo if self._microphone_wanted else Echo()
        if echo != self._echo and now - self._echo_at >= _ECHO_EVERY:
            self._echo, self._echo_at = echo, now
            self._send(EchoTold(echo))

    def _on_loop(self, call: Callable[[T], None], argument: T) -> None:
        """From any other thread."""
        self._loop.call_soon_threadsafe(call, argument)

    def _send(self, message: Message) -> None:
        if self._transport is not None:
            self._transport.write(encode(message))


async def serve(end: socket.socket) -> None:
    """Until the daemon closes its end."""
    loop = asyncio.get_running_loop()
    _, process = await loop.create_unix_connection(SoundProcess, sock=end)
    jobs = [asyncio.create_task(job) for job in (process.run(), process.mind_mixer())]
    await asyncio.wait({*jobs, process.ended}, return_when=asyncio.FIRST_COMPLETED)
    for job in jobs:
        if job.done():
            job.result()
        job.cancel()
    for job in jobs:
        with suppress(asyncio.CancelledError):
            await job


def main() -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    # Ctrl-C reaches the whole terminal; the daemon decides when sound ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -11)
    sys.setswitchinterval(_SWITCH_EVERY)
    status = 0
    settle()
    try:
        asyncio.run(serve(socket.socket(fileno=int(sys.argv[1]))))
    except Exception:
        logger.exception("the sound process ends")
        status = 1
    # Python would wait for the thread of a driver that hangs, and nobody would end this process.
    logging.shutdown()
    os._exit(status)


if __name__ == "__main__":
    main()
