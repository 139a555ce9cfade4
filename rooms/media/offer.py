"""A browser's description of its side (RFC 8829), taken apart before aiortc sees it."""

import re
from dataclasses import dataclass

from rooms.media.payloads import Codec

KINDS = ("audio", "video", "video")
MOST_CANDIDATES = 30
"""A browser has a handful. Each more is an address that the house would be made to knock at."""


class BadOffer(Exception):  # noqa: N818 - said of what the browser sent
    """The description is not one of ours: three lines in one bundle, Opus, a codec that we have."""


@dataclass(frozen=True, slots=True)
class Offer:
    sdp: str
    takes: tuple[Codec, ...]
    """The codecs for pictures that it and we have, the one we like best first."""


def read_offer(sdp: str) -> Offer:
    """Take the offer apart. Raises BadOffer.

    Candidates with `.local` names are left out: looking them up costs a second, and the path is
    found without them (peer-reflexive). The others stand with the first line of the bundle, where
    browsers put them, and aiortc reads those of the last: they go there.
    """
    lines, candidates = take_apart(sdp)
    kinds = tuple(line[2:].split(" ", 1)[0] for line in lines if line.startswith("m="))
    if kinds != KINDS:
        raise BadOffer(f"lines {kinds} instead of {KINDS}")
    check_bundle(lines, len(KINDS))
    if not any(re.match(r"a=rtpmap:\d+ opus/48000/2", line) for line in lines):
        raise BadOffer("no Opus")
    takes = pictures_of(lines)
    if not takes:
        raise BadOffer("neither H264 nor VP8")
    return Offer(put_together(lines, candidates), takes)


def take_apart(sdp: str) -> tuple[list[str], list[str]]:
    """The lines without candidates, and the candidates that count."""
    every = sdp.splitlines()
    lines = [line for line in every if not line.startswith("a=candidate")]
    candidates = [line for line in every if line.startswith("a=candidate") and ".local" not in line]
    return lines, candidates[:MOST_CANDIDATES]


def put_together(lines: list[str], candidates: list[str]) -> str:
    return "\r\n".join([*lines, *candidates]) + "\r\n"


def check_bundle(lines: list[str], count: int) -> None:
    """So many lines, each with a name of its own, all in one bundle. Raises BadOffer."""
    mids = [line.removeprefix("a=mid:") for line in lines if line.startswith("a=mid:")]
    # one byte of length in the header extension: at most 16 (RFC 8285, section 4.2)
    if len(set(mids)) != count or not all(re.fullmatch(r"[!-~]{1,16}", mid) for mid in mids):
        raise BadOffer(f"lines are named {mids}")
    if f"a=group:BUNDLE {' '.join(mids)}" not in lines:
        raise BadOffer("its lines are not in one bundle")


def pictures_of(lines: list[str]) -> tuple[Codec, ...]:
    """As `Offer.takes`."""
    return tuple(
        codec
        for codec in (Codec.H264, Codec.VP8)
        if any(re.match(rf"a=rtpmap:\d+ {codec}/90000", line) for line in lines)
    )
