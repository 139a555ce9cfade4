"""What is wrong in a house right now, in words, for whoever is asked for help."""

from typing import Final

from rooms.signals import wrong_now
from rooms.view import RoomView
from web.sentences import Language, say

NOTHING: Final = {
    "vi": "Máy không thấy lỗi nào; xin gọi lại để hỏi.",
    "en": "The house sees no fault; please call back and ask.",
}
MOST: Final = 4


def in_words(view: RoomView, language: Language) -> str:
    """The worst things first, at most `MOST` of them."""
    return " ".join(say(cause, language) for cause in wrong_now(view)[:MOST]) or NOTHING[language]
