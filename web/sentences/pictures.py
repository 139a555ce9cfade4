"""What is wrong with a photo or a paper that somebody adds."""

from web.sentences import Sentence

SENTENCES = {
    "attachment.too_many": Sentence(
        vi="Nhiều nhất là {most} ảnh hoặc giấy tờ. Các ảnh đầu đã nhận, còn lại xin bỏ bớt.",
        en="At most {most} photos or papers are taken. The first ones are; leave out the others.",
    ),
    "attachment.no_room": Sentence(
        vi="Chỗ lưu ảnh đã đầy. Xin báo kỹ thuật viên tăng attachments_megabytes, rồi thêm lại.",
        en="The room for photos is full. Ask the technician to raise attachments_megabytes, then "
        "add the photo again.",
    ),
    "attachment.answered": Sentence(
        vi="Câu hỏi đã được trả lời nên không thêm ảnh được nữa. Nếu việc chưa xong, xin bấm “Việc "
        "chưa xong? Mở lại” rồi thêm ảnh, hoặc gửi câu hỏi mới.",
        en="It has been answered, so no photo can be added any more. If it is not done, "
        "reopen it and then add the photo, or send a new question.",
    ),
    "attachment.later": Sentence(
        vi="Ảnh chưa gửi được vì đường truyền yếu. Xin thêm lại khi mạng tốt hơn.",
        en="The photo could not be sent over a weak line. Add it again when the line is better.",
    ),
    "picture.too_large": Sentence(
        vi="Ảnh nặng quá {most} MB. Xin chụp lại ở cỡ nhỏ hơn, hoặc chụp màn hình tấm ảnh rồi gửi.",
        en="The photo is larger than {most} MB. Take it again at a smaller size, or send a "
        "screenshot of it.",
    ),
    "picture.too_many_pixels": Sentence(
        vi="Ảnh lớn quá {most} triệu điểm ảnh. Xin chụp lại ở cỡ nhỏ hơn, hoặc chụp màn hình tấm "
        "ảnh rồi gửi.",
        en="The photo has more than {most} million pixels. Take it again at a smaller size, or "
        "send a screenshot of it.",
    ),
    "picture.heic": Sentence(
        vi="Ảnh kiểu HEIC của iPhone chưa đọc được. Xin chụp màn hình tấm ảnh rồi gửi, hoặc vào "
        "Cài đặt, Camera, Định dạng, chọn Tương thích nhất rồi chụp lại.",
        en="HEIC photos of an iPhone cannot be read. Send a screenshot of it, or choose Settings, "
        "Camera, Formats, Most Compatible and take it again.",
    ),
    "picture.not_one": Sentence(
        vi="Tệp này không phải ảnh đọc được. Xin chọn ảnh chụp (JPEG, PNG hoặc WebP).",
        en="This file is no picture that can be read. Choose a photo (JPEG, PNG or WebP).",
    ),
    "picture.broken": Sentence(
        vi="Ảnh bị hỏng, không mở được. Xin chụp lại, hoặc chọn ảnh khác.",
        en="The photo is broken and cannot be opened. Take it again, or choose another one.",
    ),
    "picture.busy": Sentence(
        vi="Máy đang bận xử lý nhiều ảnh. Xin chờ một phút rồi thêm ảnh lại.",
        en="Too many photos are coming in at once. Wait a minute, then add it again.",
    ),
    "paper.too_large": Sentence(
        vi="Tệp PDF nặng quá {most} MB. Xin quét lại ở chất lượng thấp hơn, hoặc gửi từng phần.",
        en="The PDF is larger than {most} MB. Scan it at a lower quality, or send it in parts.",
    ),
    "paper.not_one": Sentence(
        vi="Tệp này không phải PDF, hoặc bị cắt mất phần cuối. Xin xuất lại rồi gửi.",
        en="This file is no PDF, or its end is missing. Export it again, then send it.",
    ),
}
