"""What the bytes of a mail say, whatever it calls its alphabet.

>>> decoded(b"Ph\xea\xec\xedng", "windows-1258")
'Phê\u0300íng'

Vietnamese mail comes in UTF-8, and from old programs in windows-1258, VISCII (RFC 1456) or TCVN
5712; Python has the first two. What cannot be read is replaced by U+FFFD, never an error: the mail
itself stays in the mailbox.
"""

from collections.abc import Mapping
from typing import Final

_TCVN: Final = (
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\u00a0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴ"
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ"
)
_VISCII: Final = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
"""The upper half; the lower one is ASCII. The capitals that both put among the control characters
are not read: a line's end is a line's end."""

_TABLES: Final[Mapping[str, str]] = {
    "tcvn": _TCVN,
    "tcvn3": _TCVN,
    "tcvn-5712": _TCVN,
    "tcvn5712-1": _TCVN,
    "x-viet-tcvn": _TCVN,
    "x-viet-tcvn5712": _TCVN,
    "viscii": _VISCII,
    "viscii1.1-1": _VISCII,
    "x-viet-viscii": _VISCII,
}
_NOTHING_SAID: Final = ("", "us-ascii", "ascii", "unknown-8bit", "default", "utf-8", "utf8")


def decoded(data: bytes, charset: str) -> str:
    """`charset` is what the mail says; where it says nothing, or what cannot be, it is UTF-8 if it
    can be, and windows-1258 if not."""
    name = charset.strip().lower().replace("_", "-")
    if table := _TABLES.get(name):
        return "".join(chr(byte) if byte < 0x80 else table[byte - 0x80] for byte in data)
    if name not in _NOTHING_SAID:
        try:
            return data.decode(name, "replace")
        except (LookupError, ValueError):  # no such alphabet; or one that is no text (`base64`)
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        said_utf8 = name.startswith("utf")
        return data.decode("utf-8" if said_utf8 else "windows-1258", "replace")
