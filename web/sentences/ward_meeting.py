"""What a house is told of a meeting of the whole ward."""

from web.sentences import Sentence

SENTENCES = {
    "ward.none": Sentence(
        vi="Bây giờ phường không có cuộc họp toàn phường nào có tổ dân phố mình.",
        en="There is no meeting of the whole ward now that this house is wanted in.",
    ),
    "ward.early": Sentence(
        vi="Chưa đến giờ họp toàn phường. Vào được từ nửa giờ trước giờ họp.",
        en="It is not time for the meeting of the whole ward yet. It can be joined from half an "
        "hour before.",
    ),
    "ward.not_joined": Sentence(
        vi="Nhà văn hóa chưa vào họp toàn phường. Bấm Vào họp phường trước.",
        en="This house has not joined the meeting of the whole ward. Join it first.",
    ),
    "attend.nobody": Sentence(
        vi="Phường chưa phát hình và tiếng. Cứ để máy như vậy, phường phát là tự hiện.",
        en="The ward does not send picture and sound yet. Leave everything as it is, they appear "
        "by themselves.",
    ),
    "attend.refused": Sentence(
        vi="Máy chủ họp {host} của phường không nhận mã của nhà văn hóa. Gọi phường nhờ xem mã "
        "truy cập; máy tự thử lại.",
        en="The ward's media server {host} refuses this house's token. Call the ward about it; it "
        "is being tried again by itself.",
    ),
    "attend.not_found": Sentence(
        vi="Máy chủ họp {host} của phường không có địa chỉ này. Gọi phường nhờ xem địa chỉ máy chủ "
        "họp.",
        en="The ward's media server {host} does not have this address. Call the ward about the "
        "address of the media server.",
    ),
    "attend.rejected": Sentence(
        vi="Máy chủ họp {host} của phường từ chối hình và tiếng (mã {status}). Gọi phường; máy tự "
        "thử lại.",
        en="The ward's media server {host} rejects picture and sound (status {status}). Call the "
        "ward; it is being tried again by itself.",
    ),
    "attend.no_answer": Sentence(
        vi="Máy chủ họp {host} của phường không trả lời. Kiểm tra mạng ở nhà văn hóa; nếu mạng tốt "
        "thì gọi phường. Máy tự thử lại.",
        en="The ward's media server {host} does not answer. Check the network of the house, and "
        "call the ward if that works. It is being tried again by itself.",
    ),
    "attend.certificate": Sentence(
        vi="Không tin được chứng chỉ của máy chủ họp {host}. Gọi phường nhờ gia hạn chứng chỉ.",
        en="The certificate of the ward's media server {host} cannot be trusted. Call the ward to "
        "have it renewed.",
    ),
    "attend.bad_answer": Sentence(
        vi="Máy chủ họp {host} của phường trả lời sai. Gọi phường nhờ xem địa chỉ máy chủ họp.",
        en="The ward's media server {host} gives an answer that makes no sense. Call the ward "
        "about the address of the media server.",
    ),
    "attend.no_path": Sentence(
        vi="Hình và tiếng không tới được máy chủ họp của phường. Nhờ kỹ thuật viên mở UDP tới "
        "{host}; máy tự thử lại.",
        en="Picture and sound do not get through to the ward's media server. Ask the technician to "
        "let UDP out to {host}; it is being tried again by itself.",
    ),
    "attend.lost": Sentence(
        vi="Mất đường truyền tới máy chủ họp {host} của phường. Máy tự kết nối lại.",
        en="The line to the ward's media server {host} was lost. It is being connected again by "
        "itself.",
    ),
    "attend.unsafe": Sentence(
        vi="Địa chỉ máy chủ họp {host} không an toàn (không có HTTPS) nên máy không kết nối. Gọi "
        "phường nhờ sửa địa chỉ.",
        en="The address of the ward's media server {host} is not safe (no HTTPS), so this house "
        "does not connect. Call the ward to have it changed.",
    ),
    "attend.failed": Sentence(
        vi="Kết nối với máy chủ họp {host} của phường gặp lỗi lạ. Tải gói chẩn đoán và gửi cho "
        "người hỗ trợ.",
        en="Connecting with the ward's media server {host} failed in an unknown way. Download the "
        "diagnostic bundle and send it to whoever helps.",
    ),
}
