"""The pictures that the house itself gives: the hall's, and a laptop's on the HDMI cable.

own = OwnPictures(cameras, hdmi)
task_group.create_task(own.run())
own.hall, own.hdmi                  # feeds; the second is None where there is no cable
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from devices.device import AccessUnit, Condition, Restable, VideoSource
from devices.h264 import payloads
from rooms.media.feed import Feed
from rooms.media.payloads import Codec, Frame


class OwnPictures:
    def __init__(self, cameras: Sequence[VideoSource], hdmi: VideoSource | None) -> None:
        """The first camera's picture is the hall's."""
        self.hall = Feed("hall", Codec.H264)
        self.hdmi = None if hdmi is None else _feed_of(hdmi)
        self._sources = [(camera, self.hall) for camera in cameras[:1]]
        if hdmi is not None and self.hdmi is not None:
            self._sources.append((hdmi, self.hdmi))

    async def run(self) -> None:
        """Until cancelled."""
        leave = [source.subscribe(partial(_publish, feed)) for source, feed in self._sources]
        try:
            async with asyncio.TaskGroup() as group:
                for source, feed in self._sources:
                    group.create_task(_forget_lost_pictures(source, feed))
        finally:
            for unsubscribe in leave:
                unsubscribe()


def _feed_of(source: VideoSource) -> Feed:
    """Which does no more than it must while nobody sees it."""

    def want(wanted: bool) -> None:
        if isinstance(source, Restable):
            source.rest(not wanted)

    return Feed(source.id, Codec.H264, source.request_key_frame, want)


def _publish(feed: Feed, unit: AccessUnit) -> None:
    feed.publish(Frame(tuple(payloads(unit.data, aggregate=True)), unit.timestamp, unit.key))


async def _forget_lost_pictures(source: VideoSource, feed: Feed) -> None:
    async for health in source.health.changes():
        if health.condition is Condition.FAILED:
            feed.forget()
