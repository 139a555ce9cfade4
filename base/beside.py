"""Work that may crash, hang or eat memory: done by a process beside the daemon."""

import asyncio
from contextlib import suppress


async def beside(*command: str, given: bytes, complains: bool = False) -> tuple[bytes, int]:
    """What the command answers to what it is given, and its exit status (negative: the signal that
    ended it). Cancelled, it ends the process first. What it `complains` of on standard error goes
    to that of the daemon, else nowhere. Raises OSError where there is no such command."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None if complains else asyncio.subprocess.DEVNULL,
    )
    try:
        answer, _ = await process.communicate(given)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
    return answer, process.returncode or 0
