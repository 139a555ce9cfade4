"""Descriptions that go one way: a player's, an encoder's, a media server's (WHEP; WHIP, RFC 9725).

    offer = read_offer(sdp, WATCHES)      # Refused where it is none that we can answer
    offer.kinds                           # ("audio", "video"), in whatever order they stand there

One stream, so at most one line of sound and one of pictures; a line that cannot be answered refuses
the whole (RFC 9725, section 4.4.3), so that nobody takes half of it for all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from base.cause import Refused
from rooms.media.offer import BadOffer, Offer, check_bundle, pictures_of, put_together, take_apart
from rooms.media.payloads import Codec

WATCHES: Final = frozenset({"recvonly", "sendrecv"})
"""What a player's lines may say."""
SENDS: Final = frozenset({"sendonly", "sendrecv"})
"""What an encoder's lines may say."""
GIVES: Final = frozenset({"sendonly", "sendrecv", "inactive"})
"""What a media server's lines may say that is asked for a stream; it may have sound alone."""
MOST_CHARACTERS: Final = 48 * 1024
_MUST: Final = ("ice-ufrag", "ice-pwd", "fingerprint")
"""Without these there is no path, or one that is not safe (RFC 8839, RFC 8122)."""
_DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})


@dataclass(frozen=True, slots=True)
class OneWay:
    kinds: tuple[str, ...]
    """Of its lines: `audio`, `video`."""
    offer: Offer


def read_offer(sdp: str, allowed: frozenset[str]) -> OneWay:
    """Take it apart. Raises Refused: `stream.no_description`, `stream.lines`, `stream.direction`,
    `stream.no_h264`, `stream.no_opus`.

    `allowed` is what each line may say of its direction; an encoder's and a server's pictures must
    be H.264, a player may also take VP8.
    """
    lines, candidates = take_apart(sdp[:MOST_CHARACTERS])
    if not lines or lines[0] != "v=0" or len(sdp) > MOST_CHARACTERS:
        raise Refused("stream.no_description")
    if not all(_has(lines, f"a={name}:.") for name in _MUST):
        raise Refused("stream.no_description")
    sections = _sections(lines)
    kinds = tuple(section[0][2:].split(" ", 1)[0] for section in sections)
    if not kinds or len(set(kinds)) != len(kinds) or not set(kinds) <= {"audio", "video"}:
        raise Refused("stream.lines")
    if "video" not in kinds and allowed is SENDS:
        raise Refused("stream.lines")
    if any(_direction(section) not in allowed for section in sections):
        raise Refused("stream.direction")
    of_kind = dict(zip(kinds, sections, strict=True))
    takes: tuple[Codec, ...] = pictures_of(of_kind.get("video", [])) or (Codec.H264,)
    if "video" in kinds:
        _check_pictures(of_kind["video"], senders_only=allowed is not WATCHES)
    if "audio" in kinds and not _has(of_kind["audio"], r"a=rtpmap:\d+ opus/48000/2"):
        raise Refused("stream.no_opus")
    try:
        _check_names(lines, len(kinds))
    except BadOffer as error:
        raise Refused("stream.no_description") from error
    if allowed is not WATCHES:
        takes = (Codec.H264,)
    return OneWay(kinds, Offer(put_together(lines, candidates), takes))


def read_answer(sdp: str) -> str:
    """A media server's answer, as aiortc takes it. Raises BadOffer."""
    lines, candidates = take_apart(sdp[:MOST_CHARACTERS])
    if not lines or lines[0] != "v=0":
        raise BadOffer("no description")
    return put_together(lines, candidates)


def _sections(lines: Sequence[str]) -> list[list[str]]:
    sections: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return sections


def _direction(section: Sequence[str]) -> str:
    said = [line[2:] for line in section if line[2:] in _DIRECTIONS]
    return said[0] if said else "sendrecv"  # RFC 8866, section 6.7


def _has(section: Sequence[str], pattern: str) -> bool:
    return any(re.match(pattern, line, re.IGNORECASE) for line in section)


def _check_pictures(section: Sequence[str], *, senders_only: bool) -> None:
    if Codec.H264 in pictures_of(list(section)):
        return
    if senders_only or Codec.VP8 not in pictures_of(list(section)):
        raise Refused("stream.no_h264")


def _check_names(lines: list[str], count: int) -> None:
    """One line needs no bundle, but a name. Raises BadOffer."""
    if count == 1 and not any(line.startswith("a=group:BUNDLE") for line in lines):
        mid = next((line.removeprefix("a=mid:") for line in lines if line.startswith("a=mid:")), "")
        lines.insert(
            next(i for i, line in enumerate(lines) if line.startswith("m=")),
            f"a=group:BUNDLE {mid}",
        )
    check_bundle(lines, count)
