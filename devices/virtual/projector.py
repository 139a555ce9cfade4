"""A projector made of software: a PJLink class 2 server with the manners of a real one.

It warms up and cools down, loses commands meanwhile, wants a password, sleeps as deeply as it is
told to, and can be given faults for drills:

    async with virtual_projector(warm=2, cool=2, password="secret") as projector:
        ...                                    # drive projector.host, projector.port
        projector.faults = "020000"            # the lamp is broken
        await projector.unplug()

As a process of its own: `python -m devices.virtual.projector --port 4352`.

Source: PJLink Specifications Class 2 (JBMIA, 2017), sections 2, 4 and 5.
"""

import argparse
import asyncio
import contextlib
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from enum import StrEnum

from devices.device import Power

STATES = {Power.OFF: "0", Power.ON: "1", Power.COOLING: "2", Power.WARMING: "3"}
INPUTS = {"11": "Computer", "21": "Video", "31": "HDMI 1", "32": "HDMI 2"}


class Standby(StrEnum):
    """How it answers while it is off."""

    ANSWERS = "answers"
    UNAVAILABLE = "unavailable"
    """ERR3 to everything but the command to switch on."""
    SILENT = "silent"
    """Accepts connections and says nothing; only `press_power` wakes it."""
    OFFLINE = "offline"
    """Leaves the network as soon as it is told to switch off; `plug_in` brings it back."""


class Manner(StrEnum):
    """Faults of the line and of the electronics, for drills."""

    PROPER = "proper"
    SILENT = "silent"
    HALF_ANSWERS = "half-answers"
    GARBAGE = "garbage"
    HANGS_UP = "hangs-up"
    ONE_ANSWER = "one-answer"
    """Ends each connection after its first answer, as some old ones do."""
    IGNORES_COMMANDS = "ignores-commands"
    """Says OK and does nothing."""


