"""The daemon's side of the hall's sound: starts the sound process, watches it, starts it again.

    sound = ProcessSound(settings.sound)
    tasks.create_task(sound.run())
    unsubscribe = sound.subscribe(lambda samples: ...)
    sound.open_microphone()

Wishes (microphone, volume) are held here and told to every new process.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from base.cause import Cause
from base.latest import Latest
from config.settings import SoundSection
from devices.device import (
    ChirpHeard,
    ChirpKind,
    Condition,
    DeviceError,
    Echo,
    Health,
    Kind,
    Levels,
    Samples,
    Unsubscribe,
    VolumeKnob,
)
from devices.keep_running import keep_running
from devices.sound.knob import KnobTold
from devices.sound.link import Link
from devices.sound.measured import ChirpTold, EchoTold, PlayChirp
from devices.sound.protocol import (
    FRAME,
    MOST_FRAMES,
    Advised,
    Captured,
    Configure,
    Gain,
    Hello,
    Message,
    Microphone,
    Music,
    Peaks,
    Plain,
    Play,
    State,
    Volume,
)

logger = logging.getLogger(__name__)

_ENDS_WITHIN = 2.0
_TOLD_WITHIN = 6.0
"""The longest chirp takes 2.4 s, of which a busy machine makes more."""
_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_GOOD_SPELL = 10.0
_LAST_WORDS = 2000
_SOCKET_BUFFER = 32 * 1024
CONVERTING: Final = {"PA_ALSA_PLUGHW": "1"}
"""PortAudio opens a card through ALSA's plug, which converts: one that has 44.1 kHz alone, or comes
back with it, is used as any other."""
"""Bytes, which Linux doubles: what waits unread in the kernel is delay."""


@dataclass(slots=True, eq=False)
class SoundDevice:
    """The microphone or the loudspeaker, as one of the house's devices."""

    id: str
    kind: Kind
    name: str
    health: Latest[Health] = field(default_factory=lambda: Latest(Health()))

    async def run(self) -> None:
        """Nothing of its own: `ProcessSound.run` does the work for both and tells their health."""
        await asyncio.Event().wait()


@dataclass(slots=True, eq=False)
class _Process:
    """The sound process, as a device for `keep_running`."""

    run: Callable[[], Coroutine[Any, Any, None]]
    name: str
    id: str = "sound"
    kind: Kind = Kind.LOUDSPEAKER
    health: Latest[Health] = field(default_factory=lambda: Latest(Health()))


