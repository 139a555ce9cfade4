"""Why there are no minutes."""

from web.sentences import Sentence

SENTENCES = {
    "minutes.unknown": Sentence(
        vi="Không có biên bản của cuộc họp này. Xin mở lại danh sách biên bản và chọn cuộc họp.",
        en="There are no minutes of this meeting. Open the list of minutes and choose a meeting.",
    ),
    "minutes.not_over": Sentence(
        vi="Cuộc họp này chưa kết thúc nên chưa có biên bản. Kết thúc họp xong là có ngay.",
        en="This meeting is not over, so there are no minutes yet. They are there once it ends.",
    ),
}
