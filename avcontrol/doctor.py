"""Says what this machine has and lacks for a house, in words.

    findings = await examine(settings)
    print(report(findings, "vi"))

Looks only, changes nothing. What cannot be measured here is said to be unmeasured, never good.
"""

import asyncio
import errno
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from base.cause import Cause, Parameter
from config.settings import HouseSettings, Projector, RtspCamera, ScreenSection, Webcam, WebSection
from devices.device import DeviceError, Kind
from devices.service import UNITS, is_enabled
from devices.sound.listing import find_device, list_sound_devices
from rooms.rehearsal import Outcome
from rooms.trial import Tried, try_camera, try_projector
from web.address import local_host
from web.sentences import Language, say

PYTHONS = ((3, 11), (3, 14))
"""From the first to before the second."""
DISK_NEEDED, DISK_ADVISED = 1.0, 10.0
MEMORY_ADVISED, MEMORY_FREE_ADVISED = 3.5, 0.5
"""GB of 10^9 bytes."""
VIETNAM = timedelta(hours=7)


class Verdict(StrEnum):
    GOOD = "good"
    ADVICE = "advice"
    """It works without, but not as well."""
    NEEDED = "needed"
    """The house does not work before this is mended."""
    UNMEASURED = "unmeasured"


_RELAY = {
    "working": Verdict.GOOD,
    "limited": Verdict.ADVICE,
    "failed": Verdict.ADVICE,
}
"""By what the house found; meetings within the hall need no relay."""


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    cause: Cause

    @property
    def needed(self) -> bool:
        return self.verdict is Verdict.NEEDED


