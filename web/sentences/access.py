"""Who may come in, and what the server itself has to say."""

from web.sentences import Sentence

SENTENCES = {
    "access.pair_first": Sentence(
        vi="Máy này chưa được ghép với nhà văn hóa. Xin nhập mã ghép máy do cán bộ kỹ thuật cấp.",
        en="This device is not paired with the house yet. Type the pairing code that the "
        "technician gives you.",
    ),
    "access.log_in_first": Sentence(
        vi="Trang này dành cho cán bộ kỹ thuật. Xin nhập mật khẩu để vào.",
        en="This page is for the technician. Enter the password to go on.",
    ),
    "access.wrong_code": Sentence(
        vi="Mã ghép máy không đúng hoặc đã hết hạn. Mã chỉ dùng được một lần, trong 10 phút. "
        "Xin xem lại từng chữ, hoặc xin cấp mã mới.",
        en="This pairing code is wrong or no longer valid. A code works once, for 10 minutes. "
        "Check each character, or ask for a new code.",
    ),
    "access.wrong_password": Sentence(
        vi="Mật khẩu không đúng. Xin nhập lại; để ý phím viết hoa.",
        en="The password is wrong. Try again; mind the caps lock key.",
    ),
    "access.no_password": Sentence(
        vi="Chưa đặt mật khẩu kỹ thuật. Xin bấm “Ghép máy bằng mã”, nhập mã lần đầu mà người cài "
        "đặt máy đã ghi lại, rồi đặt mật khẩu.",
        en="No technician's password is set yet. Press “Pair with a code”, type the first code "
        "that whoever set the machine up wrote down, then set a password.",
    ),
    "access.password_too_short": Sentence(
        vi="Mật khẩu phải có ít nhất {least} ký tự. Có thể dùng một câu ngắn dễ nhớ.",
        en="The password needs at least {least} characters. A short sentence is easy to remember.",
    ),
    "access.link_broken": Sentence(
        vi="Đường dẫn không đầy đủ hoặc đã bị sửa. Xin bấm lại vào đường dẫn gốc, hoặc xin người "
        "mời gửi lại.",
        en="This link is incomplete or was altered. Open the original link again, or ask whoever "
        "invited you to send it once more.",
    ),
    "access.link_expired": Sentence(
        vi="Đường dẫn này đã hết hạn. Xin người mời gửi đường dẫn mới.",
        en="This link is no longer valid. Ask whoever invited you for a new one.",
    ),
    "web.foreign_origin": Sentence(
        vi="Yêu cầu này đến từ một trang khác nên không được thực hiện. Xin mở lại trang của nhà "
        "văn hóa rồi làm lại.",
        en="This request came from another site and was not carried out. Open the page of the "
        "house again and repeat it there.",
    ),
    "web.unknown_host": Sentence(
        vi="Địa chỉ này không phải của nhà văn hóa. Xin mở bằng mã QR hoặc đường dẫn đã được cấp.",
        en="This address does not belong to the house. Use the QR code or the link you were given.",
    ),
    "web.bad_request": Sentence(
        vi="Trình duyệt đã gửi một yêu cầu không đọc được. Xin tải lại trang rồi thử lại.",
        en="The browser sent something that cannot be read. Reload the page and try again.",
    ),
    "web.not_found": Sentence(
        vi="Không có trang này. Xin kiểm tra lại địa chỉ, hoặc quay về trang đầu.",
        en="There is no such page. Check the address, or go back to the first page.",
    ),
    "web.wrong_method": Sentence(
        vi="Trang này không mở được theo cách đó. Xin quay về trang đầu rồi bấm nút trên trang.",
        en="This page cannot be opened that way. Go back to the first page and use its buttons.",
    ),
    "web.too_slow": Sentence(
        vi="Đường truyền quá chậm nên chưa nhận đủ nội dung. Xin kiểm tra mạng rồi gửi lại.",
        en="The line was too slow and not everything arrived. Check the connection and send again.",
    ),
    "web.too_large": Sentence(
        vi="Nội dung gửi lên quá dài. Xin rút ngắn lại rồi gửi, hoặc chia thành nhiều câu hỏi.",
        en="What you sent is too long. Please shorten it, or split it into several questions.",
    ),
    "web.too_many_uploads": Sentence(
        vi="Nhiều người đang gửi ảnh cùng lúc. Xin chờ một phút rồi gửi lại.",
        en="Many people are sending photos at once. Wait a minute, then send it again.",
    ),
    "web.slow_down": Sentence(
        vi="Đã thử quá nhiều lần. Xin chờ {minutes} phút rồi thử lại.",
        en="Too many tries. Please wait {minutes} minutes and try again.",
    ),
    "web.failed": Sentence(
        vi="Máy của nhà văn hóa gặp lỗi khi làm việc này. Xin thử lại sau ít phút; nếu vẫn lỗi, "
        "xin báo cán bộ kỹ thuật.",
        en="The machine in the house failed at this. Try again in a few minutes; if it fails "
        "again, tell the technician.",
    ),
    "web.port_taken": Sentence(
        vi="Cổng {port} trên {host} đang được chương trình khác dùng. Đóng chương trình đó, hoặc "
        "đổi số cổng ở mục [web] trong tệp cấu hình.",
        en="Port {port} on {host} is used by another program. Stop that program, or change the "
        "port under [web] in the settings file.",
    ),
    "web.address_unusable": Sentence(
        vi="Không mở được địa chỉ {host}:{port}: {detail}. Kiểm tra mục [web] trong tệp cấu hình.",
        en="The address {host}:{port} cannot be used: {detail}. Check [web] in the settings file.",
    ),
    "receipt.not_found": Sentence(
        vi="Không tìm thấy mã tiếp nhận này. Xin xem lại từng chữ và số trên mã rồi nhập lại.",
        en="No question has this receipt code. Check each letter and digit and type it again.",
    ),
}
