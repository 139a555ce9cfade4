import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.h264 import payloads
from rooms.media.payloads import Codec, is_key, join_h264, join_vp8, packetize_vp8

SPS, PPS = b"\x67\x42\x00\x1f", b"\x68\xce\x3c\x80"


def annex_b(*nals: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + nal for nal in nals)


@given(st.integers(1, 5000))
def test_h264_survives_being_cut_and_joined(size: int) -> None:
    picture = annex_b(SPS, PPS, b"\x65" + b"\xab" * size)
    assert join_h264(payloads(picture)) == picture


def test_a_key_frame_has_parameters_and_an_idr_slice() -> None:
    idr = b"\x65" + b"\xab" * 3000
    assert is_key(Codec.H264, payloads(annex_b(SPS, PPS, idr)))
    assert not is_key(Codec.H264, payloads(annex_b(idr)))
    assert not is_key(Codec.H264, payloads(annex_b(b"\x41" + b"\xab" * 3000)))


def test_parameters_and_slice_in_one_packet_are_a_key_frame() -> None:
    nals = [SPS, PPS, b"\x65\x88"]
    together = b"\x78" + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)
    assert is_key(Codec.H264, [together])
    assert join_h264([together]) == annex_b(*nals)


@given(st.binary(min_size=1, max_size=6000), st.integers(0, 0x7FFF))
def test_vp8_survives_being_cut_and_joined(frame: bytes, picture_id: int) -> None:
    cut = packetize_vp8(frame, picture_id)
    assert join_vp8(cut) == frame
    assert is_key(Codec.VP8, cut) == (not frame[0] & 1)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.sampled_from(Codec))
def test_garbage_is_no_key_frame_and_no_crash(garbage: list[bytes], codec: Codec) -> None:
    is_key(codec, garbage)
    try:
        join_h264(garbage)
        join_vp8(garbage)
    except (ValueError, IndexError):
        pass


def test_an_unknown_payload_type_is_refused() -> None:
    with pytest.raises(ValueError, match="type 30"):
        join_h264([b"\x1e\x00\x00"])
