"""A meeting of the whole ward: four houses, their hub, a real Janus and an official in Chromium.

    python -m bench.ward_meeting                   as root, in a network namespace of its own
    python -m bench.ward_meeting --houses 2 --seconds 5

The official opens the meeting, each house's leader joins with one tap, the third house asks for the
floor and gets it, and gives it back. Figures go to `build/ward-meeting.json`; what was heard and
seen where stands beside them, in `ward-meeting.findings.json`.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from playwright.async_api import Page

from bench.figures import Conditions, Figure, invalid, table, write
from bench.janus import have_janus
from bench.processes import Meter, Use
from bench.ward_scene import CEILING_SECONDS, HOST, HUB_URL, Hall, Scene, open_scene, say, until
from devices.device import Samples
from devices.virtual.sound import tone, write_wav
from rooms.view import Role

INSIDE = "AVCONTROL_BENCH_INSIDE"
FLOOR_HERTZ, WITHIN_HERTZ, LEAST_DBFS = 700.0, 10.0, -65.0
CORE = "% of a core"

FRAMES = """(id) => {
  const video = document.getElementById(id);
  return video.srcObject ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
}"""
TONE = """async ([id, hertz, within]) => {
  const context = new AudioContext({sampleRate: 48000});
  await context.resume();
  const analyser = context.createAnalyser();
  analyser.fftSize = 16384;
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(document.getElementById(id).srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 600 + 600 * Math.random()));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  await context.close();
  const at = (from, to) => Math.max(...bins.slice(from * 16384 / 48000, to * 16384 / 48000));
  return [at(hertz - within, hertz + within), at(hertz + 2 * within, hertz + 8 * within)];
}"""
"""How loud a tone is in an element, in dBFS, and how loud what is beside it."""


def is_tone(level: float, beside: float) -> bool:
    """By how loud it is, in dBFS, and how loud what is beside it."""
    return level > LEAST_DBFS and level > beside + 12


def has_tone(samples: Samples) -> bool:
    """Whether the tone of the house that has the floor is in it."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64) * np.hanning(len(samples))))
    levels = 20 * np.log10(np.maximum(4 * spectrum / len(samples) / 32768, 1e-9))

    def at(begin: float, end: float) -> float:
        width = len(samples) / 48000
        return float(np.max(levels[round(begin * width) : round(end * width)]))

    beside = at(FLOOR_HERTZ + 2 * WITHIN_HERTZ, FLOOR_HERTZ + 8 * WITHIN_HERTZ)
    return is_tone(at(FLOOR_HERTZ - WITHIN_HERTZ, FLOOR_HERTZ + WITHIN_HERTZ), beside)


def is_loud(samples: Samples) -> bool:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) > 100


async def open_meeting(scene: Scene) -> None:
    """Until the official is on air."""
    page = scene.official
    await page.goto(f"{HUB_URL}/meetings/{scene.meeting}")
    await page.click("[data-action=open-ward-meeting]")
    on_air = "[data-value=meeting-status][data-code=speaking-connected]"
    await page.wait_for_selector(on_air, timeout=1000 * CEILING_SECONDS)


async def join(scene: Scene, hall: Hall, stage: Page | None) -> float | None:
    """Seconds from the leader's tap to the ward's picture on the big screen."""
    began = time.monotonic()
    await hall.house.do("join-ward")
    if stage is not None:
        before = await frames(stage, "floor-video")
        await until(lambda: _more(stage, "floor-video", before), f"the ward's picture at {hall.id}")
    took = time.monotonic() - began if stage is not None else None
    await until(lambda: _is(scene, hall, "joined"), f"{hall.id} joined")
    return took


async def frames(page: Page, video: str) -> int:
    """Pictures that were decoded in the element of this id, of the stream that it has now."""
    count: int = await page.evaluate(FRAMES, video)
    return count


async def _more(page: Page, video: str, before: int) -> bool:
    return await frames(page, video) > before


