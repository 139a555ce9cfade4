"""One visit to a mailbox by IMAP (RFC 3501, RFC 6851), for a thread that may wait.

    with Mailbox(settings) as box:
        for uid in box.waiting():
            raw = box.read(uid)
            …                       # stored
            box.put_away(uid)       # seen, and in the folder of what was received

Each visit is a connection of its own: one that a router forgot, or a server that was begun anew, is
noticed at the next one. Nothing is ever deleted.
"""

import imaplib
import socket
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from base.cause import Cause
from config.mail import MailSection

READ_BYTES: Final = 8_000_000
"""Of one mail: its texts and three photos of a telephone; what is longer stays in the mailbox."""
_TIMEOUTS: Final = SocketTimeout(connect=10, read=20)
_SEEN: Final = b"\\Seen"
_GONE: Final = b"\\Deleted"


class MailboxAway(Exception):  # noqa: N818 - the word people use for it
    """Nothing can be read, for a reason that may pass."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class Mailbox:
    """Belongs to one thread at a time, but for `cut`."""

    def __init__(self, settings: MailSection, *, context: ssl.SSLContext | None = None) -> None:
        """`context` is the system's authorities by default."""
        self._settings = settings
        self._context = context
        self._client: Any = None
        self.validity = 0
        """UIDs mean nothing any more once it is another one (RFC 3501, section 2.3.1.1)."""

    def __enter__(self) -> Self:
        """Raises MailboxAway."""
        with _said(self._settings):
            found = self._settings
            try:
                password = found.password()
            except (OSError, ValueError):
                raise MailboxAway(Cause("mail.password_file")) from None
            tls = self._context or ssl.create_default_context()
            client = IMAPClient(
                found.host,
                found.port,
                ssl=found.security == "tls",
                ssl_context=tls if found.security == "tls" else None,
                timeout=_TIMEOUTS,
            )
            self._client = client
            if found.security == "starttls":
                client.starttls(tls)
            client.login(found.user, password)
            try:
                selected = client.select_folder(found.folder)
            except IMAPClientError as error:
                if isinstance(error, imaplib.IMAP4.abort):
                    raise
                raise MailboxAway(Cause("mail.folder", folder=found.folder)) from None
            self.validity = selected.get(b"UIDVALIDITY", 0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            self._client.__exit__(kind, error, trace)

    def cut(self) -> None:
        """From any thread: whoever waits for the server waits no longer."""
        if self._client is not None:
            with suppress(OSError):
                self._client.socket().shutdown(socket.SHUT_RDWR)

    def waiting(self) -> list[int]:
        """The UIDs of what came since the day from which on mail is received, oldest first. Raises
        MailboxAway."""
        with _said(self._settings):
            criteria = ["SINCE", self._settings.since, "NOT", "DELETED"]
            return sorted(self._client.search(criteria))

    def read(self, uid: int) -> bytes | None:
        """The beginning of one mail, which stays unseen; None where somebody took it away. Raises
        MailboxAway."""
        with _said(self._settings):
            part = f"BODY.PEEK[]<0.{READ_BYTES}>"
            found = self._client.fetch([uid], [part]).get(uid, {})
            raw = next((v for k, v in found.items() if k.startswith(b"BODY[]")), None)
            return raw if isinstance(raw, bytes) else None

    def put_away(self, uid: int) -> bool:
        """Seen, and in the other folder; False where the server lets nothing be moved there: it is
        seen then. Raises MailboxAway."""
        with _said(self._settings):
            client, folder = self._client, self._settings.done_folder
            client.add_flags([uid], [_SEEN], silent=True)
            try:
                if not client.folder_exists(folder):
                    client.create_folder(folder)
                    client.subscribe_folder(folder)
                if client.has_capability("MOVE"):
                    client.move([uid], folder)
                elif client.has_capability("UIDPLUS"):
                    client.copy([uid], folder)
                    client.add_flags([uid], [_GONE], silent=True)
                    client.uid_expunge([uid])
                else:
                    return False
            except imaplib.IMAP4.abort:
                raise
            except IMAPClientError:
                return False
        return True


class _said:  # noqa: N801 - it reads as a word
    """What went wrong, as a cause."""

    def __init__(self, settings: MailSection) -> None:
        self._settings = settings

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, MailboxAway):
            return
        host = self._settings.host
        if isinstance(error, LoginError):
            raise MailboxAway(Cause("mail.password", user=self._settings.user)) from None
        if isinstance(error, ssl.SSLCertVerificationError):
            raise MailboxAway(Cause("mail.certificate", host=host)) from None
        if isinstance(error, TimeoutError):
            raise MailboxAway(Cause("mail.hangs", host=host)) from None
        if isinstance(error, OSError | IMAPClientError):
            name = type(error).__name__
            raise MailboxAway(Cause("mail.unreachable", host=host, error=name)) from None
