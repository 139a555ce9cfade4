"""A whole house on this machine, with equipment made of software.

    avcontrol demo --house-port 8080 --data build/demo

The camera, the projector and the sound server are real servers that speak RTSP, PJLink and
PulseAudio, so what runs is what runs in a house: the same daemon, the same drivers. Once
everything answers, `DIR/demo.json` holds an address for each page, ready to be opened.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from avcontrol.house import House, open_house
from config.settings import (
    HouseSection,
    HouseSettings,
    PjlinkProjector,
    RtspCamera,
    SoundSection,
    WebSection,
)
from devices.virtual.projector import virtual_projector
from devices.virtual.sound import VirtualSound, missing_programs, virtual_sound
from rooms.meeting import Actor
from rooms.view import Role

LINKS_LAST = timedelta(hours=12)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    house_port: int
    data: Path
    camera: str | None = None
    """Address of an RTSP camera to use in the place of the virtual one."""


async def run_demo(options: DemoOptions, stop: asyncio.Event) -> None:
    """Run the demo until `stop` is set. Raises Refused like `open_house`, RuntimeError where the
    virtual equipment does not start."""
    announcement = options.data / "demo.json"
    options.data.mkdir(parents=True, exist_ok=True)
    announcement.unlink(missing_ok=True)
    async with AsyncExitStack() as stack:
        camera = options.camera or await stack.enter_async_context(_virtual_camera(options.data))
        projector = await stack.enter_async_context(virtual_projector())
        sound = await _virtual_sound(stack)
        settings = HouseSettings(
            house=HouseSection(
                name="Nhà văn hóa Tổ dân phố 5", ward="Phường Hòa Bình", telephone="024 3000 0005"
            ),
            web=WebSection(port=options.house_port),
            data=options.data,
            cameras=(RtspCamera(kind="rtsp", id="camera", name="Camera hội trường", url=camera),),
            sound=sound
            and SoundSection(microphone=sound.microphone, loudspeaker=sound.loudspeaker),
            projector=PjlinkProjector(kind="pjlink", host=projector.host, port=projector.port),
        )
        environment = sound.environment if sound else None
        house = await stack.enter_async_context(open_house(settings, environment))
        if sound is not None:
            residents = asyncio.create_task(sound.residents())
            stack.callback(residents.cancel)
        addresses = await demo_addresses(house)
        _write_whole(announcement, json.dumps(addresses, indent=2))
        stack.callback(announcement.unlink, missing_ok=True)
        _greet(addresses)
        await stop.wait()


async def demo_addresses(house: House) -> dict[str, str]:
    """An address for each page; whoever opens it is let in as what he is there."""
    until = datetime.now(UTC) + LINKS_LAST
    invitation = await house.room.create_invitation(
        Actor(Role.LEADER, "Tổ trưởng"),
        Role.OFFICIAL,
        "Cán bộ phường",
        expires=until,
        lobby=False,
        any_meeting=True,
    )

    def opened_as(role: Role, name: str) -> str:
        return house.url + house.access.open_link(role, name, until=until)

    return {
        "panel": opened_as(Role.LEADER, "Máy tính bảng của tổ trưởng"),
        "secretary": opened_as(Role.SECRETARY, "Máy của thư ký"),
        "stage": opened_as(Role.STAGE, "Màn hình lớn"),
        "official": house.url + house.access.invitation_link(invitation.id),
        "ask": f"{house.url}/ask",
        "board": f"{house.url}/board",
        "technician": opened_as(Role.TECHNICIAN, "Kỹ thuật viên"),
    }


@asynccontextmanager
async def _virtual_camera(cache: Path) -> AsyncIterator[str]:
    """The camera in a process of its own, as a camera is; gives its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devices.virtual.camera", "--port", "0", "--cache", str(cache),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
        if not line.startswith("rtsp://"):
            raise RuntimeError("the virtual camera did not start")
        yield line
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _virtual_sound(stack: AsyncExitStack) -> VirtualSound | None:
    """The hall's sound, or None with a word about what is missing."""
    if missing := missing_programs():
        logger.warning("no sound in this demo: %s missing (make setup)", ", ".join(missing))
        return None
    # a short path: a Unix socket's may not be longer than 107 bytes
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
    return await stack.enter_async_context(virtual_sound(Path(folder)))


def _write_whole(path: Path, text: str) -> None:
    """Whoever sees the file sees all of it."""
    draft = path.with_suffix(".new")
    draft.write_text(text)
    os.replace(draft, path)  # noqa: PTH105 - atomic, which rename is named for elsewhere


def _greet(addresses: dict[str, str]) -> None:
    rows = {
        "panel": "Bảng điều khiển của tổ trưởng / the leader's panel",
        "stage": "Màn hình lớn / the big screen",
        "official": "Cán bộ phường vào họp / an official joins",
        "ask": "Bà con gửi câu hỏi / residents ask",
        "board": "Câu hỏi đã trả lời / answered questions",
        "secretary": "Thư ký / the secretary",
        "technician": "Kỹ thuật viên / the technician",
    }
    lines = ["", "Nhà văn hóa mẫu đã sẵn sàng. Mở các địa chỉ sau, mỗi địa chỉ một cửa sổ:", ""]
    for name, words in rows.items():
        lines += [f"  {words}", f"    {addresses[name]}", ""]
    lines += ["Dừng lại bằng Ctrl+C. / Stop with Ctrl+C.", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
