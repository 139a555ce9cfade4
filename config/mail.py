"""The mailbox that a ward, or a house, already has: who writes there is received like anybody else.

    [mail]
    address = "hop@phuong-mau.example"
    host = "imap.phuong-mau.example"
    user = "hop"
    password_file = "mail.password"
    since = 2026-12-01

    [mail.smtp]
    host = "smtp.phuong-mau.example"
    user = "hop"
    password_file = "mail.password"

    [mail.houses]
    "to5@phuong-mau.example" = "to-5"

Nothing is read without such a section.
"""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from config.section import Identifier, Section
from config.targets import Mailbox, SmtpServer


class MailSection(Section):
    address: Mailbox
    """Of the mailbox; who has written gets the receipt from there."""
    host: str = Field(min_length=1, max_length=253)
    """The IMAP server."""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none` is for a server on this machine."""
    user: str = Field(min_length=1, max_length=254)
    password_file: Path
    folder: str = Field(default="INBOX", min_length=1, max_length=200)
    done_folder: str = Field(default="Đã tiếp nhận", min_length=1, max_length=200)
    """Where a mail is put once its case is stored; nothing is ever deleted."""
    since: date
    """What came before this day is nobody's case."""
    every_seconds: int = Field(default=30, ge=5, le=3600)
    smtp: SmtpServer
    """Who takes the receipts."""

    def password(self) -> str:
        """Raises OSError."""
        return self.password_file.read_text(encoding="utf-8").strip()


class WardMailSection(MailSection):
    """Of a hub, whose mail is for one of its houses or for the ward itself."""

    houses: dict[Mailbox, Identifier] = Field(default={}, max_length=500)
    """Whose a mail is that was written to this address. `hop+to-5@…` is the house `to-5`'s without
    an entry."""
    default_house: Identifier | None = None
    """Whose the rest is; without it, the ward's own."""
