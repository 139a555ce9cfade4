"""What a virtual camera and a virtual projector answer when somebody looks for devices.

    async with answering_probes(lambda: camera.onvif.url, "Hall camera"):
        ...                                  # WS-Discovery, for whoever asks on this address
    async with answering_searches("127.0.0.1", "00:11:22:33:44:55"):
        ...                                  # PJLink class 2

Several may run on one machine: each answers.
"""

import asyncio
import contextlib
import ipaddress
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote, urlsplit

from lxml import etree

GROUP, PROBE_PORT = "239.255.255.250", 3702
PJLINK_PORT = 4352
_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
)
_MATCHES = """\
<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope {namespaces}><s:Header>\
<a:MessageID>uuid:{message}</a:MessageID><a:RelatesTo>{relates}</a:RelatesTo>\
<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>\
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header>\
<s:Body><d:ProbeMatches><d:ProbeMatch>\
<a:EndpointReference><a:Address>{identity}</a:Address></a:EndpointReference>\
<d:Types>dn:NetworkVideoTransmitter</d:Types>\
<d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/{name} \
onvif://www.onvif.org/hardware/software onvif://www.onvif.org/Profile/Streaming</d:Scopes>\
<d:XAddrs>{address}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>\
</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"""


class _Answering(asyncio.DatagramProtocol):
    """Asks `answer` for what to say to each datagram, and says it out of `speaker`."""

    def __init__(self, answer: Callable[[bytes], bytes], speaker: socket.socket) -> None:
        self._answer = answer
        self._speaker = speaker

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if text := self._answer(data):
            with contextlib.suppress(OSError):
                self._speaker.sendto(text, addr)


@contextlib.asynccontextmanager
async def answering_probes(
    address: Callable[[], str], name: str, identity: str = ""
) -> AsyncIterator[None]:
    """WS-Discovery (April 2005 edition, which ONVIF names) at the interface of the camera's own
    address. `identity` is a `urn:uuid:…`; without one it gets a new one. Raises OSError."""
    identity = identity or f"urn:uuid:{uuid.uuid4()}"
    host = urlsplit(address()).hostname or "127.0.0.1"

    def answer(data: bytes) -> bytes:
        try:
            envelope = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
        except (etree.XMLSyntaxError, ValueError):
            return b""
        if next(envelope.iter("{*}Probe"), None) is None:
            return b""
        types = envelope.findtext("{*}Body/{*}Probe/{*}Types") or "NetworkVideoTransmitter"
        if "NetworkVideoTransmitter" not in types and ":Device" not in types:
            return b""
        return _MATCHES.format(
            namespaces=_NAMESPACES,
            message=uuid.uuid4(),
            relates=envelope.findtext("{*}Header/{*}MessageID") or "",
            identity=identity,
            name=quote(name),
            address=address(),
        ).encode()

    heard = _shared((GROUP, PROBE_PORT))
    member = socket.inet_aton(GROUP) + socket.inet_aton(host)
    heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    async with _answering(heard, host, answer):
        yield


@contextlib.asynccontextmanager
async def answering_searches(host: str, mac: str) -> AsyncIterator[None]:
    """PJLink Specifications Class 2, section 3.2. Raises OSError."""

    def answer(data: bytes) -> bytes:
        return f"%2ACKN={mac}\r".encode() if data.startswith(b"%2SRCH") else b""

    loopback = ipaddress.IPv4Address(host).is_loopback
    heard = _shared(("127.255.255.255" if loopback else "", PJLINK_PORT))
    async with _answering(heard, host, answer):
        yield


def _shared(address: tuple[str, int]) -> socket.socket:
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        heard.bind(address)
    except OSError:
        heard.close()
        raise
    heard.setblocking(False)
    return heard


@contextlib.asynccontextmanager
async def _answering(
    heard: socket.socket, host: str, answer: Callable[[bytes], bytes]
) -> AsyncIterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        speaker.bind((host, 0))
        speaker.setblocking(False)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Answering(answer, speaker), sock=heard
        )
        try:
            yield
        finally:
            transport.close()
