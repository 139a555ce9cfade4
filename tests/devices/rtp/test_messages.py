"""RTSP on the wire: as RFC 2326 has it, as cameras have it, and as nobody should."""

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.rtp.messages import Interleaved, Message, MessageReader, UnreadableError

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\n"
ANSWER = (
    b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: "
    + str(len(SDP)).encode() + b"\r\n\r\n" + SDP
)  # fmt: skip
PLAYED = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 7\r\n\r\n"
ASKED = b"OPTIONS rtsp://10.0.0.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n"
PACKET, REPORT = b"$\0\0\x04data", b"$\1\0\2rr"
TALK = ANSWER + PACKET + PLAYED + REPORT + ASKED + PACKET


def read(data: bytes, *cuts: int) -> list[Interleaved | Message]:
    reader = MessageReader()
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    found: list[Interleaved | Message] = []
    for start, end in pairwise(places):
        found += reader.feed(data[start:end])
    return found


def sketch(found) -> list[object]:
    return [
        (i.channel, i.data) if isinstance(i, Interleaved) else i.status or i.method for i in found
    ]


WHOLE = [200, (0, b"data"), 200, (1, b"rr"), "OPTIONS", (0, b"data")]


@given(st.lists(st.integers(0, len(TALK)), max_size=8))
def test_it_does_not_matter_how_a_talk_is_cut(cuts):
    found = read(TALK, *cuts)
    assert sketch(found) == WHOLE
    assert found[0].body == SDP


@given(st.binary(max_size=40), st.lists(st.integers(0, 10_000), max_size=4))
def test_behind_rubbish_it_finds_its_way_again(rubbish, cuts):
    """Or waits, where what came may yet become something."""
    rubbish = bytes(byte for byte in rubbish if byte not in b"$RACGTPO")
    assert sketch(read(rubbish + PLAYED + REPORT, *cuts))[-2:] == [200, (1, b"rr")]


@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from((TALK, ANSWER, PLAYED[:20])))))
def test_nothing_that_comes_breaks_it(pieces):
    reader = MessageReader()
    with contextlib.suppress(UnreadableError):
        for piece in pieces:
            for _ in reader.feed(piece):
                pass
        reader.give_up_body()


def test_a_length_that_is_too_small_leaves_nothing_of_the_body_out():
    short = ANSWER.replace(b"Content-Length: %d" % len(SDP), b"Content-Length: 9")
    missing = ANSWER.replace(b"Content-Length: %d\r\n" % len(SDP), b"")
    for answer in (short, missing):
        found = read(answer + PACKET)
        assert sketch(found) == [200, (0, b"data")]
        assert found[0].body == SDP


def test_a_length_that_is_too_large_is_not_waited_for_for_ever():
    reader = MessageReader()
    assert not list(reader.feed(ANSWER.replace(b"Content-Length: ", b"Content-Length: 1")))
    message = reader.give_up_body()
    assert message is not None
    assert (message.status, message.body) == (200, SDP)
    assert reader.give_up_body() is None
    assert sketch(reader.feed(PLAYED)) == [200]


def test_lines_without_a_carriage_return_are_read():
    found = read(ANSWER.split(b"\r\n\r\n")[0].replace(b"\r\n", b"\n") + b"\n\n" + SDP)
    assert sketch(found) == [200]
    assert found[0].headers["cseq"] == "2"


def test_all_challenges_are_kept():
    found = read(
        b'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Digest realm="a"\r\n'
        b'www-authenticate:Basic realm="b"\r\n\r\n'
    )
    assert found[0].challenges == ('Digest realm="a"', 'Basic realm="b"')


@pytest.mark.parametrize(
    "data",
    [
        b"RTSP/1.0 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"a" * 70_000,
        ANSWER.replace(b": 4", b": 94444"),
    ],
)
def test_what_no_camera_says_is_refused(data):
    with pytest.raises(UnreadableError):
        read(data)
