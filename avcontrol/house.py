"""One house: its devices, its room, its web pages, in one task group.

    async with open_house(settings) as house:
        print(house.url)

`run_house` keeps one open until it is told to stop, and stops within five seconds: the guests are
told, cameras stop turning, and the projector is left as it is, on, warming or cooling: a restart
must not darken a hall full of people, and its wish is stored. Everything that lasts is in the data
folder; after a `kill -9` the next start goes on with the same meeting.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from avcontrol.casework import casework_of
from avcontrol.heartbeat import live_until
from avcontrol.house_alerts import watchman_of
from avcontrol.kept_log import kept_log
from avcontrol.ledger import signer_of
from avcontrol.mail import mail_of, reception_of_house
from avcontrol.outward import outward
from base.garbage import settle
from base.latest import Latest
from config.settings import (
    Camera,
    HdmiSection,
    HouseSettings,
    LinkSection,
    Projector,
    ScreenSection,
)
from devices.catalog import open_device
from devices.device import VideoSource
from devices.hall_picture import HallPicture
from devices.hdmi import HdmiInput
from devices.hdmi_sound import HdmiSound
from devices.keep_running import keep_running
from devices.picture import Preview
from devices.picture_watch import PictureWatch
from devices.power import PowerWatch
from devices.screen import KioskScreen
from devices.sound.hall import ProcessSound
from feedback import ledger
from feedback.case import Place
from feedback.data_request import Told
from feedback.handoff import Standing
from feedback.handover import Question, Vote
from feedback.ledger_book import Book
from feedback.out_tray import OutTray
from feedback.outbox import Outbox
from feedback.post import Post
from feedback.words import Word
from rooms.access_store import AccessStore
from rooms.cameras import stop_all
from rooms.drawn import WARD
from rooms.equipment import Equipment, not_measured
from rooms.films.filming import Filming
from rooms.help_commands import STANDING
from rooms.invitations import ACCOUNT_OUT
from rooms.measuring import Measuring
from rooms.media.attending import Attending
from rooms.media.bridge import Bridge
from rooms.media.ingest import Ingest
from rooms.media.publishing import Publishing
from rooms.media.relaying import Relaying
from rooms.media.uplink import Uplink
from rooms.plans import WISH
from rooms.room import Room
from rooms.starting import Starting
from rooms.view import Phase, Role
from rooms.wall_clock import ClockWatch
from rooms.ward_meeting import part_of
from storage.engine import Database
from web.access import Access
from web.address import local_url
from web.app import create_app
from web.call import Calls
from web.limiting import Limits
from web.link.authority import Authority
from web.link.house import HouseLink, Hub
from web.link.parcels import Parcels
from web.link.speed import measure_speed
from web.link.taking_part import take_ward_meeting
from web.local_name import LocalName, reachable
from web.placeholder import draw
from web.server import WebServer
from web.setup.workshop import Configuration, Workshop
from web.site import Site
from web.templating import Templates
from web.tokens import Tokens, load_key
from web.whep import Players
from web.whip import Encoders

SCREEN_LINK_LASTS = timedelta(minutes=5)
STAND_STILL_SECONDS = 1.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class House:
    settings: HouseSettings
    room: Room
    access: Access
    url: str
    """Of its own web server, as this machine reaches it, without a slash at the end."""


@asynccontextmanager
async def open_house(
    settings: HouseSettings,
    environment: Mapping[str, str] | None = None,
    configuration: Configuration | None = None,
) -> AsyncIterator[House]:
    """Open the house and keep it running inside the block.

    `environment` is added for the sound process; `configuration` is where the technician's set-up
    writes. Raises Refused where the port is taken or the
    data folder belongs to another daemon, OSError where it cannot be written.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    async with await Database.open(settings.data / "house.db") as database:
        await database.write(ledger.adopt_all)
        access = await Access.load(
            AccessStore(database), Tokens(load_key(settings.data / "signing.key"))
        )
        cameras = tuple(open_device(camera) for camera in settings.cameras)
        sound = ProcessSound(settings.sound, environment=environment) if settings.sound else None
        display = open_device(settings.projector) if settings.projector else None
        relaying, (hdmi, hdmi_sound) = Relaying(), _hdmi(settings, environment)
        hall = HallPicture(cameras, partial(draw, house=settings.house.name))
        bridge = Bridge(
            (hall,) if cameras else (),
            sound,
            relaying,
            uplink=_uplink(settings),
            hdmi=hdmi,
            hdmi_sound=hdmi_sound.subscribe if hdmi_sound else None,
        )
        pictures, power, still = (
            PictureWatch(cameras),
            PowerWatch(settings.power),
            _previews(cameras, lambda: not room.view.value.hall_is_open()),
        )
        screen, publishing, attending = (
            _screen(settings, access),
            _publishing(settings, bridge),
            Attending(bridge),
        )
        linked: Latest[HouseLink | None] = Latest(None)
        equipment = Equipment(
            cameras,
            sound,
            display,
            screen,
            hdmi=hdmi,
            hdmi_sound=hdmi_sound,
            relay=relaying.state,
            still=still,
            pictures=pictures,
            round_trip=lambda: linked.value.round_trip if linked.value else None,
            hall=hall if cameras else None,
            power=power.health,
            microphone_battery=power.microphone,
            measure_line=partial(measure_speed, hub_of(settings.link))
            if settings.link
            else not_measured,
            hub_time=lambda: linked.value.hub_time() if linked.value else None,
            publish=publishing.health if publishing else Latest(None),
            attended=attending.state,
        )
        outbox = Outbox(database, WARD) if settings.link else None
        room = Room(
            settings,
            database,
            equipment,
            bridge,
            outbox=outbox,
            filming=_filming(settings, equipment.hall, bridge),
        )
        tray, name = OutTray(database, settings.receivers()), _local_name(settings)
        post = Post(database, tray.targets, mailbox=settings.mailbox)
        book = Book(database, await signer_of(settings, database), outbox)
        mail = reception_of_house(database, settings.mail, room)
        site = Site(
            room,
            settings,
            access,
            Templates(settings.house),
            Limits(),
            book,
            tray,
            mail,
            Workshop(settings, room, configuration, sound, environment),
            local_name=name,
            screen=screen,
        )
        calls, ingest = Calls(site, bridge, relaying), Ingest(relaying)
        app = create_app(
            site,
            preview=still,
            levels=sound.levels if sound else None,
            more=[
                *calls.routes(),
                *Players(site, bridge, relaying).routes(),
                *Encoders(site, ingest, cameras).routes(),
            ],
        )
        server = WebServer(app, settings.web)
        host, port = server.bind()
        async with (
            outward(
                database, settings.targets, here=Place.HOUSE, where=settings.house.name
            ) as outgoing,
            asyncio.TaskGroup() as group,
        ):
            jobs = (
                bridge.run(),
                relaying.run(),
                pictures.run(),
                hall.run(),
                access.run(),
                site.stalls.run(),
                book.run(),
                Measuring(database, equipment, settings.data).run(),
                power.run(),
                ClockWatch(database, equipment).run(),
                Starting(database, equipment.start).run(server.started),
                post.keep_known(equipment.post),
                *_publish_meetings(room, publishing),
                attending.run(),
                _follow(room, attending),
                *outgoing,
            )
            tasks = [group.create_task(job) for job in jobs]
            tasks += [group.create_task(one.run()) for one in (sound, hdmi_sound) if one]
            tasks.append(group.create_task(room.run()))
            await room.ready.wait()
            more = (watchman_of(room, settings).run(), server.run(), name.run())
            tasks += [group.create_task(job) for job in more]
            quiet = partial(_is_quiet, room)
            casework = (
                *casework_of(room.workplace, room.requests, may_suggest=quiet),
                *mail_of(
                    database,
                    mail,
                    settings.house.name,
                    settings.web.public_url,
                    settings.feedback.citizen_reception,
                ),
            )
            tasks += [group.create_task(job) for job in casework]
            tasks += [
                group.create_task(keep_running(device))
                for device in (*cameras, hdmi, display, equipment.screen)
                if device is not None
            ]
            await server.started.wait()
            if settings.link is not None and outbox is not None:
                link = HouseLink(
                    hub_of(settings.link),
                    app,
                    room.view,
                    Parcels(
                        outbox,
                        {
                            Question.kind: room.take_over,
                            Vote.kind: room.take_vote,
                            Standing.kind: room.follow_ward,
                            Word.kind: room.words.hear,
                            Told.kind: room.requests.hear,
                            WISH: room.take_plan_wish,
                            ACCOUNT_OUT: room.account_out,
                            STANDING: room.help_standing,
                        },
                        room.album,
                    ),
                    state=equipment.link,
                    relay=relaying.offered,
                    ward_meeting=partial(take_ward_meeting, equipment.ward_meeting),
                    answer=Authority(room, access).answer,
                )
                linked.set(link)
                tasks.append(group.create_task(link.run()))
            try:
                yield House(settings, room, access, local_url(host, port))
            finally:
                await asyncio.gather(
                    calls.tell_of_restart(), stop_all(cameras, STAND_STILL_SECONDS), ingest.aclose()
                )
                # The web server first: it lets requests finish.
                for task in reversed(tasks):
                    task.cancel()


