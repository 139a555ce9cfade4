"""What cameras offer, in the forms that they write it in."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices import h264
from devices.rtp.description import NoVideoError, OddError, join, read_description

BASE = "rtsp://192.168.1.20:554/Streaming/101/"
SPS, PPS = b"\x67\x42\xc0\x1f\xaa\x80", b"\x68\xce\x3c\x80"
SETS = ",".join(base64.b64encode(one).decode() for one in (SPS, PPS))


def sdp(*lines: str) -> bytes:
    return "\r\n".join(("v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=Media", "t=0 0", *lines, "")).encode()


VIDEO = (
    "m=video 0 RTP/AVP 96",
    "a=rtpmap:96 H264/90000",
    f"a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets={SETS}",
    "a=framerate:12.5",
    "a=control:trackID=1",
)


def test_sound_and_metadata_around_it_do_not_matter():
    offer = read_description(
        sdp(
            "a=control:rtsp://192.168.1.20:554/Streaming/101/",
            "m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:trackID=0",
            *VIDEO,
            "m=application 0 RTP/AVP 107", "a=rtpmap:107 vnd.onvif.metadata/90000",
        ),
        BASE,
    )  # fmt: skip
    assert (offer.payload_type, offer.frames_per_second) == (96, 12.5)
    assert offer.control == BASE + "trackID=1"
    assert offer.aggregate == BASE
    assert offer.parameter_sets == (SPS, PPS)


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://a/live", "trackID=1", "rtsp://a/live/trackID=1"),
        ("rtsp://a/live/", "/trackID=1", "rtsp://a/live/trackID=1"),
        (
            "rtsp://a/cam/realmonitor?channel=1&subtype=0", "trackID=0",
            "rtsp://a/cam/realmonitor?channel=1&subtype=0/trackID=0",
        ),
        ("rtsp://a/live/", "rtsp://10.0.0.9/live/video", "rtsp://10.0.0.9/live/video"),
        ("rtsp://a/live", "*", "rtsp://a/live"),
        ("rtsp://a/live", "", "rtsp://a/live"),
        ("rtsp://a/live", "?track=1", "rtsp://a/live?track=1"),
    ],
)  # fmt: skip
def test_addresses_are_joined_as_cameras_mean_it(base, control, joined):
    assert join(base, control) == joined


@pytest.mark.parametrize(
    "lines",
    [
        ("m=video 0 RTP/AVP 96", "a=rtpmap:96 H265/90000"),
        ("m=video 0 RTP/AVP 26",),
        ("m=video 0 RTP/SAVP 96", "a=rtpmap:96 H264/90000"),
        ("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=2"),
        ("m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/1000"),
    ],
)
def test_everything_else_is_for_libav(lines):
    with pytest.raises(OddError):
        read_description(sdp(*lines), BASE)


def test_no_picture_at_all():
    for body in (b"", sdp("m=audio 0 RTP/AVP 8")):
        with pytest.raises(NoVideoError):
            read_description(body, BASE)


def test_unreadable_parameter_sets_are_left_out():
    one = base64.b64encode(h264.START_CODE + SPS).decode().rstrip("=")
    fmtp = f"a=fmtp:96 sprop-parameter-sets=%%%,{one},,{SETS.split(',')[1]}"
    offer = read_description(sdp(*VIDEO[:2], fmtp, "a=framerate:x"), BASE)
    assert offer.parameter_sets == (SPS, PPS)
    assert offer.frames_per_second is None
    assert offer.control == BASE


_PIECES = st.sampled_from((*VIDEO, "a=control:", "m=video", "m=", "a=fmtp:96", "a=rtpmap:x y", ""))


@given(st.lists(st.one_of(st.text(max_size=30), _PIECES)), st.text(max_size=20))
def test_no_description_breaks_it(lines, base):
    with contextlib.suppress(NoVideoError, OddError):
        read_description("\n".join(lines).encode("utf-8", "surrogatepass"), base)
