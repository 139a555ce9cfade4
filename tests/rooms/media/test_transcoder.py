import asyncio
import threading
from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from devices.h264 import payloads
from rooms.media.feed import Feed
from rooms.media.payloads import Codec, Frame, join_h264, join_vp8, packetize_vp8
from rooms.media.transcoder import Transcoder


class Viewer:
    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def show(self, feed: Feed, frame: Frame) -> None:
        self.frames.append(frame)


def pictures(count: int, size: str = "320x180") -> Iterator[Frame]:
    source = av.open(f"testsrc=size={size}:rate=25", format="lavfi")
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height = map(int, size.split("x"))
    encoder.pix_fmt, encoder.time_base, encoder.gop_size = "yuv420p", Fraction(1, 25), 50
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    for number, picture in zip(range(count), source.decode(video=0), strict=False):
        for packet in encoder.encode(picture.reformat(format="yuv420p")):
            yield Frame(tuple(payloads(bytes(packet))), number * 3600, packet.is_keyframe)


def vp8_pictures(count: int, size: str) -> Iterator[Frame]:
    source = av.open(f"testsrc=size={size}:rate=25", format="lavfi")
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height = map(int, size.split("x"))
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 25)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
    for number, picture in zip(range(count), source.decode(video=0), strict=False):
        for packet in encoder.encode(picture.reformat(format="yuv420p")):
            yield Frame(packetize_vp8(bytes(packet), number), number * 3600, packet.is_keyframe)


def decode(codec: Codec, frames: list[Frame]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264" if codec is Codec.H264 else "vp8", "r")
    join = join_h264 if codec is Codec.H264 else join_vp8
    return [
        picture for frame in frames for picture in decoder.decode(av.Packet(join(frame.payloads)))
    ]


async def until_frames(viewer: Viewer, count: int) -> None:
    async with asyncio.timeout(40):
        while len(viewer.frames) < count:
            await asyncio.sleep(0.02)


async def feed_slowly(feed: Feed, count: int, size: str = "320x180") -> None:
    for frame in pictures(count, size):
        feed.publish(frame)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("codec", [Codec.VP8, Codec.H264])
async def test_the_other_codec_is_decodable_and_encoded_once_for_everybody(codec: Codec) -> None:
    source = Feed("hall", Codec.H264)
    if codec is Codec.H264:  # there and back again
        source = Transcoder(hall := Feed("hall", Codec.H264), Codec.VP8).feed
    else:
        hall = source
    transcoder = Transcoder(source, codec)
    first, second = Viewer(), Viewer()
    transcoder.feed.add(first)
    transcoder.feed.add(second)
    await feed_slowly(hall, 40)
    await until_frames(first, 30)
    assert first.frames[0].key
    assert first.frames == second.frames
    shown = decode(codec, first.frames)
    assert (shown[0].width, shown[0].height) == (320, 180)
    assert len(shown) >= 25
    times = [frame.timestamp for frame in first.frames]
    assert times == sorted(times)
    transcoder.feed.remove(first)
    transcoder.feed.remove(second)


async def test_a_key_frame_comes_when_it_is_wanted() -> None:
    source = Feed("hall", Codec.H264)
    transcoder = Transcoder(source, Codec.VP8)
    viewer = Viewer()
    transcoder.feed.add(viewer)
    await feed_slowly(source, 20)
    await until_frames(viewer, 15)
    keys = sum(frame.key for frame in viewer.frames)
    assert transcoder.feed.request_key_frame is not None
    transcoder.feed.request_key_frame()
    await feed_slowly(source, 20)
    await until_frames(viewer, 30)
    assert sum(frame.key for frame in viewer.frames) > keys
    transcoder.feed.remove(viewer)


async def test_nothing_is_encoded_while_nobody_looks() -> None:
    source = Feed("hall", Codec.H264)
    transcoder = Transcoder(source, Codec.VP8)
    assert source.viewers == 0
    viewer = Viewer()
    transcoder.feed.add(viewer)
    assert source.viewers == 1
    transcoder.feed.remove(viewer)
    assert source.viewers == 0
    await feed_slowly(source, 5)
    assert not viewer.frames


async def test_a_change_of_size_goes_through() -> None:
    source = Feed("screen", Codec.H264)
    transcoder = Transcoder(source, Codec.VP8)
    viewer = Viewer()
    transcoder.feed.add(viewer)
    await feed_slowly(source, 10)
    await until_frames(viewer, 5)
    await feed_slowly(source, 10, "640x360")
    async with asyncio.timeout(40):
        while decode(Codec.VP8, viewer.frames)[-1].width != 640:
            await asyncio.sleep(0.05)
    transcoder.feed.remove(viewer)


async def test_a_shared_window_of_any_size_goes_through() -> None:
    source = Feed("screen", Codec.VP8)
    transcoder = Transcoder(source, Codec.H264)
    viewer = Viewer()
    transcoder.feed.add(viewer)
    for frame in vp8_pictures(10, "321x181"):
        source.publish(frame)
    await until_frames(viewer, 5)
    shown = decode(Codec.H264, viewer.frames)[0]
    assert (shown.width, shown.height) == (320, 180)
    transcoder.feed.remove(viewer)


async def test_a_picture_that_only_wants_memory_is_not_decoded() -> None:
    source = Feed("screen", Codec.VP8)
    transcoder = Transcoder(source, Codec.H264)
    viewer = Viewer()
    transcoder.feed.add(viewer)
    for size in ("4096x4096", "320x180"):
        for frame in vp8_pictures(2, size):
            source.publish(frame)
    await until_frames(viewer, 1)
    assert decode(Codec.H264, viewer.frames[:1])[0].width == 320
    transcoder.feed.remove(viewer)


async def test_its_thread_ends_with_the_last_viewer_whatever_still_waits() -> None:
    source = Feed("hall", Codec.H264)
    transcoder = Transcoder(source, Codec.VP8)
    viewer = Viewer()
    for frame in pictures(60):
        source.publish(frame)
    for _ in range(3):
        transcoder.feed.add(viewer)
        transcoder.feed.remove(viewer)
    async with asyncio.timeout(40):
        while any(thread.name == transcoder.feed.name for thread in threading.enumerate()):
            await asyncio.sleep(0.02)
    assert not viewer.frames
