"""What time it is at the hub, and a certificate that is not valid yet by a clock that is behind."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette

from rooms.view import Connection

APP = Starlette()


async def test_the_hubs_time_is_known_once_it_was_dialled(hub, dial, until_state):
    link = dial(hub.link_url, APP)
    await until_state(link, Connection.LINKED)
    told = link.hub_time()
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=20)
    await asyncio.sleep(0.2)
    assert link.hub_time() > told


async def test_a_certificate_that_is_not_valid_yet_says_that_our_clock_is_behind(
    dial, until_state, tmp_path
):
    trusted = tomorrows_certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    async def hang_up(reader, writer):
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=serving) as server:
        port = server.sockets[0].getsockname()[1]
        link = dial(f"wss://127.0.0.1:{port}/link", APP, tls=trusted)
        await until_state(link, Connection.AWAY, "link.certificate_early")
    assert link.hub_time() is None


def tomorrows_certificate(folder):
    """Written there, with its key; a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(tomorrow)
        .not_valid_after(tomorrow + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *private))
    return ssl.create_default_context(cafile=folder / "cert.pem")
