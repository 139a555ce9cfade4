"""What is wrong with a picture or a PDF that is to be shown, and with a stick that it is on."""

from web.sentences import Sentence

SENTENCES = {
    "paper.none_chosen": Sentence(
        vi="Chưa chọn tệp nào. Hãy bấm vào ô chọn tệp, chọn ảnh hoặc PDF rồi gửi lại.",
        en="No file was chosen. Tap the field, choose a picture or a PDF and send it again.",
    ),
    "paper.too_many": Sentence(
        vi="Đã có {most} ảnh, tài liệu. Hãy bỏ bớt ở “Các tài liệu đã gửi” rồi gửi lại.",
        en="There are {most} pictures and papers already. Remove one in “What was sent”, then send "
        "it again.",
    ),
    "paper.no_room": Sentence(
        vi="Đĩa của máy đã đầy nên không cất được tài liệu. Hãy báo kỹ thuật viên.",
        en="The computer's disk is full, so the paper cannot be kept. Tell the technician.",
    ),
    "paper.broken": Sentence(
        vi="Tệp PDF này bị hỏng hoặc quá phức tạp, không mở được. Hãy xuất lại thành PDF khác, "
        "hoặc chụp ảnh trang cần chiếu rồi gửi ảnh.",
        en="This PDF is broken or too complex and cannot be opened. Export it again, or send a "
        "photo of the page.",
    ),
    "paper.locked": Sentence(
        vi="Tệp PDF này có mật khẩu. Hãy lưu lại một bản không có mật khẩu rồi gửi.",
        en="This PDF has a password. Save a copy without one and send that.",
    ),
    "paper.unknown": Sentence(
        vi="Tài liệu này đã bị bỏ. Hãy chọn tài liệu khác, hoặc gửi lại.",
        en="This paper was removed. Choose another one, or send it again.",
    ),
    "stick.gone": Sentence(
        vi="Không đọc được tệp này trên USB. Hãy cắm lại USB rồi bấm Tìm lại.",
        en="This file cannot be read from the stick. Plug the stick in again, then tap Look again.",
    ),
    "stick.slow": Sentence(
        vi="USB trả lời quá chậm, có thể đang hỏng. Hãy cắm lại, hoặc gửi tệp bằng điện thoại.",
        en="The stick answers too slowly; it may be failing. Plug it in again, or send the file by "
        "telephone.",
    ),
}
