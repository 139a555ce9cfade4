"""A meeting of the whole ward: four houses, their hub, Debian's Janus, an official in Chromium."""

import asyncio
import json
import shutil
import subprocess
import sys

import pytest


@pytest.mark.soak
@pytest.mark.network
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("janus") is None, reason="no Janus: scripts/setup.sh bench")
async def test_four_houses_hear_the_ward_and_each_other(tmp_path, hall_cache):
    out = tmp_path / "figures.json"
    more = ["--out", str(out), "--seconds", "3", "--cache", str(hall_cache)]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bench.ward_meeting", *more],
        capture_output=True,
        text=True,
        timeout=840,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    found = json.loads(out.with_suffix(".findings.json").read_text())
    houses = [f"to-{number}" for number in range(1, 5)]
    assert found["watched_by_another"]
    assert found["heard_the_official"] == houses
    assert found["official_heard_the_floor"] and found["seen_at_another_stage"]
    assert found["heard_the_floor"] == ["to-1", "to-2", "to-4"]
    assert not found["echo_at_the_floor"]
    figures = {figure["name"]: figure["value"] for figure in json.loads(out.read_text())}
    assert figures["ward-floor-to-picture"] < 20
