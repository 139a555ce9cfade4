"""What the kernel tells about webcams. None is here to be asked: /dev and /sys are folders of
files, the answers to the ioctls are built from tables, and what was plugged in is told over the
kernel's netlink by the test itself."""

import asyncio
import errno
import os
import socket
import struct
import subprocess
import sys
from contextlib import suppress

import av
import pytest

from config.settings import Webcam as Settings
from devices.device import Condition
from devices.discovery.found import Found, FoundKind
from devices.discovery.plugged_in import find_webcams, with_sound
from devices.keep_running import keep_running
from devices.video4linux.modes import Mode, read_modes, ways
from devices.video4linux.nodes import is_shared, webcams
from devices.video4linux.plugs import plugged_in
from devices.webcam import Webcam

RATES = (30.0, 24.0, 20.0, 15.0, 10.0, 5.0)
GOOD = (  # one that codes by itself, and whose raw pictures do not fit through USB 2
    Mode("YUYV", 640, 480, RATES),
    Mode("YUYV", 1280, 720, (10.0, 7.5, 5.0)),
    Mode("YUYV", 1920, 1080, (5.0,)),
    Mode("H264", 640, 480, RATES),
    Mode("H264", 1280, 720, RATES),
    Mode("MJPG", 640, 480, RATES),
    Mode("MJPG", 1280, 720, RATES),
    Mode("MJPG", 1920, 1080, RATES),
)
CHEAP = (Mode("YUYV", 640, 480, (30.0,)), Mode("YUYV", 352, 288, (30.0,)))
DONGLE = (  # HDMI comes in, and its sizes are all there are
    Mode("MJPG", 1920, 1080, (30.0, 25.0)),
    Mode("MJPG", 1280, 720, (60.0, 50.0, 30.0)),
    Mode("YUYV", 1920, 1080, (5.0,)),
)


class Kernel:
    """Answers as `fcntl.ioctl` does, in the layout of linux/videodev2.h on every machine."""

    def __init__(self, modes, stepwise=None):
        self.formats = list(dict.fromkeys(mode.format for mode in modes))
        self.modes, self.stepwise = modes, stepwise
        self.asked = []

    def __call__(self, number, request, given):
        os.fstat(number)  # it is open
        self.asked.append(request)
        values = struct.unpack(f"={len(given) // 4}I", given)
        assert len(given) == request >> 16 & 0x3FFF
        index, code = values[0], struct.pack("=I", values[1]).decode("latin-1").strip()
        if request & 0xFF == 2:
            assert values[1] == 1
            name = self._at(self.formats, index)
            return given[:12] + b"Motion-JPEG".ljust(32, b"\0") + name.encode().ljust(4) + bytes(16)
        if request & 0xFF == 74:
            if self.stepwise:
                return (
                    given[:8] + struct.pack("=7I", 3, *self._at([self.stepwise], index)) + bytes(8)
                )
            mode = self._at([mode for mode in self.modes if mode.format == code], index)
            return given[:8] + struct.pack("=3I", 1, mode.width, mode.height) + bytes(24)
        (mode,) = (m for m in self.modes if (m.format, m.width, m.height) == (code, *values[2:4]))
        rate = self._at(mode.rates, index)
        return given[:16] + struct.pack("=3I", 1, 10, round(rate * 10)) + bytes(24)

    def _at(self, found, index):
        if index >= len(found):
            raise OSError(errno.EINVAL, "no more")
        return found[index]


@pytest.fixture
def node(tmp_path):
    path = tmp_path / "video0"
    path.touch()
    return str(path)


def test_formats_sizes_and_rates_are_read(node):
    assert read_modes(node, Kernel(GOOD)) == GOOD
    assert read_modes(node, Kernel(())) == ()


def test_where_any_size_goes_the_usual_ones_are_asked_for(node):
    usual = tuple(Mode("YUYV", *size, (25.0,)) for size in ((640, 360), (640, 480), (960, 540)))
    assert read_modes(node, Kernel(usual, stepwise=(400, 1000, 2, 300, 600, 2))) == usual


def test_a_device_that_never_ends_is_believed_up_to_a_point(node):
    endless = Kernel(CHEAP)
    endless._at = lambda found, index: found[0]
    modes = read_modes(node, lambda n, r, g: endless(n, r, g) if r & 0xFF != 75 else _refuse())
    assert len(modes) == 100 * 100


def _refuse():
    raise OSError(errno.ENOTTY, "no such call")


def test_what_is_no_webcam_has_no_modes(node):
    assert read_modes(node) == ()
    with pytest.raises(FileNotFoundError):
        read_modes(node + "9")


def chosen(modes, *wanted, **more):
    found = ways(modes, *wanted, **more)
    return [(way.mode.format, way.mode.width, way.mode.height, way.rate) for way in found]


