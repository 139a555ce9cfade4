"""A house publishes to a real media server: Debian's Janus, in a network of its own."""

import asyncio
import json
import shutil
import subprocess
import sys

import pytest

PROGRAM = "tests.network.publish_to_janus"
NETWORK = """
ip link set lo up && ip link add house type veth peer name other &&
ip addr add 10.11.12.1/24 dev house && ip link set house up && ip link set other up && exec "$@"
"""


@pytest.mark.soak
@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.skipif(shutil.which("janus") is None, reason="no Janus: scripts/setup.sh bench")
async def test_janus_gets_pictures_and_sound_and_again_after_a_restart(tmp_path):
    inside = ["unshare", "--net", "--", "sh", "-c", NETWORK, "sh", sys.executable, "-m", PROGRAM]
    done = await asyncio.to_thread(
        subprocess.run,
        [*inside, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4_000:]
    found = json.loads(done.stdout)
    assert found["key"], "no picture that a viewer could begin with"
    first, lost, again, lost_again = found["told"]
    assert lost == lost_again == "publish.lost"
    assert min(*first, *again) > 50
