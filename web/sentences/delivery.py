"""What goes out to other systems, for the technician."""

from web.sentences import Sentence

SENTENCES = {
    "delivery.hangs": Sentence(
        vi="Hệ thống bên kia không trả lời kịp.",
        en="The other system did not answer in time.",
    ),
    "delivery.unreachable": Sentence(
        vi="Không nối được với hệ thống bên kia ({error}). Hãy kiểm tra địa chỉ, đường truyền và "
        "chứng chỉ.",
        en="The other system cannot be reached ({error}). Check its address, the line and its "
        "certificate.",
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
        vi="Hệ thống bên kia trả lời nhưng không cho mã tiếp nhận, nên chưa coi là đã nhận.",
        en="The other system answered without a number of the request, so it does not count as "
        "taken.",
    ),
    "delivery.password": Sentence(
        vi="Máy chủ thư từ chối tên hoặc mật khẩu. Hãy kiểm tra user và tệp của password_file.",
        en="The mail server refuses the user or the password. Check user and password_file.",
    ),
    "delivery.mailbox": Sentence(
        vi="Máy chủ thư không nhận thư cho {mailbox}. Hãy kiểm tra địa chỉ đó.",
        en="The mail server takes no mail for {mailbox}. Check that address.",
    ),
    "delivery.writer": Sentence(
        vi="Máy chủ thư không gửi được mã tiếp nhận cho {mailbox}. Địa chỉ của người viết có thể "
        "sai hoặc hộp thư đã đầy.",
        en="The mail server takes no receipt for {mailbox}. The address of whoever wrote may be "
        "wrong, or his mailbox full.",
    ),
    "delivery.given_up": Sentence(
        vi="Có {count} tin gửi ba ngày không được nên máy đã thôi gửi. Mở mục Gửi sang hệ thống "
        "khác trên trang kỹ thuật, xem lý do rồi bấm Gửi lại.",
        en="Given up after three days: {count}. The technician's page, under “Sent to other "
        "systems”, says why and sends them again.",
    ),
    "delivery.no_target": Sentence(
        vi="Hệ thống này không còn trong tệp cấu hình nên không gửi lại được.",
        en="This system no longer stands in the configuration, so nothing can be sent to it.",
    ),
    "delivery.failed": Sentence(
        vi="Gửi không được vì lỗi chưa rõ. Hãy xem nhật ký của máy và báo cho người phát triển.",
        en="It could not be sent, and it is not clear why. See the log and tell the developers.",
    ),
    "outward.subject": Sentence(vi="[{where}] {text}", en="[{where}] {text}"),
    "outward.received": Sentence(
        vi="Bà con vừa gửi một phản ánh mới:", en="A resident has sent a new matter:"
    ),
    "outward.changed": Sentence(
        vi="Phản ánh sau vừa có thay đổi:", en="Something has changed in this matter:"
    ),
    "outward.answered": Sentence(
        vi="Phản ánh sau đã được trả lời:", en="This matter was answered:"
    ),
    "outward.refused": Sentence(
        vi="Phản ánh sau bị từ chối, có nêu lý do:", en="This matter was refused, with a reason:"
    ),
    "outward.reminded": Sentence(
        vi="Phản ánh sau sắp đến hạn trả lời:", en="This matter is due soon:"
    ),
    "outward.escalated": Sentence(
        vi="Phản ánh sau đã quá hạn mà chưa được trả lời, xin Ban Chỉ đạo xem:",
        en="This matter is late and not answered; the steering committee is asked to look at it:",
    ),
    "outward.reopened": Sentence(
        vi="Phản ánh sau được mở lại để xử lý tiếp:", en="This matter was opened again:"
    ),
    "outward.handed_over": Sentence(
        vi="Phản ánh sau đã chuyển lên phường xử lý:", en="This matter is the ward's from now on:"
    ),
    "outward.erased": Sentence(
        vi="Nội dung phản ánh sau đã được xóa theo quy định về bảo vệ dữ liệu cá nhân. Nơi nào còn "
        "giữ bản đã nhận thì cũng xóa:",
        en="What this matter was about was erased under the personal-data law. Whoever still has "
        "what was sent is to erase it, too:",
    ),
    "outward.due": Sentence(
        vi="Nơi giải quyết: {authority}. Hạn trả lời: {due}.",
        en="Answered by: {authority}. Due: {due}.",
    ),
    "outward.answer": Sentence(vi="Trả lời của {by}: {text}", en="Answer of {by}: {text}"),
    "outward.case": Sentence(vi="Số hồ sơ: {id}", en="Case: {id}"),
}