def test_the_best_way_is_compressed_large_enough_and_quick_enough():
    assert chosen(GOOD, 1280, 720, 30) == [("MJPG", 1280, 720, 30), ("YUYV", 640, 480, 30)]
    assert chosen(GOOD, 1280, 720, 30, own_h264=True)[0] == ("H264", 1280, 720, 30)
    assert chosen(GOOD, 1280, 720, 12)[0] == ("MJPG", 1280, 720, 10)
    assert chosen(CHEAP, 1280, 720, 30) == [("YUYV", 640, 480, 30)]
    assert chosen(DONGLE, 1280, 720, 30)[0] == ("MJPG", 1280, 720, 30)
    assert chosen(DONGLE, 640, 360, 30)[0] == ("MJPG", 1280, 720, 30)


def test_a_format_that_is_too_slow_or_too_small_comes_last():
    slow = [Mode("MJPG", 1280, 720, (5.0,)), Mode("YUYV", 640, 480, (30.0,))]
    assert [one[0] for one in chosen(slow, 1280, 720, 30)] == ["YUYV", "MJPG"]
    small = [Mode("H264", 320, 240, (30.0,)), Mode("MJPG", 1280, 720, (30.0,))]
    assert [one[0] for one in chosen(small, 1280, 720, 30, own_h264=True)] == ["MJPG", "H264"]
    assert chosen([Mode("RGGB", 1280, 720, (30.0,))], 1280, 720, 30) == []


def test_the_way_is_told_to_libav():
    way = ways(GOOD, 1280, 720, 30)[0]
    assert way.options == {"input_format": "mjpeg", "video_size": "1280x720", "framerate": "30"}
    assert "framerate" not in ways([Mode("YUYV", 640, 480)], 640, 480, 30)[0].options


class Machine:
    """Folders as the kernel and udev lay them out."""

    def __init__(self, root):
        self.root = root

    def plug(self, node, socket_, model="046d:0825", serial="", by_id=None, name="HD Webcam"):
        usb = self.root / f"sys/devices/pci0000:00/usb1/{socket_}"
        own = usb / f"{socket_}:1.0/video4linux/{node}"
        own.mkdir(parents=True)
        for part, text in zip(("idVendor", "idProduct"), model.split(":"), strict=True):
            (usb / part).write_text(text + "\n")
        if serial:
            (usb / "serial").write_text(serial + "\n")
        (own / "name").write_text(f"{name}: {name}\n")
        (own / "device").symlink_to("../..")
        self._link(f"sys/class/video4linux/{node}", own)
        (self.root / "dev").mkdir(exist_ok=True)
        (self.root / f"dev/{node}").touch()
        self._link(
            f"dev/v4l/by-path/pci-usb-0:{socket_}:1.0-video-index0", self.root / f"dev/{node}"
        )
        if by_id:
            self._link(f"dev/v4l/by-id/{by_id}-video-index0", self.root / f"dev/{node}")

    def _link(self, path, target):
        link = self.root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(target, link.parent))


def test_two_equal_webcams_are_told_apart_by_their_sockets(tmp_path):
    machine = Machine(tmp_path)
    machine.plug("video0", "1-1", serial="SN0001", by_id="usb-Cheap_HD_SN0001")
    (alone,) = webcams(tmp_path)
    assert alone.address == "/dev/v4l/by-id/usb-Cheap_HD_SN0001-video-index0"
    assert not alone.alike
    assert not is_shared(alone.address, tmp_path)
    machine.plug("video2", "1-2", serial="SN0001", by_id="usb-Cheap_HD_SN0001")
    both = webcams(tmp_path)
    assert [(one.address, one.node, one.alike) for one in both] == [
        ("/dev/v4l/by-path/pci-usb-0:1-1:1.0-video-index0", "/dev/video0", True),
        ("/dev/v4l/by-path/pci-usb-0:1-2:1.0-video-index0", "/dev/video2", True),
    ]
    assert {one.name for one in both} == {"HD Webcam"}
    assert is_shared(alone.address, tmp_path)
    assert not is_shared(both[0].address, tmp_path)


def test_serial_numbers_that_differ_are_kept_and_numbers_are_never_used(tmp_path):
    machine = Machine(tmp_path)
    machine.plug("video4", "1-1", serial="A", by_id="usb-Maker_HD_A")
    machine.plug("video0", "1-2", serial="B", by_id="usb-Maker_HD_B")
    machine.plug("video9", "1-3", model="1111:2222", name="Grabber")
    found = webcams(tmp_path)
    assert [one.address for one in found] == [
        "/dev/v4l/by-id/usb-Maker_HD_A-video-index0",
        "/dev/v4l/by-id/usb-Maker_HD_B-video-index0",
        "/dev/v4l/by-path/pci-usb-0:1-3:1.0-video-index0",
    ]
    assert [one.node for one in found] == ["/dev/video4", "/dev/video0", "/dev/video9"]


