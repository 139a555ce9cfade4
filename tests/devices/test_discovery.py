"""Looking for what stands in the hall: datagrams on loopback, and a camera nobody here wrote."""

import asyncio
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.discovery.found import Found, FoundKind, Network
from devices.discovery.onvif_probe import find_cameras, read_matches
from devices.discovery.pjlink_search import find_projectors
from devices.discovery.plugged_in import find_webcams, read_sound
from devices.discovery.scan import scan
from devices.sound.listing import SoundDevice
from devices.virtual.announcing import answering_probes, answering_searches
from devices.virtual.projector import Manner, virtual_projector
from devices.virtual.sound import missing_programs, virtual_sound

PEER = Path(__file__).with_name("onvif_peer.py")


def a_loopback_address() -> str:
    """Nobody else's: whatever stands there was put there by this test."""
    number = uuid.uuid4().int
    return f"127.{1 + number % 200}.{1 + number // 256 % 200}.{1 + number // 65536 % 200}"


def network(address: str = "127.0.0.1") -> Network:
    return Network.of((address,))


@asynccontextmanager
async def ipycam(name: str) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PEER), "viewer", "secret", name, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(await asyncio.wait_for(process.stdout.readline(), 60))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def test_a_camera_that_nobody_here_wrote_is_found():
    name = f"ipycam-{uuid.uuid4().hex[:8]}"
    async with ipycam(name) as address:
        found = [one for one in await find_cameras(network(), 2.0) if one.name == name]
    assert [one.kind for one in found] == [FoundKind.CAMERA]
    assert found[0].address.startswith(address)
    assert found[0].identity.startswith("urn:uuid:")


async def test_the_virtual_camera_answers_beside_others():
    """Two on one machine both have port 3702, and each is found once."""
    identities = [f"urn:uuid:{uuid.uuid4()}" for _ in range(2)]
    async with AsyncExitStack() as stack:
        for number, identity in enumerate(identities):
            url = f"http://127.0.0.1:{8000 + number}/onvif/device_service"
            await stack.enter_async_context(
                answering_probes(lambda url=url: url, f"Cửa {number}", identity)
            )
        found = [one for one in await find_cameras(network(), 1.0) if one.identity in identities]
    assert sorted((one.name, one.address) for one in found) == [
        ("Cửa 0", "http://127.0.0.1:8000/onvif/device_service"),
        ("Cửa 1", "http://127.0.0.1:8001/onvif/device_service"),
    ]


def match(addresses: str, types: str = "dn:NetworkVideoTransmitter", scopes: str = "") -> bytes:
    return f"""<Envelope xmlns:d="d" xmlns:a="a"><Body><d:ProbeMatch>
    <a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>
    <d:Types>{types}</d:Types><d:Scopes>{scopes}</d:Scopes><d:XAddrs>{addresses}</d:XAddrs>
    </d:ProbeMatch></Body></Envelope>""".encode()


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("http://10.0.0.9/onvif/device_service", "http://192.168.1.20/onvif/device_service"),
        ("http://10.0.0.9:81/o http://192.168.1.20:82/o", "http://192.168.1.20:82/o"),
        ("http://[fe80::1]/o http://192.168.1.20/o", "http://192.168.1.20/o"),
        ("http://user:secret@192.168.1.20/o", "http://192.168.1.20/o"),
    ],
)
def test_a_camera_with_two_addresses_is_reached_where_it_answered(told: str, address: str):
    assert [one.address for one in read_matches(match(told), "192.168.1.20")] == [address]


def test_printers_answer_probes_and_are_no_cameras():
    assert read_matches(match("http://192.168.1.9/", "wprt:PrintDeviceType"), "192.168.1.9") == []
    assert read_matches(match("", "dn:NetworkVideoTransmitter"), "192.168.1.9") == []


@given(st.one_of(st.binary(max_size=300), st.text(max_size=60).map(lambda t: match(t[:60]))))
def test_whatever_answers_it_stays_a_look(data: bytes):
    assert all(isinstance(one, Found) for one in read_matches(data, "192.168.1.9"))


async def test_a_projector_of_class_2_answers_the_search():
    address = a_loopback_address()
    async with (
        virtual_projector(host=address, port=4352),
        answering_searches(address, "00:11:22:AA:BB:CC"),
    ):
        found = await find_projectors(network(address), 1.0)
    mine = [one for one in found if one.address == address]
    assert mine == [Found(FoundKind.PROJECTOR, "Virtual projector", address, "00:11:22:aa:bb:cc")]


