"""Everything at the same time, and each kind by itself: what hangs takes nothing from others."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping

from devices.discovery.found import Found, Network
from devices.discovery.onvif_probe import find_cameras
from devices.discovery.pjlink_search import find_projectors
from devices.discovery.plugged_in import find_sound, find_webcams, with_sound

LISTENS = 3.0
"""Seconds for what answers by datagram; WS-Discovery lets a device wait half a second, and slow
cameras take longer."""
AT_MOST = 9.5
"""Seconds for the whole house."""

logger = logging.getLogger(__name__)


async def scan(
    network: Network,
    environment: Mapping[str, str] | None = None,
    *,
    listens: float = LISTENS,
    at_most: float = AT_MOST,
) -> tuple[Found, ...]:
    """Cameras, webcams, HDMI dongles, microphones, loudspeakers, projectors, in this order, each
    kind by name.
    `environment` is the one in which the sound library looks. Never raises."""

    async def within(looking: Awaitable[list[Found]]) -> list[Found]:
        try:
            async with asyncio.timeout(at_most):
                return await looking
        except TimeoutError:
            logger.warning("a look for devices took too long and was ended")
        except Exception:
            logger.exception("a look for devices failed")
        return []

    kinds = await asyncio.gather(
        within(find_cameras(network, listens)),
        within(asyncio.to_thread(find_webcams)),
        within(asyncio.to_thread(find_sound, environment)),
        within(find_projectors(network, listens)),
    )
    found = with_sound(one for kind in kinds for one in kind)
    order = {kind: place for place, kind in enumerate(("camera", "webcam", "hdmi", "microphone"))}
    return tuple(sorted(found, key=lambda one: (order.get(one.kind, 9), one.kind, one.name)))
