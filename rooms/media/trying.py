"""Keeps something up on a media server for as long as it is wanted.

    await while_wanted(wanted, work)                 # `work(thing)` for whatever is wanted now
    await keep_trying(attempt, tell, part="publish", host=host)

Whatever ends an attempt is said in a cause, `<part>.<code>`, and it is tried again with growing
pauses; where nobody sends yet, calmly and without alarm.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, NoReturn, TypeVar

from base.cause import Cause, Refused
from base.latest import Latest
from devices.device import Condition, Health
from rooms.media.offer import BadOffer
from rooms.media.stream_http import NotTaken

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
GOOD_SPELL_SECONDS: Final = 30.0
CALM_PAUSE: Final = 3.0
"""Between two looks whether somebody sends."""
ANSWER_SECONDS: Final = 10.0
CONNECT_SECONDS: Final = 15.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Lost(Exception):  # noqa: N818 - a finding, not an error
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def while_wanted(
    wanted: Latest[T | None], work: Callable[[T], Coroutine[Any, Any, None]]
) -> NoReturn:
    """Until cancelled. What is wanted no longer has ended before the next begins."""
    working: asyncio.Task[None] | None = None

    async def end() -> None:
        if working is not None:
            working.cancel()
            await asyncio.wait({working})

    try:
        async for thing in wanted.changes():
            await end()
            working = None if thing is None else asyncio.create_task(work(thing))
    finally:
        await end()
    raise AssertionError("changes do not end")


async def keep_trying(
    attempt: Callable[[], Awaitable[None]],
    tell: Callable[[Health], None],
    *,
    part: str,
    host: str,
    first_pause: float = FIRST_PAUSE,
) -> NoReturn:
    """`attempt` raises where it ends; itself it tells when it works."""
    loop = asyncio.get_running_loop()
    pause = first_pause
    tell(Health(Condition.STARTING))
    while True:
        began = loop.time()
        try:
            await attempt()
        except NotTaken as error:
            cause = Cause(f"{part}.{error.code}", host=host, status=error.status)
            if error.code == "nobody":
                tell(Health(Condition.STARTING, cause))
                await asyncio.sleep(min(CALM_PAUSE, 3 * first_pause))
                pause = first_pause
                continue
        except BadOffer as error:
            logger.warning("The media server's description is none: %s", error)
            cause = Cause(f"{part}.bad_answer", host=host)
        except Lost as lost:
            cause = Cause(f"{part}.{lost.code}", host=host)
        except OSError:
            cause = Cause(f"{part}.no_token", host=host)
        except Refused as refused:
            cause = refused.cause
        except Exception:
            logger.exception("%s failed", part)
            cause = Cause(f"{part}.failed", host=host)
        else:
            cause = Cause(f"{part}.lost", host=host)
        tell(Health(Condition.FAILED, cause))
        if loop.time() - began >= GOOD_SPELL_SECONDS:
            pause = first_pause
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


async def until_there(
    guest_id: str, connected: Latest[frozenset[str]], lost: asyncio.Event
) -> None:
    """Until there is a path. Raises Lost: `no_path`."""

    async def there() -> None:
        async for now in connected.changes():
            if guest_id in now:
                return

    waiting = [asyncio.create_task(there()), asyncio.create_task(_wait(lost))]
    try:
        await asyncio.wait(waiting, timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if guest_id not in connected.value:
            raise Lost("no_path")
    finally:
        for task in waiting:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*waiting, return_exceptions=True)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
