"""The ward's hub: its houses, its accounts, its configuration."""

from web.sentences import Sentence

SENTENCES = {
    "config.database_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ có dạng postgresql://tên@máy/cơ-sở-dữ-liệu, không có mật "
        "khẩu; mật khẩu nằm trong tệp của password_file.",
        en="{key} is “{found}”. It reads postgresql://user@host/database, without the password, "
        "which stands in the file of password_file.",
    ),
    "config.turn_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ bắt đầu bằng turn:, turns:, stun: hoặc stuns:, ví dụ "
        "turn:turn.example.vn:3478",
        en="{key} is “{found}”. It begins with turn:, turns:, stun: or stuns:, for example "
        "turn:turn.example.vn:3478",
    ),
    "config.peers_host": Sentence(
        vi="{key} là “{found}”. Hãy ghi đúng một địa chỉ của máy này trong mạng nội bộ, ví dụ "
        "10.0.0.5, để các máy chủ khác của phường gọi được.",
        en="{key} is “{found}”. Write one address of this machine in your own network, for "
        "example 10.0.0.5, at which the ward's other servers reach it.",
    ),
    "config.network": Sentence(
        vi="{key} là “{found}”. Hãy ghi địa chỉ IP, ví dụ 10.0.0.2, hoặc một mạng, ví dụ "
        "10.0.0.0/24.",
        en="{key} is “{found}”. Write an IP address, for example 10.0.0.2, or a network, for "
        "example 10.0.0.0/24.",
    ),
    "ward.wrong_login": Sentence(
        vi="E-mail, số điện thoại hoặc mật khẩu không đúng. Xin nhập lại; để ý phím viết hoa. Quên "
        "mật khẩu thì xin quản trị của phường cấp mã mới.",
        en="The e-mail address, telephone number or password is wrong. Try again; mind the caps "
        "lock key. If you forgot the password, ask the ward's administrator for a new code.",
    ),
    "ward.too_many_attempts": Sentence(
        vi="Mật khẩu đã sai quá nhiều lần. Xin chờ {minutes} phút rồi thử lại.",
        en="The password was wrong too often. Wait {minutes} minutes, then try again.",
    ),
    "ward.log_in_first": Sentence(
        vi="Trang này dành cho cán bộ phường. Xin đăng nhập để vào.",
        en="This page is for the ward's staff. Log in to go on.",
    ),
    "ward.not_your_part": Sentence(
        vi="Tài khoản này không được làm việc đó. Cần thì liên hệ quản trị của phường.",
        en="This account may not do that. If you need it, ask the ward's administrator.",
    ),
    "ward.wrong_code": Sentence(
        vi="Mã không đúng hoặc không còn dùng được. Mỗi mã chỉ dùng được một lần và sai 5 lần là "
        "hỏng. Xin xem lại từng chữ, hoặc xin cấp mã mới.",
        en="This code is wrong or no longer valid. A code works once, and is void after 5 wrong "
        "attempts. Check each character, or ask for a new code.",
    ),
    "ward.login_form": Sentence(
        vi="Tên đăng nhập phải là địa chỉ e-mail hoặc số điện thoại, ví dụ hoa@phuong.example "
        "hoặc 0900 000 000.",
        en="The login must be an e-mail address or a telephone number, for example "
        "hoa@phuong.example or 0900 000 000.",
    ),
    "ward.login_taken": Sentence(
        vi="Đã có tài khoản {login}. Hãy dùng tài khoản đó, hoặc nhập e-mail hay số điện thoại "
        "khác.",
        en="There is an account {login} already. Use that one, or another address or number.",
    ),
    "ward.name_form": Sentence(
        vi="Xin ghi tên, nhiều nhất {most} ký tự.",
        en="Write a name of at most {most} characters.",
    ),
    "ward.last_admin": Sentence(
        vi="Đây là tài khoản quản trị cuối cùng nên không khóa được. Hãy tạo một tài khoản quản "
        "trị khác trước.",
        en="This is the last administrator and cannot be closed. Make another administrator first.",
    ),
    "ward.account_unknown": Sentence(
        vi="Không còn tài khoản này. Xin tải lại trang để xem danh sách hiện nay.",
        en="There is no such account any more. Reload the page to see the present list.",
    ),
    "ward.house_unknown": Sentence(
        vi="Phường không có nhà văn hóa nào ở địa chỉ này. Xin xem lại đường dẫn hoặc quét lại mã.",
        en="The ward has no community house at this address. Check the link or scan it again.",
    ),
    "ward.house_not_enrolled": Sentence(
        vi="Nhà văn hóa này chưa ghi danh máy nên chưa nối được. Xin kỹ thuật viên nhập mã ghi "
        "danh trên máy ở nhà văn hóa trước.",
        en="This house's machine is not enrolled, so it cannot be reached. A technician has to "
        "enter the enrolment code on the machine there first.",
    ),
    "ward.house_id_form": Sentence(
        vi="Địa chỉ ngắn chỉ gồm chữ thường không dấu, số và gạch nối, bắt đầu bằng chữ, nhiều "
        "nhất 31 ký tự, ví dụ to-5.",
        en="The short address has small letters without marks, digits and hyphens only, begins "
        "with a letter, and is at most 31 characters long, for example to-5.",
    ),
    "ward.house_id_reserved": Sentence(
        vi="Địa chỉ ngắn {id} đã dùng cho một trang của phường. Hãy chọn địa chỉ khác, ví dụ to-5.",
        en="The short address {id} is one of the ward's own pages. Choose another one, for example "
        "to-5.",
    ),
    "ward.house_id_taken": Sentence(
        vi="Địa chỉ ngắn {id} đã thuộc về một nhà văn hóa khác. Hãy chọn địa chỉ khác.",
        en="The short address {id} belongs to another house already. Choose another one.",
    ),
}
