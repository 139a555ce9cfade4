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
