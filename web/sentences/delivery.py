"""What goes out to other systems, for the technician."""

from web.sentences import Sentence

SENTENCES = {
    "delivery.hangs": Sentence(
        vi="Hệ thống bên kia không trả lời kịp. Máy sẽ tự gửi lại.",
        en="The other system did not answer in time. It is sent again by itself.",
    ),
    "delivery.unreachable": Sentence(
        vi="Không nối được với hệ thống bên kia ({error}). Hãy kiểm tra địa chỉ, đường truyền và "
        "chứng chỉ; máy sẽ tự gửi lại.",
        en="The other system cannot be reached ({error}). Check its address, the line and its "
        "certificate; it is sent again by itself.",
    ),
    "delivery.status": Sentence(
        vi="Hệ thống bên kia trả lời mã {status} thay vì nhận. Hãy hỏi người quản lý hệ thống đó.",
        en="The other system answered {status} instead of taking it. Ask those who run it.",
    ),
    "delivery.secret": Sentence(
        vi="Khóa ký chưa dùng được: tệp khóa phải đọc được và chứa whsec_ với 24 đến 64 byte "
        "base64. Chưa gửi gì đi.",
        en="The signing secret cannot be used: its file has to be readable and to hold whsec_ with "
        "24 to 64 bytes of base64. Nothing was sent.",
    ),
    "delivery.no_receipt": Sentence(
        vi="Hệ thống bên kia trả lời nhưng không cho mã tiếp nhận, nên chưa coi là đã nhận. Máy sẽ "
        "tự gửi lại.",
        en="The other system answered without a number of the request, so it does not count as "
        "taken. It is sent again by itself.",
    ),
    "delivery.password": Sentence(
        vi="Máy chủ thư từ chối tên hoặc mật khẩu. Hãy kiểm tra user và tệp của password_file.",
        en="The mail server refuses the user or the password. Check user and password_file.",
    ),
    "delivery.mailbox": Sentence(
        vi="Máy chủ thư không nhận thư cho {mailbox}. Hãy kiểm tra địa chỉ đó.",
        en="The mail server takes no mail for {mailbox}. Check that address.",
    ),
    "delivery.failed": Sentence(
        vi="Gửi không được vì lỗi chưa rõ. Hãy xem nhật ký của máy và báo cho người phát triển.",
        en="It could not be sent, and it is not clear why. See the log and tell the developers.",
    ),
}
