"""What is wrong with a text that somebody wants to send."""

from web.sentences import Sentence

SENTENCES = {
    "feedback.empty": Sentence(
        vi="Chưa có nội dung. Xin viết vào ô rồi gửi lại.",
        en="There is nothing in it yet. Write something, then send it again.",
    ),
    "feedback.too_short": Sentence(
        vi="Nội dung quá ngắn. Xin viết ít nhất {least} chữ cái rồi gửi lại.",
        en="This is too short. Write at least {least} characters and send it again.",
    ),
    "feedback.too_long": Sentence(
        vi="Nội dung dài quá {most} chữ cái. Xin rút ngắn lại, hoặc chia thành nhiều câu hỏi.",
        en="This is longer than {most} characters. Please shorten it, or send it in parts.",
    ),
    "grievance.complaint": Sentence(
        vi="Gửi ở đây thì câu hỏi được trả lời công khai, nhưng chưa phải là khiếu nại theo luật. "
        "Theo Luật Khiếu nại 2011, bà con gửi đơn hoặc đến trình bày với cơ quan đã ra quyết định, "
        "trong 90 ngày từ khi biết quyết định đó. Ở phường xin đến:",
        en="Sent here it is answered in public, but is not yet a complaint before the law. By the "
        "Law on Complaints 2011, hand it in or state it in person to the office that made the "
        "decision, within 90 days of learning of it. In the ward:",
    ),
    "grievance.denunciation": Sentence(
        vi="Xin đừng viết tố cáo ở đây: câu gửi có thể được đưa ra họp. Theo Luật Tố cáo 2018, "
        "người tố cáo được giữ kín tên và được bảo vệ khi gửi đơn hoặc đến trình bày với cơ quan "
        "có thẩm quyền. Ở phường xin đến:",
        en="Please do not denounce anybody here: what is sent may be read out in a meeting. By "
        "the Law on Denunciations 2018 whoever denounces is protected and his name is kept secret, "
        "where he hands it in or states it in person to the authority. In the ward:",
    ),
    "consent.missing": Sentence(
        vi="Có ghi tên thì cần đánh dấu ô đồng ý ngay dưới tên. Không muốn đồng ý thì xóa tên rồi "
        "gửi, câu hỏi vẫn được trả lời như thường.",
        en="With a name, tick the box below it that you agree. If you would rather not, clear the "
        "name and send: the question is answered all the same.",
    ),
    "feedback.name_too_long": Sentence(
        vi="Tên dài quá {most} chữ cái. Xin viết ngắn lại, hoặc để trống.",
        en="The name is longer than {most} characters. Shorten it, or leave it empty.",
    ),
}
