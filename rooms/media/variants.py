"""The variants of a feed: as it is, in another codec, small; made once, while somebody needs them.

variants = Variants()
variants.of(hall, Codec.VP8, small=True)     # the feed to be watched
variants.rates([hall, camera])               # what both together take, as they are and small
variants.count(now)                          # some times a second, for `rates`
variants.forget(camera)                      # its source is gone
"""

from collections.abc import Iterable
from typing import Final

from rooms.media.adapting import Meter
from rooms.media.feed import Feed
from rooms.media.judge import Rates
from rooms.media.payloads import Codec
from rooms.media.transcoder import SMALL_BITS_PER_SECOND, Transcoder

FIRST_BITS: Final = 1_500_000.0
"""What a picture is taken to need until it is measured."""
HEADERS: Final = 1.04
"""Of RTP, SRTP, UDP and IP, in packets that are mostly full."""


class Variants:
    def __init__(self) -> None:
        self._made: dict[tuple[Feed, Codec, bool], Transcoder] = {}
        self._meters: dict[Feed, Meter] = {}

    def of(self, feed: Feed, codec: Codec | None, *, small: bool) -> Feed:
        """`codec` is None where any will do."""
        codec = codec or feed.codec
        if feed.codec is codec and not small:
            return feed
        key = (feed, codec, small)
        if key not in self._made:
            self._made[key] = Transcoder(feed, codec, small=small)
        return self._made[key].feed

    def rates(self, feeds: Iterable[Feed]) -> Rates:
        """Of all of them together, in bits a second on the wire."""
        main = small = 0.0
        for feed in feeds:
            meter = self._meters.get(feed)
            main += HEADERS * (meter.bits if meter else FIRST_BITS)
            small += HEADERS * self._small_bits(feed)
        return Rates(main, small)

    def _small_bits(self, feed: Feed) -> float:
        """Of the largest that is made of it."""
        made = [one.feed for (of, _, small), one in self._made.items() if small and of is feed]
        meters = [self._meters[one].bits for one in made if one in self._meters]
        return max([SMALL_BITS_PER_SECOND, *meters])

    def count(self, now: float, feeds: Iterable[Feed]) -> None:
        """Those that somebody watches."""
        for feed in feeds:
            self._meters.setdefault(feed, Meter(FIRST_BITS)).note(now, feed.octets)
        for (_, _, small), made in self._made.items():
            if small and made.feed.viewers:
                meter = self._meters.setdefault(made.feed, Meter(SMALL_BITS_PER_SECOND))
                meter.note(now, made.feed.octets)

    def forget(self, feed: Feed) -> None:
        self._meters.pop(feed, None)
        for key in [key for key in self._made if key[0] is feed]:
            self._meters.pop(self._made.pop(key).feed, None)
