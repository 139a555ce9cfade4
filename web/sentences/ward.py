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
}
