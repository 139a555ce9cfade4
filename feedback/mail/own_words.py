"""What somebody wrote himself in a reply: without what he quotes, and without his signature.

It leaves out only what is surely not his own, and everything stays where nothing else would be
left: some write between the lines that they quote.
"""

import re
from typing import Final

_HEADER: Final = r"(?:From|Từ|Người gửi|De|Von)\s*:"
_ATTRIBUTION: Final = re.compile(
    r"^(?:On|Vào|Ngày|Lúc)\b.{3,300}?(?:wrote|đã viết|viết)\s*:\s*$", re.DOTALL
)
_ORIGINAL: Final = re.compile(
    r"^-{3,}\s*(?:Original Message|Thư gốc|Tin nhắn gốc|Tin nhắn ban đầu|Reply message)\s*-{3,}$",
    re.IGNORECASE,
)
_RULE: Final = re.compile(r"^_{10,}$")
_DEVICE: Final = re.compile(
    r"^(?:Sent from my|Được gửi từ|Gửi từ|Đã gửi từ|Get Outlook for|Tải Outlook)\b.{1,60}$"
)
_SIGNATURE: Final = "-- "
"""RFC 3676, section 4.3."""


def own_words(text: str, *, is_reply: bool) -> str:
    """A first mail is whole, but for the telephone's own advertisement."""
    lines = text.split("\n")
    own = _before_the_quote(lines) if is_reply else lines
    while own and (not own[-1].strip() or _DEVICE.match(own[-1].strip())):
        own = own[:-1]
    return "\n".join(own).strip() or text.strip()


def _before_the_quote(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        below = "\n".join(lines[at : at + 3])  # programs break the line that introduces a quote
        if line.rstrip("\r") == _SIGNATURE or _ORIGINAL.match(line.strip()):
            return lines[:at]
        if _RULE.match(line.strip()) and re.match(_HEADER, _next(lines, at)):
            return lines[:at]
        if _introduces(below) and _is_quoted(lines, at):
            return lines[:at]
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    return lines[:end]


def _introduces(below: str) -> bool:
    parts = below.split("\n")
    return any(_ATTRIBUTION.match(" ".join(parts[:count]).strip()) for count in (1, 2, 3))


def _is_quoted(lines: list[str], at: int) -> bool:
    """All that follows, but for the rest of the introduction."""
    rest = [line for line in lines[at + 1 :] if line.strip()]
    return not rest or any(
        len(rest) > introducing and all(line.startswith(">") for line in rest[introducing:])
        for introducing in (0, 1, 2)
    )


def _next(lines: list[str], at: int) -> str:
    return next((line.strip() for line in lines[at + 1 :] if line.strip()), "")
