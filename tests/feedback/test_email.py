"""Mail to an office, handed to a real SMTP server on loopback."""

import email
import ssl
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from base.cause import Cause
from config.targets import EmailTarget
from feedback.targets.email import Email, Letter
from feedback.targets.target import Event, NotDelivered
from tests.ports import free_port

EVENT = Event("case-1f-3", "case.changed", "1f", {"text": "Cống tắc"}, 1)


class Mailbox:
    """Takes what is for `office@…`; a login is asked for once `password` is set."""

    def __init__(self):
        self.mails = []
        self.reply = "250 OK"
        self.port = free_port()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if not address.startswith("office@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.reply.startswith("2"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=default))
            self.encrypted = session.ssl is not None
        return self.reply


def authenticate(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"hop", b"s3cret")
    return AuthResult(success=right, handled=False)


@pytest.fixture
def mailbox(certificate):
    mailbox = Mailbox()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*certificate)
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        tls_context=serving,
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
    controller.start()
    yield mailbox
    controller.stop()


@pytest.fixture
def target(mailbox, certificate, tmp_path):
    def make(password="s3cret", to="office@phuong.example", context=None):
        file = tmp_path / "password"
        file.write_text(password)
        settings = EmailTarget(
            kind="email",
            id="office",
            host="localhost",
            port=mailbox.port,
            user="hop",
            password_file=file,
            sender="hop@phuong.example",
            to=to,
        )
        trusting = ssl.create_default_context(cafile=certificate[0])
        return Email(settings, write, context=context or trusting)

    return make


def write(event):
    return Letter(f"Phản ánh {event.subject}", f"Nội dung: {event.body['text']}")


async def test_it_arrives_encrypted_in_words_and_in_its_thread(mailbox, target):
    await target().deliver(EVENT)
    (mail,) = mailbox.mails
    assert mailbox.encrypted
    assert mail["subject"] == "Phản ánh 1f"
    assert mail.get_content().strip() == "Nội dung: Cống tắc"
    assert (mail["from"], mail["to"]) == ("hop@phuong.example", "office@phuong.example")
    assert mail["message-id"] == "<case-1f-3@phuong.example>"
    assert mail["references"] == "<of-1f@phuong.example>"
    assert mail["auto-submitted"] == "auto-generated"


async def failure(target):
    with pytest.raises(NotDelivered) as failed:
        await target.deliver(EVENT)
    return failed.value.cause


async def test_a_wrong_password(mailbox, target):
    assert await failure(target(password="wrong")) == Cause("delivery.password")
    assert mailbox.mails == []


async def test_a_mailbox_that_is_not_there(target):
    cause = Cause("delivery.mailbox", mailbox="nobody@phuong.example")
    assert await failure(target(to="nobody@phuong.example")) == cause


async def test_a_server_that_is_full(mailbox, target):
    mailbox.reply = "452 insufficient storage"
    assert await failure(target()) == Cause("delivery.status", status=452)


async def test_a_certificate_that_nobody_vouches_for_gets_no_password(mailbox, target):
    stranger = ssl.create_default_context()
    cause = Cause("delivery.unreachable", error="SSLCertVerificationError")
    assert await failure(target(context=stranger)) == cause
    assert mailbox.mails == []


async def test_nobody_is_there(mailbox, target):
    made = target()
    mailbox.port = 1
    cause = Cause("delivery.unreachable", error="ConnectionRefusedError")
    assert await failure(target()) == cause
    await made.deliver(EVENT)
