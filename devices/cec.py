"""A television on the HDMI cable itself, by HDMI-CEC, through libCEC's own program `cec-client`.

The mini-PC needs an adapter for it (a USB one, or a graphics card whose driver has `/dev/cec0`).
Each command is a run of `cec-client -s`, one at a time: it opens the adapter, asks, and ends.

    pow 0      → "power status: on", "standby", "in transition from standby to on", "unknown"
    scan       → what is on the bus, and which of it is the active source
    on 0, standby 0, as

A television that answers "unknown" is plugged in and has CEC switched off in its menu. CEC knows
neither hiding nor freezing, and names of inputs no more than "it shows us" or "it does not".
"""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from base.cause import Cause
from config.settings import CecScreen as Settings
from devices.device import Cover, DeviceError, Health, Kind, Power
from devices.display_line import Pace, Reading
from devices.steady_display import SteadyDisplay

OUR_NAME = "avcontrol"
"""As the television shows us; at most 14 characters (HDMI 1.4, CEC 13.6)."""
OURS, OTHER = "hdmi", "other"
SECONDS = 15.0
"""For one run: libCEC opens the adapter anew, which takes it a while."""
MOST_BYTES = 65_536
POWERS = {
    "on": Power.ON,
    "standby": Power.OFF,
    "in transition from standby to on": Power.WARMING,
    "in transition from on to standby": Power.COOLING,
}
PACE = Pace(answer=SECONDS, change=3.0, watched=10.0, brief=SECONDS)
"""A question is a run of its program, which holds the bus for some seconds."""


class CecScreen(SteadyDisplay):
    def __init__(self, settings: Settings, pace: Pace | None = None) -> None:
        super().__init__(settings, Kind.PROJECTOR, "tv", CecLine(settings), pace or PACE)

    def _judge(self, reading: Reading) -> Health:
        """Which input it shows instead, the bus does not tell."""
        health = super()._judge(reading)
        if health.cause is not None and health.cause.code == "tv.other_input":
            return Health(health.condition, Cause("tv.other_source"), health.since)
        return health


class CecLine:
    """Implements `devices.display_line.DisplayLine`."""

    answer = SECONDS
    wanted_input = OURS
    inputs: Mapping[str, str] = MappingProxyType({})
    stays = True
    address: Mapping[str, str | int] = MappingProxyType({})

    def __init__(self, settings: Settings) -> None:
        self._command = (*settings.command, "-s", "-d", "1", "-o", OUR_NAME)
        if settings.hdmi_port:
            self._command += ("-b", "0", "-p", str(settings.hdmi_port))
        if settings.adapter:
            self._command += (settings.adapter,)

    def forget(self) -> None:
        """Nothing is kept."""

    async def keep(self, wanted: bool) -> None:
        """There is no connection to keep."""

    async def ask_briefly(self) -> Reading:
        said = await self._asked("pow 0")
        found = re.search(r"^power status:\s*(.+?)\s*$", said, re.MULTILINE)
        if found is None or (power := POWERS.get(found[1].lower())) is None:
            raise DeviceError("tv.cec_off")
        return Reading(power)

    async def ask(self) -> Reading:
        reading = await self.ask_briefly()
        if reading.power is not Power.ON:
            return reading
        shows = read_scan(await self._asked("scan"))
        code = None if shows is None else OURS if shows else OTHER
        return replace(reading, input=code, input_name="HDMI" if shows else "")

    async def _asked(self, command: str) -> str:
        try:
            return await self._run(command)
        except TimeoutError:
            raise DeviceError("tv.cec_stuck") from None

    async def switch(self, on: bool) -> None:
        await self._run("on 0" if on else "standby 0")

    async def choose_input(self) -> None:
        await self._run("as")

    async def set_cover(self, before: Cover | None, cover: Cover) -> None:
        """It cannot. Raises DeviceError."""
        del before
        frozen = cover is Cover.FROZEN
        raise DeviceError("tv.cannot_freeze" if frozen else "tv.cannot_hide")

    async def _run(self, command: str) -> str:
        """What cec-client says to one command. Raises DeviceError, TimeoutError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # a process group of its own, to end it as a whole
            )
        except OSError:
            raise DeviceError("tv.no_cec_program", program=self._command[0]) from None
        try:
            async with asyncio.timeout(self.answer):
                said, _ = await process.communicate(f"{command}\n".encode())
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise DeviceError("tv.no_adapter")
        return said[:MOST_BYTES].decode("utf-8", "replace")


def read_scan(said: str) -> bool | None:
    """Whether the television shows us; None where nobody says that he is the active source."""
    blocks = re.split(r"^device #[0-9A-Fa-f]+:", said, flags=re.MULTILINE)[1:]
    active = [one for one in blocks if re.search(r"^active source:\s*yes", one, re.MULTILINE)]
    if not active:
        return None
    own = rf"^osd string:\s*{OUR_NAME}\s*$"
    return any(re.search(own, one, re.MULTILINE) for one in active)
