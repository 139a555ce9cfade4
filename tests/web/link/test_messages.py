"""The codec of the link."""

import json
from dataclasses import fields
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.link.messages import (
    MOST_FRAME_BYTES,
    MOST_PIECE_BYTES,
    Accept,
    Ack,
    Answer,
    Ask,
    Credit,
    Data,
    Deliver,
    DeviceSummary,
    End,
    Hello,
    Invited,
    Open,
    Ping,
    Pong,
    ProtocolError,
    Refuse,
    Reply,
    Summary,
    Waiting,
    Welcome,
    decode,
    encode,
)
from web.link.ward_meeting import (
    FloorStream,
    Stream,
    TellWardMeeting,
    WardMeeting,
    WardMeetingSummary,
)

channels = st.integers(1, 2**32 - 1)
counts = st.integers(0, 1_000_000)
codes = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
visible = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60)
headers = st.lists(
    st.tuples(st.from_regex(r"[a-z-]{1,40}", fullmatch=True), visible), max_size=5
).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
ids = visible.filter(bool)
streams = st.builds(Stream, st.just("https://media.example/whip/m-to-5"), visible)
ward_meetings = st.builds(
    WardMeeting,
    ids,
    words,
    st.datetimes(timezones=st.just(UTC)),
    st.integers(1, 1440),
    st.sampled_from(["planned", "open"]),
    st.none() | ids,
    st.none() | streams,
    st.none() | streams,
    st.none() | st.builds(FloorStream, ids, words, st.just("http://10.0.0.1/whep/m"), visible),
    st.booleans(),
)
messages = st.one_of(
    st.builds(Hello, counts, words),
    st.builds(Welcome, st.just("https://ward.example/h/to-5"), version=counts),
    st.builds(Refuse, codes, st.dictionaries(codes, counts | words, max_size=3)),
    st.builds(Ping, st.integers(0, 2**40)),
    st.builds(Pong, st.integers(0, 2**40)),
    st.builds(
        Summary,
        codes,
        words,
        counts,
        counts,
        st.lists(st.builds(DeviceSummary, codes, codes, st.none() | codes), max_size=4).map(tuple),
        st.lists(st.builds(Waiting, ids, words, codes), max_size=4).map(tuple),
        st.none(),
        st.none() | st.builds(WardMeetingSummary, ids, st.booleans(), st.booleans(), codes),
    ),
    st.builds(TellWardMeeting, st.none() | ward_meetings),
    st.builds(
        Ask,
        st.integers(1, 2**40),
        codes,
        ids,
        words,
        visible,
        st.dictionaries(codes, words, max_size=8),
    ),
    st.builds(
        Reply,
        st.integers(1, 2**40),
        visible.map(lambda path: path and "/" + path),
        st.none() | codes,
        st.dictionaries(codes, counts | words, max_size=3),
        st.lists(
            st.builds(
                Invited,
                ids,
                codes,
                words,
                st.booleans(),
                st.booleans(),
                st.booleans(),
                st.datetimes(timezones=st.just(UTC)),
                words,
                visible,
                st.booleans(),
            ),
            max_size=4,
        ).map(tuple),
    ),
    st.builds(
        Open,
        channels,
        st.sampled_from(["http", "websocket"]),
        st.sampled_from(["GET", "POST"]),
        visible.map(lambda path: "/" + path),
        visible,
        headers,
        words,
    ),
    st.builds(Accept, channels),
    st.builds(Answer, channels, st.integers(200, 599), headers),
    st.builds(Credit, channels, st.integers(1, 2**31 - 1)),
    st.builds(End, channels, st.integers(1000, 4999), words),
    st.builds(Deliver, ids, codes, st.dictionaries(words, json_values, max_size=4)),
    st.builds(Ack, ids),
    st.builds(Data, channels, st.binary(max_size=300), st.booleans(), st.booleans()),
)


@given(messages)
def test_what_is_said_is_what_is_heard(message):
    assert decode(encode(message)) == message


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_garbage_is_refused_and_nothing_else_happens(garbage):
    try:
        message = decode(garbage)
    except ProtocolError:
        return
    assert message is None or isinstance(message, Data)


@given(messages.filter(lambda m: not isinstance(m, Data)), st.data())
def test_a_field_of_another_kind_is_refused_or_still_bounded(message, data):
    said = json.loads(encode(message))
    name = data.draw(st.sampled_from([f.name for f in fields(message)]))
    said[name] = data.draw(json_values)
    try:
        heard = decode(json.dumps(said))
    except ProtocolError:
        return
    assert decode(encode(heard)) == heard


@given(messages.filter(lambda m: not isinstance(m, Data)), codes)
def test_what_a_newer_end_adds_is_ignored(message, name):
    said = json.loads(encode(message))
    said.setdefault(f"{name}-added", {"later": [1, 2]})
    assert decode(json.dumps(said)) == message
    assert decode(json.dumps(said | {"type": "from-the-future"})) is None


def test_sizes_are_bounded():
    with pytest.raises(ValueError, match="bytes"):
        encode(Deliver("a", "question", {"text": "x" * MOST_FRAME_BYTES}))
    with pytest.raises(ValueError, match="bytes"):
        encode(Data(1, bytes(MOST_PIECE_BYTES + 1), text=False, more=False))
    whole = encode(Data(1, bytes(MOST_PIECE_BYTES), text=False, more=False))
    assert isinstance(whole, bytes)
    assert isinstance(decode(whole), Data)
    with pytest.raises(ProtocolError):
        decode(whole + b"x")
    with pytest.raises(ProtocolError):
        decode('{"type":"ping","number":1}' + " " * MOST_FRAME_BYTES)


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 60_000,
        '{"type":"deliver","id":"a","kind":"b","body":' + '{"a":' * 9000 + "1" + "}" * 9000 + "}",
        '{"type":"deliver","id":"a","kind":"b","body":{"a":NaN}}',
        '{"type":"end","channel":0}',
        '{"type":"end","channel":true}',
        '{"type":"end","channel":"1"}',
        '{"type":"open","channel":1,"kind":"http","method":"GET","path":"//x y"}',
        '{"type":"answer","channel":1,"status":200,"headers":[["set-cookie","a\\r\\nb"]]}',
        '{"type":7}',
        "{}",
        b"",
        bytes([0, 0, 0, 0, 0]),
        bytes([0, 0, 0, 1, 4]),
    ],
)
def test_what_the_protocol_does_not_allow_is_refused(frame):
    with pytest.raises(ProtocolError):
        decode(frame)
