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
    "storage.nothing_there": Sentence(
        vi="Chưa có dữ liệu nào ở {file}. Kiểm tra lại mục data trong tệp cấu hình; nếu là máy "
        "mới thì chạy dịch vụ một lần trước.",
        en="There is no data at {file}. Check the key data in the settings; on a new machine, "
        "start the service once before.",
    ),
    "storage.newer": Sentence(
        vi="Dữ liệu trong {where} do phiên bản mới hơn của chương trình tạo ra. Xin cài lại phiên "
        "bản mới đó.",
        en="The data in {where} was written by a newer version of the program. Install that "
        "version again.",
    ),
    "storage.bad_url": Sentence(
        vi="Địa chỉ cơ sở dữ liệu trong tệp cấu hình không đúng. Địa chỉ phải có dạng "
        "postgresql://tên:mật-khẩu@máy-chủ:5432/tên-dữ-liệu; các dấu @ : / ? # % trong mật khẩu "
        "phải viết thành %40 %3A %2F %3F %23 %25.",
        en="The address of the database in the settings is wrong. It reads like "
        "postgresql://user:password@host:5432/database; the signs @ : / ? # % in the password are "
        "written %40 %3A %2F %3F %23 %25.",
    ),
    "storage.server_away": Sentence(
        vi="Không liên lạc được với máy chủ dữ liệu {server} nên chưa lưu hoặc chưa đọc được. Xin "
        "chờ một phút rồi làm lại; nếu vẫn vậy, báo cán bộ kỹ thuật kiểm tra máy chủ PostgreSQL và "
        "đường mạng tới đó.",
        en="The database server {server} does not answer, so nothing was stored or read. Wait a "
        "minute and do it again; if it stays so, ask the technician to check the PostgreSQL server "
        "and the network to it.",
    ),
    "storage.server_busy": Sentence(
        vi="Máy chủ dữ liệu {server} đang bận nên chưa làm được. Xin chờ nửa phút rồi làm lại; nếu "
        "hay gặp, báo cán bộ kỹ thuật xem số kết nối và bộ nhớ của máy chủ PostgreSQL.",
        en="The database server {server} is busy, so it was not done. Wait half a minute and do it "
        "again; if it happens often, ask the technician to look at the connections and the memory "
        "of the PostgreSQL server.",
    ),
    "storage.server_full": Sentence(
        vi="Ổ đĩa của máy chủ dữ liệu {server} đã đầy nên chưa lưu được. Xin báo cán bộ kỹ thuật "
        "dọn bớt ổ đĩa, rồi làm lại.",
        en="The disk of the database server {server} is full, so nothing was stored. Ask the "
        "technician to make room, then do it again.",
    ),
    "storage.server_read_only": Sentence(
        vi="Máy chủ dữ liệu {server} hiện chỉ cho đọc nên chưa lưu được. Xin báo cán bộ kỹ thuật "
        "chuyển sang máy chủ PostgreSQL chính.",
        en="The database server {server} can only be read at present, so nothing was stored. Ask "
        "the technician to switch to the primary PostgreSQL server.",
    ),
    "storage.server_refused": Sentence(
        vi="Máy chủ dữ liệu {server} không cho chương trình vào. Xin báo cán bộ kỹ thuật kiểm tra "
        "tên đăng nhập, mật khẩu, tên cơ sở dữ liệu và quyền trên máy chủ PostgreSQL.",
        en="The database server {server} does not let the program in. Ask the technician to check "
        "the user, the password, the database's name and the rights on the PostgreSQL server.",
    ),
    "storage.server_damaged": Sentence(
        vi="Máy chủ dữ liệu {server} báo dữ liệu hoặc ổ đĩa bị hỏng. Xin báo cán bộ kỹ thuật xem "
        "nhật ký của PostgreSQL và bản sao lưu ngay.",
        en="The database server {server} reports damaged data or a failing disk. Tell the "
        "technician to look at PostgreSQL's log and the backup at once.",
    ),
    "storage.unsure": Sentence(
        vi="Mất liên lạc với máy chủ dữ liệu {server} đúng lúc đang lưu, nên không rõ đã lưu hay "
        "chưa. Xin mở lại trang, xem đã có chưa rồi hãy làm lại.",
        en="The database server {server} was lost in the middle of storing, so it may be stored or "
        "not. Open the page again and see whether it is there before you do it again.",
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
