"""RTCP: the camera's clock, and what it is told."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.rtp.packets import Packet
from devices.rtp.reports import ByeError, ClockReport, Reception, read_reports


def sender_report(ssrc=7, ntp=(3_900_000_000 << 32) + (1 << 31), stamp=90_000):
    return struct.pack("!BBHIQIII", 0x80, 200, 6, ssrc, ntp, stamp, 10, 1000)


def packet(sequence, stamp, arrived):
    return Packet(sequence, stamp, True, 7, b"\x41\x9a", arrived)


def test_the_clock_of_the_right_stream_is_read():
    name = struct.pack("!BBHI", 0x81, 202, 2, 7) + b"\1\0\0\0"
    found = list(read_reports(sender_report(ssrc=9, stamp=1) + sender_report() + name, 7))
    assert found == [ClockReport((3_900_000_000 << 32) + (1 << 31), 90_000)]
    assert found[0].seconds == 3_900_000_000.5
    assert not list(read_reports(sender_report(ntp=0), None)), "a camera without a clock"


def test_a_goodbye_is_heard():
    goodbye = struct.pack("!BBHI", 0x81, 203, 1, 7)
    with pytest.raises(ByeError):
        list(read_reports(sender_report() + goodbye, 7))
    assert not list(read_reports(goodbye, 8))


def test_what_is_reported_back():
    reception = Reception()
    for sequence in (65_534, 65_535, 1, 2):  # 0 is missing
        assert reception.note(packet(sequence, 0, 1.0))
    reception.heard(ClockReport(0x0000_1234_5678_0000, 0), 2.0)
    report = reception.report(2.5)
    kind, words, _, of, lost, highest, _, middle, delay = struct.unpack_from("!xBHIIIIIII", report)
    assert (kind, words, of) == (201, 7, 7)
    assert (lost >> 24, lost & 0xFFFFFF) == (51, 1)
    assert highest == 65_536 + 2
    assert (middle, delay) == (0x1234_5678, 32_768)
    assert report[33] == 202, "a name goes with it"
    assert len(report) % 4 == 0
    assert reception.report(3.0)[12] == 0, "nothing was lost since"


def test_a_camera_that_begins_anew_is_noticed():
    reception = Reception()
    assert reception.note(packet(5, 0, 0.0))
    assert not reception.note(Packet(900, 0, True, 8, b"\x41", 0.0))
    assert struct.unpack_from("!I", reception.report(1.0), 8)[0] == 8


@given(st.binary(max_size=80))
def test_nothing_that_comes_breaks_it(data):
    try:
        list(read_reports(data, None))
    except ByeError:
        assert b"\xcb" in data
