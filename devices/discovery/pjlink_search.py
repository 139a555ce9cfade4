"""Projectors that speak PJLink: those of class 2 answer a search, the others are knocked at.

Source: PJLink Specifications Class 2 (JBMIA, 2017), section 3.2 (search): `%2SRCH` by broadcast to
UDP port 4352, answered with `%2ACKN=<MAC>`. Projectors of class 1, which are the most, know no
search: the addresses of our own network are asked at TCP port 4352, where a projector greets with
`PJLINK 0`, or `PJLINK 1` where it wants a password (section 4.1).
"""

import asyncio
import re
import socket

from devices.discovery.datagrams import ask_everybody
from devices.discovery.found import Found, FoundKind, Network

PORT = 4352
_SEARCH = b"%2SRCH\r"
_ACKNOWLEDGED = re.compile(rb"%2ACKN=([0-9A-Fa-f:]{12,17})")
_AT_ONCE = 256
_KNOCK_SECONDS = 1.0
_ANSWER_SECONDS = 2.0
_ALL_KNOCKS_SECONDS = 6.0
"""For all addresses of all networks; what was found by then counts."""
_NAME_ANSWER = re.compile(rb"%1NAME=(?!ERR)([^\r]*)\r")


async def find_projectors(network: Network, seconds: float) -> list[Found]:
    """Each once, by its address. One that is fully off is found by neither way."""
    acknowledged, names = await asyncio.gather(_search(network, seconds), _knock(network))
    for host in acknowledged.keys() - names.keys():
        names[host] = await _greeting(host) or ""
    return [
        Found(FoundKind.PROJECTOR, name, host, acknowledged.get(host, host))
        for host, name in names.items()
    ]


async def _search(network: Network, seconds: float) -> dict[str, str]:
    """Host and MAC of those that answer."""
    broadcasts = list(dict.fromkeys((one.broadcast, PORT) for one in network.interfaces))
    sockets = []
    for interface in network.interfaces:
        # Some answer to where the question came from, others to the port of the protocol.
        for port in (0, PORT):
            own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            own.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if port:  # the house may listen there to its projector
                own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                own.bind((interface.address, port))
            except OSError:
                own.close()
                continue
            sockets.append((own, broadcasts))
    answers = await ask_everybody(sockets, _SEARCH, seconds)
    matched = ((_ACKNOWLEDGED.match(data), host) for data, host in answers)
    return {host: match[1].decode().lower() for match, host in matched if match}


async def _knock(network: Network) -> dict[str, str]:
    """Host and name of those that greet."""
    limit = asyncio.Semaphore(_AT_ONCE)
    found: dict[str, str] = {}

    async def knock(host: str) -> None:
        async with limit:
            if (name := await _greeting(host)) is not None:
                found[host] = name

    hosts = dict.fromkeys(host for one in network.interfaces for host in one.neighbours())
    if not hosts:
        return found
    tasks = [asyncio.create_task(knock(host)) for host in hosts]
    try:
        await asyncio.wait(tasks, timeout=_ALL_KNOCKS_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
    return found


async def _greeting(host: str) -> str | None:
    """What the projector there calls itself, where it tells without a password; None where there
    is no projector."""
    try:
        async with asyncio.timeout(_KNOCK_SECONDS):
            reader, writer = await asyncio.open_connection(host, PORT, limit=1024)
    except (OSError, TimeoutError):
        return None
    greeting = b""
    name: re.Match[bytes] | None = None
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            greeting = await reader.readuntil(b"\r")
            if greeting.startswith(b"PJLINK 0"):
                writer.write(b"%1NAME ?\r")
                name = _NAME_ANSWER.match(await reader.readuntil(b"\r"))
    except (OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
        pass  # what it said until then counts
    finally:
        writer.close()
    if not greeting.upper().startswith(b"PJLINK"):
        return None
    return name[1].decode("utf-8", "replace").strip()[:60] if name else ""
