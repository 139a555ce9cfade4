"""What goes on in the houses, for the ward's technicians: on their page and in alerts."""

from web.sentences import Sentence

SENTENCES = {
    "ward.away": Sentence(
        vi="Mất kết nối với phường. Gọi cho tổ trưởng: nhà văn hóa có điện và internet không? Có "
        "cả hai mà vẫn mất thì khởi động lại máy ở đó.",
        en="Away from the ward. Call the block leader: has the house power and internet? If it has "
        "both, restart the computer there.",
    ),
    "ward.away_in_meeting": Sentence(
        vi="Mất kết nối trong lúc đang họp: cán bộ ở xa không vào được. Gọi ngay cho tổ trưởng, "
        "xem lại đường internet của nhà văn hóa.",
        en="Lost in the middle of a meeting: officials elsewhere cannot join. Call the block "
        "leader now; have the house's internet line looked at.",
    ),
    "ward.never_came": Sentence(
        vi="Đã ghi danh nhưng chưa kết nối lần nào. Kiểm tra mục [link] trong tệp cài đặt ở đó rồi "
        "khởi động lại dịch vụ.",
        en="Enrolled, but it has never linked. Check the section [link] of the settings there and "
        "restart the service.",
    ),
    "ward.no_sound": Sentence(
        vi="Đang họp mà không micro nào hoạt động: ở xa không nghe được hội trường. Gọi ngay cho "
        "tổ trưởng: cắm lại micro, hoặc dùng micro khác.",
        en="A meeting is on and no microphone works: the hall is not heard elsewhere. Call the "
        "block leader now: plug the microphone in again, or use another one.",
    ),
    "ward.device_failed": Sentence(
        vi="Thiết bị bị lỗi. Mở trang kỹ thuật ở nhà văn hóa để xem lý do.",
        en="The device has failed. The technician's page in the house says why.",
    ),
    "ward.device_impaired": Sentence(
        vi="Thiết bị chạy chưa tốt. Mở trang kỹ thuật ở nhà văn hóa để xem lý do.",
        en="The device does not work as it should. The technician's page in the house says why.",
    ),
    "ward.help_asked": Sentence(vi="{by} nhờ giúp: {what}", en="{by} asks for help: {what}"),
    "alert.title": Sentence(
        vi="{ward}: {houses} nhà văn hóa cần người xem",
        en="{ward}: houses that need somebody: {houses}",
    ),
    "alert.title_own": Sentence(
        vi="{ward}: máy chủ của phường cần người xem", en="{ward}: the ward's hub needs somebody"
    ),
    "alert.title_both": Sentence(
        vi="{ward}: máy chủ của phường và {houses} nhà văn hóa cần người xem",
        en="{ward}: the ward's hub needs somebody, and so do houses: {houses}",
    ),
    "alert.own": Sentence(vi="Máy chủ của phường", en="The ward's hub"),
    "alert.title_over": Sentence(vi="{ward}: đã ổn trở lại", en="{ward}: all right again"),
    "alert.began": Sentence(
        vi="⚠ {house}: {what} (từ {time})", en="⚠ {house}: {what} (since {time})"
    ),
    "alert.over": Sentence(
        vi="✓ {house}: đã hết lúc {time}. Trước đó: {what}",
        en="✓ {house}: over at {time}. It was: {what}",
    ),
}
