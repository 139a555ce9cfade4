"""What a camera answers is read, however odd it is: a value comes of it or a cause in words, and
never anything else.

The answers are those of node-onvif's tests (MIT, `vendor/onvif`), which nobody here wrote, as they
are and with every kind of damage.
"""

import copy
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from base.cause import Cause
from devices.device import DeviceError, Velocity
from devices.onvif.answers import Encoder, Node, Position, Span

ANSWERS: Final = Path(__file__).with_name("vendor") / "onvif"
OPERATION: Final = re.compile(rb"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)")
QUESTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "GetProfiles": lambda camera: camera.profiles(),
    "GetStreamUri": lambda camera: camera.stream_address("main"),
    "GetSnapshotUri": lambda camera: camera.snapshot("main"),
    "GetNodes": lambda camera: camera.nodes(),
    "GetStatus": lambda camera: camera.position("main"),
    "GetPresets": lambda camera: camera.presets("main"),
    "SetPreset": lambda camera: camera.save_preset("main", "Bục"),
    "ContinuousMove": lambda camera: camera.move("main", camera.nodes()[0], Velocity(pan=1.0)),
    "Stop": lambda camera: camera.stop("main", Node()),
    "GetVideoEncoderConfigurationOptions": lambda camera: camera.choices("main", "encoder"),
    "GetVideoEncoderConfiguration": lambda camera: camera.set_encoder(WANTED),
    "GetSystemDateAndTime": lambda camera: camera.open(),
    "GetCapabilities": lambda camera: camera.open(),
}
"""What asks for each answer."""
WANTED: Final = Encoder("encoder", "H264", 1280, 720, 25.0, 2048, 50, "Main")


WHOLE: Final = {name: (ANSWERS / f"{name}.xml").read_bytes() for name in QUESTIONS}
NAMES: Final = {
    "SOAP-ENV": "http://www.w3.org/2003/05/soap-envelope",
    "tt": "http://www.onvif.org/ver10/schema",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "wsu": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
}
DECLARED: Final = "".join(f' xmlns:{name}="{space}"' for name, space in NAMES.items()).encode()
OPTIONS: Final = "GetVideoEncoderConfigurationOptions"
WHOLE[OPTIONS] = WHOLE[OPTIONS].replace(b"Envelope ", b"Envelope" + DECLARED, 1)
"""In the file they are declared nowhere."""


class Camera:
    """Answers each operation with the file of its name, or with what it is told to."""

    def __init__(self) -> None:
        self.damaged: dict[str, tuple[int, bytes]] = {}
        answers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                found = OPERATION.search(body)
                assert found, body
                status, answer = answers.answer(found[1].decode())
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_GET(self) -> None:
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, operation: str) -> tuple[int, bytes]:
        if operation in self.damaged:
            return self.damaged[operation]
        path = ANSWERS / f"{operation}.xml"
        return (200, path.read_bytes()) if path.exists() else (400, b"")

    @contextmanager
    def serving(self) -> Iterator["Camera"]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


@pytest.fixture(scope="module")
def camera() -> Iterator[Camera]:
    with Camera().serving() as camera:
        yield camera


def opened(camera: Camera) -> Any:
    from devices.onvif.connection import Address, Connection  # noqa: PLC0415 - as the driver does

    camera.damaged.clear()
    connection = Connection(Address(camera.url), "admin", "bí mật", "Camera")
    connection.open()
    return connection


@pytest.fixture(scope="module")
def connection(camera: Camera) -> Any:
    return opened(camera)


def test_the_answers_of_another_camera_are_read(connection: Any) -> None:
    (profile,) = connection.profiles()
    assert (profile.token, profile.name, profile.can_turn) == ("main", "main", True)
    assert profile.encoder == Encoder("main", "H264", 1920, 1080, 5.0, 1000, 30, "High")
    assert connection.stream_address("main") == "rtsp://127.0.0.1/h264main"
    assert ("WipeOff", "WipeOff") in connection.presets("main")
    both = Span(-1.0, 1.0)
    assert connection.nodes() == [Node(both, both, both, home=True)]
    assert connection.position("main") == Position(-0.864665985, 0.267444015, 0.211861998)
    assert connection.skew.days < -4000, "its clock stands in 2014"


