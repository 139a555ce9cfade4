"""What a camera is answered when it asks who wants to see.

Basic and Digest as RTSP takes them over from HTTP (RFC 2326, section 16): RFC 7617, RFC 7616 with
SHA-256 and MD5, with and without `qop`, and RFC 2069's form, which most cameras ask for.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_PARAMETER: Final = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_STRENGTH: Final = ("basic", "md5", "md5-sess", "sha-256", "sha-256-sess")
"""From the weakest to the strongest."""
_HASHES: Final = {"md5": hashlib.md5, "sha-256": hashlib.sha256}


@dataclass(slots=True)
class Challenge:
    scheme: str
    """One of `_STRENGTH`."""
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    with_qop: bool = False
    stale: bool = False
    """The answer was right, and too old."""
    count: int = 0


def strongest(lines: Iterable[str], *, plain: bool = True) -> Challenge | None:
    """What to answer of the `WWW-Authenticate` lines; None where there is nothing we can. Basic
    tells the password itself: only where `plain`."""
    found = [one for line in lines for one in _challenges(line) if plain or one.scheme != "basic"]
    return max(found, key=lambda one: _STRENGTH.index(one.scheme), default=None)


def authorization(challenge: Challenge, user: str, password: str, method: str, url: str) -> str:
    """The value of `Authorization` for one request."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    kind = challenge.scheme.removesuffix("-sess")
    client = secrets.token_hex(8)
    secret = _digest(kind, user, challenge.realm, password)
    if challenge.scheme.endswith("-sess"):
        secret = _digest(kind, secret, challenge.nonce, client)
    asked = _digest(kind, method, url)
    challenge.count += 1
    count = f"{challenge.count:08x}"
    middle = (challenge.nonce, count, client, "auth") if challenge.with_qop else (challenge.nonce,)
    fields = [
        ("username", user),
        ("realm", challenge.realm),
        ("nonce", challenge.nonce),
        ("uri", url),
        ("response", _digest(kind, secret, *middle, asked)),
    ]
    if challenge.opaque is not None:
        fields.append(("opaque", challenge.opaque))
    said = [f'{name}="{_quoted(value)}"' for name, value in fields]
    if challenge.scheme != "md5":  # some cameras know the plain form alone
        said.append(f"algorithm={challenge.scheme.upper().replace('-SESS', '-sess')}")
    if challenge.with_qop:
        said += ["qop=auth", f"nc={count}"]
    if challenge.with_qop or challenge.scheme.endswith("-sess"):
        said.append(f'cnonce="{client}"')
    return "Digest " + ", ".join(said)


def _challenges(line: str) -> list[Challenge]:
    """Those of one line that we can answer; some cameras write both kinds into one."""
    found = []
    for part in re.split(r"(?i)(?:^|,)\s*(?=(?:basic|digest)\b)", line):
        scheme, _, rest = part.strip().partition(" ")
        given = {
            name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare
            for name, quoted, bare in _PARAMETER.findall(rest)
        }
        if scheme.lower() == "basic":
            found.append(Challenge("basic", given.get("realm", "")))
        qop = [one.strip() for one in given.get("qop", "").lower().split(",") if one.strip()]
        kind = given.get("algorithm", "md5").lower()
        if scheme.lower() != "digest" or kind not in _STRENGTH or (qop and "auth" not in qop):
            continue
        found.append(
            Challenge(
                kind,
                given.get("realm", ""),
                given.get("nonce", ""),
                given.get("opaque"),
                bool(qop),
                given.get("stale", "").lower() == "true",
            )
        )
    return found


def _digest(kind: str, *parts: str) -> str:
    return _HASHES[kind](":".join(parts).encode(), usedforsecurity=False).hexdigest()


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
