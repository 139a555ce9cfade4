"""What a house tells those whom its settings name."""

from web.sentences import Sentence

SENTENCES = {
    "alarm.title_now": Sentence(vi="{house}: cần giúp ngay", en="{house}: help is needed now"),
    "alarm.title_today": Sentence(
        vi="{house}: cần xem trong hôm nay", en="{house}: to be looked at today"
    ),
    "alarm.title_soon": Sentence(
        vi="{house}: cần xem trước cuộc họp tới",
        en="{house}: to be looked at before the next meeting",
    ),
    "alarm.title_over": Sentence(vi="{house}: đã ổn trở lại", en="{house}: all right again"),
    "alarm.title_help": Sentence(
        vi="{house}: tổ trưởng nhờ giúp", en="{house}: the block leader asks for help"
    ),
    "alarm.began": Sentence(vi="⚠ {what} (từ {time})", en="⚠ {what} (since {time})"),
    "alarm.over": Sentence(
        vi="✓ Đã hết lúc {time}. Trước đó: {what}", en="✓ Over at {time}. It was: {what}"
    ),
    "alarm.help": Sentence(
        vi="{by} nhờ giúp, {time}: {words} Bấm “Tôi nhận” ở trang kỹ thuật, hoặc gọi cho người ấy.",
        en="{by} asks for help, {time}: {words} Press “I take it on” on the technician's page, or "
        "call.",
    ),
    "alarm.device_failed": Sentence(
        vi="{name} bị lỗi. Mở trang kỹ thuật để xem lý do.",
        en="{name} has failed. The technician's page says why.",
    ),
    "alarm.no_sound": Sentence(
        vi="Đang họp mà không micro nào hoạt động: ở xa không nghe được hội trường. Cắm lại micro, "
        "hoặc dùng micro khác.",
        en="A meeting is on and no microphone works: the hall is not heard elsewhere. Plug the "
        "microphone in again, or use another one.",
    ),
    "help.nobody_asks": Sentence(
        vi="Không còn ai nhờ giúp nữa. Xin tải lại trang.",
        en="Nobody asks for help any more. Reload the page.",
    ),
}
