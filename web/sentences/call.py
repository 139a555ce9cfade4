"""What a guest is told about his way into the call."""

from web.sentences import Sentence

SENTENCES = {
    "call.full": Sentence(
        vi="Cuộc họp đã đủ {most} người tham dự từ xa. "
        "Xin nhờ tổ trưởng mời bớt một người ra rồi vào lại.",
        en="The meeting already has {most} remote participants. "
        "Ask the block leader to let one go, then come in again.",
    ),
    "call.bad_offer": Sentence(
        vi="Trình duyệt này không mở được cuộc gọi. "
        "Xin cập nhật trình duyệt, hoặc mở đường dẫn bằng Chrome.",
        en="This browser cannot open the call. Please update it, or open the link in Chrome.",
    ),
}
