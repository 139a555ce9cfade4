"""What is on USB sticks, as the kernel's files tell it. The files are made up: no stick is plugged
in where tests run."""

import pytest

from base.cause import Refused
from devices.sticks import Sticks

LINE = "36 25 8:17 / {mount} ro,nosuid shared:20 - vfat /dev/{part} ro,fmask=0022\n"
ROOT = "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"


class Machine:
    def __init__(self, root):
        self.root = root
        self.sticks = Sticks(root)
        self.mounts("")
        (root / "sys/block").mkdir(parents=True)
        self.disk("sda", "pci0000:00/ata1")

    def mounts(self, lines):
        (self.root / "proc/self").mkdir(parents=True, exist_ok=True)
        (self.root / "proc/self/mountinfo").write_text(ROOT + lines)

    def disk(self, name, at, size="15728640"):
        place = self.root / "sys/devices" / at / "block" / name
        (place / f"{name}1").mkdir(parents=True)
        (place / "size").write_text(size + "\n")
        (self.root / "sys/block" / name).symlink_to(place)

    def write(self, path, content=b"%PDF-"):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def stick(machine):
    machine.disk("sdb", "pci0000:00/usb1/1-2")
    machine.mounts(LINE.format(mount="/media/bác\\040Lan", part="sdb1"))
    machine.write("media/bác Lan/Ngân sách.PDF")
    machine.write("media/bác Lan/họp/ảnh.jpg", b"jpeg")
    machine.write("media/bác Lan/thư.docx")
    machine.write("media/bác Lan/.Trash/cũ.pdf")
    machine.write("etc/mật.pdf")
    (machine.root / "media/bác Lan/lối.pdf").symlink_to(machine.root / "etc/mật.pdf")
    (machine.root / "media/bác Lan/nhà").symlink_to(machine.root / "etc")
    return machine


def test_what_is_on_a_stick_is_listed_and_read(stick):
    plugged = stick.sticks.look()
    assert [(one.mount, one.name) for one in plugged.sticks] == [("/media/bác Lan", "bác Lan")]
    assert {file.path for file in plugged.sticks[0].files} == {"Ngân sách.PDF", "họp/ảnh.jpg"}
    assert not plugged.not_mounted
    assert stick.sticks.read("/media/bác Lan", "họp/ảnh.jpg", 100) == b"jpeg"


@pytest.mark.parametrize(
    ("mount", "path"),
    [
        ("/media/bác Lan", "lối.pdf"),
        ("/media/bác Lan", "nhà/mật.pdf"),
        ("/media/bác Lan", "../../etc/mật.pdf"),
        ("/media/bác Lan", "/etc/mật.pdf"),
        ("/media/bác Lan", "thư.docx"),
        ("/media/bác Lan", "không có.pdf"),
        ("/", "etc/mật.pdf"),
        ("/etc", "mật.pdf"),
    ],
)
def test_nothing_but_what_is_on_a_stick_is_read(stick, mount, path):
    with pytest.raises(Refused, match=r"stick\.gone"):
        stick.sticks.read(mount, path, 100)


def test_a_file_that_is_too_large_is_not_read(stick):
    with pytest.raises(Refused, match=r"paper\.too_large"):
        stick.sticks.read("/media/bác Lan", "Ngân sách.PDF", 2)


def test_a_stick_that_nobody_mounted_is_told_of(machine):
    assert not machine.sticks.look().not_mounted, "the machine's own disk is none"
    machine.disk("sdb", "pci0000:00/usb1/1-2", size="0")
    assert not machine.sticks.look().not_mounted, "a card reader without a card"
    machine.disk("sdc", "pci0000:00/usb1/1-3")
    assert machine.sticks.look().not_mounted
    machine.mounts(LINE.format(mount="/run/media/an/ẢNH", part="sdc1"))
    assert not machine.sticks.look().not_mounted
    assert [one.name for one in machine.sticks.look().sticks] == ["ẢNH"]


def test_a_machine_that_tells_nothing_has_no_sticks(tmp_path):
    assert Sticks(tmp_path).look().sticks == ()
