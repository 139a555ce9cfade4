"""The configuration file, for the technician who writes it."""

from web.sentences import Sentence

SENTENCES = {
    "config.no_file": Sentence(
        vi="Không thấy tệp cấu hình {file}. Hãy chép tệp mẫu example.toml vào đó rồi sửa lại.",
        en="There is no configuration file {file}. Copy example.toml there and adapt it.",
    ),
    "config.unreadable": Sentence(
        vi="Không đọc được tệp cấu hình {file}. Hãy kiểm tra quyền đọc của tệp.",
        en="The configuration file {file} cannot be read. Check its permissions.",
    ),
    "config.not_utf8": Sentence(
        vi="Tệp cấu hình {file} không ở dạng UTF-8. Hãy lưu lại tệp với mã UTF-8.",
        en="The configuration file {file} is not UTF-8. Save it again as UTF-8.",
    ),
    "config.syntax": Sentence(
        vi="Dòng {line} viết sai quy tắc TOML. Mỗi dòng có dạng: tên = giá trị",
        en="Line {line} breaks the rules of TOML. Each line reads: name = value",
    ),
    "config.twice": Sentence(
        vi="Dòng {line} ghi lại một mục đã có ở trên. Hãy xóa một trong hai.",
        en="Line {line} says again what already stands above. Remove one of the two.",
    ),
    "config.quotes": Sentence(
        vi="Dòng {line} có dấu ngoặc kép chưa đóng, hoặc có ký tự không được phép. Viết chữ trong "
        '"…", và viết \\\\ thay cho \\.',
        en="Line {line} has a quotation mark that is not closed, or a character that may not "
        'stand there. Write text in "…", and \\\\ for \\.',
    ),
    "config.unclosed": Sentence(
        vi="Dòng {line} mở ngoặc [ hoặc {{ mà không đóng lại.",
        en="Line {line} opens a [ or {{ that is never closed.",
    ),
    "config.statement": Sentence(
        vi="Dòng {line} không phải là “tên = giá trị” và cũng không phải [tên mục].",
        en="Line {line} is neither “name = value” nor a [section].",
    ),
    "config.value": Sentence(
        vi='Giá trị ở dòng {line} viết sai. Chữ phải đặt trong ngoặc kép: "…"; số và true/false '
        "thì không.",
        en='The value in line {line} is malformed. Text stands in quotation marks: "…"; numbers '
        "and true/false do not.",
    ),
    "config.missing": Sentence(
        vi="Thiếu {key}. Hãy thêm vào; tệp mẫu example.toml có giải thích.",
        en="{key} is missing. Add it; example.toml explains it.",
    ),
    "config.did_you_mean": Sentence(
        vi="Không có mục {key}. Có phải ý bạn là “{nearest}”?",
        en="There is no {key}. Did you mean “{nearest}”?",
    ),
    "config.unknown_key": Sentence(
        vi="Không có mục {key}. Ở đây chỉ được ghi: {known}.",
        en="There is no {key}. What may stand here: {known}.",
    ),
    "config.password_in_file": Sentence(
        vi="Không ghi mật khẩu vào tệp cấu hình ({key}). Hãy ghi mật khẩu vào một tệp riêng và "
        "dùng password_file.",
        en="A password does not belong into the configuration ({key}). Write it into a file of "
        "its own and name that file in password_file.",
    ),
    "config.url_with_password": Sentence(
        vi="{key} có chứa tên hoặc mật khẩu. Hãy bỏ phần trước dấu @, ghi tên vào user và mật "
        "khẩu vào tệp của password_file.",
        en="{key} contains a user or a password. Remove what stands before the @, put the name "
        "into user and the password into the file of password_file.",
    ),
    "config.choice": Sentence(
        vi="{key} là “{found}”, nhưng chỉ được là: {allowed}.",
        en="{key} is “{found}”; it may only be: {allowed}.",
    ),
    "config.too_small": Sentence(
        vi="{key} là {found}, nhưng phải từ {least} trở lên.",
        en="{key} is {found}; it has to be {least} or more.",
    ),
    "config.too_large": Sentence(
        vi="{key} là {found}, nhưng chỉ được đến {most}.",
        en="{key} is {found}; it may be {most} at most.",
    ),
    "config.too_long": Sentence(
        vi="{key} quá dài: “{found}”. Chỉ được {most} ký tự.",
        en="{key} is too long: “{found}”. It may have {most} characters at most.",
    ),
    "config.too_many": Sentence(
        vi="{key} có quá nhiều. Chỉ được {most}.",
        en="There are too many {key}. There may be {most} at most.",
    ),
    "config.empty": Sentence(
        vi="{key} đang để trống. Hãy điền vào.",
        en="{key} is empty. Fill it in.",
    ),
    "config.whole_number": Sentence(
        vi="{key} là “{found}”, nhưng phải là một số nguyên, ví dụ 8080.",
        en="{key} is “{found}”; it has to be a whole number such as 8080.",
    ),
    "config.number": Sentence(
        vi="{key} là “{found}”, nhưng phải là một số, ví dụ 1.5.",
        en="{key} is “{found}”; it has to be a number such as 1.5.",
    ),
    "config.text": Sentence(
        vi='{key} là {found}, nhưng phải là chữ đặt trong ngoặc kép: "…".',
        en='{key} is {found}; it has to be text in quotation marks: "…".',
    ),
    "config.yes_no": Sentence(
        vi="{key} là “{found}”, nhưng phải là true (có) hoặc false (không).",
        en="{key} is “{found}”; it has to be true or false.",
    ),
    "config.list": Sentence(
        vi="{key} là {found}, nhưng phải là một danh sách: trong ngoặc vuông […], còn camera thì "
        "ghi mục [[cameras]].",
        en="{key} is {found}; it has to be a list: in brackets […], or for cameras a section "
        "[[cameras]].",
    ),
    "config.table": Sentence(
        vi="{key} là {found}, nhưng phải là một mục riêng với tên trong ngoặc vuông.",
        en="{key} is {found}; it has to be a section of its own, its name in brackets.",
    ),
    "config.pattern": Sentence(
        vi="{key} là “{found}”, không đúng dạng {allowed}.",
        en="{key} is “{found}”, which does not have the form {allowed}.",
    ),
    "config.date": Sentence(
        vi="{key} là “{found}”, nhưng phải là một ngày viết không có ngoặc kép, ví dụ 2027-02-20.",
        en="{key} is “{found}”; it has to be a date without quotation marks such as 2027-02-20.",
    ),
    "config.hours": Sentence(
        vi="{key} là “{found}”. Giờ làm việc ghi từ giờ nào đến giờ nào, ví dụ 07:30-11:30.",
        en="{key} is “{found}”. Working hours are written from when to when: 07:30-11:30.",
    ),
    "config.hours_overlap": Sentence(
        vi="{key}: “{found}” kết thúc trước khi bắt đầu, hoặc trùng với khoảng giờ khác.",
        en="{key}: “{found}” ends before it begins, or overlaps with another one.",
    ),
    "config.days_or_hours": Sentence(
        vi="{key}: hãy ghi thời hạn bằng working_days hoặc bằng working_hours, chỉ một trong hai.",
        en="{key}: write the time allowed as working_days or as working_hours, one of the two.",
    ),
    "config.same_topic": Sentence(
        vi="{key} nhận lĩnh vực “{topic}” mà {other} đã nhận. Mỗi lĩnh vực chỉ thuộc một nơi.",
        en="{key} answers “{topic}”, which {other} answers already. A topic belongs to one only.",
    ),
    "config.off_and_working": Sentence(
        vi="Ngày {day} vừa ghi là ngày nghỉ vừa ghi là ngày làm bù. Hãy xóa một trong hai.",
        en="{day} stands both among days_off and working_days. Remove one of the two.",
    ),
    "config.mailbox": Sentence(
        vi="{key} là “{found}”, nhưng phải là một địa chỉ thư, ví dụ vanphong@phuong.example.",
        en="{key} is “{found}”; it has to be a mail address such as office@ward.example.",
    ),
    "config.not_encrypted": Sentence(
        vi="{key} là “none”, nhưng máy chủ thư không ở trên máy này: mật khẩu và thư của bà con sẽ "
        "đi không mã hóa. Hãy ghi “tls” hoặc “starttls”.",
        en="{key} is “none” while the mail server is another machine: the password and residents' "
        "mail would travel unencrypted. Write “tls” or “starttls”.",
    ),
    "config.same_folder": Sentence(
        vi="{key} trùng với mail.folder (“{found}”). Thư đã tiếp nhận phải chuyển sang một thư mục "
        "khác.",
        en="{key} is the same as mail.folder (“{found}”). Mail that was received has to go to "
        "another folder.",
    ),
    "config.http_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ bắt đầu bằng https:// và không chứa tên hay mật khẩu.",
        en="{key} is “{found}”. The address begins with https:// and holds no user or password.",
    ),
    "config.unusable": Sentence(
        vi="{key} là “{found}”, không dùng được. Hãy xem tệp mẫu example.toml.",
        en="{key} is “{found}”, which cannot be used. See example.toml.",
    ),
    "config.identifier": Sentence(
        vi="{key} là “{found}”. Tên máy chỉ gồm chữ thường không dấu, số và gạch nối, bắt đầu "
        "bằng chữ, ví dụ camera-2.",
        en="{key} is “{found}”. It consists of small letters, digits and hyphens and begins with "
        "a letter, for example camera-2.",
    ),
    "config.rtsp_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ camera bắt đầu bằng rtsp://, ví dụ "
        "rtsp://192.168.1.20:554/stream1",
        en="{key} is “{found}”. A camera's address begins with rtsp://, for example "
        "rtsp://192.168.1.20:554/stream1",
    ),
    "config.onvif_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ ONVIF của camera bắt đầu bằng http://, ví dụ "
        "http://192.168.1.20",
        en="{key} is “{found}”. A camera's ONVIF address begins with http://, for example "
        "http://192.168.1.20",
    ),
    "config.no_address": Sentence(
        vi="Camera “{camera}” chưa có địa chỉ. Hãy ghi url (rtsp://…), hoặc onvif (http://…).",
        en="The camera “{camera}” has no address. Add url (rtsp://…), or onvif (http://…).",
    ),
    "config.public_url": Sentence(
        vi="{key} là “{found}”. Địa chỉ bắt đầu bằng http:// hoặc https:// và không có gì sau tên "
        "máy, ví dụ https://nhavanhoa.example.vn",
        en="{key} is “{found}”. It begins with http:// or https:// and has nothing behind the "
        "name of the host, for example https://nhavanhoa.example.vn",
    ),
    "config.projector_input": Sentence(
        vi="{key} là “{found}”. Ngõ vào của máy chiếu gồm hai ký tự, ví dụ 31 là ngõ HDMI thứ "
        "nhất, 11 là ngõ VGA.",
        en="{key} is “{found}”. A projector's input has two characters: 31 is the first HDMI, 11 "
        "is VGA.",
    ),
    "config.host": Sentence(
        vi="{key} là “{found}”. Chỉ ghi địa chỉ hoặc tên máy, không có http:// và dấu gạch chéo, "
        "ví dụ 192.168.1.30",
        en="{key} is “{found}”. Write the address or the name alone, without http:// and slashes, "
        "for example 192.168.1.30",
    ),
    "config.no_such_place": Sentence(
        vi="Biến môi trường muốn đặt {key}, nhưng trong cấu hình không có chỗ đó. Hãy sửa tên "
        "biến.",
        en="The environment variable wants to set {key}, and the configuration has no such place. "
        "Correct the variable's name.",
    ),
    "config.same_id": Sentence(
        vi="{key} và {other} cùng có id “{id}”. Mỗi thiết bị cần một id riêng.",
        en="{key} and {other} both have the id “{id}”. Each device needs an id of its own.",
    ),
    "config.reserved_id": Sentence(
        vi="{key} dùng id “{id}”, là tên dành riêng ({reserved}). Hãy chọn tên khác.",
        en="{key} has the id “{id}”, which is reserved ({reserved}). Choose another one.",
    ),
    "config.same_name": Sentence(
        vi="{key} và {other} cùng tên “{name}”, người dùng không phân biệt được. Hãy đổi một tên.",
        en="{key} and {other} are both called “{name}”, and people could not tell them apart. "
        "Rename one.",
    ),
    "config.same_camera": Sentence(
        vi="{key} và {other} là cùng một camera. Hãy sửa địa chỉ hoặc xóa một mục.",
        en="{key} and {other} are one and the same camera. Correct the address or remove one.",
    ),
    "config.user_missing": Sentence(
        vi="Camera “{camera}” có password_file nhưng thiếu user. Hãy ghi tên đăng nhập của camera.",
        en="The camera “{camera}” has a password_file and no user. Add the camera's user name.",
    ),
    "config.onvif_user_missing": Sentence(
        vi="Camera “{camera}” có onvif_password_file nhưng thiếu onvif_user. Hãy ghi tên đăng nhập "
        "ONVIF của camera.",
        en="The camera “{camera}” has an onvif_password_file and no onvif_user. Add the user name "
        "of its ONVIF.",
    ),
    "config.preset_without_camera": Sentence(
        vi="meeting.preset đặt một góc quay nhưng chưa khai báo camera nào. Hãy thêm [[cameras]] "
        "hoặc bỏ meeting.preset.",
        en="meeting.preset names a camera position, and there is no camera. Add [[cameras]] or "
        "remove meeting.preset.",
    ),
    "config.password_file_missing": Sentence(
        vi="{key} chỉ đến tệp {file}, nhưng không có tệp đó. Hãy tạo tệp, chỉ ghi mật khẩu trong "
        "đó.",
        en="{key} names the file {file}, which does not exist. Create it with the password alone "
        "in it.",
    ),
    "config.password_file_unreadable": Sentence(
        vi="{key}: không đọc được tệp {file}. Hãy cho dịch vụ avcontrol quyền đọc, ví dụ: sudo "
        "chown avcontrol {file}",
        en="{key}: the file {file} cannot be read. Give it to the avcontrol service, for example: "
        "sudo chown avcontrol {file}",
    ),
    "config.password_file_open": Sentence(
        vi="{key}: ai trên máy này cũng xem được mật khẩu trong {file}. Hãy chạy: chmod 600 {file}",
        en="{key}: everybody on this computer can reach the password in {file}. Run: chmod 600 "
        "{file}",
    ),
    "config.password_file_empty": Sentence(
        vi="{key}: tệp {file} trống. Hãy ghi mật khẩu vào đó.",
        en="{key}: the file {file} is empty. Write the password into it.",
    ),
}