def test_an_answer_whose_prefixes_were_declared_nowhere(camera: Camera, connection: Any) -> None:
    with pytest.raises(DeviceError) as caught:
        connection.choices("main", "encoder")
    assert caught.value.cause.code == "camera.onvif_malformed"
    camera.damaged = {OPTIONS: (200, WHOLE[OPTIONS])}
    assert (1920, 1080) in connection.choices("main", "encoder").sizes
    camera.damaged = {}


DAMAGE = st.one_of(
    st.tuples(st.just("cut"), st.floats(0, 1), st.just("")),
    st.tuples(st.just("drop"), st.floats(0, 1), st.just("")),
    st.tuples(st.just("twice"), st.floats(0, 1), st.just("")),
    st.tuples(st.just("empty"), st.floats(0, 1), st.just("")),
    st.tuples(
        st.just("text"),
        st.floats(0, 1),
        st.sampled_from(["", "NaN", "-1", "99999999999999999999", "ja", "1.5.6", "xsi:nil", "Cửa"])
        | st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20),
    ),
    st.tuples(st.just("rename"), st.floats(0, 1), st.sampled_from(["Body", "Fault", "x", "Token"])),
)


def damaged(answer: bytes, damage: list[tuple[str, float, str]]) -> bytes:
    for kind, share, text in damage:
        if kind == "cut":
            answer = answer[: round(share * len(answer))]
            continue
        try:
            root = etree.fromstring(answer)
        except etree.XMLSyntaxError:
            continue
        elements = [one for one in root.iter() if isinstance(one.tag, str)][1:]
        if not elements:
            continue
        one = elements[min(len(elements) - 1, round(share * len(elements)))]
        parent = one.getparent()
        if kind == "drop":
            parent.remove(one)
        elif kind == "twice":
            parent.append(copy.deepcopy(one))
        elif kind == "empty":
            for child in list(one):
                one.remove(child)
            one.text = None
            one.attrib.clear()
        elif kind == "text":
            for child in list(one):
                one.remove(child)
            with_text = "".join(c for c in text if c.isprintable())
            one.text = with_text
            for name in list(one.attrib):
                one.attrib[name] = with_text
        else:
            one.tag = f"{{{etree.QName(one).namespace}}}{text}"
        answer = etree.tostring(root)
    return answer


def asks(camera: Camera, connection: Any, operation: str, status: int, answer: bytes) -> None:
    camera.damaged = {operation: (status, answer)}
    try:
        QUESTIONS[operation](connection)
    except DeviceError as error:
        assert isinstance(error.cause, Cause)
    finally:
        camera.damaged = {}


def is_read(examples: int) -> Callable[[Any], Any]:
    def decorate(test: Any) -> Any:
        return settings(
            max_examples=examples,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )(
            given(
                operation=st.sampled_from(sorted(QUESTIONS)),
                damage=st.lists(DAMAGE, min_size=1, max_size=3),
                status=st.sampled_from([200, 200, 200, 200, 400, 401, 404, 500, 503]),
            )(test)
        )

    return decorate


@is_read(150)
def test_a_damaged_answer_is_a_value_or_a_cause(
    camera: Camera, connection: Any, operation: str, damage: Any, status: int
) -> None:
    whole = WHOLE[operation]
    asks(camera, connection, operation, status, damaged(whole, damage))


@pytest.mark.soak
@is_read(5000)
def test_any_damaged_answer_is_a_value_or_a_cause(
    camera: Camera, connection: Any, operation: str, damage: Any, status: int
) -> None:
    whole = WHOLE[operation]
    asks(camera, connection, operation, status, damaged(whole, damage))
