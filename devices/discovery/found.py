"""What a look found, and where to look."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import ifaddr


class FoundKind(StrEnum):
    CAMERA = "camera"
    """In the network, over ONVIF."""
    WEBCAM = "webcam"
    HDMI = "hdmi"
    """A dongle that takes a laptop's HDMI."""
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    PROJECTOR = "projector"


@dataclass(frozen=True, slots=True)
class Found:
    kind: FoundKind
    name: str
    """As the device calls itself; may be empty."""
    address: str
    """What stands in the settings: the address of the ONVIF service, the path of the webcam, the
    name of the sound device, the projector's host."""
    identity: str
    """The same at every look and after a restart: a UUID, a path by id, a MAC where it is told."""
    sound: str = ""
    """Of a webcam or dongle: the name, or its beginning, of the microphone that is part of it."""


@dataclass(frozen=True, slots=True)
class Interface:
    address: str
    """Ours in this network, IPv4."""
    network: ipaddress.IPv4Network

    @property
    def broadcast(self) -> str:
        return str(self.network.broadcast_address)

    def neighbours(self) -> tuple[str, ...]:
        """The 253 addresses around ours, which is the whole network of nearly every house."""
        around = ipaddress.IPv4Network(f"{self.address}/24", strict=False)
        near = self.network if self.network.prefixlen > around.prefixlen else around
        return tuple(str(host) for host in near.hosts() if str(host) != self.address)


@dataclass(frozen=True, slots=True)
class Network:
    interfaces: tuple[Interface, ...]

    @classmethod
    def of(cls, addresses: Sequence[str]) -> "Network":
        """Where these addresses of this machine are; without any, every network but loopback, as
        long as it is a private one: nobody looks for a projector in the internet."""
        if addresses:
            return cls(tuple(_named(address) for address in addresses))
        return cls(tuple(dict.fromkeys(_all())))


def _named(address: str) -> Interface:
    if ipaddress.IPv4Address(address).is_loopback:
        return Interface(address, ipaddress.IPv4Network("127.0.0.0/8"))
    known = next((one for one in _all() if one.address == address), None)
    return known or Interface(address, ipaddress.IPv4Network(f"{address}/24", strict=False))


def _all() -> list[Interface]:
    found = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            if not ip.is_IPv4 or not isinstance(ip.ip, str):
                continue
            network = ipaddress.IPv4Network(f"{ip.ip}/{ip.network_prefix}", strict=False)
            own = ipaddress.IPv4Address(ip.ip)
            if own.is_private and not own.is_loopback and ip.network_prefix < 31:
                found.append(Interface(ip.ip, network))
    return found
