"""What the database has to say."""

from web.sentences import Sentence

SENTENCES = {
    "storage.disk_full": Sentence(
        vi="Ổ đĩa của máy nhà văn hóa đã đầy nên chưa lưu được. Xin báo cán bộ kỹ thuật dọn bớt "
        "ổ đĩa, rồi làm lại.",
        en="The disk of the house's machine is full, so nothing was stored. Ask the technician to "
        "make room, then do it again.",
    ),
    "storage.busy": Sentence(
        vi="Tệp dữ liệu {file} đang bị chương trình khác giữ nên chưa lưu được. Xin thử lại sau "
        "một phút; nếu vẫn vậy, đóng chương trình đang mở tệp này.",
        en="Another program holds the data file {file}, so nothing was stored. Try again in a "
        "minute; if it stays so, close whatever has this file open.",
    ),
    "storage.corrupt": Sentence(
        vi="Tệp dữ liệu {file} bị hỏng. Xin báo cán bộ kỹ thuật: cất tệp này sang chỗ khác, rồi "
        "chép lại từ bản sao lưu.",
        en="The data file {file} is damaged. Tell the technician: put this file aside and restore "
        "it from a backup.",
    ),
    "storage.read_only": Sentence(
        vi="Không có quyền ghi vào tệp dữ liệu {file}. Xin báo cán bộ kỹ thuật kiểm tra quyền ghi "
        "của thư mục dữ liệu và ổ đĩa.",
        en="The data file {file} cannot be written to. Ask the technician to check the permissions "
        "of the data folder, and the disk.",
    ),
    "storage.cannot_open": Sentence(
        vi="Không mở được tệp dữ liệu {file}. Kiểm tra thư mục có tồn tại không và chương trình có "
        "quyền ghi vào đó không.",
        en="The data file {file} cannot be opened. Check that its folder exists and that the "
        "program may write there.",
    ),
    "storage.disk_failing": Sentence(
        vi="Ổ đĩa báo lỗi khi đọc hoặc ghi tệp {file}. Xin báo cán bộ kỹ thuật: ổ đĩa có thể sắp "
        "hỏng, cần sao lưu và thay sớm.",
        en="The disk reports errors at the file {file}. Tell the technician: it may be about to "
        "fail; back it up and replace it soon.",
    ),
    "storage.in_use": Sentence(
        vi="Chương trình đã chạy sẵn và đang dùng thư mục dữ liệu {folder}. Đóng chương trình kia, "
        "hoặc chọn thư mục dữ liệu khác.",
        en="The program is running already and uses the data folder {folder}. Stop the other one, "
        "or choose another data folder.",
    ),
    "storage.newer": Sentence(
        vi="Tệp dữ liệu {file} do phiên bản mới hơn của chương trình tạo ra. Xin cài lại phiên bản "
        "mới đó.",
        en="The data file {file} was written by a newer version of the program. Install that "
        "version again.",
    ),
    "storage.overloaded": Sentence(
        vi="Đang có quá nhiều người gửi cùng lúc. Xin chờ nửa phút rồi gửi lại.",
        en="Too many people are sending at the same time. Wait half a minute and send it again.",
    ),
    "storage.closed": Sentence(
        vi="Máy của nhà văn hóa đang tắt hoặc khởi động lại. Xin chờ một phút rồi làm lại.",
        en="The machine of the house is stopping or restarting. Wait a minute and do it again.",
    ),
}