async def _is(scene: Scene, hall: Hall, state: str) -> bool:
    return await scene.state(hall) == state


async def hears(hall: Hall, what: Callable[[Samples], bool], who: str) -> None:
    """Until its loudspeaker plays it. Raises RuntimeError."""

    async def plays() -> bool:
        return what(await hall.sound.record_loudspeaker(1.5))

    await until(plays, f"{who} at {hall.id}")


@dataclass
class Found:
    """What was heard and seen, and how soon."""

    watched_by_another: bool = False
    heard_the_official: list[str] = field(default_factory=list)
    official_heard_the_floor: bool = False
    heard_the_floor: list[str] = field(default_factory=list)
    echo_at_the_floor: bool = False
    """The house that has the floor hears itself."""
    seen_at_another_stage: bool = False
    joined: list[float] = field(default_factory=list)
    to_picture: float = float("nan")
    listening: dict[str, Use] = field(default_factory=dict)
    with_floor: dict[str, Use] = field(default_factory=dict)


async def gather(scene: Scene, stages: dict[str, Page], found: Found) -> None:
    """The official is on air, and every house joins and hears him."""
    say("the meeting is opened")
    await open_meeting(scene)
    await scene.other.goto(f"{HUB_URL}/meetings/{scene.meeting}")
    await until(lambda: _more(scene.other, "ward-video", 15), "the official at another official")
    found.watched_by_another = True
    await scene.other.close()
    for hall in scene.halls:
        took = await join(scene, hall, stages.get(hall.id))
        found.joined += [took] if took is not None else []
    say("the official is heard")
    for hall in scene.halls:
        await hears(hall, is_loud, "the official")
        found.heard_the_official.append(hall.id)


async def speak(scene: Scene, speaking: Hall, stage: Page | None, found: Found) -> None:
    """A house asks for the floor and gets it: the official and the other houses hear and see it."""
    say(f"{speaking.id} asks for the floor and gets it")
    await speaking.house.do("ask-ward", raised="yes")
    await until(lambda: _is(scene, speaking, "hand"), "the hand")
    began = time.monotonic()
    await scene.official.click(f"{scene.row(speaking)} [data-action=give-floor]")
    await until(lambda: _more(scene.official, "floor-video", 0), "the picture at the official")
    found.to_picture = time.monotonic() - began

    async def official_hears() -> bool:
        about = ["floor-video", FLOOR_HERTZ, WITHIN_HERTZ]
        return is_tone(*await scene.official.evaluate(TONE, about))

    await until(official_hears, "the hall at the official")
    found.official_heard_the_floor = True
    for hall in scene.halls:
        if hall is not speaking:
            await hears(hall, has_tone, speaking.id)
            found.heard_the_floor.append(hall.id)
    found.echo_at_the_floor = has_tone(await speaking.sound.record_loudspeaker(3))
    if stage is not None:
        before = await frames(stage, "floor-video")
        await until(
            lambda: _more(stage, "floor-video", before + 15), "its picture on another stage"
        )
        found.seen_at_another_stage = True


async def finish(scene: Scene, speaking: Hall) -> None:
    say("the floor is taken back, and it ends")
    await scene.official.click(f"{scene.row(speaking)} [data-action=take-floor-back]")
    await until(lambda: _is(scene, speaking, "joined"), "the floor taken back")
    await scene.official.click("[data-action=open-end]")
    await scene.official.click("[data-action=end-ward-meeting]")
    await scene.official.wait_for_selector("[data-value=meeting-state][data-code=over]")


async def measured(scene: Scene, seconds: float) -> dict[str, Use]:
    """Of each house's daemon, by its id, without its sound process; and of Janus."""
    meter = Meter(janus=scene.janus, **{hall.id: hall.house.pid for hall in scene.halls})
    await asyncio.sleep(seconds)
    return meter.read()


