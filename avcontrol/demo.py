"""A whole house on this machine, with equipment made of software, and its ward.

    avcontrol demo --house-port 8080 --ward-port 8090 --data build/demo

The camera, the projector and the sound server are real servers that speak RTSP and ONVIF, PJLink
and PulseAudio, and the webcam is a drawn picture for the real driver, so what runs is what runs in
a house: the same daemon, the same drivers. The house
was enrolled at the ward and dials out to it, and the official comes in through it. Once everything
answers, `DIR/demo.json` holds an address for each page, ready to be opened.
"""

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError

from avcontrol.enrol import KEY_FILE
from avcontrol.house import House, open_house
from avcontrol.ward import Ward, open_ward
from base.cause import Refused
from base.garbage import settle
from config.settings import (
    HdmiSection,
    HouseSection,
    HouseSettings,
    LinkSection,
    NetworkSection,
    PjlinkProjector,
    RtspCamera,
    SoundSection,
    Webcam,
    WebSection,
)
from config.ward import HubWebSection, WardSection, WardSettings
from devices.virtual import laptop
from devices.virtual.announcing import PJLINK_PORT, answering_probes, answering_searches
from devices.virtual.laptop import virtual_laptop, write_tune
from devices.virtual.projector import VirtualProjector, virtual_projector
from devices.virtual.sound import VirtualSound, missing_programs, virtual_sound
from devices.virtual.webcam import FRAMES_PER_SECOND, virtual_webcam
from rooms.meeting import Actor
from rooms.view import Connection, Role
from ward.accounts import AccountRole
from web.hub.entry import OPEN

LOOPBACK = IPv4Address("127.0.0.1")
PROJECTOR_HOSTS = tuple(f"127.0.0.{number}" for number in range(30, 50))
"""Addresses of its own for the projector: it is looked for at one port, as all of them are, and not
where the house itself is."""
LINKS_LAST = timedelta(hours=12)
LINK_SECONDS = 20.0
PROJECTOR_MAC = "02:00:00:00:43:52"
HOUSE_ID = "to-5"
HOUSE_NAME = "Nhà văn hóa Tổ dân phố 5"
ADMIN_LOGIN = "admin@phuong.example"
WARD_NAME = "Phường Hòa Bình"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    house_port: int
    ward_port: int
    data: Path
    camera: str | None = None
    """Address of an RTSP camera to use in the place of the virtual one, with its password."""
    laptop: bool = False
    """Whether there is an HDMI cable, and a laptop on it."""


async def run_demo(options: DemoOptions, stop: asyncio.Event) -> None:
    """Run the demo until `stop` is set. Raises Refused like `open_house`, RuntimeError where the
    virtual equipment does not start."""
    announcement = options.data / "demo.json"
    options.data.mkdir(parents=True, exist_ok=True)
    announcement.unlink(missing_ok=True)
    async with AsyncExitStack() as stack:
        own = own_camera(options.camera, options.data) if options.camera else None
        camera = own or _camera(
            "", onvif=await stack.enter_async_context(_virtual_camera(options.data))
        )
        projector = await _virtual_projector(stack)
        await _answer_whoever_looks(stack, camera, projector)
        sound = await _virtual_sound(stack)
        ward = await stack.enter_async_context(open_ward(_ward_settings(options)))
        settings = HouseSettings(
            house=HouseSection(name=HOUSE_NAME, ward=WARD_NAME, telephone="024 3000 0005"),
            web=WebSection(port=options.house_port),
            data=options.data,
            cameras=(camera, _webcam(await asyncio.to_thread(virtual_webcam, options.data))),
            hdmi=await _laptop(options.data, sound, stack) if options.laptop else None,
            sound=sound
            and SoundSection(microphone=sound.microphone, loudspeaker=sound.loudspeaker),
            projector=PjlinkProjector(kind="pjlink", host=projector.host, port=projector.port),
            network=NetworkSection(addresses=(LOOPBACK,)),
            link=await _enrolled(ward, options.data),
        )
        environment = sound.environment if sound else None
        house = await stack.enter_async_context(open_house(settings, environment))
        if sound is not None:
            residents = asyncio.create_task(sound.residents())
            stack.callback(residents.cancel)
        outside = await _linked(house)
        addresses = await demo_addresses(house, ward, outside)
        _write_whole(announcement, json.dumps(addresses, indent=2))
        stack.callback(announcement.unlink, missing_ok=True)
        settle()
        _greet(addresses)
        await stop.wait()


def _ward_settings(options: DemoOptions) -> WardSettings:
    return WardSettings(
        ward=WardSection(name=WARD_NAME),
        web=HubWebSection(port=options.ward_port),
        data=options.data / "ward",
    )


async def _enrolled(ward: Ward, data: Path) -> LinkSection:
    """The house's place at the ward, which it keeps from one demo to the next."""
    key_file = data / KEY_FILE
    houses = ward.site.houses
    if await houses.find(HOUSE_ID) is None:
        await ward.site.accounts.create(
            "admin@phuong.example", "Quản trị phường", AccountRole.ADMIN
        )
        await houses.invite(HOUSE_ID, HOUSE_NAME)
    key = key_file.read_text().strip() if key_file.exists() else ""
    if await houses.identify(HOUSE_ID, key) is None:
        _, key = await houses.enrol(await houses.invite_again(HOUSE_ID))
        _write_whole(key_file, key)
    return LinkSection(url=ward.url, house=HOUSE_ID, key_file=key_file)


