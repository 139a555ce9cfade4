"""What a schema cannot see: keys that are each right and do not fit together, files that are not
there."""

import ipaddress
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from base.cause import Cause
from config.complaints import Complaint, dotted
from config.feedback import FeedbackSection
from config.lines import Where
from config.mail import MailSection
from config.media_server import MediaServerSection
from config.open311 import Open311Section
from config.settings import CecScreen, HouseSettings, RtspCamera, Webcam, WhipCamera
from config.targets import Open311Target, SmtpServer, Target, WebhookTarget
from config.ward import WardSettings

RESERVED = ("hall", "microphone", "loudspeaker")
"""Names that the house itself uses for its devices."""

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104
OTHERS_MAY_READ = 0o007


def of_house(settings: HouseSettings) -> Iterator[Complaint]:
    yield from _identifiers(settings)
    yield from _twice(settings)
    for where, path in _password_files(settings):
        yield from _readable_secret(where, path)
    yield from _network_cameras(settings)
    beamer = settings.projector
    if beamer and not isinstance(beamer, CecScreen) and not HOST.fullmatch(beamer.host):
        found = beamer.host[:60]
        yield ("projector", "host"), Cause("config.host", key="projector.host", found=found)
    if settings.screen and not settings.screen.command:
        yield ("screen", "command"), Cause("config.empty", key="screen.command")
    if settings.link:
        yield from _readable_secret(("link", "key_file"), settings.link.key_file)
    if settings.alerts.urls_file:
        yield from _readable_secret(("alerts", "urls_file"), settings.alerts.urls_file)
    if settings.meeting.preset and not settings.cameras:
        yield ("meeting", "preset"), Cause("config.preset_without_camera")
    yield from _feedback(settings.feedback)
    yield from _targets(settings.targets)
    if settings.mail:
        yield from _mail(settings.mail)
    yield from _open311(settings.open311)


def of_ward(settings: WardSettings) -> Iterator[Complaint]:
    if settings.storage.password_file:
        yield from _readable_secret(("storage", "password_file"), settings.storage.password_file)
        if not settings.storage.url:
            yield ("storage", "url"), Cause("config.missing", key="storage.url")
    for index, proxy in enumerate(settings.web.proxies):
        if not _is_network(proxy):
            cause = Cause("config.network", key=f"web.proxies[{index}]", found=proxy[:60])
            yield ("web", "proxies", index), cause
    if settings.peers.host in EVERYWHERE or not HOST.fullmatch(settings.peers.host):
        found = settings.peers.host[:60]
        yield ("peers", "host"), Cause("config.peers_host", key="peers.host", found=found)
    if settings.metrics.token_file:
        yield from _readable_secret(("metrics", "token_file"), settings.metrics.token_file)
    if settings.alerts.urls_file:
        yield from _readable_secret(("alerts", "urls_file"), settings.alerts.urls_file)
    if settings.turn:
        yield from _readable_secret(("turn", "secret_file"), settings.turn.secret_file)
        if not settings.turn.urls:
            yield ("turn", "urls"), Cause("config.empty", key="turn.urls")
    if settings.media_server:
        yield from _media_server(settings.media_server)
    yield from _feedback(settings.feedback)
    yield from _targets(settings.targets)
    if settings.mail:
        yield from _mail(settings.mail)
    yield from _open311(settings.open311)


def _media_server(settings: MediaServerSection) -> Iterator[Complaint]:
    for key in ("publish_token_file", "watch_token_file"):
        if file := getattr(settings, key):
            yield from _readable_secret(("media_server", key), file)


