"""What a PJLink projector refuses in good order is one answer less, and no loss."""

from collections.abc import Awaitable
from typing import Final, TypeVar

import aiopjlink

T = TypeVar("T")

UNKNOWN_HERE: Final = (aiopjlink.PJLinkERR1, aiopjlink.PJLinkERR2, aiopjlink.PJLinkERR3)
"""It has no such thing, or not now. What is asked next is answered."""


async def told(asking: Awaitable[T], otherwise: T) -> T:
    """The answer, or `otherwise` where the projector refuses it."""
    try:
        return await asking
    except UNKNOWN_HERE:
        return otherwise
