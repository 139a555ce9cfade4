"""The codec between the daemon and the sound process."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.cause import Cause
from devices.device import (
    ChirpHeard,
    ChirpKind,
    Condition,
    Echo,
    EchoState,
    Kind,
    Turns,
    VolumeKnob,
)
from devices.sound.body import ProtocolError
from devices.sound.knob import KnobTold
from devices.sound.measured import ChirpTold, EchoTold, PlayChirp
from devices.sound.protocol import (
    FRAME_BYTES,
    FROM_DAEMON,
    FROM_SOUND,
    VERSION,
    Advised,
    Captured,
    Configure,
    Decoder,
    Gain,
    Heartbeat,
    Hello,
    Message,
    Microphone,
    Music,
    Peaks,
    Plain,
    Play,
    State,
    Volume,
    encode,
)

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
frame = st.binary(min_size=FRAME_BYTES, max_size=FRAME_BYTES)
levels = st.integers(-10_000, 0).map(lambda hundredths: hundredths / 100)
parameters = st.one_of(names, st.integers(), st.floats(allow_nan=False, allow_infinity=False))
causes = st.builds(
    lambda code, params: Cause(code, **params),
    st.from_regex(r"[a-z0-9_]{1,9}\.[a-z0-9_]{1,9}", fullmatch=True),
    st.dictionaries(names, parameters, max_size=4),
)
seconds = st.floats(0, 2)
gains = st.floats(-200, 100)
from_daemon = st.one_of(
    st.builds(Configure, names, names),
    st.builds(Play, st.integers(1, 3).flatmap(lambda n: frame.map(lambda f: f * n))),
    st.builds(Microphone, st.booleans()),
    st.builds(Volume, st.integers(0, 100)),
    st.builds(Gain, st.none() | st.integers(0, 100)),
    st.builds(Music, st.booleans()),
    st.just(Plain()),
    st.builds(PlayChirp, st.sampled_from(ChirpKind)),
)
knobs = st.builds(VolumeKnob, st.sampled_from(Turns), names, st.booleans())
from_sound = st.one_of(
    st.builds(KnobTold, st.none() | knobs),
    st.builds(Volume, st.integers(0, 100)),
    st.builds(Captured, frame),
    st.builds(Peaks, levels, levels),
    st.builds(
        State,
        st.sampled_from([Kind.MICROPHONE, Kind.LOUDSPEAKER]),
        st.sampled_from(Condition),
        st.none() | causes,
    ),
    st.just(Heartbeat()),
    st.builds(Advised, st.sampled_from([Kind.MICROPHONE, Kind.LOUDSPEAKER]), st.none() | causes),
    st.builds(
        ChirpTold,
        st.builds(
            *(ChirpHeard, st.none() | seconds, st.none() | gains, levels, levels, levels),
            st.booleans(),
        ),
    ),
    st.builds(
        EchoTold,
        st.builds(
            Echo,
            st.sampled_from(EchoState),
            st.none() | gains,
            st.none() | gains,
            st.none() | seconds,
        ),
    ),
)


@given(st.data(), st.booleans())
def test_messages_come_out_as_they_went_in_however_the_bytes_were_cut(
    data: st.DataObject, daemon: bool
) -> None:
    sent: list[Message] = [Hello()]
    sent += data.draw(st.lists(from_daemon if daemon else from_sound, max_size=5))
    wire = b"".join(encode(message) for message in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    decoder = Decoder(FROM_DAEMON if daemon else FROM_SOUND)
    received: list[Message] = []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        received += decoder.feed(wire[start:end])
    assert received == sent


@given(st.binary(max_size=200), st.booleans())
def test_garbage_is_refused_or_awaited_and_nothing_else(garbage: bytes, greeted: bool) -> None:
    decoder = Decoder(FROM_DAEMON)
    if greeted:
        decoder.feed(encode(Hello()))
    try:
        messages = decoder.feed(garbage)
    except ProtocolError:
        return
    assert all(isinstance(message, FROM_DAEMON) for message in messages)


@given(st.sampled_from(sorted(m.type for m in get_args(Message))), st.binary(max_size=80))
def test_any_body_is_understood_or_refused(kind: int, body: bytes) -> None:
    decoder = Decoder(get_args(Message))
    if kind != Hello.type:
        decoder.feed(encode(Hello()))
    try:
        (message,) = decoder.feed(len(body).to_bytes(2, "big") + bytes([kind]) + body)
    except ProtocolError:
        return
    # A level may be written in one way only, JSON in several.
    if not isinstance(message, Configure | State | Advised | ChirpTold | EchoTold | KnobTold):
        assert message.body() == body


def chirp(**changes: object) -> bytes:
    fields = {"delay": 0.1, "echo": -9.0, "noise": -60, "microphone": -20, "loudspeaker": -15}
    return json.dumps(fields | {"rattles": False} | changes).encode()


def echo(**changes: object) -> bytes:
    return json.dumps({"state": "ready", "left": -50, "heard": -9, "delay": 0.1} | changes).encode()


def state(**changes: object) -> bytes:
    fields = {"device": "microphone", "condition": "failed", "cause": None} | changes
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (Hello, b"avsound\0\1"),
        (Hello, b"avsound"),
        (Configure, b'{"microphone": "a"}'),
        (Configure, json.dumps({"microphone": 1001 * "a", "loudspeaker": "b"}).encode()),
        (Configure, b'{"microphone": 1, "loudspeaker": "b"}'),
        (Configure, b"\xff"),
        (Play, b""),
        (Play, bytes(FRAME_BYTES - 2)),
        (Play, bytes(21 * FRAME_BYTES)),
        (Microphone, b"\2"),
        (Music, b""),
        (Plain, b"\1"),
        (Volume, b"\x65"),
        (Gain, b"\x65"),
        (Captured, bytes(2 * FRAME_BYTES)),
        (Peaks, b"\0\1\0\0"),
        (State, state(device="camera")),
        (State, state(condition="excellent")),
        (State, state(cause={"code": "Not a code", "params": {}})),
        (State, state(cause={"code": "a.b", "params": {"x": [1]}})),
        (State, state(cause={"code": "a.b", "params": {"x": True}})),
        (State, state(cause={"code": "a.b", "params": {"x": float("nan")}})),
        (State, state(more=1)),
        (State, b"[" * 5000),
        (Heartbeat, b"\0"),
        (Advised, b'{"device": "camera", "cause": null}'),
        (Advised, b'{"device": "microphone"}'),
        (PlayChirp, b"\0"),
        (PlayChirp, b"\1\1"),
        (ChirpTold, chirp(delay=-0.1)),
        (ChirpTold, chirp(delay=True)),
        (ChirpTold, chirp(noise=None)),
        (ChirpTold, chirp(noise=1)),
        (ChirpTold, chirp(rattles=None)),
        (KnobTold, b'{"knob": {"by": "nobody", "control": "", "muted": false}}'),
        (KnobTold, b'{"knob": {"by": "card", "control": "", "muted": 0}}'),
        (KnobTold, b'{"knob": []}'),
        (EchoTold, echo(state="fine")),
        (EchoTold, echo(left="-50")),
    ],
)
def test_a_malformed_message_is_refused(kind: type[Message], body: bytes) -> None:
    decoder = Decoder(get_args(Message))
    if kind is not Hello:
        decoder.feed(encode(Hello()))
    with pytest.raises(ProtocolError):
        decoder.feed(len(body).to_bytes(2, "big") + bytes([kind.type]) + body)


def test_each_end_refuses_what_only_the_other_may_send() -> None:
    decoder = Decoder(FROM_DAEMON)
    decoder.feed(encode(Hello()))
    with pytest.raises(ProtocolError):
        decoder.feed(encode(Heartbeat()))


def test_a_greeting_comes_first_and_once() -> None:
    with pytest.raises(ProtocolError):
        Decoder(FROM_DAEMON).feed(encode(Volume(5)))
    with pytest.raises(ProtocolError):
        Decoder(FROM_DAEMON).feed(encode(Hello()) * 2)


def test_another_version_is_refused() -> None:
    with pytest.raises(ProtocolError, match=str(VERSION + 1)):
        Decoder(FROM_DAEMON).feed(encode(Hello(VERSION + 1)))