@pytest.mark.parametrize(
    ("model", "name", "is_hdmi"),
    [
        ("534d:2109", "USB Video", True),
        ("345f:2130", "USB3 Video", True),
        ("0fd9:0066", "Cam Link 4K", True),
        ("1bcf:2c99", "USB3. 0 capture", True),
        ("046d:0825", "HD Webcam", False),
        ("1bcf:2281", "USB Video", False),
    ],
)
def test_a_dongle_is_told_from_a_camera_by_its_maker_or_its_name(tmp_path, model, name, is_hdmi):
    Machine(tmp_path).plug("video0", "1-1", model=model, name=name)
    (found,) = webcams(tmp_path)
    assert (found.is_hdmi, found.sound) == (is_hdmi, "")


def test_the_sound_of_a_dongle_is_found_in_the_same_usb_device(tmp_path):
    machine = Machine(tmp_path)
    machine.plug("video0", "1-1", model="534d:2109", name="USB Video")
    machine.plug("video2", "1-2", name="HD Webcam")
    (tmp_path / "sys/devices/pci0000:00/usb1/1-1/1-1:1.2/sound/card2").mkdir(parents=True)
    (tmp_path / "proc/asound").mkdir(parents=True)
    (tmp_path / "proc/asound/cards").write_text(
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
        "                      HDA Intel PCH at 0xf7210000 irq 33\n"
        " 2 [MS2109         ]: USB-Audio - MS2109\n"
        "                      MACROSILICON MS2109 at usb-0000:00:14.0-1, high speed\n"
    )
    found = find_webcams(tmp_path)
    assert [(one.kind, one.sound) for one in found] == [
        (FoundKind.HDMI, "MS2109:"),
        (FoundKind.WEBCAM, ""),
    ]
    name = "MS2109: USB Audio"
    microphones = [Found(FoundKind.MICROPHONE, n, n, n) for n in (name, "Jabra: USB Audio")]
    assert [one.sound for one in with_sound([*found, *microphones])][:2] == [name, ""]


def tell_plugged_in(subsystem="video4linux", action="add"):
    """As udev tells its listeners, in its own words (libudev-monitor.c, version 0xfeedcafe)."""
    told = {
        "ACTION": action,
        "DEVPATH": "/devices/pci0000:00/usb1/1-1/1-1:1.0/video4linux/video0",
        "SUBSYSTEM": subsystem,
        "DEVNAME": "/dev/video0",
        "SEQNUM": "1",
        "MAJOR": "81",
        "MINOR": "0",
    }
    body = b"".join(f"{key}={value}".encode() + b"\0" for key, value in told.items())
    head = b"libudev\0" + struct.pack("!I", 0xFEEDCAFE) + struct.pack("=3I", 40, 40, len(body))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as events:
        events.bind((0, 0))
        events.sendto(head + bytes(16) + body, (0, 2))


@pytest.fixture
def events():
    """Only root may tell of events."""
    try:
        tell_plugged_in(subsystem="none")
    except OSError as error:
        pytest.skip(f"no events can be sent here: {error}")


async def keep_telling():
    while True:
        tell_plugged_in()
        await asyncio.sleep(0.2)


async def test_what_is_plugged_in_is_told_by_the_system(events):
    waiting = asyncio.create_task(plugged_in("video4linux"))
    telling = None
    try:
        for _ in range(5):
            tell_plugged_in(subsystem="sound")
            tell_plugged_in(action="remove")
            await asyncio.sleep(0.02)
        assert not waiting.done()
        telling = asyncio.create_task(keep_telling())
        await asyncio.wait_for(waiting, 20)
    finally:
        waiting.cancel()
        if telling is not None:
            telling.cancel()


async def test_what_is_there_by_now_needs_no_event():
    await asyncio.wait_for(plugged_in("video4linux", lambda: True), 20)


async def test_without_udev_the_ordinary_attempts_remain(monkeypatch):
    def missing():
        raise ImportError("No library named udev")

    monkeypatch.setattr("devices.video4linux.plugs.pyudev.Context", missing)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(plugged_in("video4linux", lambda: True), 0.05)


async def test_a_webcam_is_back_as_soon_as_it_is_plugged_in(tmp_path, events, health_when):
    """With pauses of an hour between the attempts."""
    film = tmp_path / "film.mkv"
    with av.open(str(film), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        for number in range(50):
            frame = av.VideoFrame(320, 240, "yuvj420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    link = tmp_path / "usb-Maker_HD_A-video-index0"
    stanza = {"kind": "webcam", "id": "camera-2", "name": "Webcam", "format": "matroska"}
    webcam = Webcam(Settings.model_validate(stanza | {"input": str(link)}))
    running = asyncio.create_task(keep_running(webcam, first_pause=3600, longest_pause=3600))
    telling = asyncio.create_task(keep_telling())
    try:
        assert (await health_when(webcam, Condition.FAILED)).cause.code == "webcam.missing"
        link.symlink_to(film)
        await health_when(webcam, Condition.WORKING)
    finally:
        running.cancel()
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await running


def test_the_program_says_where_there_is_none():
    command = [sys.executable, "-m", "devices.video4linux", "--only", "/dev/v4l/by-id/none"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert told.returncode == 1
    assert '"address": "/dev/v4l/by-id/none"' in told.stdout
    assert "No such file" in told.stdout
