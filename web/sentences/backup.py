"""What backing up and restoring have to say; on the command line."""

from web.sentences import Sentence

SENTENCES = {
    "backup.done": Sentence(
        vi="Đã sao lưu vào {file} và đã kiểm tra. Tệp này có mọi câu hỏi và khóa của nhà: cất nơi "
        "an toàn, nên chép thêm sang một ổ đĩa khác.",
        en="Backed up into {file}, and checked. This file holds every question and every key of "
        "the place: keep it safe, and copy it to another disk as well.",
    ),
    "backup.restored": Sentence(
        vi="Đã khôi phục dữ liệu của {place} như lúc {taken_at}. Những gì nhận sau lúc đó không có "
        "trong bản này. Bây giờ khởi động lại dịch vụ.",
        en="The data of {place} is as it was at {taken_at}. What came in later is not in it. Start "
        "the service again now.",
    ),
    "backup.kept_aside": Sentence(
        vi="Dữ liệu cũ được giữ trong {folder}. Khi chắc chắn không cần nữa thì xóa thư mục này.",
        en="The data that was there before is kept in {folder}. Delete that folder once you are "
        "sure that nobody needs it.",
    ),
    "backup.postgresql": Sentence(
        vi="Máy chủ này dùng PostgreSQL nên sao lưu bằng công cụ của PostgreSQL. Sao lưu: pg_dump "
        "--format=custom --file=avcontrol.dump {url} – Khôi phục khi máy chủ đã dừng: pg_restore "
        "--clean --if-exists --single-transaction --dbname={url} avcontrol.dump",
        en="This hub keeps its data in PostgreSQL, whose own tools back it up: pg_dump "
        "--format=custom --file=avcontrol.dump {url} – To restore while the hub is stopped: "
        "pg_restore --clean --if-exists --single-transaction --dbname={url} avcontrol.dump",
    ),
    "backup.other_user": Sentence(
        vi="Dữ liệu thuộc về người dùng {user}. Xin chạy lại lệnh với: sudo -u {user} …, nếu không "
        "dịch vụ sẽ không mở được tệp.",
        en="The data belongs to the user {user}. Run the command again with: sudo -u {user} …, or "
        "the service could not open the files.",
    ),
    "backup.exists": Sentence(
        vi="Đã có tệp {file}, không ghi đè. Xin chọn tên khác hoặc một thư mục.",
        en="The file {file} exists and is not overwritten. Choose another name, or a folder.",
    ),
    "backup.no_room": Sentence(
        vi="Ổ đĩa chứa {folder} không đủ chỗ nên chưa làm gì. Xin dọn bớt ổ đĩa hoặc chọn ổ đĩa "
        "khác, rồi làm lại.",
        en="The disk of {folder} has too little room, so nothing was done. Make room or choose "
        "another disk, then do it again.",
    ),
    "backup.erased_again": Sentence(
        vi="{count} phản ánh đã được xóa nội dung trước khi khôi phục; máy đã xóa lại trong dữ "
        "liệu vừa khôi phục.",
        en="What {count} cases were about had been erased before; it was erased again in the "
        "restored data.",
    ),
    "backup.not_ours": Sentence(
        vi="Tệp {file} không phải bản sao lưu do chương trình này tạo ra, hoặc chép chưa trọn. Xin "
        "kiểm tra lại tên tệp, hoặc chép lại tệp từ chỗ cất.",
        en="The file {file} is no backup that this program made, or was not copied completely. "
        "Check the name, or copy the file again from where it is kept.",
    ),
    "backup.damaged": Sentence(
        vi="Bản sao lưu {file} bị hỏng ở phần {part} nên không khôi phục. Dữ liệu hiện có vẫn "
        "nguyên. Xin dùng bản sao lưu khác.",
        en="The backup {file} is damaged at {part} and was not restored. The present data is as "
        "it was. Use another backup.",
    ),
    "backup.other_kind": Sentence(
        vi="Bản sao lưu này là của {place}, không dùng được cho tệp cấu hình đã chọn. Xin chọn "
        "đúng tệp cấu hình (nhà văn hóa hay máy chủ của phường).",
        en="This backup is of {place} and does not fit the settings that were chosen. Choose the "
        "right settings (of a house, or of a ward's hub).",
    ),
    "backup.data_there": Sentence(
        vi="Thư mục {folder} đang có dữ liệu. Nếu chắc chắn muốn thay bằng bản sao lưu của "
        "{place}, chạy lại lệnh và thêm --yes; dữ liệu hiện có sẽ được giữ riêng, không bị xóa.",
        en="The folder {folder} has data. If you are sure that the backup of {place} is to take "
        "its place, run the command again with --yes; the present data is kept aside, not deleted.",
    ),
}
