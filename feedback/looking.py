"""The one loop of whatever is done by the clock: reminders, retention, requests about data."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from base.cause import Refused

logger = logging.getLogger(__name__)


async def keep_looking(step: Callable[[], Awaitable[object]], seconds: float, waits: str) -> None:
    """Until cancelled: `step` again at once while it says that it did something, and after so many
    seconds where there is nothing to do or the store refuses; `waits` is what the log says then."""
    while True:
        try:
            while await step():
                pass
        except Refused as refused:
            logger.warning("%s: %s", waits, refused.cause)
        await asyncio.sleep(seconds)