async def _linked(house: House) -> str:
    """Where the ward shows the house, once it is linked. Raises RuntimeError."""
    try:
        async with asyncio.timeout(LINK_SECONDS):
            async for view in house.room.view.changes():
                if view.link.connection is Connection.LINKED:
                    return view.link.public_url
    except TimeoutError:
        pass
    raise RuntimeError("the house found no link to its ward")


async def demo_addresses(house: House, ward: Ward, outside: str) -> dict[str, str]:
    """An address for each page; whoever opens it is let in as what he is there. `outside` is where
    the ward shows the house."""
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
        "official": outside + house.access.invitation_link(invitation.id),
        "ask": f"{house.url}/ask",
        "board": f"{house.url}/board",
        "technician": opened_as(Role.TECHNICIAN, "Kỹ thuật viên"),
        "ward": f"{ward.url}/open/{ward.site.tokens.sign(OPEN, 'admin', until=until)}",
    }


def own_camera(address: str, data: Path) -> RtspCamera:
    """A camera as people write it, `rtsp://user:password@host/stream`; the password goes into a
    file in `data`. Raises Refused: `demo.camera_address`, which shows nothing of it."""
    scheme, _, rest = address.partition("://")
    login, _, place = rest.rpartition("@")  # a password may hold an @, too
    user, _, password = map(unquote, login.partition(":"))
    password_file = data / "camera.password" if password else None
    try:
        camera = _camera(f"{scheme}://{place}", user=user, password_file=password_file)
    except ValidationError:
        raise Refused("demo.camera_address") from None
    if password_file:
        _write_whole(password_file, password)
    return camera


def _camera(url: str, **more: Any) -> RtspCamera:
    return RtspCamera(kind="rtsp", id="camera", name="Camera hội trường", url=url, **more)


def _webcam(picture: str) -> Webcam:
    return Webcam(
        kind="webcam",
        id="camera-2",
        name="Webcam bàn chủ tọa",
        input=picture,
        format="lavfi",
        frames_per_second=FRAMES_PER_SECOND,
    )


async def _laptop(data: Path, sound: VirtualSound | None, stack: AsyncExitStack) -> HdmiSection:
    """On its cable, with a tune where there is sound."""
    picture = await asyncio.to_thread(virtual_laptop, data)
    if sound is not None:
        await sound.bring_laptop()
        tune = await asyncio.to_thread(write_tune, data / "laptop.wav")
        playing = asyncio.create_task(sound.play_on_laptop(tune, again=True))
        stack.callback(playing.cancel)
    return HdmiSection(
        input=picture,
        format="lavfi",
        frames_per_second=laptop.FRAMES_PER_SECOND,
        sound=sound.laptop if sound else "",
    )


@asynccontextmanager
async def _virtual_camera(cache: Path) -> AsyncIterator[str]:
    """The camera in a process of its own, as a camera is; gives the address of its ONVIF, which
    tells where its picture is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "devices.virtual.camera", "--port", "0", "--cache", str(cache),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = [
            (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
            for _ in range(2)
        ]
        if not lines[1].startswith("http://"):
            raise RuntimeError("the virtual camera did not start")
        yield lines[1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _virtual_projector(stack: AsyncExitStack) -> VirtualProjector:
    """Where the search finds it; else, on a system with one loopback address, at any port."""
    for host in PROJECTOR_HOSTS:
        with suppress(OSError):  # taken by another demo
            return await stack.enter_async_context(virtual_projector(host=host, port=PJLINK_PORT))
    return await stack.enter_async_context(virtual_projector())


async def _answer_whoever_looks(
    stack: AsyncExitStack, camera: RtspCamera, projector: VirtualProjector
) -> None:
    """The equipment is found by the set-up's scan, as a real house's is."""
    try:
        if camera.onvif:
            onvif = camera.onvif
            await stack.enter_async_context(answering_probes(lambda: onvif, camera.name))
        await stack.enter_async_context(answering_searches(projector.host, PROJECTOR_MAC))
    except OSError as error:
        logger.warning("the virtual equipment cannot be found by a scan: %s", error)


async def _virtual_sound(stack: AsyncExitStack) -> VirtualSound | None:
    """The hall's sound, or None with a word about what is missing."""
    if missing := missing_programs():
        logger.warning("no sound in this demo: %s missing (make setup)", ", ".join(missing))
        return None
    # a short path: a Unix socket's may not be longer than 107 bytes
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="avcontrol-"))
    return await stack.enter_async_context(virtual_sound(Path(folder)))


def _write_whole(path: Path, text: str) -> None:
    """Whoever sees the file sees all of it, and nobody else reads it: it lets people in."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
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
        "ward": "Phường: các nhà văn hóa / the ward and its houses",
    }
    lines = ["", "Nhà văn hóa mẫu đã sẵn sàng. Mở các địa chỉ sau, mỗi địa chỉ một cửa sổ:", ""]
    for name, words in rows.items():
        lines += [f"  {words}", f"    {addresses[name]}", ""]
    lines += ["Dừng lại bằng Ctrl+C. / Stop with Ctrl+C.", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