async def run_house(
    settings: HouseSettings, stop: asyncio.Event, path: Path, environ: Mapping[str, str]
) -> bool:
    """Keep the house open until `stop` is set; tell systemd how it stands.

    `path` is the file of the settings, `environ` what is laid over it. True where the set-up wrote
    that file: whoever runs the house then runs it anew, with what it says now.
    """
    anew = asyncio.Event()

    def reopen() -> None:
        anew.set()
        stop.set()

    words = {device.id for device in _named(settings)}
    with kept_log(settings.data, words):
        await _keep_open(settings, stop, anew, Configuration(path, environ, reopen))
    return anew.is_set()


def _named(settings: HouseSettings) -> Iterator[Camera | HdmiSection | Projector | ScreenSection]:
    """Whatever has an id in the settings."""
    yield from settings.cameras
    for one in (settings.hdmi, settings.projector, settings.screen):
        if one is not None:
            yield one


async def _keep_open(
    settings: HouseSettings,
    stop: asyncio.Event,
    anew: asyncio.Event,
    configuration: Configuration,
) -> None:
    async with open_house(settings, configuration=configuration) as house:
        settle()
        logger.info("%s answers at %s", settings.house.name, house.url)
        if (code := await house.access.first_code()) is not None:
            logger.warning(
                "no technician's password yet: open %s/pair with the code %s", house.url, code
            )
        await live_until(stop, house.url, anew)