def _feedback(settings: FeedbackSection) -> Iterator[Complaint]:
    """Who answers what, and until when: nobody twice, nothing without an answer."""
    for name, listed in (
        ("authorities", settings.authorities),
        ("deadlines", settings.deadlines),
    ):
        if not listed:
            yield ("feedback", name), Cause("config.empty", key=f"feedback.{name}")
    codes: dict[str, str] = {}
    topics: dict[str, str] = {}
    for index, authority in enumerate(settings.authorities):
        where = ("feedback", "authorities", index)
        here = dotted(where)
        if other := codes.get(authority.code):
            cause = Cause("config.same_id", key=here, other=other, id=authority.code)
            yield (*where, "code"), cause
        codes.setdefault(authority.code, here)
        for topic in authority.topics:
            if other := topics.get(topic):
                cause = Cause("config.same_topic", key=here, other=other, topic=topic)
                yield (*where, "topics"), cause
            topics.setdefault(topic, authority.code)
    if codes and settings.default_authority not in codes:
        key, found = "feedback.default_authority", settings.default_authority
        known = ", ".join(codes)
        yield (
            ("feedback", "default_authority"),
            Cause("config.choice", key=key, found=found, allowed=known),
        )
    for index, rule in enumerate(settings.deadlines):
        if (rule.working_days is None) is (rule.working_hours is None):
            key = f"feedback.deadlines[{index}]"
            yield ("feedback", "deadlines", index), Cause("config.days_or_hours", key=key)
    if not settings.hours.days:
        yield ("feedback", "hours", "days"), Cause("config.empty", key="feedback.hours.days")
    yield from _hours(settings.hours.spans)
    for day in sorted(set(settings.days_off) & set(settings.working_days)):
        cause = Cause("config.off_and_working", day=day.isoformat())
        yield ("feedback", "working_days"), cause


def _targets(targets: Sequence[Target]) -> Iterator[Complaint]:
    """Each with a name of its own, and with a secret that only the service can read."""
    taken: dict[str, str] = {}
    for index, target in enumerate(targets):
        where = ("targets", index)
        here = dotted(where)
        if other := taken.get(target.id):
            cause = Cause("config.same_id", key=here, other=other, id=target.id)
            yield (*where, "id"), cause
        taken.setdefault(target.id, here)
        if isinstance(target, WebhookTarget):
            yield from _readable_secret((*where, "secret_file"), target.secret_file)
        elif isinstance(target, Open311Target):
            yield from _readable_secret((*where, "key_file"), target.key_file)
        elif target.password_file:
            yield from _readable_secret((*where, "password_file"), target.password_file)


def _mail(settings: MailSection) -> Iterator[Complaint]:
    """Nobody on the way reads a password or what residents write."""
    servers: tuple[tuple[Where, MailSection | SmtpServer], ...] = (
        (("mail",), settings),
        (("mail", "smtp"), settings.smtp),
    )
    for where, server in servers:
        if not HOST.fullmatch(server.host):
            cause = Cause("config.host", key=dotted((*where, "host")), found=server.host[:60])
            yield (*where, "host"), cause
        elif server.security == "none" and not _is_here(server.host):
            cause = Cause("config.not_encrypted", key=dotted((*where, "security")))
            yield (*where, "security"), cause
        if server.password_file:
            yield from _readable_secret((*where, "password_file"), server.password_file)
    if settings.folder == settings.done_folder:
        cause = Cause("config.same_folder", key="mail.done_folder", found=settings.folder[:60])
        yield ("mail", "done_folder"), cause


