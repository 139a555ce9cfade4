"""Asks a server of Network UPS Tools how its UPS stands (RFC 9271, sections 4.2 and 5).

    found = await ask(Server("127.0.0.1", 3493), "ups")
    found["ups.status"]        # "OB DISCHRG": on battery

It only reads, which no such server asks a password for.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from typing import Final, NamedTuple

from devices.device import DeviceError

ANSWER_SECONDS: Final = 4.0
_MOST_LINES: Final = 1000
_LINE = re.compile(r'(?:UPS (\S+)|VAR \S+ (\S+)) "((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_UNKNOWN = frozenset({"UNKNOWN-UPS"})


class Server(NamedTuple):
    host: str
    port: int


async def ask(server: Server, ups: str = "") -> Mapping[str, str]:
    """Every variable of this UPS, or of the first one where `ups` is empty.

    Raises DeviceError `power.ups_no_server`, `power.ups_unknown`, `power.ups_silent` (the server
    is there, its UPS is not) or `power.ups_garbled`.
    """
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(*server)
            with closing(writer):
                if not ups:
                    names = [name async for name, _ in _listed(reader, writer, "UPS")]
                    if not names:
                        raise DeviceError("power.ups_unknown", ups=ups, host=server.host)
                    ups = names[0]
                found = {name: value async for name, value in _listed(reader, writer, "VAR", ups)}
                writer.write(b"LOGOUT\n")
                return found
    except _RefusedError as refused:
        code = "power.ups_unknown" if refused.why in _UNKNOWN else "power.ups_silent"
        raise DeviceError(code, ups=ups, host=server.host, why=refused.why) from None
    except (OSError, TimeoutError) as error:
        raise DeviceError("power.ups_no_server", host=server.host) from error
    except (ValueError, EOFError) as error:
        raise DeviceError("power.ups_garbled", host=server.host) from error


class _RefusedError(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def _listed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *what: str
) -> AsyncIterator[tuple[str, str]]:
    """Raises _RefusedError, EOFError, and ValueError for what is no answer."""
    writer.write(f"LIST {' '.join(what)}\n".encode())
    await writer.drain()
    first = await _line(reader)
    if first.startswith("ERR "):
        raise _RefusedError(first.split()[1])
    if not first.startswith("BEGIN LIST "):
        raise ValueError(first)
    for _ in range(_MOST_LINES):
        line = await _line(reader)
        if line.startswith("END LIST "):
            return
        if not (parts := _LINE.fullmatch(line)):
            raise ValueError(line)
        yield parts[1] or parts[2], _ESCAPED.sub(r"\1", parts[3])
    raise ValueError("it does not end")


async def _line(reader: asyncio.StreamReader) -> str:
    line = await reader.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    return line.decode(errors="replace").strip()
