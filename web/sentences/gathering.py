"""What officials are told of meetings of the whole ward, and of the media server they need."""

from web.sentences import Sentence

SENTENCES = {
    "config.stream_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ bắt đầu bằng https:// và có {{stream}} ở chỗ tên luồng, "
        "ví dụ https://media.example.vn/whip/{{stream}}",
        en="{key} is “{found}”. It begins with https:// and has {{stream}} where the stream's "
        "name stands, for example https://media.example.vn/whip/{{stream}}",
    ),
    "gathering.unknown": Sentence(
        vi="Không có cuộc họp toàn phường này. Xin xem lại danh sách ở trang Họp toàn phường.",
        en="There is no such meeting of the ward. Look at the list on the page of the ward's "
        "meetings.",
    ),
    "gathering.not_planned": Sentence(
        vi="Cuộc họp này đã mở, đã kết thúc hoặc đã hủy. Xin tải lại trang để xem hiện nay thế "
        "nào.",
        en="This meeting was opened, ended or cancelled already. Reload the page to see how it "
        "stands.",
    ),
    "gathering.not_open": Sentence(
        vi="Cuộc họp này hiện không mở. Xin tải lại trang để xem hiện nay thế nào.",
        en="This meeting is not open now. Reload the page to see how it stands.",
    ),
    "gathering.another_open": Sentence(
        vi="Phường đang mở cuộc họp “{title}”. Kết thúc cuộc họp ấy trước, rồi mở cuộc họp này.",
        en="The ward's meeting “{title}” is open. End that one first, then open this one.",
    ),
    "gathering.not_speaker": Sentence(
        vi="{name} đang chủ trì. Muốn điều khiển cuộc họp, bấm “Tôi chủ trì” trước.",
        en="{name} is presiding. To run the meeting, press “I preside” first.",
    ),
    "gathering.elsewhere": Sentence(
        vi="Đang chủ trì ở trang khác hoặc máy khác. Muốn nói từ đây, bấm “Nói từ máy này”.",
        en="You preside from another page or device. To speak from here, press “Speak from here”.",
    ),
    "gathering.no_house": Sentence(
        vi="Chưa chọn nhà văn hóa nào. Xin chọn ít nhất một nhà văn hóa dự họp.",
        en="No house is chosen. Choose at least one house that takes part.",
    ),
    "gathering.no_media_server": Sentence(
        vi="Phường chưa khai báo máy chủ phát nên chưa họp toàn phường được. Xin kỹ thuật viên "
        "ghi mục [media_server] trong cấu hình của phường.",
        en="The ward has named no media server, so the whole ward cannot meet yet. Ask a "
        "technician to write [media_server] into the ward's settings.",
    ),
    "mediaserver.nobody": Sentence(
        vi="Chưa có hình và tiếng từ nơi này. Trang tự thử lại, xin chờ.",
        en="There is no picture or sound from there yet. The page tries again by itself.",
    ),
    "mediaserver.refused": Sentence(
        vi="Máy chủ phát không nhận mã của phường. Xin kỹ thuật viên ghi lại mã ở mục "
        "[media_server].",
        en="The media server does not accept the ward's token. Ask a technician to write it anew "
        "in [media_server].",
    ),
    "mediaserver.rejected": Sentence(
        vi="Máy chủ phát không nhận luồng này (mã {status}). Trang tự thử lại; nếu vẫn vậy, xin "
        "kỹ thuật viên xem máy chủ phát.",
        en="The media server does not take this stream (status {status}). The page tries again; "
        "if it stays so, ask a technician to look at the media server.",
    ),
    "mediaserver.no_answer": Sentence(
        vi="Máy chủ phát không trả lời. Trang tự thử lại; nếu vẫn vậy, báo kỹ thuật viên.",
        en="The media server does not answer. The page tries again; if it stays so, tell a "
        "technician.",
    ),
    "mediaserver.certificate": Sentence(
        vi="Chứng chỉ của máy chủ phát không hợp lệ nên phường không nối. Báo kỹ thuật viên.",
        en="The media server's certificate is not valid, so the ward does not connect. Tell a "
        "technician.",
    ),
}
