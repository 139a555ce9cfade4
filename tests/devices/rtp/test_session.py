"""The reader against cameras that do what the standards do not say."""

import asyncio
import datetime
import hashlib
import re
import ssl
import time
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.settings import RtspCamera as Settings
from devices.device import DeviceError
from devices.rtp.session import Session
from devices.rtsp import RtspCamera
from devices.rtsp_session import RtspSession
from tests.devices.odd_camera import OddCamera, Oddities

pytestmark = pytest.mark.peer


def sha256(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


def digest_sha256(method: str, authorization: str) -> str | None:
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', authorization))
    asked = sha256(method, given.get("uri", ""))
    middle = ("n1", given.get("nc", ""), given.get("cnonce", ""), "auth")
    right = sha256(sha256("xem", "cam", "bí mật"), *middle, asked)
    if method == "OPTIONS" or given.get("response") == right:
        return None
    return 'Digest realm="cam", nonce="n1", algorithm=SHA-256, qop="auth"'


def basic(_method: str, authorization: str) -> str | None:
    return None if authorization == "Basic eGVtOmLDrSBt4bqtdA==" else 'Basic realm="cam"'


@asynccontextmanager
async def odd_camera(clip, **oddities):
    server = OddCamera(clip, Oddities(**oddities))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture
def camera_at(tmp_path):
    def camera(url, transport="tcp", reader="own", **more):
        password = tmp_path / "password"
        password.write_text("bí mật", encoding="utf-8")
        settings = Settings(
            kind="rtsp", id="camera", name="Camera", url=url, user="xem",
            password_file=password, transport=transport, reader=reader,
        )  # fmt: skip
        return RtspCamera(settings, **more)

    return camera


def collect(camera):
    units = []
    camera.subscribe(units.append)
    return units


def certificate(folder) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    (folder / "camera.pem").write_bytes(
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "camera.pem")
    return context


@pytest.mark.parametrize(
    "oddities",
    [
        {"content_length": -40, "early": True, "channels": (2, 5)},
        {"content_length": 300, "session": "ABC", "content_base": "rtsp://10.1.1.1:554/other"},
        {"control": "rtsp://10.1.1.1/cam/track1", "login": digest_sha256},
        {"login": basic, "content_base": "nowhere"},
    ],
)
async def test_what_cameras_do_is_understood(
    oddities, hall_clip, camera_at, running, until, decode
):
    async with odd_camera(hall_clip, **oddities) as server:
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 20)
    assert units[0].key
    assert len(decode(units)) == len(units)
    assert all(abs(b.timestamp - a.timestamp - 3000) < 30 for a, b in pairwise(units))
    picture = camera.picture.value
    assert (picture.width, picture.height) == (1280, 720)
    control = next(line for line in server.asked if line.startswith("SETUP"))
    assert control.endswith("/track1 RTSP/1.0")


async def test_a_picture_is_there_before_the_next_one_is(hall_clip, camera_at, running, until):
    async with odd_camera(hall_clip, stop_after=8) as server:
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) == 8)
            assert server.sent == 8


async def test_without_markers_it_is_there_with_the_next_one(hall_clip, camera_at, running, until):
    async with odd_camera(hall_clip, stop_after=8, markers=False) as server:
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) == 7)


async def test_the_camera_hears_that_somebody_is_there(hall_clip, camera_at, running, until):
    async with odd_camera(hall_clip, session="12;timeout=4") as server:
        camera = camera_at(server.url)
        async with running(camera):
            await until(lambda: any(line.startswith("GET_PARAMETER") for line in server.asked))
            await until(lambda: server.reports)
    assert server.reports[0][1] == 201
    assert server.reports[0][8:12] == b"\0\0\0\7"


async def test_it_goes_where_it_is_sent(hall_clip, camera_at, running, until):
    async with odd_camera(hall_clip) as other, odd_camera(hall_clip, moved=other.url) as server:
        camera = camera_at(server.url)
        units = collect(camera)
        async with running(camera):
            await until(lambda: units)
    assert any(line.startswith("PLAY") for line in other.asked)


async def test_the_password_itself_is_not_told_to_another_host(hall_clip, camera_at):
    async with odd_camera(hall_clip, login=basic) as other:
        address = other.url.replace("127.0.0.1", "localhost")
        async with odd_camera(hall_clip, moved=address) as server:
            with pytest.raises(DeviceError) as caught:
                await camera_at(server.url).run()
    assert caught.value.cause.code == "camera.wrong_password"
    assert not any(other.authorizations)