def _filming(
    settings: HouseSettings, picture: VideoSource | None, bridge: Bridge
) -> Filming | None:
    if not settings.recording.allowed:
        return None
    return Filming(settings.data / "films", picture, bridge.add_ear)


def _hdmi(
    settings: HouseSettings, environment: Mapping[str, str] | None
) -> tuple[HdmiInput | None, HdmiSound | None]:
    """The cable for a laptop, its picture and its sound."""
    if settings.hdmi is None:
        return None, None
    picture = HdmiInput(settings.hdmi)
    if not settings.hdmi.sound:
        return picture, None
    return picture, HdmiSound(settings.hdmi, picture.signal, environment=environment)


def _publishing(settings: HouseSettings, bridge: Bridge) -> Publishing | None:
    return Publishing(settings.publish, bridge) if settings.publish else None


def _publish_meetings(
    room: Room, publishing: Publishing | None
) -> tuple[Coroutine[None, None, None], ...]:
    """From the moment when a meeting is live until it is over; not while one waits for a yes."""
    if publishing is None:
        return ()

    async def follow() -> None:
        async for view in room.view.changes():
            publishing.want(view.phase.is_shown and not view.awaits_confirmation)

    return publishing.run(), follow()


async def _follow(room: Room, attending: Attending) -> None:
    async for view in room.view.changes():
        attending.attend(part_of(view))


def _uplink(settings: HouseSettings) -> Uplink:
    kilobits = settings.line.uplink_kilobits
    return Uplink(None if kilobits is None else 1000.0 * kilobits)


def _is_quiet(room: Room) -> bool:
    """No meeting needs the processor."""
    return room.view.value.phase is Phase.IDLE


def hub_of(settings: LinkSection) -> Hub:
    """Where to dial, and with which key. Raises OSError where the key cannot be read."""
    scheme, rest = settings.url.split("://", 1)
    key = settings.key_file.read_text(encoding="ascii").strip()
    return Hub(f"{'wss' if scheme == 'https' else 'ws'}://{rest}/link", settings.house, key)


def _previews(
    cameras: tuple[VideoSource, ...], may_ask: Callable[[], bool]
) -> Callable[[str], Awaitable[bytes | None]]:
    previews = {camera.id: Preview(camera, may_ask) for camera in cameras}

    async def take(camera_id: str) -> bytes | None:
        preview = previews.get(camera_id)
        still = await preview.take() if preview else None
        return still.jpeg if still else None

    return take


def _local_name(settings: HouseSettings) -> LocalName:
    return LocalName(settings.web, settings.house.name, partial(reachable, settings))


def _screen(settings: HouseSettings, access: Access) -> KioskScreen | None:
    screen = settings.screen
    if screen is None:
        return None

    def address() -> str:
        until = datetime.now(UTC) + SCREEN_LINK_LASTS
        path = access.open_link(Role.STAGE, screen.name, until=until)
        return local_url(settings.web.host, settings.web.port) + path

    return KioskScreen(screen, address, settings.data)
