"""What people ask about their own data."""

from web.sentences import Sentence

SENTENCES = {
    "privacy.name_missing": Sentence(
        vi="Chưa ghi tên đúng. Xin ghi họ và tên rồi gửi lại.",
        en="The right name is missing. Write it, then send it again.",
    ),
    "privacy.too_many": Sentence(
        vi="Phản ánh này đã có nhiều yêu cầu đang chờ. Xin đợi trả lời các yêu cầu đó trước.",
        en="Several requests about this case are waiting already. Wait for those to be answered.",
    ),
    "privacy.unknown": Sentence(
        vi="Không có yêu cầu này. Xin mở lại danh sách.",
        en="There is no such request. Open the list again.",
    ),
    "privacy.decided": Sentence(
        vi="{who} đã trả lời yêu cầu này rồi, theo cách khác. Xin mở lại danh sách.",
        en="{who} has decided on this request already, in another way. Open the list again.",
    ),
    "privacy.only_closed": Sentence(
        vi="Chỉ phản ánh đã có trả lời công khai mới giữ lại phần công khai được. Xin chọn xóa "
        "hết, hoặc không làm và nêu lý do.",
        en="Only a case with a public answer can keep its public part. Erase all of it, or refuse "
        "with a reason.",
    ),
    "privacy.clock": Sentence(
        vi="Yêu cầu về dữ liệu cá nhân được trả lời trong {days} ngày làm việc ({rule}).",
        en="Requests about personal data are answered within {days} working days ({rule}).",
    ),
    "privacy.keeps_names": Sentence(
        vi="Họ tên người gửi: xóa {days} ngày sau khi phản ánh được trả lời hoặc từ chối ({rule}).",
        en="Names of those who asked: erased {days} days after the case was closed ({rule}).",
    ),
    "privacy.keeps_dismissed": Sentence(
        vi="Nội dung bị từ chối: xóa {days} ngày sau khi từ chối ({rule}).",
        en="What was refused: its words are erased {days} days later ({rule}).",
    ),
    "privacy.keeps_votes": Sentence(
        vi="Máy nào đã bấm cùng hỏi: xóa sau {days} ngày ({rule}).",
        en="Which telephone asked along: erased after {days} days ({rule}).",
    ),
    "privacy.keeps_requests": Sentence(
        vi="Yêu cầu về dữ liệu cá nhân: xóa {days} ngày sau khi trả lời ({rule}).",
        en="Requests about personal data: erased {days} days after they were decided ({rule}).",
    ),
    "privacy.keeps_films": Sentence(
        vi="Bản ghi hình cuộc họp: xóa sau {days} ngày, sớm hơn khi tất cả quá {gigabytes} GB. Chỉ "
        "tổ trưởng và thư ký xem được.",
        en="Recordings of meetings: deleted after {days} days, earlier where all of them are over "
        "{gigabytes} GB. Only the block leader and the secretary see them.",
    ),
    "privacy.no_films": Sentence(
        vi="Nhà này không ghi hình cuộc họp.", en="Meetings are not recorded here."
    ),
    "privacy.complaints": Sentence(vi="Nơi nhận khiếu nại: {to}.", en="Complaints go to: {to}."),
    "privacy.due": Sentence(
        vi="{what}: đến hạn xóa {count} (sau {days} ngày). Chưa xóa gì.",
        en="{what}: {count} due (after {days} days). Nothing was erased.",
    ),
    "privacy.erased": Sentence(
        vi="{what}: đã xóa {count} (sau {days} ngày).",
        en="{what}: {count} erased (after {days} days).",
    ),
    "privacy.what_names": Sentence(vi="Họ tên người gửi", en="Names of those who asked"),
    "privacy.what_dismissed": Sentence(vi="Nội dung bị từ chối", en="What was refused"),
    "privacy.what_votes": Sentence(vi="Lượt cùng hỏi", en="Votes"),
    "privacy.what_requests": Sentence(
        vi="Yêu cầu về dữ liệu cá nhân", en="Requests about personal data"
    ),
}
