"""A mail as it came, read: who wrote, what, to whom; or why it is none of ours.

    letter = read_letter(raw, own="hop@phuong-mau.example")
    letter.left_alone          # "list", "automatic", "bounce", …: nobody is answered
    letter.text                # subject and words, in NFC

Anybody can send anything: whatever the bytes are, this returns, and what it could not read stays in
the mailbox. Only headers and texts are looked at; pictures and papers are named.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses
from typing import Final

from feedback.mail.alphabets import decoded
from feedback.mail.html import words_of
from feedback.mail.own_words import own_words
from feedback.text import clean_line, clean_text

MOST_BYTES: Final = 200_000
"""Of one text, before it is read; nobody writes that much."""
_MOST_NAMES: Final = 20
_MOST_PICTURES: Final = 3
_LEAST_PICTURE_BYTES: Final = 5_000
"""Less is an emblem in somebody's signature."""
_ADDRESS: Final = re.compile(r"[A-Za-z0-9._%+'=~&/!#$*?^{|}-]{1,64}@[A-Za-z0-9.-]{1,190}")
_REPLY: Final = re.compile(r"^(?:(?:re|trả lời|tl|aw|sv|ynt|antw)\s*:\s*)+", re.IGNORECASE)
_NOBODY: Final = re.compile(
    r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|.*-bounces)(?:\+.*)?@",
    re.IGNORECASE,
)
_TO: Final = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True, slots=True)
class Picture:
    name: str
    """As in `Letter.enclosed`."""
    data: bytes
    """Nobody has looked at it yet."""


@dataclass(frozen=True, slots=True)
class Letter:
    key: str
    """64 hexadecimal digits: the same mail always under the same, whichever way it came."""
    message_id: str
    """As an answer may refer to it; empty where it has none that can be repeated."""
    sender: str
    """The bare address, in small letters; empty where there is none that could be answered."""
    to: tuple[str, ...]
    """Bare addresses, in small letters."""
    text: str
    """Subject and words; may be empty."""
    enclosed: tuple[str, ...]
    """What pictures and papers are called."""
    pictures: tuple["Picture", ...]
    """The first of them that are pictures, as they came."""
    follows: tuple[str, ...]
    """The mails that it says it answers, as `message_id`."""
    left_alone: str | None = None
    """Why it is nobody's matter: `ours`, `bounce`, `automatic`, `list`, `spam`, `nobody`."""


def read_letter(raw: bytes, *, own: str) -> Letter:
    """`raw` is a mail (RFC 5322), perhaps cut; `own` is the mailbox's address."""
    message, texts, enclosed, pictures = _opened(raw)
    sender = _first_address(message, "from")
    subject = clean_line(_header(message, "subject"))
    follows = _ids(_header(message, "references") + " " + _header(message, "in-reply-to"))
    is_reply = bool(follows or _REPLY.match(subject))
    words = clean_text(own_words(texts, is_reply=is_reply))
    message_id = next(iter(_ids(_header(message, "message-id"))), "")
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1]
    return Letter(
        key=hashlib.sha256(b"\0".join((message_id.encode(), sender.encode(), body))).hexdigest(),
        message_id=message_id,
        sender=sender,
        to=tuple(dict.fromkeys(_addresses(message, _TO))),
        text=_with_subject(_REPLY.sub("", subject), words),
        enclosed=enclosed,
        pictures=pictures,
        follows=follows,
        left_alone=_why_left(message, sender, own.lower()),
    )


def _opened(
    raw: bytes,
) -> tuple[EmailMessage, str, tuple[str, ...], tuple[Picture, ...]]:
    """The mail, its texts and what is enclosed; the headers alone where the rest is a trap."""
    try:
        message = BytesParser(policy=default).parsebytes(raw)
        texts = "\n\n".join(text for text in _texts(message) if text.strip())
        parts = list(_enclosed(message))[:_MOST_NAMES]
        pictures = tuple(_pictures(parts))[:_MOST_PICTURES]
        enclosed = tuple(map(_name, parts))
    except Exception:  # nested a thousand times, say (RecursionError)
        message = BytesParser(policy=default).parsebytes(raw, headersonly=True)
        return message, "", ("?",), ()
    return message, texts, enclosed, pictures


