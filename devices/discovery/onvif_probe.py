"""Cameras that speak ONVIF, by WS-Discovery: a Probe from a port of our own.

Port 3702 is not needed for asking: the answers come to whoever asked (WS-Discovery 1.1, section
5.2; ONVIF Core Specification, section 7.3). So it works beside any other program that holds it.
"""

import contextlib
import socket
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from devices.discovery.datagrams import ask_everybody
from devices.discovery.found import Found, FoundKind, Interface, Network

GROUP, PORT = "239.255.255.250", 3702
_MOST_BYTES = 65_536
_NAME = "onvif://www.onvif.org/name/"
_HARDWARE = "onvif://www.onvif.org/hardware/"

PROBE = """\
<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" \
xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" \
xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" \
xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>\
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>\
<a:MessageID>uuid:{message}</a:MessageID>\
<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>\
</s:Header><s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body>\
</s:Envelope>"""


async def find_cameras(network: Network, seconds: float) -> list[Found]:
    """Each camera once, however often and over how many ways it answered."""
    sockets = []
    for interface in network.interfaces:
        with contextlib.suppress(OSError):
            sockets.append((_socket(interface), [(GROUP, PORT)]))
    question = PROBE.format(message=uuid.uuid4()).encode()
    answers = await ask_everybody(sockets, question, seconds)
    found: dict[str, Found] = {}
    for data, sender in answers:
        for camera in read_matches(data, sender):
            found.setdefault(camera.identity, camera)
    return list(found.values())


def _socket(interface: Interface) -> socket.socket:
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        own.bind((interface.address, 0))
        ours = socket.inet_aton(interface.address)
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
    except OSError:
        own.close()
        raise
    return own


def read_matches(data: bytes, sender: str) -> list[Found]:
    """The cameras in one answer; nothing where it is none, or is malformed."""
    if len(data) > _MOST_BYTES:
        return []
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        envelope = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    return list(_cameras(envelope, sender))


def _cameras(envelope: Any, sender: str) -> Iterator[Found]:
    for match in envelope.iter("{*}ProbeMatch"):
        addresses = (match.findtext("{*}XAddrs") or "").split()
        scopes = (match.findtext("{*}Scopes") or "").split()
        identity = (match.findtext("{*}EndpointReference/{*}Address") or "").strip()
        address = _address(addresses, sender)
        types = match.findtext("{*}Types") or ""
        if address and ("NetworkVideoTransmitter" in types or _is_onvif(scopes)):
            yield Found(FoundKind.CAMERA, _name(scopes), address, (identity or address)[:200])


def _is_onvif(scopes: list[str]) -> bool:
    return any(scope.startswith("onvif://www.onvif.org/") for scope in scopes)


def _address(addresses: list[str], sender: str) -> str:
    """Of those that it believes to have, the one at which it answered. Where none is: that path at
    the address that is known to work; a camera with two networks tells the other one, too."""
    usable = [one for one in addresses if one.startswith(("http://", "https://"))]
    with contextlib.suppress(ValueError):  # of an address that is none
        for one in usable:
            if urlsplit(one).hostname == sender and "@" not in one:
                return one
        for one in usable:
            parts = urlsplit(one)
            port = f":{parts.port}" if parts.port else ""
            return parts._replace(netloc=f"{sender}{port}", query="", fragment="").geturl()
    return ""


def _name(scopes: list[str]) -> str:
    """What it calls itself, or what it is built as."""
    for start in (_NAME, _HARDWARE):
        for scope in scopes:
            if scope.startswith(start) and (name := unquote(scope[len(start) :]).strip(" /_")):
                return name.replace("_", " ")[:60]
    return ""
