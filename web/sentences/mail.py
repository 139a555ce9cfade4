"""Residents' mail: what goes back to them, and the mailbox for the technician."""

from web.sentences import Sentence

SENTENCES = {
    "mail.receipt_subject": Sentence(
        vi="[{where}] Đã tiếp nhận, mã {code}", en="[{where}] Received, receipt {code}"
    ),
    "mail.receipt": Sentence(
        vi="{where} đã nhận được thư của ông/bà và ghi thành một phản ánh, kiến nghị.\n\n"
        "Mã tiếp nhận: {code}\nNơi giải quyết: {owner}\nHạn trả lời: {due}",
        en="{where} has received your mail and recorded it as a case.\n\n"
        "Receipt: {code}\nAnswered by: {owner}\nDue: {due}",
    ),
    "mail.receipt_link": Sentence(
        vi="Xem việc đang đến đâu và đọc trả lời tại:\n{url}",
        en="See how it stands and read the answer at:\n{url}",
    ),
    "mail.place": Sentence(vi="{place}", en="{place}"),
    "mail.receipt_enclosed": Sentence(
        vi="Một phần ảnh hoặc giấy tờ gửi kèm chỉ giữ trong hộp thư, không đăng công khai.",
        en="Some pictures or papers that came with it are kept in the mailbox alone, unpublished.",
    ),
    "mail.receipt_more": Sentence(
        vi="Giữ mã này: có mã là xem được trả lời. Muốn nói thêm về việc này, trả lời chính thư "
        "này. Địa chỉ thư và tên của ông/bà không được công khai, cũng không ghi vào "
        "phản ánh.\n\nThư này do máy gửi.",
        en="Keep the receipt: whoever has it can read the answer. To add something, reply to this "
        "mail. Your address and name are neither made public nor kept with the case.\n\n"
        "This mail was sent by a machine.",
    ),
    "mail.empty_subject": Sentence(
        vi="[{where}] Thư chưa có nội dung", en="[{where}] Your mail was empty"
    ),
    "mail.empty": Sentence(
        vi="{where} đã nhận được một thư từ địa chỉ này nhưng không đọc thấy chữ nào. Xin viết lại "
        "điều ông/bà muốn phản ánh thành chữ trong thư (không chỉ gửi ảnh), rồi gửi lại.",
        en="{where} has received a mail from this address, without any words that could be read. "
        "Please write what it is about in the mail itself (not only as a picture) and send it "
        "again.",
    ),
    "mail.password": Sentence(
        vi="Máy chủ thư từ chối tên {user} hoặc mật khẩu. Hãy kiểm tra mail.user và tệp của "
        "mail.password_file. Thư vẫn nằm trong hộp thư.",
        en="The mail server refuses {user} or the password. Check mail.user and the file of "
        "mail.password_file. Mail stays in the mailbox.",
    ),
    "mail.password_file": Sentence(
        vi="Không đọc được tệp mật khẩu của hộp thư (mail.password_file). Hãy kiểm tra quyền đọc.",
        en="The mailbox's password file (mail.password_file) cannot be read. Check its "
        "permissions.",
    ),
    "mail.certificate": Sentence(
        vi="Chứng chỉ của máy chủ thư {host} không hợp lệ nên chưa gửi mật khẩu. Hãy kiểm tra tên "
        "máy và ngày hết hạn chứng chỉ.",
        en="The certificate of the mail server {host} is not valid, so no password was sent. Check "
        "the host's name and when the certificate ends.",
    ),
    "mail.hangs": Sentence(
        vi="Máy chủ thư {host} không trả lời kịp. Máy đang tự thử lại; thư vẫn nằm trong hộp thư.",
        en="The mail server {host} does not answer in time. It is tried again; mail stays in the "
        "mailbox.",
    ),
    "mail.unreachable": Sentence(
        vi="Không nối được với máy chủ thư {host} ({error}). Hãy kiểm tra mail.host, mail.port và "
        "đường truyền. Máy đang tự thử lại; thư vẫn nằm trong hộp thư.",
        en="The mail server {host} cannot be reached ({error}). Check mail.host, mail.port and the "
        "line. It is tried again; mail stays in the mailbox.",
    ),
    "mail.folder": Sentence(
        vi="Hộp thư không có thư mục “{folder}”. Hãy tạo thư mục đó hoặc sửa mail.folder.",
        en="The mailbox has no folder “{folder}”. Create it or correct mail.folder.",
    ),
    "mail.not_moved": Sentence(
        vi="Thư đã tiếp nhận không chuyển được sang thư mục “{folder}”; thư được đánh dấu đã đọc "
        "và không bị nhận hai lần. Hãy tạo thư mục đó và cho phép chuyển thư vào.",
        en="Mail that was received cannot be moved to the folder “{folder}”; it is marked as read "
        "and not received twice. Create the folder and allow mail to be moved there.",
    ),
    "mail.failed": Sentence(
        vi="Đọc hộp thư gặp lỗi chưa rõ. Hãy xem nhật ký của máy và báo cho người phát triển. Thư "
        "vẫn nằm trong hộp thư.",
        en="The mailbox could not be read, and it is not clear why. See the log and tell the "
        "developers. Mail stays in the mailbox.",
    ),
}
