"""One feed in another codec, or small, encoded once for everybody who needs it, and only while
somebody does.

For lines that do not carry the picture as it is there is a small one, of fewer pictures a second.
For browsers without H.264 the hall is encoded to VP8; an official's VP8 is encoded to H.264 for
those who do not take it.
"""

import asyncio
import queue
import threading
from collections.abc import Iterator
from fractions import Fraction

import av
from av.video.frame import PictureType

from devices.h264 import payloads
from devices.transcode import fit
from rooms.media.feed import Feed
from rooms.media.payloads import (
    Codec,
    Frame,
    join_h264,
    join_vp8,
    packetize_vp8,
)

WAITING_FRAMES = 90
"""Three seconds: the kept pictures of a feed fit in when the transcoder starts."""
MOST_PIXELS = 16_000_000
"""A screen of 5K fits in; what says that it is larger only wants our memory."""
BITS_PER_SECOND = 1_500_000
SMALL_SIZE = (640, 360)
"""Width and height."""
SMALL_BITS_PER_SECOND = 170_000
"""With sound beside it, it has to fit through 300 kbit/s."""
SMALL_PAUSE = 90_000 // 16
"""Ticks of 90 kHz from picture to picture, at least: 15 a second of 30."""
_ENCODERS = {Codec.H264: "libx264", Codec.VP8: "libvpx"}
_OPTIONS = {
    Codec.H264: {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"},
    Codec.VP8: {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "error-resilient": "1",
        "static-thresh": "100",
    },
}
_SMALL = {
    "maxrate": str(SMALL_BITS_PER_SECOND),
    "bufsize": str(SMALL_BITS_PER_SECOND * 2 // 3),
}
"""A key frame is no more than that: sound waits behind it."""
_SMALL_VP8 = {"minrate": str(SMALL_BITS_PER_SECOND), "max-intra-rate": "400"}
"""Else libvpx takes the rate for advice."""


class Transcoder:
    """`feed` is the result. The work is done in a thread of its own."""

    def __init__(self, source: Feed, codec: Codec, *, small: bool = False) -> None:
        self._small = small
        self.feed = Feed(
            f"{source.name} ({'small ' if small else ''}{codec})",
            codec,
            request_key_frame=self._request_key_frame,
            wanted=self._wanted,
        )
        self._source = source
        self._loop = asyncio.get_running_loop()
        self._work: queue.Queue[Frame | None] | None = None
        self._key_wanted = threading.Event()
        self._starved = False

    def show(self, feed: Feed, frame: Frame) -> None:
        """Take one picture of the source. When the encoder cannot follow, wait for a key frame:
        a picture in between would only smear."""
        if self._work is None:
            return
        full = self._work.qsize() >= WAITING_FRAMES
        self._starved = full or (self._starved and not frame.key)
        if not self._starved:
            self._work.put_nowait(frame)

    def _wanted(self, wanted: bool) -> None:
        if wanted:
            self._work = queue.Queue()
            self._starved = not self._source.recent
            for frame in self._source.recent[-WAITING_FRAMES:]:
                self._work.put_nowait(frame)
            self._source.add(self)
            if self._source.request_key_frame is not None:
                self._source.request_key_frame()
            threading.Thread(
                target=self._run, args=(self._work,), name=self.feed.name, daemon=True
            ).start()
        else:
            self._source.remove(self)
            work, self._work = self._work, None
            if work is not None:
                work.put_nowait(None)
            self.feed.forget()

    def _request_key_frame(self) -> None:
        self._key_wanted.set()

    def _run(self, work: "queue.Queue[Frame | None]") -> None:
        decoder = av.CodecContext.create("h264" if self._source.codec is Codec.H264 else "vp8", "r")
        assert isinstance(decoder, av.VideoCodecContext)
        decoder.thread_type = av.codec.context.ThreadType.NONE
        decoder.options = {"max_pixels": str(MOST_PIXELS)}
        encoder = _Encoder(self.feed.codec, small=self._small)
        while (frame := work.get()) is not None and work is self._work:
            for picture in _decode(decoder, self._source.codec, frame):
                if work.qsize() > WAITING_FRAMES // 3:
                    continue  # catching up: decode, show nothing
                key = self._key_wanted.is_set()
                self._key_wanted.clear()
                coded = encoder.encode(picture, frame.timestamp, key)
                if coded is None:
                    continue
                try:
                    self._loop.call_soon_threadsafe(self._publish, work, coded)
                except RuntimeError:  # the loop is closed: the house has stopped
                    return

    def _publish(self, work: "queue.Queue[Frame | None]", frame: Frame) -> None:
        if work is self._work:
            self.feed.publish(frame)


class _Encoder:
    def __init__(self, codec: Codec, *, small: bool) -> None:
        self._codec = codec
        self._small = small
        self._due = 0
        """Timestamp before which no small picture is wanted."""
        self._context: av.VideoCodecContext | None = None
        self._picture_id = 0

    def encode(self, picture: av.VideoFrame, timestamp: int, key: bool) -> Frame | None:
        if self._small:
            if timestamp < self._due and not key:
                return None
            self._due = timestamp + SMALL_PAUSE
            width, height = fit(picture.width, picture.height, *SMALL_SIZE)
        else:
            # a shared window may have any size, H.264 in 4:2:0 only an even one
            width, height = max(2, picture.width & ~1), max(2, picture.height & ~1)
        context = self._context
        if context is None or (context.width, context.height) != (width, height):
            context = self._context = self._open(width, height)
        picture = picture.reformat(width, height, "yuv420p")
        picture.pts = timestamp
        picture.time_base = Fraction(1, 90_000)
        # else the encoder would repeat the types of the pictures that it is given
        picture.pict_type = PictureType.I if key else PictureType.NONE
        packets = context.encode(picture)
        if not packets:
            return None
        data = b"".join(bytes(packet) for packet in packets)
        is_key = any(packet.is_keyframe for packet in packets)
        if self._codec is Codec.VP8:
            self._picture_id = self._picture_id + 1 & 0x7FFF
            return Frame(packetize_vp8(data, self._picture_id), timestamp, is_key)
        return Frame(tuple(payloads(data, aggregate=True)), timestamp, is_key)

    def _open(self, width: int, height: int) -> av.VideoCodecContext:
        context = av.CodecContext.create(_ENCODERS[self._codec], "w")
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, 90_000)
        context.framerate = Fraction(15 if self._small else 30, 1)
        context.bit_rate = SMALL_BITS_PER_SECOND if self._small else BITS_PER_SECOND
        context.gop_size = 30 if self._small else 60
        context.options = dict(_OPTIONS[self._codec])
        if self._small:
            context.options |= _SMALL | (_SMALL_VP8 if self._codec is Codec.VP8 else {})
        return context


def _decode(decoder: av.VideoCodecContext, codec: Codec, frame: Frame) -> Iterator[av.VideoFrame]:
    """What cannot be decoded shows nothing; the next key frame mends it."""
    try:
        joined = join_h264(frame.payloads) if codec is Codec.H264 else join_vp8(frame.payloads)
        yield from decoder.decode(av.Packet(joined))
    except (av.FFmpegError, ValueError, IndexError):
        return