async def test_a_wrong_password_is_tried_once(hall_clip, camera_at):
    """Cameras lock out whoever is wrong too often."""
    async with odd_camera(hall_clip, login=lambda *_: 'Digest realm="cam", nonce="1"') as server:
        with pytest.raises(DeviceError) as caught:
            await camera_at(server.url).run()
    assert caught.value.cause.code == "camera.wrong_password"
    assert len([one for one in server.authorizations if one]) == 1


async def test_over_tls(hall_clip, camera_at, running, until, tmp_path):
    async with odd_camera(hall_clip, tls=certificate(tmp_path)) as server:
        camera = camera_at(server.url, transport="udp")
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 5)


def overtaken(packets):
    """The last two of each picture, and each once more."""
    return [*packets[:-2], *reversed(packets[-2:]), *packets]


async def test_udp_mixes_up_and_nothing_is_lost(hall_clip, camera_at, running, until, decode):
    async with odd_camera(hall_clip, mix=overtaken) as server:
        camera = camera_at(server.url, transport="udp")
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 40)
        await until(lambda: server.asked[-1].startswith("TEARDOWN"))
    assert len(decode(units)) == len(units)
    assert {round((b.timestamp - a.timestamp) / 3000) for a, b in pairwise(units)} == {1}


async def test_what_udp_loses_is_left_out_up_to_the_next_key_frame(
    hall_clip, camera_at, running, until, decode
):
    count = 0

    def lossy(packets):
        nonlocal count
        count += 1
        return packets[:-1] if count == 14 else packets

    clip = type(hall_clip)(hall_clip.units[:30], 30)
    asked = []
    async with odd_camera(clip, mix=lossy) as server:
        camera = camera_at(server.url, transport="udp", damaged=lambda: asked.append(1))
        units = collect(camera)
        async with running(camera):
            await until(lambda: len(units) > 25)
    assert asked, "a key frame was not asked for"
    gaps = [
        number for number, (a, b) in enumerate(pairwise(units)) if b.timestamp - a.timestamp > 4000
    ]
    assert len(gaps) == 1
    assert units[gaps[0] + 1].key
    assert len(decode(units)) == len(units)


async def test_a_goodbye_is_a_loss(hall_clip, camera_at):
    async with odd_camera(hall_clip, stop_after=5, goodbye=True) as server:
        with pytest.raises(DeviceError) as caught:
            await camera_at(server.url, stalled_after=60.0).run()
    assert caught.value.cause.code == "camera.lost"


async def test_the_cameras_clock_is_mapped_to_ours(hall_clip, camera_at, running, until):
    async with odd_camera(hall_clip, clock=3_900_000_000) as server:
        camera = camera_at(server.url)
        async with running(camera):
            began = time.monotonic()
            await until(lambda: camera.timeline.ahead is not None)
            took = time.monotonic() - began
            ahead = camera.timeline.ahead + began
    assert 3_900_000_000 - took - 1 < ahead < 3_900_000_000 + took + 1


async def test_what_is_not_for_it_is_read_by_libav(hall_clip, camera_at, until, monkeypatch):
    opened = []

    def read(self, _stopped):
        opened.append(self)
        raise DeviceError("camera.lost")

    monkeypatch.setattr(RtspSession, "read", read)
    async with odd_camera(hall_clip, rtpmap="H265/90000") as server:
        with pytest.raises(DeviceError):
            await camera_at(server.url).run()
        assert len(opened) == 1
        asked = len(server.asked)
        assert asked

        async def never(_session):
            raise AssertionError

        monkeypatch.setattr(Session, "read", never)
        with pytest.raises(DeviceError):
            await camera_at(server.url, reader="libav").run()
    assert len(opened) == 2


async def test_the_pictures_a_second_are_counted_where_it_does_not_say(
    hall_clip, camera_at, running, until
):
    async with odd_camera(type(hall_clip)(hall_clip.units[:10], 30)) as server:
        camera = camera_at(server.url)
        async with running(camera):
            await until(
                lambda: camera.picture.value and camera.picture.value.frames_per_second == 30
            )


@pytest.mark.parametrize(
    "rubbish", [b"HTTP/1.1 400 Bad\r\n\r\n", b"RTSP/1.0 x\r\n\r\n", b"\0" * 70_000]
)
async def test_rubbish_for_an_answer_ends_in_words(rubbish, camera_at):
    async def answer(reader, writer):
        await reader.read(1000)
        writer.write(rubbish)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(DeviceError) as caught:
            await camera_at(f"rtsp://127.0.0.1:{port}/cam", silent_after=5.0).run()
    finally:
        server.close()
    assert caught.value.cause.code in ("camera.silent", "camera.no_video")