class VirtualProjector:
    """The state of the projector, and its server on one port."""

    def __init__(self, warm: float, cool: float, password: str | None) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        """Chosen at the first start, kept while unplugged."""
        self.warm = warm
        self.cool = cool
        """Seconds."""
        self.password = password
        self.standby = Standby.ANSWERS
        self.manner = Manner.PROPER
        self.faults = "000000"
        """ERST: fan, lamp, temperature, cover, filter, other; 0 fine, 1 warning, 2 error."""
        self.class_2 = True
        """False: as most projectors are, without names, freezing and a filter."""
        self.mutes_picture_alone = True
        self.lamp_hours, self.filter_hours = 120, 80
        self.input = "11"
        self.muted = "30"
        self.frozen = "0"
        self.thinks = 0.0
        """Seconds before each answer."""
        self.tells: tuple[str, int] | None = None
        """Whom it tells by itself that its power changes (section 3.3): host and port, UDP."""
        self.greeted = 0
        """How many connections there were."""
        self.answered = 0
        self.connections: set[asyncio.StreamWriter] = set()
        self.commands: list[str] = []
        """What it was told and took, `POWR 1`, without the questions."""
        self._power = Power.OFF
        self._until = 0.0
        """End of warming or cooling, on `time.monotonic()`."""
        self._server: asyncio.Server | None = None
        self._settings: dict[str, Callable[[str], str]] = {
            "POWR": self._set_power,
            "INPT": self._set_input,
            "AVMT": self._set_mute,
            "FREZ": self._set_freeze,
        }

    @property
    def power(self) -> Power:
        if self._power is Power.WARMING and time.monotonic() >= self._until:
            self._power = Power.ON
        elif self._power is Power.COOLING and time.monotonic() >= self._until:
            self._power = Power.OFF
        return self._power

    def press_power(self) -> None:
        """The button on its lid, which works in the deepest standby."""
        if self.power is Power.OFF:
            self._power, self._until = Power.WARMING, time.monotonic() + self.warm
            self._tell("3")
        elif self.power is Power.ON:
            self._power, self._until = Power.COOLING, time.monotonic() + self.cool
            self._tell("2")

    def _tell(self, state: str) -> None:
        if self.tells is not None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
                own.bind((self.host, 0))
                own.sendto(f"%2POWR={state}\r".encode(), self.tells)

    async def plug_in(self) -> None:
        """Listen; on the same port as before, where there was one."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Cut the mains: nobody listens any more, and it is off."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self.connections):
            writer.transport.abort()
        self._power = Power.OFF

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(writer)
        self.greeted += 1
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the controller went away
        finally:
            self.connections.discard(writer)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asleep = self.standby is Standby.SILENT and self.power is Power.OFF
        if self.manner is Manner.SILENT or asleep:
            await reader.read()  # until the other side gives up
            return
        if self.manner is Manner.HANGS_UP:
            return
        if self.manner is Manner.GARBAGE:
            writer.write(b"\xff\xfeHTTP/1.1 400 Bad Request\r\r\n")
            return
        token = "" if self.password is None else secrets.token_hex(4)
        writer.write(f"PJLINK 1 {token}\r".encode() if token else b"PJLINK 0\r")
        first = True
        while True:
            line = (await reader.readuntil(b"\r")).decode().rstrip("\r")
            if first and token:
                line = self._without_digest(line, token)
                if not line:
                    writer.write(b"PJLINK ERRA\r")
                    return
            first = False
            if self.manner is Manner.HALF_ANSWERS:
                writer.write(line[:4].encode())
                await reader.read()
                return
            await asyncio.sleep(self.thinks)
            writer.write(f"{line[:6]}={self._answer(line[:2], line[2:6], line[6:])}\r".encode())
            self.answered += 1
            if self.manner is Manner.ONE_ANSWER:
                return

    def _without_digest(self, line: str, token: str) -> str:
        """What follows the digest, or nothing where the password was wrong (section 5)."""
        secret = f"{token}{self.password}".encode()
        digest = hashlib.md5(secret, usedforsecurity=False).hexdigest()
        return line.removeprefix(digest) if line.startswith(digest) else ""

    def _answer(self, header: str, command: str, body: str) -> str:
        if header not in ("%1", "%2")[: 2 if self.class_2 else 1] or not body.startswith(" "):
            return "ERR1"
        value = body[1:]
        asleep = self.standby is Standby.UNAVAILABLE and self.power is Power.OFF
        if asleep and (command, value) != ("POWR", "1"):
            return "ERR3"
        if command == "INNM" and self.class_2:
            return INPUTS.get(value[1:], "ERR2")
        if value == "?":
            return self._questions().get(command, "ERR1")
        return self._take(command, value) if command in self._settings else "ERR1"

    def _take(self, command: str, value: str) -> str:
        if self.power in (Power.WARMING, Power.COOLING):
            return "ERR3"
        if self.manner is Manner.IGNORES_COMMANDS:
            return "OK"
        answer = self._settings[command](value)
        if answer == "OK":
            self.commands.append(f"{command} {value}")
        return answer

    def _questions(self) -> dict[str, str]:
        lamp = "1" if self.power is Power.ON else "0"
        on = self.power is Power.ON
        return {
            "POWR": STATES[self.power],
            "INPT": self.input if on else "ERR3",
            "AVMT": self.muted if on else "ERR3",
            "FREZ": self.frozen if on else "ERR3",
            "ERST": self.faults,
            "LAMP": f"{self.lamp_hours} {lamp}",
            "FILT": str(self.filter_hours),
            "INST": " ".join(INPUTS),
            "NAME": "Virtual projector",
            "INF1": "avcontrol",
            "INF2": "software",
            "INFO": "",
            "CLSS": "2" if self.class_2 else "1",
            "SNUM": "0",
            "SVER": "1",
        }

    def _set_power(self, value: str) -> str:
        if value not in ("0", "1"):
            return "ERR2"
        if (value == "1") is (self.power is Power.OFF):
            self.press_power()
        if value == "0" and self.standby is Standby.OFFLINE and self._server:
            self._server.close()
        return "OK"

    def _set_input(self, value: str) -> str:
        if self.power is not Power.ON:
            return "ERR3"
        if value not in INPUTS:
            return "ERR2"
        self.input = value
        return "OK"

    def _set_mute(self, value: str) -> str:
        if self.power is not Power.ON:
            return "ERR3"
        alone = ("10", "11", "20", "21") if self.mutes_picture_alone else ()
        if value not in (*alone, "30", "31"):
            return "ERR2"
        self.muted = value if value.endswith("1") else "30"
        return "OK"

    def _set_freeze(self, value: str) -> str:
        if self.power is not Power.ON:
            return "ERR3"
        if not self.class_2:
            return "ERR1"
        if value not in ("0", "1"):
            return "ERR2"
        self.frozen = value
        return "OK"


@contextlib.asynccontextmanager
async def virtual_projector(
    *,
    warm: float = 3.0,
    cool: float = 3.0,
    password: str | None = None,
    port: int = 0,
    host: str = "127.0.0.1",
) -> AsyncIterator[VirtualProjector]:
    """A projector on loopback, off at first; port 0 takes a free one. Raises OSError."""
    projector = VirtualProjector(warm, cool, password)
    projector.host, projector.port = host, port
    await projector.plug_in()
    try:
        yield projector
    finally:
        await projector.unplug()


async def _run(arguments: argparse.Namespace) -> None:
    async with virtual_projector(
        warm=arguments.warm, cool=arguments.cool, port=arguments.port, password=arguments.password
    ):
        await asyncio.get_running_loop().create_future()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--warm", type=float, default=3.0, help="seconds")
    parser.add_argument("--cool", type=float, default=3.0, help="seconds")
    parser.add_argument("--password", help="none is asked for without it")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
