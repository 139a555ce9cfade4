"""Which addresses are ours, and which one people in the hall type into a phone."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.settings import ServerSection, WebSection

if TYPE_CHECKING:  # the command line needs an address, and neither pages nor pictures
    from starlette.requests import HTTPConnection

    from rooms.view import LinkState

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The Host headers and origins this house answers to, and no others.

    A page of another site can make a browser send requests here, and can point a name of its own
    at this address (DNS rebinding). Both are told by the Host and Origin that come with them.
    """

    settings: ServerSection

    def is_ours(self, connection: "HTTPConnection") -> bool:
        """Whether Host is the public address, a name of this machine itself, or the very address
        at which the connection came in, so that every address of a LAN works."""
        host = connection.headers.get("host", "").lower()
        if not host:
            return False
        public = urlsplit(self.settings.public_url)
        if public.netloc and host == public.netloc.lower():
            return True
        arrived = connection.scope.get("server") or ("", None)
        names = {*_LOCAL_NAMES, self.settings.host, _bracketed(str(arrived[0]))}
        ports = {self.settings.port, arrived[1]}
        name, port = _split(host, _DEFAULT_PORTS[_scheme(connection)])
        return (name in names or self._is_announced(name)) and port in ports

    def _is_announced(self, name: str) -> bool:
        """`nhavanhoa.local`, or `nhavanhoa-2.local` where another house has that. No name server
        in the internet answers for `.local` (RFC 6762, section 3)."""
        own = self.settings.local_name if isinstance(self.settings, WebSection) else ""
        return bool(own) and re.fullmatch(rf"{re.escape(own)}(-\d\d?)?\.local", name) is not None

    def origin(self, connection: "HTTPConnection") -> str:
        """What a browser sends as Origin from our own pages at this Host."""
        host = connection.headers.get("host", "").lower()
        public = urlsplit(self.settings.public_url)
        scheme = public.scheme if host == public.netloc.lower() else _scheme(connection)
        return f"{scheme}://{host}"

    def for_people(self, connection: "HTTPConnection") -> str:
        """Where a phone in the hall finds the first page, without a slash at the end."""
        if self.settings.public_url:
            return self.settings.public_url
        host, _ = _split(connection.headers.get("host", ""), 0)
        if host in _LOCAL_NAMES and self.settings.host in {"0.0.0.0", "::"}:  # noqa: S104
            arrived = connection.scope.get("server") or ("", self.settings.port)
            return f"http://{lan_address()}:{arrived[1]}"
        return self.origin(connection)


def ask_address(link: "LinkState", local: str) -> str:
    """Where people ask: at the ward's hub, which any phone reaches and which keeps questions while
    the house is away, or else in the house's own network."""
    return link.outside.ask if link.outside and link.outside.ask else local


def lan_address() -> str:
    """This machine's address towards its router; 127.0.0.1 where it has none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def local_host(host: str) -> str:
    """Where this machine itself reaches a server that listens at `host`, be it everywhere."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def local_url(host: str, port: int) -> str:
    """The same as an address, without a slash at the end."""
    return f"http://{_bracketed(local_host(host))}:{port}"


def _scheme(connection: "HTTPConnection") -> str:
    return {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)


def _split(host: str, default_port: int) -> tuple[str, int]:
    found = re.fullmatch(r"(.*):([0-9]{1,5})", host)
    return (found[1], int(found[2])) if found else (host, default_port)


def _bracketed(address: str) -> str:
    try:
        return f"[{address}]" if ipaddress.ip_address(address).version == 6 else address
    except ValueError:
        return address