async def examine(settings: HouseSettings | None = None) -> list[Finding]:
    """Look at everything; with settings, at what they name. Takes some seconds at most."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        python,
        lambda: sound(settings),
        lambda: webcams(settings),
        lambda: screen(settings),
        lambda: disk(settings.data if settings else HouseSettings.model_fields["data"].default),
        memory,
        clock,
        time_zone,
        after_a_power_cut,
        lambda: port(settings.web if settings else WebSection()),
        lambda: relay(settings),
    )
    found = await asyncio.gather(
        display(settings),
        network_cameras(settings),
        *(asyncio.to_thread(list, check()) for check in checks),
    )
    return [finding for findings in found for finding in findings]


def report(findings: Sequence[Finding], language: Language) -> str:
    """A line for each finding, what has to be mended last, where the eye is."""
    order = list(Verdict)
    order.remove(Verdict.UNMEASURED)
    order.insert(1, Verdict.UNMEASURED)
    lines = [
        f"[{say(Cause(f'doctor.{finding.verdict}'), language)}] {say(finding.cause, language)}"
        for finding in sorted(findings, key=lambda f: order.index(f.verdict))
    ]
    needed = sum(finding.needed for finding in findings)
    end = Cause("doctor.mend", count=needed) if needed else Cause("doctor.nothing_to_mend")
    return "\n".join([*lines, "", say(end, language)])


def _finding(verdict: Verdict, reason: str, /, **params: Parameter) -> Finding:
    return Finding(verdict, Cause(f"doctor.{reason}", **params))


def python(version: tuple[int, int, int] = sys.version_info[:3]) -> Iterator[Finding]:
    number = ".".join(map(str, version))
    if PYTHONS[0] <= version[:2] < PYTHONS[1]:
        yield _finding(Verdict.GOOD, "python", version=number)
    else:
        yield _finding(Verdict.NEEDED, "python_unsuitable", version=number)


def sound(settings: HouseSettings | None) -> Iterator[Finding]:
    """Asked of a process of its own: PortAudio may hang on a broken driver."""
    wanted = settings.sound if settings else None
    if settings and not wanted:
        return
    try:
        devices = list_sound_devices()
    except DeviceError as error:
        yield Finding(Verdict.NEEDED, error.cause)
        return
    if wanted:
        for kind, name in (
            (Kind.MICROPHONE, wanted.microphone),
            (Kind.LOUDSPEAKER, wanted.loudspeaker),
        ):
            try:
                device = devices[find_device(devices, kind, name)]
            except DeviceError as error:
                yield Finding(Verdict.NEEDED, error.cause)
            else:
                yield _finding(Verdict.GOOD, f"{kind}_found", name=device.name)
        return
    microphones = [device.name for device in devices if device.inputs]
    loudspeakers = [device.name for device in devices if device.outputs]
    for kind, names in ((Kind.MICROPHONE, microphones), (Kind.LOUDSPEAKER, loudspeakers)):
        if names:
            yield _finding(Verdict.GOOD, f"{kind}_found", name="; ".join(names))
        else:
            yield _finding(Verdict.ADVICE, f"{kind}_none")


def webcams(settings: HouseSettings | None, folder: Path = Path("/dev")) -> Iterator[Finding]:
    if settings:
        for camera in settings.cameras:
            if isinstance(camera, Webcam) and camera.format == "v4l2":
                yield _webcam(camera.name, Path(camera.input))
        if settings.hdmi and settings.hdmi.format == "v4l2":
            yield _webcam(settings.hdmi.name, Path(settings.hdmi.input))
        return
    found = sorted(folder.glob("video*"))
    for device in found:
        yield _webcam(_model(device), device)
    if not found:
        yield _finding(Verdict.ADVICE, "webcam_none")


def _webcam(name: str, device: Path) -> Finding:
    if not device.exists():
        return _finding(Verdict.NEEDED, "webcam_missing", name=name, device=str(device))
    if not os.access(device, os.R_OK | os.W_OK):
        return _finding(Verdict.NEEDED, "webcam_forbidden", name=name, device=str(device))
    return _finding(Verdict.GOOD, "webcam_found", name=name, device=str(device))


def _model(device: Path) -> str:
    try:
        return Path("/sys/class/video4linux", device.name, "name").read_text().strip()
    except OSError:
        return device.name


def screen(settings: HouseSettings | None) -> Iterator[Finding]:
    """The compositor and the browser, both of which stand in the command."""
    if settings and not settings.screen:
        return
    command = ((settings and settings.screen) or ScreenSection()).command
    programs = [command[0]]
    if "--" in command[:-1]:
        programs.append(command[command.index("--") + 1])
    for program in programs:
        if shutil.which(program):
            yield _finding(Verdict.GOOD, "screen_program", program=program)
        else:
            verdict = Verdict.NEEDED if settings else Verdict.ADVICE
            yield Finding(verdict, Cause("screen.not_installed", program=program))


async def network_cameras(settings: HouseSettings | None) -> list[Finding]:
    """Each opened for a moment, with the users of its picture and of its ONVIF."""
    wanted = [one for one in settings.cameras if isinstance(one, RtspCamera)] if settings else []
    if settings is None or not wanted:
        return []
    told = await asyncio.to_thread(_health_of, settings.web)
    return [_said(told, one) or _tried(await try_camera(one)) for one in wanted]


async def display(settings: HouseSettings | None) -> list[Finding]:
    """The projector or big screen, asked in its own language as the set-up does, and not switched:
    PJLink, MDC with its PIN, HDMI-CEC with its program and adapter. A meeting works without. Many
    take one controller at a time: where the house runs, it says what it knows."""
    if settings is None or settings.projector is None:
        return []
    told = await asyncio.to_thread(_health_of, settings.web)
    known = _said(told, settings.projector)
    return [known or _tried(await try_projector(settings.projector))]


def _said(told: dict[str, Any] | None, device: RtspCamera | Projector) -> Finding | None:
    """What the running house says of it; None where none runs, or it does not know."""
    for signal in (told or {}).get("signals", ()):
        match signal:
            case {"id": device.id, "code": str(code), "params": dict(params)}:
                return Finding(Verdict.ADVICE, Cause(code, **params))
            case {"id": device.id, "condition": "working" | "standby"}:
                return _finding(Verdict.GOOD, "runs_well", name=device.name)
    return None


def _tried(tried: Tried) -> Finding:
    return Finding(Verdict.GOOD if tried.outcome is Outcome.GOOD else Verdict.ADVICE, tried.cause)


def disk(data: Path) -> Iterator[Finding]:
    folder = data.absolute()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        yield _finding(Verdict.NEEDED, "data_forbidden", folder=str(data))
    try:
        free = shutil.disk_usage(folder).free / 1e9
    except OSError:
        yield _finding(Verdict.UNMEASURED, "disk_unmeasured", folder=str(data))
        return
    verdict = _more_is_better(free, DISK_NEEDED, DISK_ADVISED)
    reason = "disk_free" if verdict is Verdict.GOOD else "disk_full"
    yield _finding(verdict, reason, folder=str(data), free=round(free, 1))


def _more_is_better(value: float, needed: float, advised: float) -> Verdict:
    if value < needed:
        return Verdict.NEEDED
    return Verdict.ADVICE if value < advised else Verdict.GOOD


def memory(table: Path = Path("/proc/meminfo")) -> Iterator[Finding]:
    """Total, and what programs could still get (proc_meminfo(5))."""
    try:
        rows = dict(line.split(":", 1) for line in table.read_text().splitlines())
        total = int(rows["MemTotal"].split()[0]) * 1024 / 1e9
        free = int(rows["MemAvailable"].split()[0]) * 1024 / 1e9
    except (OSError, KeyError, ValueError):
        yield _finding(Verdict.UNMEASURED, "memory_unmeasured")
        return
    sizes = {"total": round(total, 1), "free": round(free, 1)}
    if total < MEMORY_ADVISED or free < MEMORY_FREE_ADVISED:
        yield _finding(Verdict.ADVICE, "memory_short", **sizes)
    else:
        yield _finding(Verdict.GOOD, "memory", **sizes)


def clock() -> Iterator[Finding]:
    """Whether the clock is set from the network, as systemd knows it."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
        answer = done.stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        answer = ""
    if answer == "yes":
        yield _finding(Verdict.GOOD, "clock")
    elif answer == "no":
        yield _finding(Verdict.ADVICE, "clock_unset")
    else:
        yield _finding(Verdict.UNMEASURED, "clock_unmeasured")


