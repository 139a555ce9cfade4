"""What a technician hands on when he asks somebody else: one file, without secrets and without a
word of any resident.

`GET /technician/bundle.zip` holds how the house is and was, its settings, its versions and its log.
Nothing is read of questions, cases, guests or the journal of meetings. Of the settings only what is
known to be harmless is taken over; the log was written without what people say
(`avcontrol/kept_log.py`). What looks like a secret or a person all the same is removed at the end.
"""

import asyncio
import csv
import io
import json
import platform
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from config.settings import HouseSettings
from rooms.view import Role
from web.health import health_of
from web.site import Site

LEFT_OUT: Final = "[đã bỏ]"
READ_ME: Final = """Gói chẩn đoán của nhà văn hóa: tình trạng, cài đặt, số liệu, phiên bản, nhật ký.
Mật khẩu, khóa, số điện thoại, địa chỉ thư và mọi lời của bà con đã được bỏ ra. Xem lại rồi mới gửi.

Diagnostics of a community house: state, settings, numbers, versions, the machine's log.
Passwords, keys, telephone numbers, addresses and every resident's word are left out. Look at it
before you send it.
"""
KEPT_WORDS: Final = frozenset(
    {"kind", "id", "name", "ward", "block", "language", "transport", "format", "security", "host"}
    | {"microphone_name", "loudspeaker_name", "microphone", "loudspeaker", "preset", "house"}
)
"""Keys of the settings whose texts are taken over as they are."""
ADDRESSES: Final = frozenset({"url", "public_url", "onvif"})
"""Of which scheme, host and port are taken over; cameras have passwords in their paths."""
LOG: Final = "log"
LEAST_SECRET: Final = 4

_PATTERNS: Final = tuple(
    (re.compile(pattern), with_)
    for pattern, with_ in (
        (r"(?<=://)[^/@\s\"]+@", ""),
        (r"(?i)\b(authorization|cookie|set-cookie)\b[^\n\"]*", LEFT_OUT),
        (r"(?i)\b(password|passwd|pwd|token|secret|key|mật khẩu)\s*[=:]\s*[^\s\",}&]+", LEFT_OUT),
        (r"[\w.+-]+@[\w-]+\.[\w.-]+", LEFT_OUT),
        (r"(?<![\w.])(\+84|0)[1-9](?:[ .-]?\d){7,9}(?!\d)", LEFT_OUT),
        (r"/(open|join|receipt|pair|calendar)/[^\s\"]+", rf"/\1/{LEFT_OUT}"),
        (r"\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{24,}\b", LEFT_OUT),
    )
)


def routes(site: Site) -> list[BaseRoute]:
    async def bundle(request: Request) -> Response:
        """Everything that helps somebody else to find a fault."""
        site.access.require(request, Role.TECHNICIAN)
        view = site.room.view.value
        health = health_of(view, True, site.settings.house.language)
        lines, rows = await site.room.everything_noted()
        packed = await asyncio.to_thread(pack, site.settings, health, lines, rows)
        name = f"chan-doan-{datetime.now(UTC):%Y%m%d-%H%M}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(packed, media_type="application/zip", headers=headers)

    return [Route("/technician/bundle.zip", bundle)]


def pack(
    settings: HouseSettings,
    health: Mapping[str, Any],
    lines: Iterable[Sequence[object]],
    rows: Iterable[Sequence[object]],
) -> bytes:
    """The ZIP. `lines` are of the history, `rows` of the numbers, as
    `rooms.health_commands.everything_noted` gives them."""
    secrets = secrets_of(settings)
    found = {
        "README.txt": READ_ME,
        "health.json": scrub(_json(health), secrets),
        "settings.json": scrub(_json(told_of(settings)), secrets),
        "versions.json": _json(_versions()),
        "history.csv": _table(("signal", "condition", "code", "at"), lines),
        "numbers.csv": _table(
            ("signal", "name", "seconds", "begins", "least", "most", "mean"), rows
        ),
    }
    for path in sorted((settings.data / LOG).glob("house.log*")):
        text = path.read_text(encoding="utf-8", errors="replace")
        found[f"log/{path.name}"] = scrub(text, secrets)
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in found.items():
            archive.writestr(name, text)
    return into.getvalue()


def told_of(settings: HouseSettings) -> Any:
    """The settings, with what may be told of them."""
    return _told("", settings.model_dump(mode="python"))


def _told(key: str, value: Any) -> Any:
    match value:
        case dict():
            return {name: _told(str(name), inner) for name, inner in value.items()}
        case list() | tuple():
            return [_told(key, inner) for inner in value]
        case None | bool() | int() | float():
            return value
        case Path():
            return str(value)
        case str():
            return _told_text(key, value)
    return LEFT_OUT


def _told_text(key: str, text: str) -> str:
    if key in ADDRESSES and text:
        return _address(text)
    harmless = key in KEPT_WORDS or (key == "input" and text.startswith("/dev/"))
    return text if harmless or not text else LEFT_OUT


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return LEFT_OUT
    return f"{parts.scheme}://{parts.hostname or ''}{port}/"


def secrets_of(settings: HouseSettings) -> frozenset[str]:
    """What stands in the files that the settings name, and in the house's own key."""
    found: set[str] = set()
    for path in (*_files(settings.model_dump(mode="python")), settings.data / "signing.key"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found |= {word for line in text.splitlines() for word in (line.strip(), *line.split())}
    return frozenset(word for word in found if len(word) >= LEAST_SECRET)


def _files(values: Any) -> Iterable[Path]:
    if isinstance(values, Mapping):
        for key, value in values.items():
            if isinstance(value, Path) and str(key).endswith("_file"):
                yield value
            else:
                yield from _files(value)
    elif isinstance(values, (list, tuple)):
        for value in values:
            yield from _files(value)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Without these, and without what looks like one, or like a telephone or an address of mail."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, LEFT_OUT)
    for pattern, with_ in _PATTERNS:
        text = pattern.sub(with_, text)
    return text


def _versions() -> dict[str, Any]:
    packages = {one.metadata["Name"]: one.version for one in distributions()}
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "machine": platform.machine(),
        "packages": dict(sorted(packages.items())),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    into = io.StringIO()
    writer = csv.writer(into)
    writer.writerow(head)
    writer.writerows(rows)
    return into.getvalue()