class ProcessSound:
    """Implements `devices.device.HallSound`; belongs to the event loop's thread."""

    def __init__(
        self,
        settings: SoundSection,
        *,
        environment: Mapping[str, str] | None = None,
        plain: bool = False,
    ) -> None:
        """`environment` is added to our own for the sound process, e.g. `PULSE_SERVER`. `plain`
        passes on what the microphone gives as it is, and opens no loudspeaker."""
        self.microphone = SoundDevice("microphone", Kind.MICROPHONE, settings.microphone_name)
        self.loudspeaker = SoundDevice("loudspeaker", Kind.LOUDSPEAKER, settings.loudspeaker_name)
        self.levels = Latest(Levels())
        self.echo = Latest(Echo())
        self.volume = Latest(settings.volume)
        self.microphone_open = Latest(False)
        self.gain: Latest[int | None] = Latest(None)
        self.knob: Latest[VolumeKnob | None] = Latest(None)
        self.process_id: int | None = None
        """Of the sound process, while there is one."""
        self._gain = Gain(settings.microphone_gain)
        self._names = Configure(
            settings.microphone, settings.loudspeaker, settings.fallback_microphone
        )
        self._environment = dict(environment or {})
        self._plain = plain
        self._wanted_volume = settings.volume
        self._microphone_wanted = False
        self._music = False
        self._sinks: list[Callable[[Samples], None]] = []
        self._states: dict[Kind, Health] = {}
        self._advice: dict[Kind, Cause | None] = {}
        self._chirps: set[asyncio.Future[ChirpHeard]] = set()
        self._link: Link | None = None
        self._process = _Process(self._run_process, settings.loudspeaker_name)

    def subscribe(self, sink: Callable[[Samples], None]) -> Unsubscribe:
        """See `HallSound`. All sinks share one array, which cannot be written to."""
        self._sinks.append(sink)

        def unsubscribe() -> None:
            with suppress(ValueError):
                self._sinks.remove(sink)

        return unsubscribe

    def play(self, samples: Samples) -> None:
        """See `HallSound`. Sound that no process can take now is lost. Raises ValueError where
        the samples are not whole frames."""
        if len(samples) % FRAME:
            raise ValueError(f"{len(samples)} samples are not whole frames of {FRAME}")
        if self._link is None or self._link.congested:
            return
        data = samples[-MOST_FRAMES * FRAME :].astype(np.dtype("<i2"), copy=False).tobytes()
        if data:
            self._link.send(Play(data))

    def open_microphone(self) -> None:
        self._want_microphone(True)

    def close_microphone(self) -> None:
        """Nothing reaches a sink after this call."""
        self._want_microphone(False)

    def set_music(self, playing: bool) -> None:
        """See `HallSound`."""
        self._music = playing
        if self._link is not None:
            self._link.send(Music(playing))

    def set_volume(self, percent: int) -> None:
        """`volume` follows when the sound process has taken it. Raises ValueError."""
        if not 0 <= percent <= 100:
            raise ValueError("volume is 0 to 100")
        self._wanted_volume = percent
        if self._link is not None:
            self._link.send(Volume(percent))

    async def chirp(self, kind: ChirpKind) -> ChirpHeard:
        """See `HallSound`."""
        told: asyncio.Future[ChirpHeard] = asyncio.get_running_loop().create_future()
        self._chirps.add(told)
        try:
            if self._link is not None:
                self._link.send(PlayChirp(kind))
            async with asyncio.timeout(_TOLD_WITHIN):
                return await told
        finally:
            self._chirps.discard(told)

    async def run(self) -> None:
        """See `HallSound`."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._share_losses())
            await keep_running(
                self._process,
                first_pause=_PAUSE,
                longest_pause=_LONGEST_PAUSE,
                good_spell=_GOOD_SPELL,
            )

    async def _share_losses(self) -> None:
        """Without the process both devices have failed, and for its reason."""
        async for health in self._process.health.changes():
            if health.condition is Condition.FAILED:
                self._tell(self.microphone, health.condition, health.cause)
                self._tell(self.loudspeaker, health.condition, health.cause)

    async def _run_process(self) -> None:
        """From start to end of one sound process. Raises DeviceError when it ends by itself."""
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "devices.sound.child",
                    str(theirs.fileno()),
                    pass_fds=[theirs.fileno()],
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                    env={**os.environ, **CONVERTING, **self._environment},
                )
            except OSError as error:
                ours.close()
                raise DeviceError("sound.process_not_started") from error
        self.process_id = process.pid
        words = asyncio.create_task(_last_words(process))
        try:
            _, link = await asyncio.get_running_loop().create_unix_connection(
                lambda: Link(self._take), sock=ours
            )
            self._link = link
            for wish in (
                Hello(),
                *((Plain(),) if self._plain else ()),
                self._names,
                self._gain,
                Volume(self._wanted_volume),
                Microphone(self._microphone_wanted),
                Music(self._music),
            ):
                link.send(wish)
            for device in (self.microphone, self.loudspeaker):
                if device.health.value.condition is not Condition.FAILED:
                    device.health.set(Health(Condition.STARTING))
            await link.watch()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
        except DeviceError:
            with suppress(ProcessLookupError):
                process.kill()
            raise
        finally:
            self._lose_link()
            await _end(process)
            last_words = await words
        logger.error("the sound process's last words: %s", last_words)
        raise DeviceError("sound.process_died", status=process.returncode or 0)

    def _lose_link(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
        self.process_id = None
        self._states.clear()
        self._advice.clear()
        self.levels.set(Levels())
        self.gain.set(None)
        self.knob.set(None)
        self.echo.set(Echo())
        self.microphone_open.set(False)

    def _want_microphone(self, wanted: bool) -> None:
        self._microphone_wanted = wanted
        if not wanted:
            self.echo.set(Echo())
        if self._link is not None:
            self._link.send(Microphone(wanted))

    def _take(self, message: Message) -> None:
        match message:
            case Captured(samples):
                if self._microphone_wanted:
                    self._hand_out(np.frombuffer(samples, np.dtype("<i2")))
            case Peaks(microphone, loudspeaker):
                self.levels.set(Levels(microphone, loudspeaker))
            case Volume(percent):
                self._wanted_volume = percent  # also where somebody turned the system's mixer
                self.volume.set(percent)
            case EchoTold(echo):
                self.echo.set(echo if self._microphone_wanted else Echo())
            case ChirpTold(heard):
                for told in self._chirps:
                    if not told.done():
                        told.set_result(heard)
            case State(kind, condition, cause):
                self._take_state(kind, Health(condition, cause))
            case Gain() | KnobTold():
                self._take_mixer(message)
            case Advised(kind, cause):
                self._advice[kind] = cause
                self._tell_with_advice(kind)

    def _take_mixer(self, message: Gain | KnobTold) -> None:
        if isinstance(message, Gain):
            self.gain.set(message.percent)
        else:
            self.knob.set(message.knob)

    def _take_state(self, kind: Kind, health: Health) -> None:
        self._process.health.set(Health(Condition.WORKING))
        if kind is Kind.MICROPHONE:
            delivers = health.condition in (Condition.WORKING, Condition.IMPAIRED)
            self.microphone_open.set(delivers)
        self._states[kind] = health
        self._tell_with_advice(kind)

    def _tell_with_advice(self, kind: Kind) -> None:
        """What works but does not sound as it should is impaired by that, and by nothing worse.
        Gaps are less bad than nothing at all."""
        if (health := self._states.get(kind)) is None:
            return
        advice = self._advice.get(kind)
        choppy = health.cause is not None and health.cause.code == f"sound.{kind}_choppy"
        worse = choppy and advice is not None and advice.code == f"sound.{kind}_muted"
        if advice is not None and (worse or health.condition is Condition.WORKING):
            health = Health(Condition.IMPAIRED, advice)
        device = self.microphone if kind is Kind.MICROPHONE else self.loudspeaker
        self._tell(device, health.condition, health.cause)

    def _hand_out(self, samples: Samples) -> None:
        for sink in tuple(self._sinks):
            try:
                sink(samples)
            except Exception:
                logger.exception("a sink for the hall's sound failed and gets no more")
                self._sinks.remove(sink)

    @staticmethod
    def _tell(device: SoundDevice, condition: Condition, cause: Cause | None) -> None:
        """A loss is logged once and a recovery once, whatever is tried in between."""
        was_lost = device.health.value.condition is Condition.FAILED
        is_lost = condition is Condition.FAILED
        device.health.set(Health(condition, cause))
        if is_lost and not was_lost:
            logger.warning("%s is lost: %s", device.id, cause)
        elif was_lost and not is_lost:
            logger.info("%s is back: %s", device.id, condition)


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """Read what it writes to its error output until it ends; the end of it is kept. PortAudio and
    ALSA talk there a lot, so that it is shown only when the process died."""
    assert process.stderr is not None
    words = b""
    while data := await process.stderr.read(4096):
        words = (words + data)[-_LAST_WORDS:]
    return words.decode(errors="replace").strip()


async def _end(process: asyncio.subprocess.Process) -> None:
    """It ends by itself when the socket is closed; whatever hangs is killed."""
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