def _texts(part: EmailMessage) -> Iterator[str]:
    """In order; of alternatives the plain one, if it says anything."""
    if part.get_content_type() == "multipart/alternative":
        found = [(one.get_content_type(), "\n\n".join(_texts(one))) for one in _parts(part)]
        said = [(kind, text) for kind, text in found if text.strip()]
        plain = [text for kind, text in said if kind == "text/plain"]
        yield next(iter(plain or [text for _, text in reversed(said)]), "")
    elif part.is_multipart() and part.get_content_maintype() == "multipart":
        for one in _parts(part):
            yield from _texts(one)
    elif part.get_content_maintype() == "text" and not _is_enclosed(part):
        data = part.get_payload(decode=True)
        text = decoded((data if isinstance(data, bytes) else b"")[:MOST_BYTES], _charset(part))
        is_html = part.get_content_subtype() == "html"
        yield words_of(text, without_quotes=True) if is_html else _flowed(part, text)


def _flowed(part: EmailMessage, text: str) -> str:
    """RFC 3676: a line that ends with a space goes on in the next."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    return re.sub(r"(?<!\n-- )(?<!^-- ) \r?\n(?![>\r\n])", " ", text)


def _parts(part: EmailMessage) -> list[EmailMessage]:
    inner = part.get_payload()
    inner = inner if isinstance(inner, list) else []
    return [one for one in inner if isinstance(one, EmailMessage)]


def _is_enclosed(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _enclosed(message: EmailMessage) -> Iterator[EmailMessage]:
    for part in message.walk():
        kind = part.get_content_maintype()
        if kind != "multipart" and (kind != "text" or _is_enclosed(part)):
            assert isinstance(part, EmailMessage)
            yield part


def _name(part: EmailMessage) -> str:
    return clean_line(part.get_filename() or part.get_content_type())[:120]


def _pictures(parts: list[EmailMessage]) -> Iterator[Picture]:
    for part in parts:
        if part.get_content_maintype() == "image":
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and len(data) >= _LEAST_PICTURE_BYTES:
                yield Picture(_name(part), data)


def _charset(part: EmailMessage) -> str:
    with suppress(Exception):
        return part.get_content_charset() or ""
    return ""


def _with_subject(subject: str, words: str) -> str:
    """Many write the matter into the subject, and some say it again below."""
    if not subject or words.casefold().startswith(subject.casefold()):
        return words
    return f"{subject}\n\n{words}".strip()


def _why_left(message: EmailMessage, sender: str, own: str) -> str | None:
    """RFC 3834, section 2, and what programs do instead."""
    if sender == own:
        return "ours"
    if _header(message, "return-path").strip() == "<>" or _kind(message) == "multipart/report":
        return "bounce"
    if not sender or _NOBODY.match(sender):
        return "nobody"
    return _program(message)


def _program(message: EmailMessage) -> str | None:
    """Which kind of program wrote it, as it says itself."""
    precedence = _word(message, "precedence")
    told = any(_header(message, name) for name in ("x-autoreply", "x-autorespond"))
    programs = ("bulk", "junk", "auto_reply")
    if told or precedence in programs or _word(message, "auto-submitted") not in ("", "no"):
        return "automatic"
    listed = any(_header(message, name) for name in ("list-id", "list-unsubscribe"))
    if listed or precedence == "list":
        return "list"
    return "spam" if _word(message, "x-spam-flag") == "yes" else None


def _word(message: EmailMessage, name: str) -> str:
    """The value without its parameters."""
    return _header(message, name).partition(";")[0].strip().lower()


def _kind(message: EmailMessage) -> str:
    with suppress(Exception):
        return message.get_content_type()
    return ""


def _header(message: EmailMessage, name: str) -> str:
    """In one line; empty also where nobody can make sense of it."""
    try:
        return _in_one_line(str(message.get(name, "")))
    except Exception:  # the standard library stumbles over some that are made for it
        raw = {key.lower(): value for key, value in message.raw_items()}.get(name, "")
        return _in_one_line(str(raw).encode("ascii", "replace").decode())


def _in_one_line(value: str) -> str:
    return re.sub(r"[\r\n\0]+", " ", value)[:2_000]


def _first_address(message: EmailMessage, name: str) -> str:
    found = (address for _, address in getaddresses([_header(message, name)]))
    return next((address.lower() for address in found if _ADDRESS.fullmatch(address)), "")


def _addresses(message: EmailMessage, names: tuple[str, ...]) -> Iterator[str]:
    lines = [(key, value) for key, value in message.raw_items() if key.lower() in names]
    for key, value in lines[:_MOST_NAMES]:
        with suppress(Exception):
            shown = _in_one_line(str(message.policy.header_fetch_parse(key, value)))
            yield from (a.lower() for _, a in getaddresses([shown]) if _ADDRESS.fullmatch(a))


def _ids(value: str) -> tuple[str, ...]:
    """RFC 5322, section 3.6.4."""
    return tuple(re.findall(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>", value))[-20:]