async def run(options: argparse.Namespace, folder: Path) -> tuple[list[Figure], Found]:
    conditions, found = Conditions.now(), Found()
    async with open_scene(folder, options.houses, options.cache) as scene:
        watching, speaking = scene.halls[0], scene.halls[min(2, len(scene.halls) - 1)]
        context = await scene.chromium.new_context(viewport={"width": 1280, "height": 720})
        stage = await context.new_page()
        await stage.goto(watching.page(Role.STAGE))
        await gather(scene, {watching.id: stage}, found)
        found.listening = await measured(scene, options.seconds)
        sounding = asyncio.create_task(sound_of(speaking, folder))
        await speak(scene, speaking, stage if watching is not speaking else None, found)
        found.with_floor = await measured(scene, options.seconds)
        sounding.cancel()
        await asyncio.gather(sounding, return_exceptions=True)
        await finish(scene, speaking)
        ids = [hall.id for hall in scene.halls]
    return figures(found, ids, speaking.id, conditions), found


def figures(found: Found, ids: list[str], speaking: str, conditions: Conditions) -> list[Figure]:
    joined = ", ".join(f"{one:.2f}" for one in found.joined)
    others = [found.with_floor[one].cpu for one in ids if one != speaking] or [float("nan")]
    return [
        Figure("ward-join-to-picture", max(found.joined), "s", None, None, conditions, joined),
        Figure("ward-floor-to-picture", found.to_picture, "s", None, None, conditions),
        _cpu("ward-cpu-listening", [found.listening[one].cpu for one in ids], conditions),
        _cpu("ward-cpu-with-the-floor", [found.with_floor[speaking].cpu], conditions),
        _cpu("ward-cpu-watching-the-floor", others, conditions),
        _cpu("ward-cpu-janus", [found.with_floor["janus"].cpu], conditions),
    ]


def _cpu(name: str, each: list[float], conditions: Conditions) -> Figure:
    remark = f"of each house {[round(one) for one in each]}" if len(each) > 1 else ""
    return Figure(name, sum(each) / len(each), CORE, None, None, conditions, remark)


async def sound_of(hall: Hall, folder: Path) -> None:
    """A tone in its microphone, broken like a voice, which is what noise suppression lets through;
    until cancelled."""
    file = folder / "tone.wav"
    write_wav(file, np.concatenate([tone(FLOOR_HERTZ, 0.6), tone(FLOOR_HERTZ, 0.5) * 0] * 20))
    while True:
        with suppress(RuntimeError):  # said too of a player whose end was missed
            await hall.sound.play_into_microphone(file)


def enter_namespace() -> None:
    """Start this program again in a network of its own; as root."""
    os.execvpe(  # noqa: S606
        "unshare",
        ["unshare", "--net", "--", sys.executable, "-m", "bench.ward_meeting", *sys.argv[1:]],
        os.environ | {INSIDE: "1"},
    )


def lay_network() -> None:
    for command in (
        "link set lo up",
        "link add ward type veth peer name other",
        f"addr add {HOST}/24 dev ward",
        "link set ward up",
        "link set other up",
    ):
        subprocess.run(["ip", *command.split()], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ward_meeting", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/ward-meeting.json"))
    parser.add_argument("--houses", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15, help="for each measurement")
    parser.add_argument("--cache", type=Path, default=Path("build/virtual"))
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench: a network namespace needs root")
    if not have_janus():
        sys.exit("bench: no janus here; scripts/setup.sh bench installs it")
    if INSIDE not in os.environ:
        enter_namespace()
    lay_network()
    folder = options.out.parent.resolve() / "ward-meeting"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        found, findings = asyncio.run(run(options, folder))
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"bench: {error}; the logs are in {folder}")
    write(found, options.out)
    options.out.with_suffix(".findings.json").write_text(json.dumps(asdict(findings)))
    sys.stdout.write(f"\n{table(found)}\n")
    if names := invalid(found):
        sys.exit(f"bench: NOT VALID: {', '.join(names)}")


if __name__ == "__main__":
    main()
