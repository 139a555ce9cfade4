"""What the pages of a meeting have to say by themselves."""

from web.sentences import Sentence

SENTENCES = {
    "web.watch_first": Sentence(
        vi="Ngoài giờ họp camera không được xem ngầm. Bấm “Xem thử camera” trước, màn hình lớn sẽ "
        "báo cho mọi người biết.",
        en="Outside a meeting nobody looks through the camera unseen. Press “Try the camera” "
        "first; the big screen will tell everybody.",
    ),
    "web.confirm_first": Sentence(
        vi="Cuộc họp đang chờ người trong hội trường bấm “Tiếp tục họp” rồi mới xem được camera.",
        en="The meeting waits for somebody in the hall to press “Go on”; the camera can be "
        "seen after that.",
    ),
    "web.no_picture": Sentence(
        vi="Camera chưa gửi hình nào. Chờ vài giây; nếu vẫn chưa có, xem trang Thiết bị.",
        en="The camera has not sent a picture yet. Wait a few seconds; if none comes, look at the "
        "page Equipment.",
    ),
    "question.entered": Sentence(
        vi="Đã ghi câu số {number}. Mã tiếp nhận: {code}. Đọc mã này cho người hỏi chép lại.",
        en="Question {number} is recorded. Receipt: {code}. Read this code to whoever asked.",
    ),
}
