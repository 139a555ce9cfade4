"""What a camera offers: the one H.264 line of its SDP, with everything that is needed to read it.

Sources: RFC 4566 (SDP), RFC 2326, appendix C (`a=control`), RFC 6184, section 8.1 (`a=fmtp`).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from devices import h264

_CLOCK: Final = 90_000


class NoVideoError(Exception):
    """It offers no picture at all."""


class OddError(Exception):
    """It offers a picture that is not for this reader."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Of H.264 in packetization-mode 0 or 1."""

    payload_type: int
    control: str
    """Where to set it up."""
    aggregate: str
    """Where to play and tear down."""
    parameter_sets: tuple[bytes, ...] = ()
    """SPS and PPS; empty where they come with the pictures alone."""
    frames_per_second: float | None = None


def read_description(body: bytes, base: str) -> Offer:
    """`base` is what relative addresses belong to. Raises NoVideoError and OddError."""
    session: dict[str, str] = {}
    medias: list[tuple[str, list[tuple[str, str]]]] = []
    for line in body.decode("utf-8", "replace").replace("\r", "\n").split("\n"):
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            medias.append((value, []))
        elif kind == "a":
            name, _, rest = value.partition(":")
            if medias:
                medias[-1][1].append((name.strip().lower(), rest.strip()))
            else:
                session.setdefault(name.strip().lower(), rest.strip())
    pictures = [one for one in medias if one[0].lower().startswith("video")]
    if not pictures:
        raise NoVideoError
    aggregate = join(base, session.get("control", "*"))
    for media, attributes in pictures:
        if (offer := _h264(media, attributes, base, aggregate)) is not None:
            return offer
    raise OddError("no H.264 among what it offers")


def join(base: str, control: str) -> str:
    """As cameras mean it, which is not RFC 3986: put behind the address, its query as well."""
    if control in ("", "*"):
        return base
    if control.lower().startswith(("rtsp://", "rtsps://")):
        return control
    if base.endswith("/") or control.startswith("?"):
        return base + control.removeprefix("/")
    return f"{base}/{control.removeprefix('/')}"


def _h264(media: str, attributes: list[tuple[str, str]], base: str, aggregate: str) -> Offer | None:
    words = media.split()
    if len(words) < 4 or words[2].upper() not in ("RTP/AVP", "RTP/AVP/TCP", "RTP/AVPF"):
        return None
    first = dict(reversed(attributes))
    formats = _by_payload_type(attributes, "fmtp")
    for number, coding in _by_payload_type(attributes, "rtpmap").items():
        name, _, clock = coding.partition("/")
        parameters = _parameters(formats.get(number, ""))
        if (
            number not in words[3:]
            or name.strip().upper() != "H264"
            or clock.partition("/")[0].strip() != str(_CLOCK)
            or parameters.get("packetization-mode", "0") not in ("0", "1")
        ):
            continue
        return Offer(
            int(number),
            join(base, first.get("control", "*")),
            aggregate,
            _parameter_sets(parameters.get("sprop-parameter-sets", "")),
            _rate(first.get("framerate", first.get("x-framerate", ""))),
        )
    return None


def _by_payload_type(attributes: list[tuple[str, str]], wanted: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in attributes:
        number, _, rest = value.partition(" ")
        if name == wanted and number.isascii() and number.isdigit() and int(number) < 128:
            found.setdefault(number, rest.strip())
    return found


def _parameters(text: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in text.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _parameter_sets(text: str) -> tuple[bytes, ...]:
    """What is unreadable of them is left out: they come with the pictures as well, mostly."""
    found = []
    for one in text.split(","):
        coded = one.strip().rstrip("=")
        try:
            nal = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        # Some cameras write a start code in front.
        nal = nal.removeprefix(h264.START_CODE).removeprefix(h264.START_CODE[1:])
        if len(nal) > 3 and h264.nal_type(nal) in (h264.SPS, h264.PPS):
            found.append(nal)
    return tuple(found)


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 0.5 <= rate <= 240 else None
