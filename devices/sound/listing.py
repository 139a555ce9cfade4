"""What sound devices there are, asked of a fresh process.

PortAudio looks for devices only when it starts, and the daemon never loads it. `python -m
devices.sound.listing` prints them as JSON; `list_sound_devices()` runs that.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from devices.device import DeviceError, Kind

DEFAULTS: Final = frozenset(
    {
        *("default", "sysdefault", "pulse", "pipewire", "null", "dmix", "dsnoop"),
        *("front", "rear", "center_lfe", "side", "iec958", "spdif", "hdmi", "modem", "phoneline"),
        *(f"surround{channels}" for channels in (21, 40, 41, 50, 51, 71)),
    }
)
"""Names for whatever the system holds best, or a part of it (alsa.conf, `defaults.pcm.card`), which
is another device after each replugging."""
PLUGINS: Final = frozenset({"lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix"})
"""ALSA's, which lead there, too."""
CARD_NUMBER: Final = re.compile(r" \(hw:\d+,\d+\)$")
"""ALSA puts it behind a name; it changes with each replugging."""

_TIMEOUT = 10.0
_LONGEST_LIST = 600


class SoundDevice(NamedTuple):
    name: str
    inputs: int
    """Channels; 0 where it is no microphone."""
    outputs: int
    """Channels; 0 where it is no loudspeaker."""


def list_sound_devices(environment: Mapping[str, str] | None = None) -> list[SoundDevice]:
    """In PortAudio's order. Blocks for some tenths of a second, 10 s at worst.

    Raises DeviceError `sound.library_missing` where PortAudio is not installed, and
    `sound.listing_failed` where it does not answer.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "devices.sound.listing"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            env=environment,
            check=False,
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise DeviceError("sound.listing_failed") from error
    if answer is None:
        raise DeviceError("sound.library_missing")
    return [SoundDevice(*row) for row in answer]


def read_devices(sounddevice: Any) -> list[SoundDevice]:
    """What the loaded PortAudio found when it started; the position is PortAudio's index."""
    return [
        SoundDevice(plain_name(row["name"]), row["max_input_channels"], row["max_output_channels"])
        for row in sounddevice.query_devices()
    ]


def plain_name(name: str) -> str:
    """The same whether PortAudio opens cards themselves or through ALSA's plug, which it says in
    the name; the settings are written by a process that does the one and read by one that does the
    other."""
    return name.replace(" (plughw:", " (hw:")


def find_device(devices: Iterable[SoundDevice], kind: Kind, name: str) -> int:
    """Index of the one device with this name or, where none has it whole, this part of a name, or
    this name with another card number behind it: it was plugged in again. What stands for whatever
    the system thinks best is found by its whole name alone.

    Raises DeviceError with what there is: `sound.<kind>_none`, `_missing` or `_ambiguous`.
    """
    suitable = [
        (index, device)
        for index, device in enumerate(devices)
        if (device.inputs if kind is Kind.MICROPHONE else device.outputs) > 0
    ]
    if not suitable:
        raise DeviceError(f"sound.{kind}_none", name=name)
    exact = [(index, device) for index, device in suitable if device.name == name]
    own = [(i, one) for i, one in suitable if not is_default(one.name)]
    parts = (name.casefold(), CARD_NUMBER.sub("", name).casefold())
    found = exact
    for part in parts:
        found = found or [(i, device) for i, device in own if part in device.name.casefold()]
    if len(found) == 1:
        return found[0][0]
    reason = "ambiguous" if found else "missing"
    present = "; ".join(device.name for _, device in (found or suitable))
    raise DeviceError(f"sound.{kind}_{reason}", name=name, present=present[:_LONGEST_LIST])


def is_default(name: str) -> bool:
    return name.partition(":")[0].casefold() in DEFAULTS | PLUGINS


def main() -> None:
    try:
        import sounddevice  # noqa: PLC0415 - its import loads PortAudio and may fail
    except OSError:
        answer = None
    else:
        answer = read_devices(sounddevice)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
