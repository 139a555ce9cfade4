"""Sends cases to a mailbox: the channel that every office has.

One mail for each event; all of a case refer to one id (RFC 5322, section 3.6.4), by which
mailboxes show them as one conversation. A mail that comes twice has the same Message-ID, by which
most show it once.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from base.cause import Cause
from config.targets import EmailTarget, SmtpServer
from feedback.targets.target import Event, NotDelivered

_TIMEOUT_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Letter:
    """What people read."""

    subject: str
    body: str


class Email:
    def __init__(
        self,
        settings: EmailTarget,
        write: Callable[[Event], Letter],
        *,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`write` puts an event into words; `context` is the system's authorities by default."""
        self.name = settings.id
        self._settings = settings
        self._write = write
        self._context = context

    async def deliver(self, event: Event) -> None:
        """Raises NotDelivered."""
        await hand_over(self._settings, self._message(event), context=self._context)

    def _message(self, event: Event) -> EmailMessage:
        letter = self._write(event)
        domain = self._settings.sender.rpartition("@")[2]
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = self._settings.sender
        message["To"] = self._settings.to
        message["Message-ID"] = f"<{event.id}@{domain}>"
        message["References"] = f"<of-{event.subject}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        message.set_content(letter.body)
        return message


async def hand_over(
    server: SmtpServer, message: EmailMessage, *, context: ssl.SSLContext | None = None
) -> None:
    """`context` is the system's authorities by default. Raises NotDelivered."""
    try:
        await asyncio.to_thread(_send, server, message, context)
    except TimeoutError:
        raise NotDelivered(Cause("delivery.hangs")) from None
    except smtplib.SMTPAuthenticationError:
        raise NotDelivered(Cause("delivery.password")) from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(Cause("delivery.status", status=error.smtp_code)) from None
    except smtplib.SMTPRecipientsRefused:
        raise NotDelivered(Cause("delivery.mailbox", mailbox=str(message["To"]))) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(Cause("delivery.unreachable", error=type(error).__name__)) from None


def _send(server: SmtpServer, message: EmailMessage, context: ssl.SSLContext | None) -> None:
    tls = context or ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_TIMEOUT_SECONDS, context=tls
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=tls)
        if server.user:
            smtp.login(server.user, server.password())
        smtp.send_message(message)
