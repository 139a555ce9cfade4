"""Why something cannot be done with a case, and what to do instead."""

from web.sentences import Sentence

SENTENCES = {
    "case.unknown": Sentence(
        vi="Không có phản ánh này. Xin quay lại danh sách và mở lại.",
        en="There is no such case. Go back to the list and open it again.",
    ),
    "case.elsewhere": Sentence(
        vi="Phản ánh này do nơi khác xử lý. Ở đây chỉ xem được.",
        en="This case is dealt with elsewhere. It can only be read here.",
    ),
    "case.on_its_way": Sentence(
        vi="Phản ánh này đang được chuyển đi, chưa tới nơi. Xin chờ ít phút rồi mở lại.",
        en="This case is on its way to another place. Wait a few minutes, then open it again.",
    ),
    "case.changed": Sentence(
        vi="{who} vừa thay đổi phản ánh này. Xin xem lại bản mới, rồi làm lại nếu vẫn cần.",
        en="{who} has just changed this case. Look at it again, then repeat this if still needed.",
    ),
    "case.not_yours": Sentence(
        vi="Phản ánh này thuộc {owner}. Xin nhờ nơi đó, hoặc Ban Chỉ đạo.",
        en="This case belongs to {owner}. Ask them, or the steering committee.",
    ),
    "case.erased": Sentence(
        vi="Nội dung phản ánh này đã được xóa theo quy định về bảo vệ dữ liệu cá nhân, không làm "
        "tiếp được nữa. Việc chưa xong thì gửi phản ánh mới.",
        en="What this case was about was erased under the personal-data law, so nothing more can "
        "be done with it. Send a new one for what is still open.",
    ),
    "case.not_while_waiting": Sentence(
        vi="Phản ánh này đang chờ xử lý, chưa làm được việc đó.",
        en="Nobody has begun with this case yet, so that cannot be done.",
    ),
    "case.not_while_in_progress": Sentence(
        vi="Phản ánh này đang được xử lý, không làm được việc đó.",
        en="This case is being dealt with, so that cannot be done.",
    ),
    "case.not_while_transferred": Sentence(
        vi="Phản ánh này đã chuyển nơi khác. Nơi đó phải nhận, hoặc trả lại, trước đã.",
        en="This case was transferred. The other authority has to accept it or send it back first.",
    ),
    "case.not_while_answered": Sentence(
        vi="Phản ánh này đã được trả lời. Muốn làm tiếp, xin mở lại phản ánh.",
        en="This case was answered. Reopen it to go on.",
    ),
    "case.not_while_refused": Sentence(
        vi="Phản ánh này đã bị từ chối. Muốn làm tiếp, xin mở lại phản ánh.",
        en="This case was refused. Reopen it to go on.",
    ),
    "case.no_authority": Sentence(
        vi="Không có cơ quan này. Xin chọn một cơ quan trong danh sách.",
        en="There is no such authority. Choose one from the list.",
    ),
    "case.same_owner": Sentence(
        vi="{owner} đang giữ phản ánh này. Xin chọn cơ quan khác.",
        en="{owner} has this case already. Choose another authority.",
    ),
    "case.office_missing": Sentence(
        vi="Chưa ghi cơ quan nào đã làm. Xin ghi vào rồi gửi lại.",
        en="It does not say which office did it. Write it down, then send it again.",
    ),
    "case.date_missing": Sentence(
        vi="Chưa ghi ngày đã làm. Xin chọn ngày rồi gửi lại.",
        en="It does not say when it was done. Choose the day, then send it again.",
    ),
    "case.date_to_come": Sentence(
        vi="Ngày đã làm ở sau hôm nay. Xin chọn lại ngày.",
        en="The day on which it was done is still to come. Choose it again.",
    ),
    "case.marks_open": Sentence(
        vi="Còn {number} chỗ có thể là thông tin cá nhân, ví dụ “{words}”. "
        "Xin bỏ đi, hoặc xác nhận vẫn đăng.",
        en="{number} places may be personal data, for example “{words}”. "
        "Take them out, or confirm that they are to be published.",
    ),
    "question.marks_open": Sentence(
        vi="Có {number} chỗ có thể là thông tin riêng của bà con, ví dụ “{words}”. Xin xem lại, "
        "che đi hoặc xác nhận vẫn đăng.",
        en="{number} places may be personal data, for example “{words}”. Look at them, hide "
        "them or confirm that they are to be published.",
    ),
    "case.next_holder_missing": Sentence(
        vi="Từ chối thì phải ghi bà con cần gửi đến đâu. Xin ghi nơi đó rồi gửi lại.",
        en="A refusal has to say whom to turn to. Write it down, then send it again.",
    ),
    "case.next_holder_too_long": Sentence(
        vi="Tên nơi tiếp nhận dài quá {most} chữ cái. Xin viết ngắn lại.",
        en="Whom to turn to is longer than {most} characters. Please shorten it.",
    ),
    "case.reopened_too_often": Sentence(
        vi="Phản ánh này đã được mở lại {most} lần. Xin gửi một phản ánh mới.",
        en="This case was reopened {most} times already. Please send a new one.",
    ),
    "case.reopened_too_late": Sentence(
        vi="Đã quá {days} ngày từ khi có trả lời. Xin gửi một phản ánh mới.",
        en="The answer is more than {days} days old. Please send a new case.",
    ),
    "case.stars": Sentence(
        vi="Xin chọn từ 1 đến 5 sao.",
        en="Choose between 1 and 5 stars.",
    ),
    "case.rated": Sentence(
        vi="Trả lời này đã được đánh giá rồi. Cảm ơn bà con.",
        en="This answer was rated already. Thank you.",
    ),
}
