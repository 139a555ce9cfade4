"""NAL units, against streams that libx264 wrote and against RFC 6184's own rules."""

from fractions import Fraction

import av
import numpy as np
import pytest

from devices import h264
from devices.assembler import Assembler

SPS, PPS = b"\x67\x42\xc0\x1f\xaa", b"\x68\xce\x3c\x80"
KEY_SLICE, REST_OF_KEY = b"\x65\x88" + b"k" * 30, b"\x65\x12" + b"r" * 30
SLICE = b"\x41\x9a" + b"s" * 30


def encode(count=12, **options) -> list[bytes]:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 320, 240, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, 30), Fraction(30)
    codec.thread_count = 1
    codec.options = {"preset": "veryfast", **options}
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    packets = []
    for number in range(count):
        frame = av.VideoFrame.from_ndarray(np.roll(noise, number * 4, axis=1), format="rgb24")
        frame.pts = number
        packets += codec.encode(frame.reformat(format="yuv420p"))
    return [bytes(packet) for packet in packets + codec.encode(None)]


def test_split_takes_both_start_codes_and_trailing_zeros():
    data = b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\0\1" + SLICE + b"\0\0"
    assert list(h264.split(data)) == [SPS, PPS, SLICE]
    assert h264.join(h264.split(data)) == b"".join(b"\0\0\0\1" + n for n in (SPS, PPS, SLICE))
    assert list(h264.split(b"")) == []


def test_split_sized_refuses_a_length_past_the_end():
    assert list(h264.split_sized(b"\0\0\0\2ab\0\0\0\1c", 4)) == [b"ab", b"c"]
    with pytest.raises(ValueError, match="longer"):
        list(h264.split_sized(b"\0\0\0\x09ab", 4))


def test_parameter_sets_are_read_from_both_kinds_of_extradata():
    assert h264.read_extradata(h264.join((SPS, PPS))).nals == (SPS, PPS)
    record = (
        b"\x01" + SPS[1:4] + b"\xff\xe1" + len(SPS).to_bytes(2, "big") + SPS
        + b"\x01" + len(PPS).to_bytes(2, "big") + PPS
    )  # fmt: skip
    sets = h264.read_extradata(record)
    assert sets.nals == (SPS, PPS)
    assert sets.length_size == 4
    assert sets.complete
    for broken in (b"", b"\x01\x42", record[:9]):
        assert not h264.read_extradata(broken).complete


def test_b_slices_are_told_from_others():
    with_b = encode(bf="2", **{"x264-params": "b-adapt=0"})
    without = encode(bf="0")
    assert any(h264.is_b_slice(nal) for unit in with_b for nal in h264.split(unit))
    assert not any(h264.is_b_slice(nal) for unit in without for nal in h264.split(unit))


def test_only_the_first_slice_begins_a_picture():
    units = encode(bf="0", slices="4")
    for unit in units:
        kinds = (h264.SLICE, h264.IDR)
        slices = [nal for nal in h264.split(unit) if h264.nal_type(nal) in kinds]
        assert [h264.begins_picture(nal) for nal in slices] == [True, False, False, False]


def test_key_means_decodable_from_here():
    units = encode(bf="0")
    assert [h264.decodable_alone(h264.split(unit)) for unit in units] == [True] + [False] * 11
    assert not h264.decodable_alone([KEY_SLICE])


def test_payloads_can_be_put_together_again():
    unit = h264.join((SPS, PPS, b"\x65" + bytes(range(1, 255)) * 20))
    nals: list[bytes] = []
    for payload in h264.payloads(unit, size=1000):
        assert len(payload) <= 1000
        if h264.nal_type(payload) != h264.FU_A:
            nals.append(payload)
            continue
        if payload[1] & 0x80:
            nals.append(bytes([(payload[0] & 0xE0) | (payload[1] & 0x1F)]))
        nals[-1] += payload[2:]
        assert bool(payload[1] & 0x40) == (len(nals[-1]) == 254 * 20 + 1)
    assert nals == list(h264.split(unit))


def test_a_key_frame_cut_before_each_slice_is_put_together():
    assembler = Assembler(b"")
    packets = [(SPS, PPS, KEY_SLICE), (SPS, PPS, REST_OF_KEY), (SLICE,), (SLICE,)]
    found = []
    for number, nals in enumerate(packets):
        found.append([p.nals for p in assembler.push(h264.join(nals), number, 0.0)])
    assert found == [[], [], [[SPS, PPS, KEY_SLICE, REST_OF_KEY], [SLICE]], [[SLICE]]]


def test_a_whole_key_frame_waits_only_the_first_time():
    assembler = Assembler(b"")
    key = h264.join((SPS, PPS, KEY_SLICE))
    counts = [
        len(list(assembler.push(data, 0, 0.0)))
        for data in (key, h264.join([SLICE]), key, h264.join([SLICE]))
    ]
    assert counts == [0, 2, 1, 1]


def test_samples_with_lengths_become_annex_b_with_the_parameter_sets_from_beside_the_stream():
    record = (
        b"\x01" + SPS[1:4] + b"\xff\xe1" + len(SPS).to_bytes(2, "big") + SPS
        + b"\x01" + len(PPS).to_bytes(2, "big") + PPS
    )  # fmt: skip
    assembler = Assembler(record)
    samples = [len(nal).to_bytes(4, "big") + nal for nal in (KEY_SLICE, SLICE)]
    pictures = [p for sample in samples for p in assembler.push(sample, 0, 0.0)]
    assert [picture.key for picture in pictures] == [True, False]
    assert pictures[0].data == h264.join((SPS, PPS, KEY_SLICE))
