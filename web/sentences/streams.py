"""What whoever sets up a player or an encoder is told (WHEP, WHIP)."""

from web.sentences import Sentence

SENTENCES = {
    "stream.player": Sentence(vi="trình phát", en="player"),
    "stream.no_token": Sentence(
        vi="Thiếu mã truy cập. Điền mã vào ô Bearer Token của phần mềm.",
        en="There is no token. Fill it into the program's field for the bearer token.",
    ),
    "stream.wrong_token": Sentence(
        vi="Địa chỉ hoặc mã truy cập không đúng. Xem lại hai dòng này với kỹ thuật viên.",
        en="The address or the token is wrong. Go through both with the technician.",
    ),
    "stream.other_type": Sentence(
        vi="Phần mềm gửi sai kiểu dữ liệu. Chọn kiểu phát WHIP (gửi hình) hoặc WHEP (xem).",
        en="The program sends the wrong kind of data. Choose WHIP to send, or WHEP to watch.",
    ),
    "stream.no_description": Sentence(
        vi="Không đọc được yêu cầu của phần mềm. Cập nhật phần mềm rồi thử lại.",
        en="The program's request cannot be read. Update the program and try again.",
    ),
    "stream.lines": Sentence(
        vi="Chỉ nhận một đường hình và một đường tiếng. Tắt các đường còn lại trong phần mềm.",
        en="One picture and one sound are taken. Switch the others off in the program.",
    ),
    "stream.direction": Sentence(
        vi="Sai chiều truyền: địa chỉ /whip để gửi hình, địa chỉ /whep để xem.",
        en="It goes the wrong way: /whip is for sending a picture, /whep for watching.",
    ),
    "stream.no_h264": Sentence(
        vi="Phần mềm không dùng được hình H.264. Chọn bộ mã hóa H.264 (x264) trong phần mềm.",
        en="The program has no H.264 picture. Choose the encoder H.264 (x264) in it.",
    ),
    "stream.no_opus": Sentence(
        vi="Phần mềm không dùng được tiếng Opus. Chọn bộ mã hóa âm thanh Opus trong phần mềm.",
        en="The program has no Opus sound. Choose the sound encoder Opus in it.",
    ),
    "stream.no_trickle": Sentence(
        vi="Máy không nhận bổ sung giữa chừng. Ngắt rồi kết nối lại.",
        en="Nothing can be added to a connection. End it and connect again.",
    ),
    "stream.gone": Sentence(
        vi="Kết nối này đã kết thúc. Kết nối lại từ đầu nếu cần.",
        en="This connection has ended. Connect anew if it is needed.",
    ),
    "stream.not_a_viewer": Sentence(
        vi="Đường dẫn này không phải của người xem. Nhờ tổ trưởng mời với vai người xem.",
        en="This link is not a viewer's. Ask the block leader for an invitation to watch.",
    ),
    "stream.lobby": Sentence(
        vi="Người có đường dẫn này phải chờ được cho vào, phần mềm không chờ được. Mở đường dẫn "
        "bằng trình duyệt, hoặc nhờ tổ trưởng mời không qua phòng chờ.",
        en="Whoever has this link waits to be let in, which a program cannot do. Open it in a "
        "browser, or ask the block leader for an invitation without a lobby.",
    ),
    "stream.not_begun": Sentence(
        vi="Cuộc họp chưa bắt đầu. Phần mềm sẽ thử lại.",
        en="The meeting has not begun. The program will try again.",
    ),
    "stream.taken": Sentence(
        vi="{name} đang nhận hình từ một phần mềm khác. Ngừng phát ở máy kia trước.",
        en="{name} gets its picture from another program. Stop the stream there first.",
    ),
}
