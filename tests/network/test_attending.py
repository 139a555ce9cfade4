"""Three houses and a ward meet through a real media server: Debian's Janus, in its own network."""

import asyncio
import json
import shutil
import subprocess
import sys

import pytest

from tests.network.test_publish import NETWORK

PROGRAM = "tests.network.attend_by_janus"


@pytest.mark.soak
@pytest.mark.network
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("janus") is None, reason="no Janus: scripts/setup.sh bench")
async def test_everybody_hears_who_has_the_floor_and_nobody_himself(tmp_path):
    inside = ["unshare", "--net", "--", "sh", "-c", NETWORK, "sh", sys.executable, "-m", PROGRAM]
    done = await asyncio.to_thread(
        subprocess.run,
        [*inside, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=540,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    told = json.loads(done.stdout)
    assert list(told) == ["to-1", "to-2", "to-3"], "the last one after a restart"
    for floor, heard in told.items():
        for house, whom in heard.items():
            assert whom == [name for name in ("ward", floor) if name != house], (floor, house)
