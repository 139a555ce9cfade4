"""A big screen made of software: a small server for Samsung's MDC over TCP, written from the
protocol's document, and simulated in all that a panel does.

    async with virtual_mdc() as screen:
        ...                                   # drive screen.host, screen.port
        screen.pin = "0123"                   # from now on by TLS alone, and with this PIN

Source: Samsung Multiple Display Control, protocol document v15.0 (2020), section 2.1 (frames):
`AA command id length data… sum`, answered with `AA FF id length 'A'|'N' command data… sum`.
"""

import asyncio
import contextlib
import ssl
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HEADER, ANSWER, ACK, NAK = 0xAA, 0xFF, 0x41, 0x4E
POWER, SOURCE, ERRORS, PANEL = 0x11, 0x14, 0x0D, 0xF9
MOST_WRONG = 5
HDMI1, HDMI1_PC, HDMI2 = 0x21, 0x22, 0x23


class VirtualMdc:
    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.on = False
        self.source = HDMI2
        self.dark = 0
        """PANEL: 1 while the panel is off and the screen on."""
        self.errors = bytes((0, 0, 2, 0, 30, 2))
        """Lamp, temperature, brightness sensor, source, degrees, fan."""
        self.refuses: set[int] = set()
        """Commands that this model does not know."""
        self.silent = False
        self.greeting = b""
        """Sent in the place of any answer: another program, or a screen that wants TLS."""
        self.pin = ""
        """“Secured Protocol” with this PIN; empty is off."""
        self.wrong_pins = 0
        """After five it is locked until this is 0 again."""
        self.told: list[tuple[int, int]] = []
        """Command and value of what it was told."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Nobody listens any more, and what was open is cut."""
        if self._server is not None:
            self._server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self.pin and not await self._let_in(reader, writer):
                return
            while True:
                head = await reader.readexactly(4)
                rest = await reader.readexactly(head[3] + 1)
                if self.silent:
                    continue
                if self.greeting:
                    writer.write(self.greeting)
                    return
                right = head[0] == HEADER and sum(head[1:] + rest[:-1]) % 256 == rest[-1]
                writer.write(self._answer(head[1], head[2], rest[:-1]) if right else b"?")
        except (OSError, asyncio.IncompleteReadError):
            pass  # the controller went away, or wants no TLS
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"MDCSTART<<TLS>>")
        await writer.drain()
        await writer.start_tls(_tls())
        pin = (await reader.read(16)).decode("utf-8", "replace")
        right = pin == self.pin and self.wrong_pins < MOST_WRONG
        if not right:
            self.wrong_pins += 1
        code = 1 if self.wrong_pins <= MOST_WRONG else 2
        writer.write(b"MDCAUTH<<PASS>>" if right else f"MDCAUTH<<FAIL:{code:04X}>>".encode())
        await writer.drain()
        return right

    def _answer(self, command: int, number: int, data: bytes) -> bytes:
        asleep = not self.on and command != POWER
        if asleep or command in self.refuses or command not in (POWER, SOURCE, ERRORS, PANEL):
            return _frame(number, bytes((NAK, command, 0x01)))
        if data:
            self.told.append((command, data[0]))
            self._take(command, data[0])
        value = {
            POWER: bytes((self.on,)),
            SOURCE: bytes((self.source,)),
            ERRORS: self.errors,
            PANEL: bytes((self.dark,)),
        }[command]
        return _frame(number, bytes((ACK, command)) + value)

    def _take(self, command: int, value: int) -> None:
        if command == POWER:
            self.on, self.dark = value == 1, 0
        elif command == SOURCE:
            self.source = value
        elif command == PANEL:
            self.dark = value


def _frame(number: int, data: bytes) -> bytes:
    body = bytes((ANSWER, number, len(data))) + data
    return bytes((HEADER,)) + body + bytes((sum(body) % 256,))


def _tls() -> ssl.SSLContext:
    """With a certificate that nobody has signed, as the screens have it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "screen")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(Encoding.PEM))
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


@contextlib.asynccontextmanager
async def virtual_mdc() -> AsyncIterator[VirtualMdc]:
    """A screen on loopback, off at first. Raises OSError."""
    screen = VirtualMdc()
    await screen.plug_in()
    try:
        yield screen
    finally:
        await screen.unplug()
