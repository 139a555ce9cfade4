"""Sends the receipt to whoever wrote: a target like any other, so that it is tried for three days
and the technician sees what could not be sent (`feedback.delivery`).

The parcel is the only place where the sender's address stands; it is gone once it was delivered.
"""

import ssl
from collections.abc import Callable
from email.message import EmailMessage

from base.cause import Cause
from config.mail import MailSection
from feedback.delivery import WRITER
from feedback.mail.kept import receipt_id
from feedback.targets.email import Letter, hand_over
from feedback.targets.target import Event, NotDelivered


class Receipts:
    def __init__(
        self,
        settings: MailSection,
        write: Callable[[Event], Letter],
        *,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`write` puts a receipt into words; `context` is the system's authorities by default."""
        self.name = settings.address
        self._settings = settings
        self._write = write
        self._context = context

    async def deliver(self, event: Event) -> None:
        """Raises NotDelivered."""
        message = self._message(event)
        try:
            await hand_over(self._settings.smtp, message, context=self._context)
        except NotDelivered as failure:
            if failure.cause.code != "delivery.mailbox":
                raise
            raise NotDelivered(Cause(WRITER, **failure.cause.params)) from failure

    def _message(self, event: Event) -> EmailMessage:
        letter = self._write(event)
        own = self._settings.address
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = own
        message["To"] = str(event.body["to"])
        domain = own.rpartition("@")[2]
        case_id = event.body.get("case")
        message["Message-ID"] = (
            receipt_id(str(case_id), domain) if case_id else f"<{event.id}@{domain}>"
        )
        if answers := str(event.body["answers"]):
            message["In-Reply-To"] = answers
            message["References"] = answers
        # RFC 3834, section 3.1.7; Exchange heeds a word of its own.
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(letter.body)
        return message