async def test_a_projector_of_class_1_is_knocked_at():
    """It knows no search; another program at that port, or one that says nothing, is none."""
    ours = a_loopback_address()
    first, silent, web = (f"{ours.rpartition('.')[0]}.{number}" for number in (241, 242, 243))
    async with (
        virtual_projector(host=first, port=4352, password="secret"),
        virtual_projector(host=silent, port=4352) as asleep,
        virtual_projector(host=web, port=4352) as other,
    ):
        asleep.manner, other.manner = Manner.SILENT, Manner.GARBAGE
        found = await find_projectors(network(ours), 1.0)
    near = [one for one in found if one.address.startswith(ours.rpartition(".")[0] + ".")]
    assert near == [Found(FoundKind.PROJECTOR, "", first, first)]


def test_webcams_are_told_by_their_serial_or_their_socket(tmp_path: Path):
    for node, name in (("video0", "HD Webcam: HD Webcam"), ("video2", "Grabber")):
        (tmp_path / "sys/class/video4linux" / node).mkdir(parents=True)
        (tmp_path / "sys/class/video4linux" / node / "name").write_text(name + "\n")
    for folder, link, node in (
        ("by-id", "usb-Maker_HD_1234-video-index0", "video0"),
        ("by-id", "usb-Maker_HD_1234-video-index1", "video1"),
        ("by-path", "pci-0000:00:14.0-usb-0:1:1.0-video-index0", "video0"),
        ("by-path", "pci-0000:00:14.0-usb-0:2:1.0-video-index0", "video2"),
    ):
        path = tmp_path / "dev/v4l" / folder / link
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(f"../../{node}")
    assert [(one.name, one.address) for one in find_webcams(tmp_path)] == [
        ("HD Webcam", "/dev/v4l/by-id/usb-Maker_HD_1234-video-index0"),
        ("Grabber", "/dev/v4l/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0"),
    ]


def test_sound_devices_lose_their_number_and_the_systems_default_is_none():
    listed = [
        SoundDevice("Jabra: USB Audio (hw:1,0)", 1, 2),
        SoundDevice("HDA: ALC256 Analog (hw:0,0)", 2, 2),
        SoundDevice("Twin: USB Audio (hw:2,0)", 1, 0),
        SoundDevice("Twin: USB Audio (hw:3,0)", 1, 0),
        SoundDevice("default", 32, 32),
        SoundDevice("pulse", 32, 32),
        SoundDevice("lavrate", 128, 128),
        SoundDevice("HDA: HDMI 0 (hw:0,3)", 0, 8),
        # As PortAudio lists them beside a card on a computer without a sound server.
        *(SoundDevice(name, 128, 128) for name in ("sysdefault", "dmix")),
        *(SoundDevice(name, 0, 8) for name in ("front", "surround40", "surround71", "hdmi")),
        *(SoundDevice(name, 0, 2) for name in ("iec958", "spdif")),
    ]
    found = [(one.kind, one.address) for one in read_sound(listed)]
    assert [address for kind, address in found if kind is FoundKind.MICROPHONE] == [
        "Jabra: USB Audio",
        "HDA: ALC256 Analog",
        "Twin: USB Audio (hw:2,0)",
        "Twin: USB Audio (hw:3,0)",
    ]
    assert [address for kind, address in found if kind is FoundKind.LOUDSPEAKER] == [
        "Jabra: USB Audio",
        "HDA: ALC256 Analog",
        "HDA: HDMI 0",
    ]


@pytest.mark.peer
@pytest.mark.skipif(bool(missing_programs()), reason="no PulseAudio here")
async def test_one_look_finds_the_whole_house_within_ten_seconds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    address, identity = a_loopback_address(), f"urn:uuid:{uuid.uuid4()}"
    async with (
        virtual_projector(host=address, port=4352),
        answering_searches(address, "00:11:22:AA:BB:CC"),
        answering_probes(lambda: f"http://{address}:8000/onvif/device_service", "Hall", identity),
        virtual_sound(folder) as sound,
    ):
        began = time.monotonic()
        found = await scan(network(address), sound.environment, listens=1.0)
        took = time.monotonic() - began
    kinds = {one.kind for one in found if one.identity == identity or one.address == address}
    assert kinds == {FoundKind.CAMERA, FoundKind.PROJECTOR}
    assert {(FoundKind.MICROPHONE, "house_mic"), (FoundKind.LOUDSPEAKER, "house_spk")} <= {
        (one.kind, one.address) for one in found
    }
    assert took < 10


async def test_without_a_network_nothing_is_found_and_nothing_breaks(monkeypatch):
    monkeypatch.setattr("devices.discovery.scan.find_sound", lambda environment: [])
    monkeypatch.setattr("devices.discovery.scan.find_webcams", lambda: 1 / 0)
    assert await scan(Network(()), listens=0.1) == ()
