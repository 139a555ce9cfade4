"""A small computer of its own, for what needs kernel drivers: QEMU without virtualisation, Debian's
kernel, and this machine's own files, which it cannot write to.

    for word, told in run_guest(Path("inside.py"), seconds=300):
        print(word, told)

`scripts/setup.sh guest` fetches the kernel into build/guest; nothing of it is installed. The guest
has no network. What it prints as `::word {json}` is what it tells.
"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PARTS: Final = ROOT / "build" / "guest"
BOOT: Final = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
"""Modules that the first script needs to reach the files."""
DEVICES: Final = {
    "snd-dummy": "",
    "snd-aloop": "enable=1,1 index=4,-1",  # the second takes whatever number is free
    "vivid": "n_devs=1 node_types=0x1",
}
"""Modules under test, with their parameters."""

INIT: Final = """#!/bin/busybox sh
b=/bin/busybox
$b mount -t devtmpfs dev /dev; $b mount -t proc proc /proc; $b mount -t sysfs sys /sys
{insert}
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=1048576,cache=loose,ro host /low
$b mount -t tmpfs rw /rw
$b mkdir /rw/up /rw/work
$b mount -t overlay -o lowerdir=/low,upperdir=/rw/up,workdir=/rw/work all /new
$b cp -af /low{udev}/lib/. /new/lib/
$b cp -af /low{udev}/bin/. /new/bin/
for d in dev proc sys; do $b mount --move /$d /new/$d; done
$b mount -t tmpfs run /new/run
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp SYSTEMD_IGNORE_CHROOT=1
$b chroot /new /bin/sh -c '/lib/systemd/systemd-udevd --daemon &&
    udevadm trigger && udevadm settle -t 30 && cd {root} && {python} {script}'
echo o >/new/proc/sysrq-trigger
$b sleep 60
"""


def run_guest(script: Path, seconds: float) -> Iterator[tuple[str, Any]]:
    """Boot, run the script with this Python as root, yield what it tells. Raises TimeoutError."""
    (PARTS / "initrd").write_bytes(_initrd(script))
    share = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    command = [
        *("qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max"),
        *("-smp", "2", "-m", "1536", "-nographic", "-nodefaults", "-no-reboot"),
        *("-serial", "stdio", "-virtfs", share, "-initrd", str(PARTS / "initrd")),
        *("-kernel", str(_only("kernel/boot/vmlinuz-*"))),
        *("-append", "console=ttyS0 panic=-1 quiet no_timer_check"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as machine:
        assert machine.stdout
        late = threading.Timer(seconds, machine.kill)
        late.start()
        try:
            for line in machine.stdout:
                text = line.decode(errors="replace").rstrip()
                print(text, file=sys.stderr)
                if found := re.search(r"::([\w-]+) (.*)$", text):
                    yield found[1], json.loads(found[2])
            if not late.is_alive():
                raise TimeoutError(f"the guest did not end within {seconds} s")
        finally:
            late.cancel()
            machine.kill()


def _only(pattern: str) -> Path:
    (found,) = PARTS.glob(pattern)
    return found


def _initrd(script: Path) -> bytes:
    boot, devices = _with_needed(BOOT), _with_needed(DEVICES)
    modules = [*boot, *(one for one in devices if one not in boot)]
    insert = "\n".join(
        f"$b insmod /mod/{one.name} {DEVICES.get(one.stem, '')}".rstrip() for one in modules
    )
    init = INIT.format(
        insert=insert, udev=PARTS / "udev", root=ROOT, python=sys.executable, script=script
    )
    folders = ("bin", "mod", "low", "rw", "new", "proc", "sys", "dev")
    return _archive(
        [
            *((name, 0o40755, b"") for name in folders),
            ("bin/busybox", 0o100755, (PARTS / "busybox/bin/busybox").read_bytes()),
            *((f"mod/{one.name}", 0o100644, one.read_bytes()) for one in modules),
            ("init", 0o100755, init.encode()),
        ]
    )


def _with_needed(names: Sequence[str] | dict[str, str]) -> list[Path]:
    """The files of these modules, each behind those that it needs; others are built in."""
    files = {path.stem.replace("-", "_"): path for path in PARTS.glob("kernel/lib/**/*.ko")}
    order: list[Path] = []

    def add(name: str) -> None:
        path = files.get(name.replace("-", "_"))
        if path is None or path in order:
            return
        needs = re.search(rb"\0depends=([^\0]+)\0", path.read_bytes())
        for needed in needs[1].decode().split(",") if needs else ():
            add(needed)
        order.append(path)

    for name in names:
        add(name)
    return order


def _archive(entries: Sequence[tuple[str, int, bytes]]) -> bytes:
    """A cpio archive as the kernel reads it (Documentation/driver-api/early-userspace)."""
    out = b""
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], 1):
        path = name.encode() + b"\0"
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out