def after_a_power_cut(units: Path = UNITS) -> Iterator[Finding]:
    """Whether the service comes back with the machine."""
    if is_enabled(units=units):
        yield _finding(Verdict.GOOD, "starts_by_itself")
    else:
        yield _finding(Verdict.ADVICE, "starts_by_hand")


def time_zone(now: datetime | None = None) -> Iterator[Finding]:
    local = now or datetime.now(UTC).astimezone()
    name = local.strftime("UTC%z")
    if local.utcoffset() == VIETNAM:
        yield _finding(Verdict.GOOD, "time_zone", name=name)
    else:
        yield _finding(Verdict.ADVICE, "time_zone_elsewhere", name=name)


def port(web: WebSection) -> Iterator[Finding]:
    place: dict[str, str | int] = {"host": web.host, "port": web.port}
    try:
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        with socket.create_server((web.host, web.port), family=family):
            yield _finding(Verdict.GOOD, "port_free", **place)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and _health_of(web) is not None:
            yield _finding(Verdict.GOOD, "port_ours", **place)
        else:
            reasons = {errno.EADDRINUSE: "port_taken", errno.EACCES: "port_forbidden"}
            reason = reasons.get(error.errno or 0, "port_unusable")
            yield _finding(Verdict.NEEDED, reason, **place)


def relay(settings: HouseSettings | None) -> Iterator[Finding]:
    """The ward's relay, as the running house has found it: the hub gives what is needed to try it
    to the house's own link alone."""
    if settings is None or settings.link is None:
        return
    health = _health_of(settings.web)
    match health:
        case {"relay": {"condition": str(condition), "code": str(code), "params": dict(params)}}:
            verdict = _RELAY.get(condition, Verdict.UNMEASURED)
            yield Finding(verdict, Cause(code, **params))
        case {"relay": {"condition": "none"}, "link": "linked"}:
            yield _finding(Verdict.ADVICE, "relay_none")
        case {"relay": _}:
            yield _finding(Verdict.UNMEASURED, "relay_not_linked")
        case _:
            yield _finding(Verdict.UNMEASURED, "relay_not_running")


def _health_of(web: WebSection) -> dict[str, Any] | None:
    """What listens there says of itself; None where it does not answer like this application."""
    connection = http.client.HTTPConnection(local_host(web.host), web.port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        told = json.loads(answer.read(65_536))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    else:
        return told if answer.status in (200, 503) and isinstance(told, dict) else None
    finally:
        connection.close()
