"""`avcontrol enrol`: turns a one-time code of the ward into this house's key.

    avcontrol enrol --config house.toml --hub https://hop.example --code K7QM-2ZRT-9DTA

The key goes into a file of its own, which only the daemon's user can read; what to write into the
configuration is printed. The configuration itself is left alone: it is a person's, with comments.
"""

import http.client
import ipaddress
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from base.cause import Refused

ANSWER_SECONDS: Final = 15.0
KEY_FILE: Final = "link.key"
"""In the data folder, where the configuration names no other."""

_MOST_BYTES: Final = 64 * 1024
_HUB_REFUSES: Final = {403: "ward.wrong_code", 429: "enrol.slow_down"}


@dataclass(frozen=True, slots=True)
class Enrolled:
    url: str
    house: str
    key_file: Path

    def section(self) -> str:
        """What belongs into the house's configuration."""
        lines = {"url": self.url, "house": self.house, "key_file": str(self.key_file)}
        # a JSON string is a TOML basic string
        values = (
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in lines.items()
        )
        return "\n".join(["[link]", *values])


def enrol(url: str, code: str, path: Path) -> Enrolled:
    """Ask the hub at `url`, and write the key into the file `path`.

    The file is opened first: a code works once, and its key must have a place by then.

    Raises Refused: `enrol.address`, `enrol.not_secure`, `enrol.no_answer`, `enrol.slow_down`,
    `enrol.not_a_hub`, `enrol.cannot_write`, `ward.wrong_code`.
    """
    url = url.rstrip("/")
    _check(url)
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            house, key = _ask(url, code)
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        fresh.unlink(missing_ok=True)
    return Enrolled(url, house, path)


def _check(url: str) -> None:
    """The key must not travel where others can read it: http is for this machine and for networks
    of one's own."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.username:
        raise Refused("enrol.address", found=url[:80])
    if parts.scheme == "https" or parts.hostname == "localhost":
        return
    try:
        private = ipaddress.ip_address(parts.hostname).is_private
    except ValueError:
        private = False
    if not private:
        raise Refused("enrol.not_secure", host=parts.hostname)


def _ask(url: str, code: str) -> tuple[str, str]:
    """The house's id and key."""
    host = urlsplit(url).netloc
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        f"{url}/api/enrol",
        data=json.dumps({"code": code}).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    try:
        with urllib.request.build_opener(_NoRedirects).open(
            request, timeout=ANSWER_SECONDS
        ) as response:
            told = json.loads(response.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise Refused(_HUB_REFUSES.get(error.code, "enrol.not_a_hub"), host=host) from error
    except (OSError, http.client.HTTPException) as error:
        raise Refused("enrol.no_answer", host=host) from error
    except ValueError as error:
        raise Refused("enrol.not_a_hub", host=host) from error
    match told:
        case {"house": str(house), "key": str(key)} if key.isascii() and key.isprintable():
            return house, key
    raise Refused("enrol.not_a_hub", host=host)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The code is for one host; a redirect comes out as what it is, an HTTPError."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _cannot_write(path: Path, error: OSError) -> Refused:
    return Refused("enrol.cannot_write", file=str(path), detail=error.strerror or str(error))
