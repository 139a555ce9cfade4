"""Whether this machine's clock is set from the network, as systemd knows it.

`NTPSynchronized` is the kernel's own word, so that it holds for chrony and ntpd as for timesyncd.
"""

import asyncio
from typing import Final

ANSWER_SECONDS: Final = 5.0
_COMMAND: Final = ("timedatectl", "show", "--property=NTPSynchronized", "--value")


async def is_synchronized() -> bool | None:
    """None where nothing tells."""
    try:
        asked = await asyncio.create_subprocess_exec(
            *_COMMAND, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return None
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            said = (await asked.communicate())[0].decode(errors="replace").strip()
    except TimeoutError:
        return None
    finally:
        if asked.returncode is None:
            asked.kill()
            await asked.wait()
    return {"yes": True, "no": False}.get(said)