def _is_here(host: str) -> bool:
    """This machine, whatever its name servers say."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _open311(settings: Open311Section) -> Iterator[Complaint]:
    """Each key with a name of its own, in a file that only the service can read."""
    taken: dict[str, str] = {}
    for index, key in enumerate(settings.keys):
        where = ("open311", "keys", index)
        here = dotted(where)
        if other := taken.get(key.id):
            cause = Cause("config.same_id", key=here, other=other, id=key.id)
            yield (*where, "id"), cause
        taken.setdefault(key.id, here)
        yield from _readable_secret((*where, "key_file"), key.key_file)


def _hours(spans: tuple[str, ...]) -> Iterator[Complaint]:
    """Each ends after its beginning, and before the next one begins."""
    where, key = ("feedback", "hours", "spans"), "feedback.hours.spans"
    if not spans:
        yield where, Cause("config.empty", key=key)
    ends = ""
    for span in sorted(spans):
        begins, _, closes = span.partition("-")
        if not ends <= begins < closes:
            yield where, Cause("config.hours_overlap", key=key, found=span)
        ends = closes


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _network_cameras(settings: HouseSettings) -> Iterator[Complaint]:
    for index, camera in enumerate(settings.cameras):
        if not isinstance(camera, RtspCamera):
            continue
        if not camera.url and not camera.onvif:
            yield ("cameras", index), Cause("config.no_address", camera=camera.name)
        if camera.password_file and not camera.user:
            yield ("cameras", index, "user"), Cause("config.user_missing", camera=camera.name)
        if camera.onvif_password_file and not camera.onvif_user:
            cause = Cause("config.onvif_user_missing", camera=camera.name)
            yield ("cameras", index, "onvif_user"), cause


def _identifiers(settings: HouseSettings) -> Iterator[Complaint]:
    taken = dict.fromkeys(RESERVED, "")
    named: list[tuple[Where, str]] = [
        (("cameras", index), camera.id) for index, camera in enumerate(settings.cameras)
    ]
    if settings.hdmi:
        named.append((("hdmi",), settings.hdmi.id))
    if settings.projector:
        named.append((("projector",), settings.projector.id))
    if settings.screen:
        named.append((("screen",), settings.screen.id))
    for where, name in named:
        here = dotted(where)
        if name in RESERVED:
            reserved = ", ".join(RESERVED)
            yield (*where, "id"), Cause("config.reserved_id", key=here, id=name, reserved=reserved)
        elif name in taken:
            cause = Cause("config.same_id", key=here, other=taken[name], id=name)
            yield (*where, "id"), cause
        taken.setdefault(name, here)


def _twice(settings: HouseSettings) -> Iterator[Complaint]:
    """Two cameras that people could not tell apart, or that are one."""
    names: dict[str, str] = {}
    sources: dict[str, str] = {}
    for index, camera in enumerate(settings.cameras):
        here = f"cameras[{index}]"
        if other := names.get(camera.name):
            cause = Cause("config.same_name", key=here, other=other, name=camera.name)
            yield ("cameras", index, "name"), cause
        if isinstance(camera, Webcam):
            key, source = "input", camera.input
        elif isinstance(camera, WhipCamera):
            key, source = "id", ""
        else:
            key, source = ("url", camera.url) if camera.url else ("onvif", camera.onvif)
        if source and (other := sources.get(source)):
            yield ("cameras", index, key), Cause("config.same_camera", key=here, other=other)
        names.setdefault(camera.name, here)
        sources.setdefault(source, here)
    if settings.hdmi and (other := sources.get(settings.hdmi.input)):
        cause = Cause("config.same_camera", key="hdmi", other=other)
        yield ("hdmi", "input"), cause


def _password_files(settings: HouseSettings) -> Iterator[tuple[Where, Path]]:
    for index, camera in enumerate(settings.cameras):
        if isinstance(camera, RtspCamera) and camera.password_file:
            yield ("cameras", index, "password_file"), camera.password_file
        if isinstance(camera, RtspCamera) and camera.onvif_password_file:
            yield ("cameras", index, "onvif_password_file"), camera.onvif_password_file
        if isinstance(camera, WhipCamera):
            yield ("cameras", index, "token_file"), camera.token_file
    if settings.publish and settings.publish.token_file:
        yield ("publish", "token_file"), settings.publish.token_file
    beamer = settings.projector
    if beamer and not isinstance(beamer, CecScreen) and beamer.password_file:
        yield ("projector", "password_file"), beamer.password_file


def _readable_secret(where: Where, path: Path) -> Iterator[Complaint]:
    """A file that this user can read, that not everybody can, and that holds something."""
    params = {"key": dotted(where), "file": str(path)}
    try:
        if not path.exists():
            yield where, Cause("config.password_file_missing", **params)
        elif not path.is_file() or not os.access(path, os.R_OK):
            yield where, Cause("config.password_file_unreadable", **params)
        elif path.stat().st_mode & OTHERS_MAY_READ:
            yield where, Cause("config.password_file_open", **params)
        elif not path.read_text(encoding="utf-8").strip():
            yield where, Cause("config.password_file_empty", **params)
    except (OSError, UnicodeDecodeError):
        yield where, Cause("config.password_file_unreadable", **params)
