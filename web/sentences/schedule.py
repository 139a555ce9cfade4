"""Meetings that are planned, and what cannot be."""

from web.sentences import Sentence

SENTENCES = {
    "schedule.title_missing": Sentence(
        vi="Chưa có tên cuộc họp. Xin ghi ngắn gọn, ví dụ: Họp tổ dân phố tháng 12.",
        en="The meeting has no title yet. Write a short one, for example: Block meeting, December.",
    ),
    "schedule.title_too_long": Sentence(
        vi="Tên cuộc họp dài quá {most} chữ cái. Xin viết ngắn lại.",
        en="The title is longer than {most} characters. Please shorten it.",
    ),
    "schedule.when": Sentence(
        vi="Ngày hoặc giờ không đọc được. Xin chọn ngày, ví dụ 25/12/2026, và giờ, ví dụ 19:30.",
        en="The day or the time cannot be read. Choose a day, for example 25/12/2026, and a time, "
        "for example 19:30.",
    ),
    "schedule.past": Sentence(
        vi="Giờ họp này đã qua. Xin chọn ngày giờ sắp tới.",
        en="This time is over already. Choose one that is still to come.",
    ),
    "schedule.too_far": Sentence(
        vi="Chỉ hẹn được trong vòng một năm. Xin xem lại năm đã chọn.",
        en="Meetings are planned at most a year ahead. Check the year.",
    ),
    "schedule.minutes": Sentence(
        vi="Cuộc họp phải dài từ {least} phút đến {most} giờ. Xin chọn lại.",
        en="A meeting lasts from {least} minutes to {most} hours. Please choose again.",
    ),
    "schedule.clash": Sentence(
        vi="Nhà văn hóa đã hẹn một cuộc họp khác vào giờ đó. Xin chọn giờ khác, hoặc hủy cuộc họp "
        "kia trước.",
        en="Another meeting is planned in this house at that time. Choose another time, or cancel "
        "the other one first.",
    ),
    "schedule.too_many": Sentence(
        vi="Đã hẹn {most} cuộc họp rồi. Xin hủy bớt những cuộc không họp nữa.",
        en="There are {most} planned meetings already. Cancel those that will not take place.",
    ),
    "schedule.unknown": Sentence(
        vi="Cuộc họp này không còn trong lịch: đã họp, đã hủy, hoặc đã qua. Xin xem lại lịch họp.",
        en="This meeting is no longer planned: it was held, cancelled, or is over. Look at the "
        "schedule again.",
    ),
    "invitation.subject": Sentence(vi="Mời dự họp: {title}", en="Invitation: {title}"),
    "invitation.text": Sentence(
        vi="Kính mời dự họp với {house} qua mạng.\n"
        "Bấm vào đường dẫn này là tới, không cần tài khoản, không cần cài đặt:\n{link}",
        en="You are invited to a meeting with {house}, online.\n"
        "Open this link, without an account and without an installation:\n{link}",
    ),
    "invitation.text_planned": Sentence(
        vi="Kính mời dự cuộc họp “{title}” với {house} qua mạng.\nThời gian: {when}.\n"
        "Bấm vào đường dẫn này là tới, không cần tài khoản, không cần cài đặt; vào chờ được trước "
        "30 phút:\n{link}",
        en="You are invited to the meeting “{title}” with {house}, online.\nTime: {when}.\n"
        "Open this link, without an account and without an installation, from 30 minutes before:"
        "\n{link}",
    ),
    "invitation.house_away": Sentence(
        vi="Nhà văn hóa đang mất mạng hoặc tắt máy, nên ở đây chưa mời và chưa hủy lời mời được. "
        "Có kết nối lại thì làm lại việc này. Cần gấp, xin gọi tổ trưởng mời hoặc hủy trên máy "
        "tính bảng ở nhà văn hóa.",
        en="The community house is offline or switched off, so nobody can be invited and no "
        "invitation taken back here. Do it again once it is linked. If it is urgent, call the "
        "block leader, who can invite and take back on the tablet in the house.",
    ),
    "invitation.too_many": Sentence(
        vi="Phường đã mời {most} lần ở nhà văn hóa này, các lời mời đều còn dùng được. Xin hủy bớt "
        "những lời mời không cần nữa, hoặc dùng một đường dẫn chung cho nhiều người.",
        en="The ward has {most} invitations in this house that still stand. Take back those that "
        "are not needed, or use one link for many people.",
    ),
    "invitation.cancelled": Sentence(
        vi="Cuộc họp này đã hủy. Cần biết thêm, xin gọi nhà văn hóa.",
        en="This meeting was cancelled. Call the community house if you need to know more.",
    ),
    "invitation.too_early": Sentence(
        vi="Chưa đến giờ. Cửa phòng họp mở trước giờ họp 30 phút; xin mở lại đường dẫn này lúc đó.",
        en="It is too early. The door opens 30 minutes before the meeting; open this link again "
        "then.",
    ),
}
